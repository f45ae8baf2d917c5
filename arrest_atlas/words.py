"""What a run found, in sentences that take no side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from arrest_atlas.analysis import Analysis, KindAnswer, MapPair
from arrest_atlas.map_layers import AREA_WORDS, KIND_WORDS, LEVEL_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.period import check_order
from arrest_atlas.records import Records
from arrest_atlas.sentence import (
    beside_sentences,
    comparison_sentence,
    strip_sentences,
    true_minus,
)
from arrest_atlas.support import COUNTY, UNKNOWN, known_arrests
from arrest_atlas.tested_maps import Tested, area_people
from boundaries import load_states
from geo import IN_DOUBT, NOT_LISTED, STATE_OUTSIDE_AREA, load_population
from spatial_models import NO_VARIATION, HotSpotComparison

__all__ = [
    "baseline_age",
    "findings",
    "limits",
    "people_unknown",
    "question",
    "records_sentence",
    "strip_details",
    "strip_notes",
    "summary_text",
    "warnings_of",
]

_PACKAGED: Final = (
    "boundaries and residents: U.S. Census Bureau; areas of responsibility: Deportation Data "
    "Project."
)
_ONE: Final = {"residents": "resident", "non-citizens": "non-citizen"}
_NAMED: Final = 8
_ONE_PERCENT: Final = 0.01
_LEAST_P: Final = 0.001


def question(analysis: Analysis) -> str:
    """Word the question that a run answers, which its crimes make part of.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    str
        One sentence, for titles.
    """
    return f"Do ICE arrests cluster where {analysis.inputs.crime.noun} clustered before?"


def warnings_of(analysis: Analysis) -> list[str]:
    """List what makes the result doubtful.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        Sentences; empty if there is nothing to warn of.
    """
    inputs = analysis.inputs
    found = [check_order(inputs.crime_period, inputs.arrest_period)]
    if inputs.records is not None:
        found += _doubtful_records(inputs.records)
    if inputs.unlocated:
        found.append(
            f"{inputs.unlocated:,} arrests belong to headquarters or to no place; they are left "
            "out of every map."
        )
    implausible = list(inputs.crime.implausible_zeros)
    if implausible:
        places = analysis.geometry.loc[implausible]
        names = (places["name"] + " " + places["state"]).tolist()
        found.append(
            f"{len(names)} counties report no {inputs.crime.noun} although their population "
            f"makes ten or more likely; they are shown as no data ({_list(names)})."
        )
    found += _unknown_areas(analysis)
    people = analysis.inputs.people(analysis.options.denominator)
    missing = analysis.geometry.index.difference(people.dropna().index)
    missing = missing.intersection(analysis.kinds["all"].county.graph.unique_ids)
    if len(missing):
        found.append(
            f"{DENOMINATOR_WORDS[analysis.options.denominator].capitalize()} are not known for "
            f"{len(missing):,} counties; areas are no data where these hold more than a fifth of "
            "the residents."
        )
    found += people_unknown(analysis)
    return [sentence for sentence in found if sentence]


def people_unknown(analysis: Analysis) -> list[str]:
    """Tell which rates of whole areas are of more arrests than people.

    Where people of a county are not known and no residents tell how many to expect, those of
    its area lack them. The arrests of the area do not: its total cannot be split.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        A sentence, or none.
    """
    people = analysis.inputs.people(analysis.options.denominator)
    counties, answer = analysis.geometry, analysis.kinds["all"]
    area = counties[analysis.level]
    rated = (known_arrests(answer.support) > 0) & area_people(people, area).notna()
    rated &= rated.index.isin(answer.area.graph.unique_ids)
    expected = people.reindex(counties.index).fillna(load_population())
    lacking = counties[expected.isna() & area.isin(rated.index[rated])]
    if lacking.empty:
        return []
    names = load_states()["name"]
    places = [
        f"{name} ({_places_of(part['state'].map(names))})"
        for name, part in lacking.groupby(lacking[analysis.level])
    ]
    what = DENOMINATOR_WORDS[analysis.options.denominator]
    several = len(places) > 1
    sentence = (
        f"{what.capitalize()} are not known for {len(lacking):,} "
        f"{'counties' if len(lacking) > 1 else 'county'} of the "
        f"{AREA_WORDS[analysis.level][several]} {' and '.join(places)}. The totals of arrests "
        f"include these counties and cannot be split, the {what} do not: the arrest "
        f"{'rates of these areas are' if several else 'rate of this area is'} too high, by "
        "how much is not known."
    )
    return [sentence]


def _places_of(states: pd.Series) -> str:
    """Count counties by state."""
    counts = states.value_counts().sort_index()
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())


def _doubtful_records(records: Records) -> list[str]:
    """Warn of records that are taken with doubt."""
    counted = records.counted
    found = [f"Records: {note[0].upper()}{note[1:].rstrip('.')}." for note in records.arrests.notes]
    conflict = records.located.table.loc[counted, "conflict"].astype("object").dropna()
    office = int((conflict == STATE_OUTSIDE_AREA).sum())
    others = len(conflict) - office
    if others:
        found.append(
            f"{others:,} arrests have a landmark, a county column or coordinates that contradict "
            "the rest of the record; where it is the state, they keep that and have no county."
        )
    if office:
        found.append(
            f"{office:,} arrests have a state outside their office's area; the state counts as the "
            "place."
        )
    undated = int(
        records.arrests.table.loc[~records.duplicates.drop, "apprehension_date"].isna().sum()
    )
    if undated:
        found.append(
            f"{undated:,} arrests have no date that can be read: their order and their duplicates "
            "cannot be told, and a chosen period leaves them out."
        )
    unchecked = int((counted & ~records.duplicates.checked).sum())
    if unchecked and records.duplicates.rule != "none":
        found.append(
            f"{unchecked:,} arrests have no identifier or no date, so that nobody can tell whether "
            "they are duplicates; they are counted."
        )
    if records.outside_period:
        found.append(
            f"{records.outside_period:,} arrests of other days, or of none, are left out, since a "
            "period was asked for."
        )
    return found


def records_sentence(records: Records, *, imputed: bool) -> str:
    """Say what became of the rows of the records.

    Parameters
    ----------
    records : Records
        Records and what was decided of them.
    imputed : bool
        Whether those without a county were imputed.

    Returns
    -------
    str
        Rows, duplicates, located, imputed and unlocated arrests.
    """
    support = records.located.table.loc[records.counted, "support"].value_counts()
    arrests = max(int(support.sum()), 1)
    located, lost = int(support["county"]), int(support["none"])
    known = arrests - located - lost
    drawn = ", and imputed into its counties" if imputed else ""
    return (
        f"{len(records.counted):,} records read, {int(records.duplicates.drop.sum()):,} of them "
        f"duplicates (rule: {records.duplicates.rule}) and left out. Of {arrests:,} arrests, "
        f"{_share(located, arrests)} are located by county; {_share(known, arrests)} are known "
        f"only for a zone, state or office{drawn}; "
        f"{_share(lost, arrests)} ({lost:,}) cannot be located."
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%"


def _unknown_areas(analysis: Analysis) -> list[str]:
    """Name the areas of which nothing is known, or not enough."""
    answer = analysis.kinds["all"]
    shown = answer.support.loc[answer.support.index.isin(answer.area.graph.unique_ids)]
    unknown = shown[shown["support"] == UNKNOWN]
    found = []
    unlisted = unknown[unknown["evidence"] == NOT_LISTED]
    if len(unlisted):
        names = _list(unlisted.index.tolist())
        hidden = int(unlisted["arrests"].sum())
        if analysis.inputs.records is not None:
            lost = f"; {hidden:,} arrests that may lie there are not shown" if hidden else ""
            who = f"The records name {names} not at all, or too seldom to be whole"
        else:
            lost = f"; {hidden:,} arrests located there are not shown" if hidden else ""
            who = f"No table gives the arrests of {names}"
        found.append(f"{who}: no data, which is not zero{lost}.")
    doubtful = unknown[unknown["evidence"] == IN_DOUBT]
    if len(doubtful):
        why = (
            "most of those expected in a zone name only an office"
            if analysis.inputs.records is not None
            else "a state or an office has no total"
        )
        found.append(
            f"{int(doubtful['arrests'].sum()):,} arrests of offices over several states cannot be "
            f"split, since {why}: {_list(doubtful.index.tolist())} are shown as no data."
        )
    return found


def _list(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest


def limits(analysis: Analysis) -> list[str]:
    """Say what the result cannot tell.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        Sentences.
    """
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return [
        *_support_sentences(analysis),
        *_pooled(analysis),
        *_tests_of_kinds(analysis),
        f"Arrest rates are per {_ONE[people]}; another denominator can change the classes.",
        *_p_values(analysis),
        _extent(analysis),
        "Nothing here is evidence about any person.",
    ]


def _extent(analysis: Analysis) -> str:
    covered = "Tests cover the 48 states and DC. Alaska, Hawaii and the territories"
    if analysis.options.extent == "states":
        covered = "Tests cover the 50 states and DC. The territories"
    beyond = _beyond(analysis)
    if not beyond:
        return f"{covered} are only shown."
    one, several = AREA_WORDS[analysis.level]
    areas = f"{len(beyond)} {several if len(beyond) > 1 else one}"
    return (
        f"{covered} are only shown. Yet they belong to {areas} ({'; '.join(beyond)}), whose totals "
        "cannot be split: these areas are tested as a whole, and their counties beyond have no "
        "class."
    )


def _beyond(analysis: Analysis) -> list[str]:
    """Name the tested areas that reach beyond the tested counties, and what they hold there."""
    answer, counties = analysis.kinds["all"], analysis.geometry
    known = answer.support.index[answer.support["support"] != UNKNOWN]
    tested = answer.area.graph.unique_ids.intersection(known)
    outer = counties[~analysis.in_extent & counties[analysis.level].isin(tested)]
    held = outer["state"].map(load_states()["name"]).groupby(outer[analysis.level]).unique()
    return [f"{name}: {', '.join(sorted(states))}" for name, states in held.items()]


def _p_values(analysis: Analysis) -> list[str]:
    """Say what a p-value of the comparison says, and what it does not."""
    if analysis.options.surrogates == 0:
        sentence = (
            "The agreement of the two maps is described, not tested: no random crime maps were "
            "drawn, and any other p-value would be far too small where both maps are clustered."
        )
        return [sentence]
    meaning = (
        "p of the comparison says how often a random crime map that is as clustered as the given "
        "one agrees as well with the arrests, which stay where they are; an association counts as "
        "found where p is at most 0.05. It does not say how likely, how strong or of what kind an "
        "association is; a large p does not show that there is none, and a small one does not say "
        "why. Each p stands by itself: among several, one can be small by chance."
    )
    gradient = (
        "Two maps that share one broad gradient, and nothing else, can have a small p. Taking a "
        "quadratic trend out of both maps shows part of that, not all; where the two answers "
        "differ, the sentence says which stands. Where arrests are known only by area, the overlap "
        "of hot spots has no p: such a test would find next to nothing."
    )
    return [meaning, gradient]


def _pooled(analysis: Analysis) -> list[str]:
    """Say what stands behind all arrests taken together."""
    records = analysis.inputs.records
    if records is None:
        sentence = (
            "Custodial and community arrests are pooled, since these tables do not tell them "
            "apart: arrests out of jails sit where jails are."
        )
        return [sentence]
    located = records.located.table["support"] != "none"
    counts = records.classes.custody[records.counted & located].value_counts()
    apart = {
        1: "No kind of them can be shown apart.",
        2: "So one kind is tested apart, too.",
    }.get(len(analysis.kinds), "So the two are tested apart, too.")
    sentence = (
        f"Of the arrests, {counts['custodial']:,} are custodial (out of jails and prisons), "
        f"{counts['community']:,} in the community and {counts['other']:,} of other kinds "
        f"(arrests of the programme 287(g) count as {records.programme_287g}: see "
        "--programme-287g). Custodial arrests sit where people are handed over from jails. "
        f"{apart}"
    )
    return [sentence]


def _tests_of_kinds(analysis: Analysis) -> list[str]:
    """Say that errors are limited for each kind by itself."""
    if len(analysis.kinds) == 1:
        return []
    sentence = (
        "The false discovery rate holds for each kind of arrests and each level by itself: "
        f"among {len(analysis.kinds)} kinds, some cluster of chance is likelier than in one."
    )
    return [sentence]


def _support_sentences(analysis: Analysis) -> list[str]:
    if len(analysis.kinds) == 1:
        return [_support_sentence(analysis, analysis.kinds["all"])]
    return [
        f"{KIND_WORDS[kind].capitalize()}: {sentence[0].lower()}{sentence[1:]}"
        for kind, answer in analysis.kinds.items()
        for sentence in [_support_sentence(analysis, answer)]
    ]


def _support_sentence(analysis: Analysis, answer: KindAnswer) -> str:
    words = LEVEL_WORDS[analysis.level]
    shown = answer.support.loc[answer.support.index.isin(answer.area.graph.unique_ids)]
    tested = shown[shown["support"] != UNKNOWN]
    own = tested["support"] == COUNTY
    share = tested["arrests_located"].sum() / max(tested["arrests"].sum(), 1)
    percent = f"{100 * share:.0f}%" if share >= _ONE_PERCENT else "Under 1%"
    # Records without any place are no part of it; that sentence counts them.
    located = f"{percent} of the arrests of known areas are located by county"
    if share == 0:
        return (
            f"Every arrest is known only for a whole {words}: no county has an arrest class of "
            "its own, and the map cannot tell which counties within an area have more arrests."
        )
    if share == 1:
        areas = "throughout" if len(tested) == len(shown) else f"in the {len(tested)} areas given"
        return f"Arrests are located by county {areas}."
    least = f"{100 * analysis.options.located_share:g}%"
    if not own.any():
        return (
            f"{located}, but in no area as many as {least}: no county has an arrest class of its "
            f"own; classes are those of the whole {words}, drawn hatched."
        )
    if own.all():
        return (
            f"{located}, in every area at least {least}; the others are imputed, so that county "
            "classes rest in part on an assumption (see P(hot))."
        )
    return (
        f"{located}. Counties have arrest classes of their own in {own.sum()} of {len(own)} areas, "
        f"where at least {least} are; elsewhere arrests are known only for the whole {words}, "
        "drawn hatched."
    )


def findings(analysis: Analysis) -> list[str]:
    """Say what was found, for counties and for the larger areas.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        The comparison of each kind of arrests in sentences, then what is hot and cold; the
        county answer and the answer of the larger areas, never merged.
    """
    sentences = [
        sentence
        for kind in analysis.kinds
        for sentence in (comparison_sentence(analysis, kind), *beside_sentences(analysis, kind))
    ]
    areas = AREA_WORDS[analysis.level][1].capitalize()
    few = " With so few areas, only strong clusters can show."
    crime, noun = analysis.kinds["all"], analysis.inputs.crime.noun
    lines = [
        *sentences,
        f"Counties: {_spots(f'{noun} is', crime.county.crime)}",
        f"{areas}: {_spots(f'{noun} is', crime.area.crime)}{few}",
    ]
    several = len(analysis.kinds) > 1
    for kind, answer in analysis.kinds.items():
        name = KIND_WORDS[kind] if several else "arrests"
        lines += [
            f"Counties: {_answer_line(name, answer.county, noun)}",
            f"{areas}: {_answer_line(name, answer.area, noun)}",
        ]
    return lines


def _answer_line(name: str, pair: MapPair, crime: str) -> str:
    comparison = pair.comparison
    if pair.arrests is None or comparison is None:
        return f"{name} are not tested: too few are located by county."
    sentences = [_spots(f"{name} are", pair.arrests)]
    if comparison.n:
        counts = comparison.counts
        sentences.append(
            f"Of {comparison.n:,} tested for both: both hot {counts['both hot']}, arrests only "
            f"{counts['arrests only']}, crime only {counts['crime only']}, opposite "
            f"{counts['opposite']}.{_inside(comparison, crime)}"
        )
    return " ".join(sentences)


def _inside(comparison: HotSpotComparison, crime: str) -> str:
    """Share arrests and residents out over the hot spots of crime."""
    shares = comparison.shares["second_hot"].reindex(["arrests", "residents"])
    if shares.isna().any() or not comparison.shares.loc["units", "second_hot"]:
        return ""
    arrests, residents = (f"{100 * share:.1f}%" for share in shares)
    return (
        f" Of the arrests in all of these {arrests}, and of the residents {residents}, are where "
        f"{crime} is hot."
    )


def _spots(subject: str, tested: Tested) -> str:
    """Say how many places are hot, or why none was tested."""
    spots, autocorrelation = tested.spots, tested.moran
    if spots.test.n == 0:
        return f"{subject} not tested: no place with data has a neighbour with data."
    if NO_VARIATION in spots.test.classes:
        return f"{subject} no more varied than chance gives over {spots.test.n:,} places."
    counts = f"hot in {spots.hot.sum():,} and cold in {spots.cold.sum():,} of {spots.test.n:,}"
    if math.isnan(autocorrelation.statistic):
        return f"{subject} {counts}."
    p = max(autocorrelation.p, _LEAST_P)
    sign = "<" if autocorrelation.p < p else "="
    beside = ""
    if tested.permuted is not None and tested.spots.test.tested.any():
        beside = (
            f" {tested.permuted.permutations:,} permutations give the same class in "
            f"{100 * tested.agreement:.1f}% of them."
        )
    return (
        f"{subject} {counts} (Moran's I {autocorrelation.statistic:.2f}, p {sign} {p:.3f}).{beside}"
    )


def strip_notes(analysis: Analysis) -> list[str]:
    """Word the strip that always stays on the map.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        What was found, in three lines, and warnings.
    """
    warnings = [f"Warning: {sentence}" for sentence in warnings_of(analysis)]
    return [*strip_sentences(analysis), *warnings]


def strip_details(analysis: Analysis) -> dict[str, list[str]]:
    """Word what the strip shows once it is opened.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    dict of str to list of str
        Findings in full, limits, data and sources, by heading.
    """
    inputs = analysis.inputs
    files = ", ".join(f"{source.file} ({what})" for what, source in inputs.sources.items())
    return {
        "Findings": [true_minus(sentence) for sentence in findings(analysis)],
        "Limits": limits(analysis),
        "Data and sources": [
            *([records_sentence(inputs.records, imputed=True)] if inputs.records else []),
            *inputs.notes,
            f"{files + '; ' if files else ''}{_PACKAGED}",
        ],
    }


def baseline_age(analysis: Analysis) -> str:
    """Say how long before the arrests the crime baseline ended.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    str
        ``", which ended 8 years before the arrests began"``; empty where it did not, or
        where the periods are not stated.
    """
    crime, arrests = analysis.inputs.crime_period, analysis.inputs.arrest_period
    if crime is None or arrests is None or crime.last >= arrests.first:
        return ""
    years = (arrests.first - crime.last).days // 365
    span = f"{years} year{'s' * (years != 1)}" if years else "less than a year"
    return f", which ended {span} before the arrests began"


def summary_text(summary: Mapping[str, Any]) -> str:
    """Say in a few lines what was found.

    Parameters
    ----------
    summary : mapping of str to object
        As `summarise` gives it.

    Returns
    -------
    str
        Plain text for a terminal.
    """
    lines = ["SIMULATED DATA"] if summary["data"] == "SIMULATED" else []
    lines.append(summary["question"])
    arrests = summary["arrests"]
    lines.append(
        f"{arrests['total_in']:,} arrests, {arrests['located_by_county']:,} of them located by "
        f"county; {arrests['total_in_every_draw']:,} in each of {arrests['draws']} draws."
    )
    if "rows_read" in arrests:
        lines.append(
            f"{arrests['rows_read']:,} records read, {arrests['duplicates_removed']:,} duplicates "
            f"left out; {arrests['left_out_without_place']:,} arrests cannot be located."
        )
    lines += summary["findings"]
    lines += [_planted_line(cluster) for cluster in summary.get("planted_clusters", [])]
    lines += [f"Warning: {sentence}" for sentence in summary["warnings"]]
    lines += [f"Limit: {sentence}" for sentence in summary["limits"]]
    return "\n".join(lines)


def _planted_line(cluster: Mapping[str, Any]) -> str:
    found = "; ".join(
        f"{KIND_WORDS[kind]} {each['verdict']} ({100 * each['share_with_that_class']:.0f}% "
        f"{each['expected']})"
        for kind, each in cluster["found"].items()
    )
    what = "" if cluster["in_arrests"] == "all" else f", {cluster['in_arrests']} arrests only"
    return (
        f"  planted {cluster['planted']}{what}, {cluster['name']}, {cluster['counties']} "
        f"counties: {found}"
    )
