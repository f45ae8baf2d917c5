"""``arrest-atlas rerun``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from arrest_atlas.cli._options import FILE, scheduler
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.map_tests.tables import printable
from arrest_atlas.rerun import rerun as make_again
from arrest_atlas.scheduler import open_executor


@click.command()
@click.argument("path", metavar="RUN.JSON", type=FILE)
@click.option(
    "--out",
    type=FILE,
    required=True,
    help="Folder for the new outputs: new, empty, or that of another run.",
)
@click.option(
    "--inputs",
    type=FILE,
    default=".",
    help="Folder that holds, or whose subfolders hold, the files that were read; those fetched are "
    "found as well.  [default: this folder]",
)
@scheduler
def rerun(*, path: Path, out: Path, inputs: Path, scheduler: str | None) -> None:
    """Make the outputs of an earlier run or demo again, and tell whether they are the same.

    RUN.JSON lies among the outputs. Input files are recognised by name and SHA-256.

    Exit code 0: all files are equal, byte for byte. 1: something differs, and it is said
    what. 2: it cannot be run again; the message says why, and nothing was written.
    """
    with reporting() as progress, open_executor(scheduler) as executor:
        found = make_again(
            path,
            out,
            inputs=inputs,
            progress=progress,
            executor=executor,
            told=lambda sentence: click.echo(
                printable([f"Another version, so that bytes may differ: {sentence}."]),
                err=True,
                nl=False,
            ),
        )
    click.echo(printable(found.lines()), nl=False)
    sys.exit(0 if found.equal else 1)
