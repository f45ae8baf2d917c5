"""Counties with 287(g) agreements against others: violent crime and arrests.

After studies of 287(g) agreements and crime, Baumer and Xie (2023) among them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.options import ArrestInputs, Denominator, Options
from arrest_atlas.period import Period
from arrest_atlas.tables._agreement_figures import agreement_figures
from arrest_atlas.tables._agreement_groups import EXPOSURES, AgreementGroups, group_counties
from arrest_atlas.tables._agreement_outcomes import covariates_held, outcomes_of
from arrest_atlas.tables._agreement_results import results_of
from arrest_atlas.tables._agreement_tables import AgreementFacts, agreement_tables
from arrest_atlas.tables._agreement_texts import agreement_findings, agreement_limits
from arrest_atlas.tables._place_counts import placed_counties
from arrest_atlas.tables._pre_trends import pre_trends
from arrest_atlas.tables._spans import spans_of
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis
from geo import InputError, Problem
from geo.context import Agreements, PresidentialVotes, agreements_at
from geo.context.agreements import STATE_AGENCY
from geo.context.county_covariates import CountyCovariates

__all__ = ["RECIPE", "agreements"]

_QUESTION: Final = "How do counties with 287(g) agreements differ from others?"
_PANEL: Final = ("county_fips", "year", "crimes", "residents")


def agreements(
    inputs: ArrestInputs,
    sheet: Agreements,
    *,
    day: dt.date | None = None,
    votes: PresidentialVotes | None = None,
    covariates: CountyCovariates | None = None,
    panel: pd.DataFrame | None = None,
    periods: Sequence[Period] = (),
    weights: Denominator = "residents",
    draws: int = 100,
    located_share: float = 0.5,
    rng: int | np.random.Generator,
) -> PublishedAnalysis:
    """Compare violent crime and arrests of counties with and without 287(g) agreements.

    Parameters
    ----------
    inputs : ArrestInputs
        Arrests and people by county; `Inputs`, with crime, where there is any.
    sheet : Agreements
        ICE's list of agreements.
    day : datetime.date, optional
        Day on which agreements are in force, not after that of the sheet. Default: that day.
    votes : PresidentialVotes, optional
        Votes for president, to be held equal.
    covariates : CountyCovariates, optional
        What else is to be held equal.
    panel : pandas.DataFrame, optional
        Crimes by county and year, of one definition throughout: ``county_fips``, ``year``,
        ``crimes``, ``residents``. With it, the years before signing are looked at.
    periods : sequence of Period, optional
        Days of arrests, where records have them; the last is used.
    weights : {"residents", "noncitizens"}, default "residents"
        People by whom arrests known only for a larger area are imputed.
    draws : int, default 100
        Imputations, of which 20 are compared.
    located_share : float, default 0.5
        Located share of a zone's arrests from which on its counties take part.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    PublishedAnalysis
        Ratios of typical rates, with over without, by four methods; nothing causal.

    Raises
    ------
    InputError
        If the sheet is older than the day, nothing is known by county, or the panel lacks
        columns.

    Examples
    --------
    >>> from arrest_atlas.simulated_agreements import simulate_agreements
    >>> made = simulate_agreements(crime_ratio=1.2, rng=0)
    >>> found = agreements(made.inputs, made.sheet, covariates=made.covariates, draws=2, rng=0)
    >>> rows = found.to_frame().set_index(["outcome", "agreement", "method"])
    >>> bool(rows.loc[("crime", "any", "adjusted"), "low"] < 1.2)
    True
    """
    options = Options(weights=weights, draws=draws, located_share=located_share)
    spans, notes = spans_of(inputs, periods)
    span = spans[-1]
    if len(spans) > 1:
        notes.append(f"Of the periods, the last is looked at: {span}.")
    groups = group_counties(agreements_at(sheet, day or sheet.as_of))
    outcomes = list(outcomes_of(inputs, span, options, rng=np.random.default_rng(rng)))
    if not outcomes:
        raise InputError([_nothing_known()])
    table, held = covariates_held(inputs, span, votes, covariates)
    results = results_of(groups, outcomes, table, held)
    trends = None if panel is None else _trends(panel, sheet, groups)
    facts = AgreementFacts(
        inputs=inputs, span=span, groups=groups, outcomes=outcomes, held=held,
        more=covariates, votes=votes,
    )  # fmt: skip
    figures, captions = agreement_figures(results, trends, facts)
    return PublishedAnalysis(
        name="agreements",
        question=_QUESTION,
        findings=tuple(agreement_findings(results, trends, facts)),
        limits=(*agreement_limits(results, trends, facts), *notes, *inputs.notes),
        tables=agreement_tables(results, trends, facts),
        figures=figures,
        captions=captions,
        simulated=inputs.simulated,
    )


def _trends(panel: pd.DataFrame, sheet: Agreements, groups: AgreementGroups) -> pd.DataFrame:
    """Look at the years before the first signature of each kind."""
    absent = [name for name in _PANEL if name not in panel]
    if absent:
        problem = Problem(
            file="panel",
            found=f"no {', '.join(absent)}",
            expected=", ".join(_PANEL),
            action="name the columns so",
        )
        raise InputError([problem])
    table = sheet.table
    own = table[(table["told_by"] != STATE_AGENCY) & table["county_fips"].notna()]
    never = placed_counties().index.difference(pd.Index(own["county_fips"].unique()))
    parts = []
    for exposure in EXPOSURES:
        of_kind = own if exposure == "any" else own[own["model"] == exposure]
        first = of_kind.dropna(subset=["signed"]).groupby("county_fips")["signed"].min().dt.year
        first = first[groups.table[exposure].reindex(first.index, fill_value=False)]
        found = pre_trends(panel, first, never, placed_counties()["state"])
        parts.append(found.reset_index().assign(agreement=exposure))
    return pd.concat(parts, ignore_index=True)


def _nothing_known() -> Problem:
    return Problem(
        file="arrests",
        found="neither crime nor arrests that are known by county",
        expected="one of them: agreements are those of counties",
        action="give --crime, or records or counts of arrests by county",
    )


def _make(material: TableMaterial) -> PublishedAnalysis:
    sheet = material.agreements
    assert sheet is not None  # noqa: S101  (the recipe needs it)
    inputs = material.arrests
    return agreements(
        inputs,
        sheet,
        day=material.agreements_day,
        votes=material.votes,
        covariates=material.covariates,
        periods=material.periods if inputs.records is None else material.spans,
        weights=material.weights,
        draws=material.draws,
        located_share=material.located_share,
        rng=material.rng("agreements"),
    )


RECIPE: Final = Recipe(
    name="agreements",
    help="violent crime and arrests of counties with 287(g) agreements against others",
    make=_make,
    needs=("agreements",),
    takes=("crime", "noncitizens", "votes", "covariates"),
    counts=True,
    people=True,
    imputes=True,
)
