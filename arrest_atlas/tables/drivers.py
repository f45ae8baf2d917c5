"""What goes with arrest rates: votes, non-citizens, violent crime, policies.

After "State Variations in ICE Arrests Following the 2024 Election" (UCLA Center for
Neighborhood Knowledge, July 2025).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.report_parts._wording import capital, count, decimal, listed, p_value, percent
from arrest_atlas.tables._driver_figures import figures_of
from arrest_atlas.tables._driver_fits import MODELS, MOST_DRAWS, KindFits, fit_kinds
from arrest_atlas.tables._driver_tables import (
    LEVEL_WORDS,
    DriverFacts,
    coefficients,
    tables_of,
)
from arrest_atlas.tables._driver_units import Covariate, DriverLevel, DriverUnits, units_of
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis
from geo import InputError, Problem
from geo.context.policies import Policies

__all__ = ["RECIPE", "Covariate", "DriverUnits", "drivers", "drivers_of"]

QUESTION: Final = "What goes with arrest rates: votes, non-citizens, violent crime, policies?"

_LISTED: Final = 12


def drivers(
    units: Sequence[DriverUnits],
    covariates: Sequence[Covariate],
    *,
    period: str,
    source: str,
    support: str = "",
    unassigned: Mapping[Kind, int] | None = None,
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> PublishedAnalysis:
    """Regress arrest rates on what is known of the places.

    Parameters
    ----------
    units : sequence of DriverUnits
        States, and counties if there are any.
    covariates : sequence of Covariate
        What is set beside the rates, columns of each level's covariates.
    period : str
        Days of the arrests.
    source : str
        Where arrests come from.
    support : str, optional
        How finely they are known.
    unassigned : mapping of str to int, optional
        Arrests of no state, by kind.
    notes : sequence of str, optional
        What else is to be said of the inputs.
    simulated : bool, default False
        Whether the data are made up.

    Returns
    -------
    PublishedAnalysis
        Least squares with robust errors (HC3; by state, for counties), spatial error and lag,
        Moran eigenvector filter, Poisson and negative binomial, pooled over imputations;
        nothing causal.

    Raises
    ------
    InputError
        If no regression can be fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from libpysal.graph import Graph
    >>> places = pd.Index(["AL", "AR", "AZ", "CO", "CT", "DE", "FL", "GA"], name="state")
    >>> units = DriverUnits(
    ...     level="state", people=pd.Series(1e6, index=places),
    ...     arrests={"all": pd.DataFrame([[10, 21, 40, 79, 11, 19, 41, 80]], columns=places)},
    ...     covariates=pd.DataFrame({"x": [1.0, 2, 3, 4, 1, 2, 3, 4]}, index=places),
    ...     reasons={"all": pd.Series("", index=places)},
    ...     graph=Graph.from_arrays(places, np.roll(places, 1), [1] * 8))
    >>> about = Covariate(name="x", words="a score", unit="points", source="made up")
    >>> drivers([units], [about], period="2025", source="made up").findings[0]
    'Across 8 states, a difference of one standard deviation in a score goes with arrest rates...'
    """
    fits = list(fit_kinds(units, covariates))
    if not any(each.fits for each in fits):
        raise InputError([_nothing(each) for each in fits])
    facts = DriverFacts(
        period=period,
        source=f"Arrests: {source}. "
        + "; ".join(f"{capital(each.words)}: {each.source}" for each in covariates),
        support=support or "known for each place that takes part",
    )
    figures, captions = figures_of(fits, units, covariates, facts, simulated=simulated)
    return PublishedAnalysis(
        name="drivers",
        question=QUESTION,
        findings=tuple(_findings(fits, covariates)),
        limits=tuple(_limits(fits, unassigned or {}, notes)),
        tables=tables_of(fits, units, covariates, facts),
        figures=figures,
        captions=captions,
        simulated=simulated,
    )


def drivers_of(material: TableMaterial, *, policies: Policies | None = None) -> PublishedAnalysis:
    """Make the analysis from what the user gave.

    Parameters
    ----------
    material : TableMaterial
        Arrests, people, crime, votes.
    policies : Policies or None
        The user's table of policies.

    Returns
    -------
    PublishedAnalysis
        As `drivers`.

    Raises
    ------
    InputError
        If arrests are known by office alone, or no regression can be fitted.

    Examples
    --------
    >>> RECIPE.make is drivers_of, RECIPE.needs
    (True, ('crime', 'noncitizens', 'votes'))
    """
    units, covariates, span, notes, unassigned = units_of(material, policies)
    inputs = material.inputs
    files = sorted({each.file for what, each in inputs.sources.items() if "arrest" in what})
    return drivers(
        units,
        covariates,
        period=str(span),
        source=", ".join(files) or "not stated",
        support=_support(units),
        unassigned=unassigned,
        notes=[*notes, *inputs.notes],
        simulated=inputs.simulated,
    )


RECIPE: Final = Recipe(
    name="drivers",
    help="What goes with arrest rates: votes, non-citizens, violent crime, policies",
    make=drivers_of,
    needs=("crime", "noncitizens", "votes"),
    people=True,
    imputes=True,
)


def _support(units: Sequence[DriverUnits]) -> str:
    said = "states: known by the record, or drawn where only the office is known"
    if any(each.level == "county_fips" for each in units):
        said += (
            "; counties: only those of zones of whose arrests enough are located by county, the "
            "others drawn"
        )
    return said


def _findings(fits: Sequence[KindFits], covariates: Sequence[Covariate]) -> Iterator[str]:
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
    own = _of(table, fits, "least squares")
    parts = [f"{_percent_change(own.loc[each.name])} in {each.words}" for each in covariates]
    if len(parts) == 1:
        return (
            f"{_places(fits)}, a difference of one standard deviation in {covariates[0].words} goes "
            f"with {arrests} that are {_percent_change(own.loc[covariates[0].name])}, by least "
            "squares (90% interval)."
        )
    return (
        f"{_places(fits)}, {arrests} differ by these amounts for a standard deviation more of each, "
        f"the others being equal (least squares, 90% intervals): {listed(parts)}."
    )


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


_ALPHA: Final = 0.05


def _equal(p: float) -> str:
    said = p_value(p)
    return said if said.startswith("<") else f"= {said}"


def _limits(
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
            "for that. What is the same throughout a state, such as its policies, is known as "
            "often as there are states, not counties."
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


def _nothing(fits: KindFits) -> Problem:
    return Problem(
        file="drivers",
        where=f"{LEVEL_WORDS[fits.level][1]}, {fits.kind} arrests",
        found=str(fits.failed["least squares"]),
        expected="places of which arrests and every covariate are known",
        action="check the files, or give others",
    )
