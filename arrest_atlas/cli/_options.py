"""Options that several commands have."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import click

from geo import DuplicateRule

F = TypeVar("F", bound=Callable[..., Any])


class _File(click.Path):
    """A path; an empty one would be the folder in which the command runs."""

    name = "file"

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        if not os.fspath(value):
            self.fail("found an empty name; expected the name of a file", param, ctx)
        return super().convert(value, param, ctx)


FILE: Final = _File(path_type=Path)

PEOPLE: Final = click.Choice(["residents", "noncitizens"])

cache_folder: Final = click.option(
    "--cache",
    type=FILE,
    metavar="FOLDER",
    help="Folder of the fetched files.  [default: what ARREST_ATLAS_CACHE names, else the user's "
    "cache folder]",
)

scheduler: Final = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler whose workers do the work, such as tcp://10.0.0.5:8786.  "
    "[default: this machine]",
)


def filters(*names: str, help: str) -> Callable[[F], F]:  # noqa: A002  (click's own word)
    """Make an option of rows to keep, which the command gets as values by column."""
    return click.option(
        *names,
        multiple=True,
        metavar="COLUMN=VALUE[,VALUE]",
        callback=_conditions,
        help=f"{help}; repeatable.",
    )


def _conditions(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, list[str]]:
    conditions: dict[str, list[str]] = {}
    for text in given:
        column, equals, values = text.partition("=")
        if not (equals and column.strip() and values.strip()):
            message = (
                f"found {text!r}; expected COLUMN=VALUE or COLUMN=VALUE,VALUE; "
                "write the column, an equals sign and the values to keep"
            )
            raise click.BadParameter(message, ctx=context, param=parameter)
        wanted = conditions.setdefault(column.strip(), [])
        wanted += [value.strip() for value in values.split(",")]
    return conditions


def _adding(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Make one decorator of several options, which stand in this order in the help."""

    def add(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return add


out: Final = click.option(
    "--out",
    type=FILE,
    required=True,
    help="Folder for the outputs: new, empty, or that of an earlier run.",
)

seed: Final = click.option("--seed", type=int, default=0, show_default=True, help="Random seed.")

draws: Final = click.option(
    "--draws", type=int, default=100, show_default=True, help="Number of imputations."
)

common: Final = _adding(
    out,
    seed,
    draws,
    scheduler,
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on stdout."),
)
"""What every run has."""

reading_records: Final = _adding(
    click.option(
        "--sheet",
        "sheets",
        multiple=True,
        metavar="NAME",
        help="Sheet of a workbook to read; repeatable. Else every sheet with arrests.",
    ),
    click.option(
        "--duplicates",
        type=click.Choice(get_args(DuplicateRule)),
        default="episode",
        show_default=True,
        help="When a record repeats another. episode: within 24 hours of the last.",
    ),
    click.option(
        "--programme-287g",
        type=click.Choice(["other", "custodial"]),
        default="other",
        show_default=True,
        help="Class of arrests of the 287(g) programme.",
    ),
    click.option(
        "--aliases",
        type=FILE,
        help="CSV of your own names of places: name, county_fips.",
    ),
)
"""How every command reads records."""

of_records: Final = _adding(
    click.option(
        "--arrests",
        type=FILE,
        multiple=True,
        help="Records of arrests, one row each, as you downloaded them; repeatable.",
    ),
    reading_records,
)

of_counts: Final = _adding(
    click.option("--arrests-by-aor", type=FILE, help="Arrests by field office."),
    click.option("--arrests-by-state", type=FILE, help="Arrests by state; they split the offices."),
    click.option(
        "--arrests-by-county",
        type=FILE,
        help="Arrests located by county, not counted again in the other two.",
    ),
)
"""Published counts in place of records."""

of_crime: Final = _adding(
    click.option("--crime", type=FILE, help="Violent-crime rates by county."),
    click.option(
        "--crime-layout",
        metavar="NAME",
        help="Known layout of the crime file, such as county_health_rankings; its years are "
        "pooled.",
    ),
    click.option("--crime-column", help="Column of the rate, if not a usual name."),
    filters("--crime-filter", help="Keep these rows of the crime file (year=2021)"),
    click.option(
        "--crime-covered-share", help="Column of the share of residents whose police reported."
    ),
    click.option(
        "--crime-period", metavar="PERIOD", help="Such as 2014/2016, if the file does not tell it."
    ),
)

of_people: Final = _adding(
    click.option("--noncitizens", type=FILE, help="Non-citizens by county: a table, or a raster."),
    click.option("--noncitizens-column", help="Their column, if not a usual name."),
    click.option(
        "--residents",
        type=FILE,
        help="Residents by county: a table, or a raster; else Census 2010-2019.",
    ),
    click.option("--residents-column", help="Their column, if not a usual name."),
)

CONTEXT: Final = {
    "votes": click.option("--votes", type=FILE, help="Votes for president by county."),
    "agreements": click.option("--agreements", type=FILE, help="ICE's list of 287(g) agreements."),
    "policies": click.option(
        "--policies", type=FILE, help="Your table of policies of states or counties."
    ),
    "series": click.option("--series", type=FILE, help="Arrests by day or week, and place."),
    "detainers": click.option("--detainers", type=FILE, help="Records of detainers, one row each."),
    "city_crime": click.option("--city-crime", type=FILE, help="Crimes by police agency and year."),
    "agencies": click.option("--agencies", type=FILE, help="A list of police agencies."),
    "covariates": click.option(
        "--county-covariates", type=FILE, help="Your table of columns by county."
    ),
}
"""Files of published analyses, each by what it holds."""

AS_OF: Final = click.option(
    "--as-of", metavar="DAY", help="Day on which agreements are in force.  [default: the list's]"
)

of_context: Final = _adding(*CONTEXT.values(), AS_OF)
