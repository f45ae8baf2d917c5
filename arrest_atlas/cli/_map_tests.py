"""``arrest-atlas test``: one subcommand a statistic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from arrest_atlas.cli._options import FILE, scheduler
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.map_tests import (
    GRAPH_HELP,
    STATISTICS,
    SUFFIXES,
    Columns,
    GraphOptions,
    Statistic,
    Transform,
    check_out,
    report_json,
    report_text,
    run_map_test,
    title_of,
    write_layer,
)
from arrest_atlas.map_tests.statistics import MOST_PERMUTATIONS, MOST_REPLICATES
from arrest_atlas.scheduler import open_executor

Option = Callable[[Callable[..., None]], Callable[..., None]]

_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)


class _InOrder(click.Group):
    """Commands in the order in which they were added: whole maps, units, clusters."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_InOrder)
def test() -> None:
    """Test any map: clusters, hot spots, autocorrelation, two maps.

    MAP is a GeoPackage, Shapefile, GeoJSON, GeoParquet, FlatGeobuf or other vector file.
    A unit without a value, or without a neighbour that has one, takes no part. Exit code
    2: the message says what to change, and nothing was written.
    """


def _command(statistic: Statistic) -> click.Command:
    def run(**given: Any) -> None:
        _run(statistic, **given)

    path: Option = click.argument("path", metavar="MAP", type=FILE)
    call: Callable[..., None] = run
    for option in reversed([path, *_options(statistic)]):
        call = option(call)
    command = click.command(statistic.command, help=statistic.summary, short_help=statistic.summary)
    return command(call)


def _options(statistic: Statistic) -> Iterator[Option]:
    yield click.option(
        "--column",
        "columns",
        multiple=True,
        required=True,
        metavar="NAME",
        help=statistic.column,
    )
    if statistic.people:
        yield click.option(
            f"--{statistic.people}",
            "people",
            required=True,
            metavar="NAME",
            help="Column of the people (or other denominators) of each unit.",
        )
    yield click.option("--layer", metavar="NAME", help="Layer, where the file has several.")
    yield click.option(
        "--id",
        "identifier",
        metavar="NAME",
        help="Column of the units' identifiers.  [default: number of the row]",
    )
    yield from _of_scan() if statistic.scope == "scan" else _of_graph(statistic)
    if not statistic.levels:
        meaning = (
            "p-value at which a result is told from chance"
            if statistic.scope == "global"
            else "false discovery rate at which a unit gets a class"
            if statistic.scope == "local"
            else "p-value at which a circle is a cluster"
        )
        yield click.option(
            "--alpha",
            type=_SHARE,
            default=0.05,
            show_default=True,
            help=f"Level of the {meaning}.",
        )
    yield click.option(
        "--seed",
        type=click.IntRange(0, 2**63 - 1),
        default=0,
        show_default=True,
        help="Random seed.",
    )
    yield scheduler
    yield click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    if statistic.scope != "global":
        yield click.option(
            "--out",
            type=FILE,
            help=f"File for the layer with the result's columns ({', '.join(SUFFIXES)}; a CSV "
            "has no geometry): new, or one of an earlier test.",
        )


def _of_graph(statistic: Statistic) -> Iterator[Option]:
    yield click.option(
        "--graph", metavar="GRAPH", default="queen", show_default=True, help=GRAPH_HELP
    )
    yield click.option(
        "--transform",
        type=click.Choice(["R", "B"]),
        default=statistic.transform,
        show_default=True,
        help="Weights: R row-standardised, B binary.",
    )
    yield click.option(
        "--attach-isolates", is_flag=True, help="Join a unit without neighbours to the nearest."
    )
    yield click.option(
        "--permutations",
        type=click.IntRange(0, MOST_PERMUTATIONS),
        default=statistic.permutations,
        show_default=True,
        help="Random permutations behind the p-value; 0: none, by formula."
        + (" Made only where weights differ: else p is exact." if statistic.exact else ""),
    )
    yield click.option(
        "--alternative",
        type=click.Choice(["two-sided", "greater", "less"]),
        default="two-sided",
        show_default=True,
        help="Tail of the p-value.",
    )
    if statistic.scope == "local":
        yield click.option(
            "--stop-after",
            type=click.IntRange(min=1),
            metavar="N",
            help="Stop permuting a unit once N permutations are as extreme on either side.  "
            "[default: never]",
        )
    if "star" in statistic.options:
        yield click.option(
            "--star/--no-star",
            default=True,
            show_default=True,
            help="Whether the unit belongs to its own surroundings (Gi*) or not (Gi).",
        )
    if "quantiles" in statistic.options:
        yield click.option(
            "--quantiles",
            type=click.IntRange(min=2),
            default=5,
            show_default=True,
            help="Number of quantiles.",
        )
        yield click.option(
            "--quantile",
            type=click.IntRange(min=1),
            default=5,
            show_default=True,
            help="The quantile to test, 1 the lowest.",
        )


def _of_scan() -> Iterator[Option]:
    yield click.option(
        "--max-population",
        type=click.FloatRange(0, 0.5, min_open=True),
        default=0.5,
        show_default=True,
        help="Largest share of the population in a circle.",
    )
    yield click.option(
        "--replicates",
        type=click.IntRange(1, MOST_REPLICATES),
        default=999,
        show_default=True,
        help="Random maps behind the p-value.",
    )
    yield click.option(
        "--clusters",
        type=click.Choice(["hot", "cold", "both"]),
        default="hot",
        show_default=True,
        help="Circles with more cases than expected, with fewer, or both.",
    )


def _run(
    statistic: Statistic,
    *,
    path: Path,
    columns: tuple[str, ...],
    people: str | None = None,
    layer: str | None,
    identifier: str | None,
    seed: int,
    scheduler: str | None,
    as_json: bool,
    out: Path | None = None,
    graph: str | None = None,
    transform: Transform = "R",
    attach_isolates: bool = False,
    alpha: float = 0.05,
    **options: Any,
) -> None:
    around = None
    if graph is not None:
        around = GraphOptions(neighbours=graph, transform=transform, attach=attach_isolates)
    if statistic.scope != "global" and not statistic.levels:
        options["alpha"] = alpha
    with reporting(failed="Nothing was tested:" if out is None else "Nothing was written:") as say:
        if out is not None:
            check_out(out, path)
        with open_executor(scheduler) as executor:
            tested = run_map_test(
                statistic,
                path,
                Columns(names=columns, people=people, identifier=identifier),
                layer=layer,
                graph=around,
                options={**options, "rng": seed},
                executor=executor,
                progress=say,
            )
        if out is not None:
            say("writing")
            write_layer(tested.table, tested.result.to_frame(), out, title=title_of(tested))
    report = report_json if as_json else report_text
    click.echo(report(tested, alpha=alpha), nl=False)
    if out is not None and not as_json:
        click.echo(f"\nWritten to {out}.")


for _statistic in STATISTICS.values():
    test.add_command(_command(_statistic))
