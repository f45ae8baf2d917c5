"""``arrest-atlas table NAME``: published analyses on one's own files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from arrest_atlas.cli._options import (
    AS_OF,
    CONTEXT,
    PEOPLE,
    draws,
    of_counts,
    of_crime,
    of_people,
    of_records,
    out,
    seed,
)
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.tables import RECIPES, PublishedAnalysis, Recipe, publish

_Decorator = Callable[[Callable[..., None]], Callable[..., None]]

_PERIODS: Final = click.option(
    "--period",
    "periods",
    multiple=True,
    metavar="PERIOD",
    help="Days to tell apart, such as 2024 or 2025-01-20/2026-08-06; repeatable.  "
    "[default: 2024, and from 2025-01-20 on]",
)
_WHEN: Final = click.option(
    "--arrest-period", metavar="PERIOD", help="When the counts of arrests are of."
)
_FILES: Final[dict[str, _Decorator]] = {**CONTEXT, "crime": of_crime}
_IMPUTATION: Final[tuple[_Decorator, ...]] = (
    click.option("--weights", type=PEOPLE, help="People by whom arrests are imputed."),
    click.option(
        "--located-share",
        type=float,
        default=0.5,
        show_default=True,
        help="Located share of a zone's arrests from which on its counties have figures of "
        "their own.",
    ),
    draws,
)


@click.group()
def table() -> None:
    """Make a published analysis on your files: tables, a figure, and what they say.

    Each writes a page, a GeoPackage, CSV and GeoParquet tables and SVG figures into a folder.
    """


def _command(recipe: Recipe) -> click.Command:
    """Make the command of an analysis, with the options that it uses and no others."""

    def make(*, out: Path, **options: Any) -> None:
        with reporting() as progress:
            analysis = publish(out, name=recipe.name, progress=progress, **options)
        _print(analysis, out)

    made: Callable[..., None] = make
    for option in reversed(_options(recipe)):
        made = option(made)
    return click.command(recipe.name, help=recipe.help)(made)


def _options(recipe: Recipe) -> list[_Decorator]:
    used = {*recipe.needs, *recipe.takes}
    options: list[_Decorator] = [out, of_records]
    if recipe.counts:
        options += [of_counts, _WHEN]
    if recipe.periods:
        options.append(_PERIODS)
    if recipe.people:
        options.append(of_people)
    options += [option for need, option in _FILES.items() if need in used]
    if "agreements" in used:
        options.append(AS_OF)
    if recipe.imputes:
        options += _IMPUTATION
    if recipe.imputes or recipe.random:
        options.append(seed)
    return options


def _print(analysis: PublishedAnalysis, out: Path) -> None:
    if analysis.simulated:
        click.echo("SIMULATED")
    click.echo(analysis.question)
    for finding in analysis.findings:
        click.echo(f"- {finding}")
    if analysis.limits:
        click.echo("What this cannot say:")
        for limit in analysis.limits:
            click.echo(f"- {limit}")
    click.echo(f"Written to {out}: {analysis.name}.html, {analysis.name}.gpkg, tables/, figures/")


for _recipe in RECIPES.values():
    table.add_command(_command(_recipe))
