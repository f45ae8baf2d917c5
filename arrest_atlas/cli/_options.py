"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import click

from geo import DuplicateRule

F = TypeVar("F", bound=Callable[..., Any])

FILE: Final = click.Path(path_type=Path)

scheduler: Final = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler whose workers do the work, such as tcp://10.0.0.5:8786.  "
    "[default: this machine]",
)


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
