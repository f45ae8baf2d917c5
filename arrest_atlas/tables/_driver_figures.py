"""Figures of the regressions of arrest rates: coefficients, and maps of what is left over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import capital
from arrest_atlas.tables._driver_covariates import Covariate
from arrest_atlas.tables._driver_facts import LEVEL_WORDS, DriverFacts
from arrest_atlas.tables._driver_fits import KindFits
from arrest_atlas.tables._driver_places import observed_to_expected
from arrest_atlas.tables._driver_tables import coefficients
from arrest_atlas.tables._driver_units import DriverUnits
from boundaries import load_counties
from outputs.classes import ClassLayer, LegendClass
from outputs.figures import MapGround, class_map_figure, map_ground
from outputs.figures.coefficients import coefficient_figure

__all__ = ["figures_of"]

_LEFT_OUT: Final = "left out"

_FEW: Final = "few"
_FEWEST: Final = 10
"""Arrests to expect from which on a place is compared; of fewer, chance alone may halve them or
double them."""

_EDGES: Final = (0.0, 0.5, 1 / 1.5, 1.5, 2.0, float("inf"))
_CLASSES: Final = (
    LegendClass(
        key="half",
        label="Less than half the rate that the regression expects",
        colour="#2166ac",
        pattern="level",
    ),
    LegendClass(key="lower", label="Half to two thirds of it", colour="#92c5de", pattern="dots"),
    LegendClass(key="near", label="Two thirds to one and a half times it", colour="#f4f1ea"),
    LegendClass(
        key="higher", label="One and a half to two times it", colour="#f4a582", pattern="upright"
    ),
    LegendClass(
        key="double", label="More than twice the rate expected", colour="#b2182b", pattern="grid"
    ),
    LegendClass(
        key=_FEW,
        label=f"Fewer than {_FEWEST} arrests to expect: chance alone may halve or double them",
        colour="#e3e3e3",
        pattern="rings",
    ),
    LegendClass(
        key=_LEFT_OUT,
        label="Not in the regression: no arrest figures of its own, or a covariate not known",
        colour="#c9c9c9",
        pattern="crosses",
    ),
)


def figures_of(
    fits: Sequence[KindFits],
    units: Sequence[DriverUnits],
    covariates: Sequence[Covariate],
    facts: DriverFacts,
    *,
    simulated: bool,
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw every figure; give them and their captions by name."""
    table = coefficients(fits, covariates)
    ground: MapGround | None = None
    figures, captions = {}, {}
    for level in units:
        _, several = LEVEL_WORDS[level.level]
        mine = [each for each in fits if each.level == level.level and each.fits]
        for name, title, rows, caption in _coefficient_plots(table, level, mine, covariates):
            figures[name] = coefficient_figure(
                rows,
                name=name,
                title=title,
                axis="Ratio of arrest rates per standard deviation of the covariate",
                none=1.0,
                notes=[f"Intervals of 90 %. Arrests: {facts.period}. {facts.source}"],
                simulated=simulated,
            )
            captions[name] = caption
        for each in mine:
            ground = ground or _ground()
            name = f"drivers-{several}-{each.kind}-map"
            figures[name] = _map(each, level, ground, name, facts, simulated=simulated)
            captions[name] = (
                f"Rates of {_arrests(each.kind)} beside those that least squares expects from the "
                f"covariates, by {LEVEL_WORDS[level.level][0]}, {facts.period}. A place that "
                "stands out differs in something that the regression does not hold, chance "
                "among it; it does not say in what."
            )
    return figures, captions


def _coefficient_plots(
    table: pd.DataFrame,
    level: DriverUnits,
    fits: Sequence[KindFits],
    covariates: Sequence[Covariate],
) -> Iterator[tuple[str, str, pd.DataFrame, str]]:
    """Give name, title, rows and caption of the figures of a level."""
    if not fits:
        return
    one, several = LEVEL_WORDS[level.level]
    own = table[table["level"] == level.level]
    yield (
        f"drivers-{several}",
        f"Arrest rates by {one}: what goes with them, model by model",
        _plotted(own[own["kind"] == "all"], covariates, "model"),
        (
            f"All arrests. Each dot is the ratio of arrest rates between {several} that differ by "
            "one standard deviation in a covariate and agree in the others, by one model. Where "
            "the models disagree, the answer rests on the choice of model."
        ),
    )
    if len(fits) > 1:
        yield (
            f"drivers-{several}-kinds",
            f"Arrest rates by {one}: custodial and community arrests apart",
            _plotted(own[own["model"] == "least squares"], covariates, "kind"),
            (
                "The same by least squares, for all arrests, those taken over from jails and "
                "prisons (custodial) and those in the community."
            ),
        )


def _plotted(rows: pd.DataFrame, covariates: Sequence[Covariate], labels: str) -> pd.DataFrame:
    parts = []
    for covariate in covariates:
        part = rows[rows["term"] == covariate.name]
        parts.append(
            pd.DataFrame(
                {
                    "term": capital(covariate.words),
                    "model": part[labels],
                    "estimate": part["ratio"],
                    "low": part["ratio_low"],
                    "high": part["ratio_high"],
                    "reason": part["reason"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _ground() -> MapGround:
    counties = load_counties()
    return map_ground(counties, {"states": (0.6, counties["state"])})


def _map(
    fits: KindFits,
    level: DriverUnits,
    ground: MapGround,
    name: str,
    facts: DriverFacts,
    *,
    simulated: bool,
) -> str:
    one, several = LEVEL_WORDS[level.level]
    ratio = observed_to_expected(fits)
    keys = [entry.key for entry in _CLASSES[: len(_EDGES) - 1]]
    classes = pd.cut(ratio, list(_EDGES), labels=keys).astype("object")
    classes = classes.mask(fits.arrests / ratio < _FEWEST, _FEW).fillna(_LEFT_OUT)
    if level.level == "state":
        ground = ground.dissolved(load_counties()["state"])
    classes = classes.reindex(ground.shapes.index.unique(), fill_value=_LEFT_OUT)
    layer = ClassLayer(
        title="Observed to expected",
        note="",
        classes=classes,
        hatched=pd.Series(data=False, index=classes.index),
        legend=_CLASSES,
        hatched_label="",
    )
    return class_map_figure(
        ground,
        layer,
        name=name,
        title=f"Rates of {_arrests(fits.kind)}, observed to expected, by {one}",
        notes=[f"Least squares, {fits.n:,} {several}. Arrests: {facts.period}. {facts.source}"],
        units=(one, several),
        untold=[_LEFT_OUT],
        simulated=simulated,
    )


def _arrests(kind: str) -> str:
    return "arrests" if kind == "all" else f"{kind} arrests"
