"""Tables of counties with and without agreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from arrest_atlas.options import ArrestInputs, Inputs
from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, percent, rate
from arrest_atlas.tables._agreement_groups import EXPOSURE_WORDS, AgreementGroups
from arrest_atlas.tables._agreement_outcomes import CRIME, Held, Outcome
from arrest_atlas.tables._agreement_results import AgreementResults
from arrest_atlas.tables._pre_trends import SLOPE
from arrest_atlas.tables._rate_tables import names_of
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables.published import PublishedTable
from geo import PER
from geo.context import MODELS, PresidentialVotes
from geo.context.county_covariates import CountyCovariates
from outputs import ColumnWords

__all__ = ["METHOD_WORDS", "AgreementFacts", "agreement_tables", "ratio_text"]

METHOD_WORDS: Final[Mapping[str, str]] = {
    "unadjusted": "as they are",
    "within states": "within states",
    "adjusted": "in states, covariates equal",
    "matched": "matched within states",
}
_GROUP_WORDS: Final[Mapping[str, str]] = {
    **{str(name): f"With {words}" for name, words in EXPOSURE_WORDS.items()},
    "none": "Without any agreement",
    "not told": "Not told",
}
_MOST: Final = 25


@dataclass(frozen=True, kw_only=True, eq=False)
class AgreementFacts:
    """What is said of every table.

    Attributes
    ----------
    inputs : ArrestInputs
        Arrests, people, perhaps crime.
    span : Span
        Days of the arrests.
    groups : AgreementGroups
        Counties by their agreements.
    outcomes : sequence of Outcome
        What is compared.
    held : sequence of Held
        What is held equal.
    more : CountyCovariates or None
        The user's covariates.
    votes : PresidentialVotes or None
        Votes, if they are held equal.
    """

    inputs: ArrestInputs
    span: Span
    groups: AgreementGroups
    outcomes: Sequence[Outcome]
    held: Sequence[Held]
    more: CountyCovariates | None
    votes: PresidentialVotes | None

    @property
    def words(self) -> dict[str, str]:
        """What each outcome is called."""
        return {each.name: each.words for each in self.outcomes}

    @property
    def arrests(self) -> bool:
        """Whether arrests of counties are compared."""
        return any(each.name != CRIME for each in self.outcomes)

    @property
    def period(self) -> str:
        """Of when agreements, crime and arrests are."""
        said = f"agreements in force on {self.groups.counts.day}"
        if isinstance(self.inputs, Inputs):
            said += f"; crime: {self.inputs.crime_period or 'period not stated'}"
        return said + (f"; arrests: {self.span}" if self.arrests else "")

    def table(self, **content: Any) -> PublishedTable:
        """Make a table with these facts."""
        files = [self.groups.counts.agreements.source.file]
        files += [each.file for each in self.inputs.sources.values()]
        files += [each.source for each in self.held if each.name != "log_residents"]
        return PublishedTable(
            period=self.period,
            denominator="residents of the counties",
            source="; ".join(dict.fromkeys(files)),
            **{"support": "counties with figures of their own; each counts once", **content},
        )


def agreement_tables(
    results: AgreementResults, trends: pd.DataFrame | None, facts: AgreementFacts
) -> dict[str, PublishedTable]:
    """Lay everything out."""
    tables = {
        "agreements": _comparison_table(results.comparisons, facts),
        "agreements_groups": _group_table(results.groups, facts),
    }
    if len(results.balance):
        tables["agreements_balance"] = _balance_table(results.balance, facts)
    if trends is not None:
        tables["agreements_pre_trends"] = _trend_table(trends, facts)
    tables["agreements_counties"] = _county_table(results.counties, facts)
    return tables


def _comparison_table(comparisons: pd.DataFrame, facts: AgreementFacts) -> PublishedTable:
    meanings = {
        "outcome": "crime, or the kind of arrests: all, custodial, community",
        "agreement": "Kind of agreement: any, or one of the three models",
        "method": "unadjusted; within states; adjusted (within states, covariates equal); matched "
        "(beside up to three counties of the state that are most like it)",
        "ratio": "Typical rate of counties with over that of counties without any agreement",
        "low": "Lower end of its 90 % interval",
        "high": "Upper end of its 90 % interval",
        "exposed": "Counties with such an agreement that take part",
        "others": "Counties without any that take part; of matches, those used",
        "states": "States that have both",
        "reason": "Why there is no ratio; empty where there is",
    }
    rows = comparisons.to_dict("records")
    return facts.table(
        title=f"Counties with 287(g) agreements over those without, {facts.groups.counts.day}",
        frame=comparisons,
        shown=pd.DataFrame(
            {
                "What": [capital(facts.words[row["outcome"]]) for row in rows],
                "Agreement": [EXPOSURE_WORDS[row["agreement"]] for row in rows],
                "Compared": [METHOD_WORDS[row["method"]] for row in rows],
                "Times the rate of those without (90 % interval)": [
                    ratio_text(row) for row in rows
                ],
                "Counties with": [count(row["exposed"]) for row in rows],
                "Without": [count(row["others"]) for row in rows],
                "States": [count(row["states"]) for row in rows],
            }
        ),
        columns={name: ColumnWords(meaning=meanings[name]) for name in comparisons.columns},
    )


def ratio_text(row: Mapping[Any, Any]) -> str:
    """Write a ratio with its interval, or why there is none."""
    if pd.isna(row["ratio"]):
        return str(row.get("reason") or NONE)
    return f"{decimal(row['ratio'])} ({decimal(row['low'])} to {decimal(row['high'])})"


def _group_table(groups: pd.DataFrame, facts: AgreementFacts) -> PublishedTable:
    per = f"per {PER:,} residents"
    words = {
        "group": ColumnWords(
            meaning="Counties with any agreement, with each kind (a county may have several), "
            "without any, and those of which it is not told; any, none and not told are all"
        ),
        "counties": ColumnWords(meaning="Counties", unit="counties"),
        "share_of_counties": ColumnWords(meaning="Share of all counties, 0 to 1"),
    }
    for name, what in facts.words.items():
        words |= {
            f"{name}_counties": ColumnWords(
                meaning=f"Counties of which {what} are known", unit="counties"
            ),
            f"{name}_residents": ColumnWords(meaning="Residents of these", unit="people"),
            f"{name}_events": ColumnWords(meaning=capital(what), unit="events"),
            f"{name}_rate": ColumnWords(meaning="The same, all counties together", unit=per),
            f"{name}_rate_low": ColumnWords(meaning="Lower end of its 90 % interval", unit=per),
            f"{name}_rate_high": ColumnWords(meaning="Upper end of its 90 % interval", unit=per),
        }
    shown = pd.DataFrame(
        {
            "Counties": [_GROUP_WORDS[str(name)] for name in groups.index],
            "Number": groups["counties"].map(count).to_numpy(),
            "Of all": groups["share_of_counties"].map(percent).to_numpy(),
        }
    )
    for name, what in facts.words.items():
        shown[f"{capital(what)} {per} (90 % interval)"] = [
            NONE
            if pd.isna(row[f"{name}_rate"])
            else f"{rate(row[f'{name}_rate'])} ({rate(row[f'{name}_rate_low'])} to "
            f"{rate(row[f'{name}_rate_high'])})"
            for row in groups.to_dict("records")
        ]
    return facts.table(
        title=f"Counties by 287(g) agreement, {facts.groups.counts.day}",
        frame=groups,
        shown=shown,
        columns=words,
        support="rates of all residents together, so that large counties rule them; intervals "
        "are of chance alone",
    )


def _balance_table(balance: pd.DataFrame, facts: AgreementFacts) -> PublishedTable:
    held = {each.name: each.words for each in facts.held}
    meanings = {
        "outcome": "crime, or the kind of arrests",
        "agreement": "Kind of agreement",
        "covariate": "What should be equal",
        "before": "Mean of counties with, less that of counties without, in standard deviations",
        "after": "The same of counties and their matches",
        "unmatched": "Counties with the agreement that have no match in their state",
    }
    rows = balance.to_dict("records")
    return facts.table(
        title="How alike counties with agreements and their matches are",
        frame=balance,
        shown=pd.DataFrame(
            {
                "What": [capital(facts.words[row["outcome"]]) for row in rows],
                "Agreement": [EXPOSURE_WORDS[row["agreement"]] for row in rows],
                "Covariate": [capital(held[row["covariate"]]) for row in rows],
                "Apart before": [decimal(row["before"]) for row in rows],
                "Apart when matched": [decimal(row["after"]) for row in rows],
                "Without a match": [count(row["unmatched"]) for row in rows],
            }
        ),
        columns={name: ColumnWords(meaning=meanings[name]) for name in balance.columns},
    )


def _trend_table(trends: pd.DataFrame, facts: AgreementFacts) -> PublishedTable:
    meanings = {
        "years": f"Years from signing (-1 is the last before, the base), or {SLOPE!r}: the slope",
        "ratio": "Rate over that of the year before signing, as a multiple of the same of "
        "counties of the state that never signed; of the slope, the change a year",
        "low": "Lower end of the 90 % interval",
        "high": "Upper end of the 90 % interval",
        "counties": "Counties that signed",
        "states": "Their states",
        "agreement": "Kind of agreement",
    }
    frame = trends[["agreement", "years", "ratio", "low", "high", "counties", "states"]]
    rows = frame.to_dict("records")
    return facts.table(
        title="Crime in the years before signing",
        frame=frame,
        shown=pd.DataFrame(
            {
                "Agreement": [EXPOSURE_WORDS[row["agreement"]] for row in rows],
                "Years from signing": [str(row["years"]).replace("-", "\u2212") for row in rows],
                "Ratio (90 % interval)": [_fine_text(row) for row in rows],
                "Counties": [count(row["counties"]) for row in rows],
                "States": [count(row["states"]) for row in rows],
            }
        ),
        columns={name: ColumnWords(meaning=meanings[name]) for name in frame.columns},
    )


def _fine_text(row: Mapping[Any, Any]) -> str:
    """Write a ratio near 1 with a digit more."""
    if pd.isna(row["ratio"]):
        return NONE
    return f"{row['ratio']:.3f} ({row['low']:.3f} to {row['high']:.3f})"


def _county_table(counties: pd.DataFrame, facts: AgreementFacts) -> PublishedTable:
    words = {
        "county_fips": ColumnWords(meaning="Code of the county, vintage 2019"),
        "agreements_of_state": ColumnWords(
            meaning="Agreements of the state's own agencies, the same in each of its counties",
            unit="agreements",
        ),
        "not_told": ColumnWords(
            meaning="Why it is not told whether it has agreements; empty where it is"
        ),
    }
    for model in MODELS:
        words[f"agreements_{model}"] = ColumnWords(
            meaning=f"Agreements of its agencies and its towns': {model.replace('_', ' ')}",
            unit="agreements",
        )
    for each in facts.held:
        words[each.name] = ColumnWords(
            meaning=f"{capital(each.words)} ({each.source})", unit=each.unit
        )
    for name, what in facts.words.items():
        rates = ColumnWords(meaning=capital(what), unit=f"per {PER:,} residents")
        words[f"{name}_rate"] = rates
        words[f"{name}_left_out"] = ColumnWords(
            meaning=f"Why it takes no part in comparisons of {what}; empty where it does"
        )
    own = counties[counties[[f"agreements_{model}" for model in MODELS]].sum(axis="columns") > 0]
    first = next(iter(facts.words))
    top = own.sort_values(f"{first}_rate", ascending=False, kind="stable").head(_MOST)
    shown = pd.DataFrame({"County": names_of("county_fips", top.index)})
    for model in MODELS:
        shown[capital(model.replace("_", " "))] = top[f"agreements_{model}"].map(count)
    for name, what in facts.words.items():
        shown[f"{capital(what)} per {PER:,}"] = top[f"{name}_rate"].map(rate)
    if len(own) > len(top):
        said = f"and {len(own) - len(top):,} more with agreements"
        shown.loc["more"] = [said, *[""] * (len(shown.columns) - 1)]
    return facts.table(
        title=f"Agreements, covariates and rates of counties, {facts.groups.counts.day}",
        frame=counties,
        shown=shown,
        columns={name: words[name] for name in ["county_fips", *counties.columns]},
    )
