"""What the regressions of arrest rates found, in sentences, and what they cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.report_parts._wording import count, decimal, listed, p_value, percent, rate
from arrest_atlas.tables._driver_covariates import Covariate
from arrest_atlas.tables._driver_facts import LEVEL_WORDS
from arrest_atlas.tables._driver_fits import MODELS, MOST_DRAWS, KindFits
from arrest_atlas.tables._driver_tables import coefficients
from arrest_atlas.tables._driver_units import DriverLevel

__all__ = ["findings_of", "limits_of"]

_LISTED: Final = 12
"""Places up to which each is named."""

_ALPHA: Final = 0.05


def findings_of(fits: Sequence[KindFits], covariates: Sequence[Covariate]) -> Iterator[str]:
    table = coefficients(fits, covariates)
    for each in fits:
        if "least squares" in each.fits:
            yield _answer(each, table, covariates)
            if each.kind == "all":
                yield _agreement(each, table, covariates)
                yield _explained(each, covariates)
                yield _left(each)
        else:
            yield f"{_among(each)}, no regression: {each.failed['least squares']}."


def _places(fits: KindFits) -> str:
    return f"Across {fits.n:,} {LEVEL_WORDS[fits.level][1]}"


def _among(fits: KindFits) -> str:
    kind = "" if fits.kind == "all" else f", {fits.kind} arrests"
    return f"{_places(fits)}{kind}"


def _answer(fits: KindFits, table: pd.DataFrame, covariates: Sequence[Covariate]) -> str:
    """Say what goes with the rate, by least squares."""
    arrests = "arrest rates" if fits.kind == "all" else f"rates of {fits.kind} arrests"
    own = {str(term): row for term, row in _of(table, fits, "least squares").iterrows()}
    parts = [
        f"{_percent_change(own[each.name])} in {each.words} ({_size(own[each.name])})"
        for each in covariates
    ]
    if len(parts) == 1:
        only = own[covariates[0].name]
        return (
            f"{_places(fits)}, a difference of one standard deviation in {covariates[0].words} "
            f"({_size(only)}) goes with {arrests} that are {_percent_change(only)}, by least "
            "squares (90% interval)."
        )
    return (
        f"{_places(fits)}, {arrests} differ by these amounts for a standard deviation more of "
        f"each, the others being equal (least squares, 90% intervals): {listed(parts)}."
    )


def _size(row: pd.Series) -> str:
    return f"SD {rate(row['standard_deviation'])}"


def _percent_change(row: pd.Series) -> str:
    signs = [_signed(row[name]) for name in ("ratio", "ratio_low", "ratio_high")]
    return f"{signs[0]} ({signs[1]} to {signs[2]})"


def _signed(ratio: float) -> str:
    change = round(100 * (ratio - 1))
    return f"{'+' if change > 0 else chr(0x2212) if change < 0 else ''}{abs(change):,}%"


def _of(table: pd.DataFrame, fits: KindFits, model: str) -> pd.DataFrame:
    own = (table["level"] == fits.level) & (table["kind"] == fits.kind) & (table["model"] == model)
    return table[own].set_index("term")


def _agreement(fits: KindFits, table: pd.DataFrame, covariates: Sequence[Covariate]) -> str:
    """Say in how many models the sign is clear."""
    fitted = [model for model in MODELS if model in fits.fits]
    said = []
    for each in covariates:
        rows = pd.DataFrame([_of(table, fits, model).loc[each.name] for model in fitted])
        above = int((rows["ratio_low"] > 1).sum())
        below = int((rows["ratio_high"] < 1).sum())
        said.append(f"{each.words}: above 1 in {above}, below 1 in {below}")
    return (
        f"{_among(fits)}, in so many of the {len(fitted)} models that could be fitted the 90% "
        f"interval of the rate ratio leaves out 1, which is no association: {'; '.join(said)}."
    )


def _explained(fits: KindFits, covariates: Sequence[Covariate]) -> str:
    words = {each.name: each.words for each in covariates}
    parts = [
        f"{percent(share)} ({words[str(name)]})"
        for name, share in fits.explained.sort_values(ascending=False, kind="stable").items()
    ]
    r2 = fits.fits["least squares"].summary["r2"]
    return (
        f"{_among(fits)}, least squares explains {percent(r2)} of the variance of the log rate; of "
        f"what the others leave over, each covariate explains {listed(parts)}."
    )


def _left(fits: KindFits) -> str:
    found = fits.diagnostics
    if found is None or np.isnan(found.moran.statistic):
        return f"{_among(fits)}, none has a neighbour: nothing spatial can be tested."
    tests = found.multipliers.to_frame()["p"]
    moran = found.moran
    like = "more alike than chance" if moran.p <= _ALPHA and moran.z > 0 else "no more alike than "
    like += " makes them" if moran.p <= _ALPHA and moran.z > 0 else "chance makes them"
    if moran.p <= _ALPHA and moran.z < 0:
        like = "less alike than chance makes them"
    return (
        f"{_among(fits)}, what least squares leaves over is, among neighbours, {like} (Moran's I "
        f"{decimal(moran.statistic)}, p {_equal(moran.p)}; robust Lagrange multipliers: spatial "
        f"error p {_equal(tests['robust_error'])}, spatial lag p {_equal(tests['robust_lag'])})."
    )


def _equal(p: float) -> str:
    said = p_value(p)
    return said if said.startswith("<") else f"= {said}"


def limits_of(
    fits: Sequence[KindFits], unassigned: Mapping[Kind, int], notes: Sequence[str]
) -> Iterator[str]:
    yield (
        "Associations of places, not of people, and nothing causal: places that differ in one of "
        "these covariates differ in much else, such as cooperation of jails, numbers of agents, "
        "distance to the border and to offices, and who lives there."
    )
    yield (
        "Covariates go together, so that what one of them explains depends on which others stand "
        "beside it; with few places and many models some intervals leave out 1 by chance. No "
        "p-value of a coefficient is given: those of regressions are too small where places and "
        "their neighbours share what is not measured."
    )
    yield (
        "Reported violent crime is what police knew and reported, of another year than the "
        "arrests, and not what any person arrested did. Numbers of non-citizens are estimates."
    )
    yield (
        "Least squares and the spatial models count every place the same; Poisson regression "
        "gives places with many arrests more weight. Where they disagree, large and small places "
        "do."
    )
    yield (
        "A spatial lag spreads a difference to neighbours, so that its coefficients are smaller "
        "than total differences; eigenvectors take from covariates what is spatial in both. "
        "Intervals of the spatial models take their parameters, or the choice of eigenvectors, "
        "for given."
    )
    if any(each.level == "county_fips" for each in fits):
        yield (
            "Counties take part only where enough arrests of their zone are located by county: "
            "they are no sample of all counties. Errors of a state's counties may go together "
            "(least squares, filter, Poisson, negative binomial); the spatial models do not allow "
            "for that, and their intervals are too narrow where arrests are drawn. What is the "
            "same throughout a state, such as its policies, is known as often as there are "
            "states, not counties."
        )
    draws = max(each.draws for each in fits)
    if draws > 1:
        yield (
            f"Arrests known only for a larger area are drawn into its places; {draws} draws (at "
            f"most {MOST_DRAWS}) are fitted and pooled by Rubin's rules. The draws know nothing of "
            "the covariates, so that coefficients are somewhat nearer to no association."
        )
    for kind, number in unassigned.items():
        if number:
            kinds = "arrests" if kind == "all" else f"{kind} arrests"
            yield f"{count(number)} {kinds} belong to no state and take no part."
    said: dict[DriverLevel, pd.Series] = {}
    for each in fits:
        # What holds for all arrests is not said of each kind again.
        if not each.left_out.equals(said.setdefault(each.level, each.left_out)) or (
            each.kind == "all"
        ):
            yield from _said_left_out(each)
        for model, reason in each.failed.items():
            if model != "least squares":
                yield f"{_among(each)}, {model}: {reason}."
    yield from notes


def _said_left_out(fits: KindFits) -> Iterator[str]:
    one, several = LEVEL_WORDS[fits.level]
    kind = "" if fits.kind == "all" else f" ({fits.kind} arrests)"
    for reason, places in fits.left_out[fits.left_out != ""].groupby(fits.left_out):
        named = [str(place) for place in places.index]
        which = f": {', '.join(named)}" if len(named) <= _LISTED else ""
        what = one if len(named) == 1 else several
        yield f"Left out{kind}, {reason}: {len(named):,} {what}{which}."
