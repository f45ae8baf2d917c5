"""The command line: ``arrest-atlas demo``, ``run``, ``rerun``, ``inspect``, ``test``, ..."""

from __future__ import annotations

import click

from arrest_atlas.cli._compare import compare
from arrest_atlas.cli._county_table import county_table
from arrest_atlas.cli._crime import crime
from arrest_atlas.cli._fetch import fetch
from arrest_atlas.cli._incidents import incidents
from arrest_atlas.cli._map_tests import test
from arrest_atlas.cli._records import inspect, locate
from arrest_atlas.cli._rerun import rerun
from arrest_atlas.cli._runs import demo, run
from arrest_atlas.cli._tables import table

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="arrest-atlas")
def main() -> None:
    """Ask whether ICE arrests cluster where violent crime clustered before.

    Exit code 0: done. Exit code 2: something in the input or the options must be
    changed; the message says what, and nothing was written.
    """


for _command in (
    demo,
    fetch,
    inspect,
    locate,
    crime,
    incidents,
    county_table,
    run,
    rerun,
    test,
    compare,
    table,
):
    main.add_command(_command)
