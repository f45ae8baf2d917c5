"""``arrest-atlas compare``: two columns of any map."""

from __future__ import annotations

from pathlib import Path

import click

from arrest_atlas.cli._options import FILE, scheduler
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.map_comparison import (
    MOST_SURROGATES,
    ComparedColumns,
    ComparisonOptions,
    comparison_json,
    comparison_text,
    comparison_title,
    run_map_comparison,
)
from arrest_atlas.map_tests import GRAPH_HELP, SUFFIXES, GraphOptions, check_out, write_layer
from arrest_atlas.scheduler import open_executor


@click.command()
@click.argument("path", metavar="MAP", type=FILE)
@click.option(
    "--column",
    "columns",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Columns of the two maps; give it twice. Surrogate maps are drawn of the second.",
)
@click.option(
    "--people",
    multiple=True,
    metavar="NAME",
    help="Column of the people (or other denominators), once for both maps or once each; the "
    "columns are then counts. With --area: once, for the second.",
)
@click.option("--layer", metavar="NAME", help="Layer, where the file has several.")
@click.option(
    "--id",
    "identifier",
    metavar="NAME",
    help="Column of the units' identifiers.  [default: number of the row]",
)
@click.option("--graph", metavar="GRAPH", default="queen", show_default=True, help=GRAPH_HELP)
@click.option(
    "--attach-isolates", is_flag=True, help="Join a unit without neighbours to the nearest."
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="False discovery rate at which a unit is hot or cold.",
)
@click.option(
    "--surrogates",
    type=click.IntRange(0, MOST_SURROGATES),
    default=999,
    show_default=True,
    help="Surrogate maps of each kind behind a p-value; 0: none, and no p-value.",
)
@click.option(
    "--kernel-length",
    type=float,
    metavar="LENGTH",
    help="Distance over which surrogate maps of the kernel kind are smooth, in units of the map "
    "(metres, if in degrees).  [default: a tenth of the map's diagonal]",
)
@click.option(
    "--area",
    metavar="NAME",
    help="Column of the larger area of each unit, where the first column is known only by areas. "
    "Both columns are brought to these and compared among them.",
)
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="NAME",
    help="Names of the two maps; give it twice.  [default: those of the columns]",
)
@click.option(
    "--category-weights",
    type=FILE,
    help="CSV of the similarity of each class to each, for fuzzy kappa.",
)
@click.option(
    "--mass",
    "masses",
    multiple=True,
    metavar="NAME",
    help="Column to sum: how much of it lies inside hot spots; repeatable.",
)
@click.option(
    "--covariate",
    "covariates",
    multiple=True,
    metavar="NAME",
    help="Column taken out of both maps, together with a broad trend, in a partial comparison "
    "beside the other; repeatable.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Random seed.",
)
@scheduler
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--out",
    type=FILE,
    help=f"File for the layer with classes and local measures ({', '.join(SUFFIXES)}; a CSV has no "
    "geometry): new, or one of an earlier comparison.",
)
def compare(
    *,
    path: Path,
    columns: tuple[str, ...],
    people: tuple[str, ...],
    layer: str | None,
    identifier: str | None,
    graph: str,
    attach_isolates: bool,
    alpha: float,
    surrogates: int,
    kernel_length: float | None,
    area: str | None,
    labels: tuple[str, ...],
    category_weights: Path | None,
    masses: tuple[str, ...],
    covariates: tuple[str, ...],
    seed: int,
    scheduler: str | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Compare two columns of any map: whether their hot spots coincide.

    MAP is a GeoPackage, Shapefile, GeoJSON, GeoParquet, FlatGeobuf or other vector file.
    Both columns are tested for hot spots. p-values come from surrogate maps that are as
    clustered as the second column, beside the same with a broad trend removed. Exit code
    2: the message says what to change, and nothing was written.
    """
    with reporting(
        failed="Nothing was compared:" if out is None else "Nothing was written:"
    ) as say:
        if out is not None:
            check_out(out, path)
        with open_executor(scheduler) as executor:
            found = run_map_comparison(
                path,
                ComparedColumns(
                    names=columns,
                    people=people,
                    area=area,
                    masses=masses,
                    covariates=covariates,
                    identifier=identifier,
                ),
                layer=layer,
                options=ComparisonOptions(
                    graph=GraphOptions(neighbours=graph, attach=attach_isolates),
                    alpha=alpha,
                    surrogates=surrogates,
                    kernel_length=kernel_length,
                    labels=labels,
                    category_weights=category_weights,
                    seed=seed,
                ),
                executor=executor,
                progress=say,
            )
        if out is not None:
            say("writing")
            write_layer(
                found.table,
                found.to_frame(),
                out,
                title=comparison_title(found),
                command="compare",
            )
    report = comparison_json if as_json else comparison_text
    click.echo(report(found), nl=False)
    if out is not None and not as_json:
        click.echo(f"\nWritten to {out}.")
