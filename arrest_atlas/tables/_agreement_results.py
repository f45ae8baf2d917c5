"""Comparisons of every outcome and kind of agreement, as tables of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from arrest_atlas.tables._agreement_estimates import Contrast, compare, log_rates
from arrest_atlas.tables._agreement_groups import EXPOSURES, AgreementGroups
from arrest_atlas.tables._agreement_outcomes import CRIME, Held, Outcome
from arrest_atlas.tables._place_counts import placed_counties
from arrest_atlas.tables.intervals import rate_interval
from geo import PER

__all__ = ["AgreementResults", "held_for", "results_of"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AgreementResults:
    """Numbers of the analysis.

    Attributes
    ----------
    comparisons : pandas.DataFrame
        A row an outcome, exposure and method.
    balance : pandas.DataFrame
        A row an outcome, exposure and covariate.
    groups : pandas.DataFrame
        A row a group of counties.
    counties : pandas.DataFrame
        A row a county.
    """

    comparisons: pd.DataFrame
    balance: pd.DataFrame
    groups: pd.DataFrame
    counties: pd.DataFrame


def held_for(outcome: Outcome, held: Sequence[Held]) -> list[Held]:
    """Tell what is held equal: crime is not, where it is the outcome."""
    return [each for each in held if outcome.name != CRIME or each.name != "violent_crime_rate"]


def results_of(
    groups: AgreementGroups,
    outcomes: Sequence[Outcome],
    covariates: pd.DataFrame,
    held: Sequence[Held],
) -> AgreementResults:
    """Compare, and lay out what was compared."""
    state = placed_counties()["state"]
    rows: list[dict[str, Any]] = []
    balance: list[pd.DataFrame] = []
    left_out = {}
    for outcome in outcomes:
        names = [each.name for each in held_for(outcome, held)]
        reason = _left_out(groups, outcome, covariates[names], held)
        left_out[outcome.name] = reason
        logs = log_rates(outcome.draws, outcome.people)
        for exposure in EXPOSURES:
            exposed = groups.compared(exposure)
            kept = exposed.index[exposed.notna() & (reason == "")]
            contrast = Contrast(
                outcomes=logs[kept],
                exposed=exposed[kept],
                covariates=covariates.loc[kept, names],
                state=state[kept],
            )
            found, matches = compare(contrast)
            head = {"outcome": outcome.name, "agreement": exposure}
            rows += [head | asdict(each) for each in found]
            if matches is not None and len(matches.exposed):
                table = matches.balance().rename_axis("covariate").reset_index()
                balance.append(
                    table.assign(**head, unmatched=len(matches.unmatched))[
                        [*head, "covariate", "before", "after", "unmatched"]
                    ]
                )
    return AgreementResults(
        comparisons=pd.DataFrame(rows),
        balance=pd.concat(balance, ignore_index=True) if balance else pd.DataFrame(),
        groups=pd.DataFrame(list(_groups(groups, outcomes))).set_index("group"),
        counties=_counties(groups, outcomes, covariates, left_out),
    )


def _left_out(
    groups: AgreementGroups, outcome: Outcome, covariates: pd.DataFrame, held: Sequence[Held]
) -> pd.Series:
    """Say why counties take no part."""
    reason = groups.table["not_told"].mask(outcome.reasons != "", outcome.reasons)
    reason = reason.mask((reason == "") & ~(outcome.people > 0), "residents are not known")
    words = {each.name: each.words for each in held}
    for name in covariates.columns:
        absent = covariates[name].isna() & (reason == "")
        reason = reason.mask(absent, f"not known: {words[name]}")
    return reason


def _groups(groups: AgreementGroups, outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """Add up counties, people and events of each group."""
    every = len(groups.table)
    masks = {str(name): groups.table[name] for name in [*EXPOSURES, "none"]}
    masks["not told"] = groups.table["not_told"] != ""
    for name, mask in masks.items():
        row: dict[str, Any] = {"group": name, "counties": int(mask.sum())}
        row["share_of_counties"] = row["counties"] / every
        for outcome in outcomes:
            own = mask & (outcome.reasons == "") & (outcome.people > 0)
            events = float(outcome.draws.loc[:, own].mean().sum())
            people = float(outcome.people[own].sum())
            low, high = rate_interval([events], [people])
            row |= {
                f"{outcome.name}_counties": int(own.sum()),
                f"{outcome.name}_residents": people,
                f"{outcome.name}_events": events,
                f"{outcome.name}_rate": PER * events / people if people else float("nan"),
                f"{outcome.name}_rate_low": PER * float(low[0]),
                f"{outcome.name}_rate_high": PER * float(high[0]),
            }
        yield row


def _counties(
    groups: AgreementGroups,
    outcomes: Sequence[Outcome],
    covariates: pd.DataFrame,
    left_out: dict[str, pd.Series],
) -> pd.DataFrame:
    """Lay the counties out."""
    state = placed_counties()["state"]
    own = groups.counts.by_county.reindex(groups.table.index, fill_value=0)
    table = own.add_prefix("agreements_")
    statewide = groups.counts.by_state.sum(axis="columns")
    table["agreements_of_state"] = state.map(statewide).fillna(0).astype("int64")
    table["not_told"] = groups.table["not_told"]
    table = table.join(covariates)
    for outcome in outcomes:
        rate = PER * outcome.draws.mean() / outcome.people.where(outcome.people > 0)
        table[f"{outcome.name}_rate"] = rate.where(outcome.reasons == "")
        table[f"{outcome.name}_left_out"] = left_out[outcome.name]
    return table.rename_axis("county_fips")
