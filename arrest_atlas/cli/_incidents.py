"""``arrest-atlas incidents``."""

from __future__ import annotations

from pathlib import Path

import click

from arrest_atlas.cli._options import FILE, filters, scheduler
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.incident_counts import (
    IncidentOptions,
    incidents_json,
    incidents_text,
    read_units,
    run_incidents,
)
from arrest_atlas.scheduler import open_executor


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "--out",
    type=FILE,
    required=True,
    help="File to write: .csv or .parquet (a table), .gpkg (a map, too); new, or one of an "
    "earlier run.",
)
@click.option("--polygons", type=FILE, help="Vector file of the units.  [default: counties, 2019]")
@click.option("--layer", metavar="NAME", help="Its layer, where it has several.")
@click.option(
    "--id",
    "identifier",
    metavar="NAME",
    help="Its column of codes.  [default: number of the row]",
)
@click.option("--longitude", metavar="NAME", help="Column of the longitude, if no usual name.")
@click.option("--latitude", metavar="NAME", help="Column of the latitude, if no usual name.")
@click.option(
    "--crs",
    default="EPSG:4326",
    show_default=True,
    help="Coordinate reference system of the points.",
)
@click.option("--date", metavar="NAME", help="Column of dates, to count by year too.")
@click.option("--offense", metavar="NAME", help="Column of kinds of offence, to count by them.")
@filters("--filter", "where", help="Keep these rows (type=ROBBERY,HOMICIDE)")
@click.option(
    "--nearest-within",
    type=float,
    metavar="METRES",
    help="Count a point outside all units in the nearest, up to so far.  [default: do not]",
)
@scheduler
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def incidents(
    *,
    files: tuple[Path, ...],
    out: Path,
    polygons: Path | None,
    layer: str | None,
    identifier: str | None,
    longitude: str | None,
    latitude: str | None,
    crs: str,
    date: str | None,
    offense: str | None,
    where: dict[str, list[str]],
    nearest_within: float | None,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Count point incidents by county, or by any polygons.

    FILES are CSV or Parquet tables with longitude and latitude, one incident a row, of any
    size. A point on a border is counted once, in the unit of the smallest code.
    """
    options = IncidentOptions(
        longitude=longitude,
        latitude=latitude,
        crs=crs,
        where=where,
        date=date,
        offense=offense,
        nearest_within=nearest_within,
    )
    with reporting() as progress:
        progress("reading the polygons")
        units = read_units(
            files, out, options, polygons=polygons, layer=layer, identifier=identifier
        )
        with open_executor(scheduler) as executor:
            counts = run_incidents(
                files, out, options, units=units, executor=executor, progress=progress
            )
    if as_json:
        click.echo(incidents_json(counts), nl=False)
        return
    click.echo(incidents_text(counts), nl=False)
    click.echo(f"Written to {out}.")
