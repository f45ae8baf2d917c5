"""``arrest-atlas fetch``: official data into the cache."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from arrest_atlas.cli._options import cache_folder
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.fetching import fetch as fetch_sources
from arrest_atlas.fetching import load_registry
from arrest_atlas.fetching.report import (
    fetched_json,
    fetched_text,
    listed_json,
    listed_text,
    states_of,
)


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--list", "listing", is_flag=True, help="List the sources; fetch nothing.")
@click.option("--offline", is_flag=True, help="Take only what is in the cache.")
@click.option(
    "--update",
    is_flag=True,
    help="Download again, and record what comes now in place of what was recorded.",
)
@cache_folder
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def fetch(
    *,
    names: tuple[str, ...],
    listing: bool,
    offline: bool,
    update: bool,
    cache: Path | None,
    as_json: bool,
) -> None:
    """Fetch official data into the cache, checked and only once.

    NAME is a source that --list shows; without any, those that arrest-atlas run uses
    where it is given no files. The first fetch records the SHA-256 of a file; later ones
    must match it. Exit code 2: the message says what could not be had; the cache never
    holds a file that did not pass.
    """
    if offline and update:
        message = "found both; expected one: what is updated comes from the network"
        raise click.BadParameter(message, param_hint="--offline / --update")
    if listing and (offline or update):
        option = "--offline" if offline else "--update"
        message = "found the option beside --list; expected one of them: --list fetches nothing"
        raise click.BadParameter(message, param_hint=option)
    with reporting(failed="Not fetched:") as say:
        registry = load_registry()
        if listing:
            states = states_of(names or registry, registry, cache)
            report = listed_json(states) if as_json else listed_text(states)
        else:
            fetched = fetch_sources(
                names, registry=registry, cache=cache, offline=offline, update=update, progress=say
            )
            report = fetched_json(fetched) if as_json else fetched_text(fetched)
    click.echo(report, nl=False)
    if cache is not None and not as_json:
        click.echo(f"A run finds them with: arrest-atlas run --cache {shlex.quote(str(cache))} ...")
