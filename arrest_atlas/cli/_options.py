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


def common(command: F) -> F:
    """Add the options that every run has."""
    for option in reversed(
        (
            click.option(
                "--out",
                type=FILE,
                required=True,
                help="Folder for the outputs: new, empty, or that of an earlier run.",
            ),
            click.option("--seed", type=int, default=0, show_default=True, help="Random seed."),
            click.option(
                "--draws", type=int, default=100, show_default=True, help="Number of imputations."
            ),
            scheduler,
            click.option(
                "--json", "as_json", is_flag=True, help="Print the summary as JSON on stdout."
            ),
        )
    ):
        command = option(command)
    return command


def of_records(command: F) -> F:
    """Add the options of every command that reads records."""
    for option in reversed(
        (
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
    ):
        command = option(command)
    return command
