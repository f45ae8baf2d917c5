"""The comparison of arrests with crime in plain sentences, made from its numbers.

One text for the map, the report and the command line. It never says why: two maps can
agree, or not, and no number here tells what stands behind that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.analysis import Analysis, KindAnswer, MapPair
from arrest_atlas.counting import Kind
from arrest_atlas.imputed_shares import imputed_by_area, imputed_by_county
from arrest_atlas.map_layers import AREA_WORDS, KIND_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, UNKNOWN
from spatial_models import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    HotSpotComparison,
    Measure,
    NoPValue,
    PValue,
    SurrogateP,
)

Bools = npt.NDArray[np.bool_]

__all__ = [
    "beside_sentences",
    "comparison_sentence",
    "short_sentences",
    "strip_sentences",
    "true_minus",
]


@dataclass(frozen=True, kw_only=True)
class _Words:
    """What the crimes are, and how much of what a reader may not know is said each time."""

    crime: str
    chance: str
    without: str


_SAME: Final = {
    "unit": "hot spots coincide with those of {crime}",
    "area": "rates resemble those of {crime}",
}
_ONE_PERCENT: Final = 0.01
_NEGATIVE: Final = re.compile(r"(?<![\w\u2212-])-(?=\d)")


def comparison_sentence(analysis: Analysis, kind: Kind) -> str:
    """Say in two to four sentences whether arrests and crime are clustered alike.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    str
        The verdict in words; the statistic with its interval over draws and its p-value,
        or why there is none, as it is and with a broad gradient taken out; the support and the
        share of arrests that is imputed; what it cannot say.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> analysis = analyse(simulate(seed=1, arrests=99_000).inputs, options)
    >>> comparison_sentence(analysis, "community").split(":")[0]
    'SIMULATED data, community arrests'
    """
    answer = analysis.kinds[kind]
    opening = _subject(analysis, kind)
    if analysis.inputs.simulated:
        opening = f"SIMULATED data, {opening}"
    support = [_support(analysis, answer)] if answer.comparison.n else []
    comparison = _in_full(answer.comparison, _units(analysis, answer), _full(analysis))
    return " ".join(
        [
            f"{_capital(opening)}: {comparison}",
            *support,
            _beyond(analysis, answer),
        ]
    )


def beside_sentences(analysis: Analysis, kind: Kind) -> list[str]:
    """Say what was found on other units, beside the headline and never merged with it.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    list of str
        One text an answer: of the counties whose arrests are located where they do not
        carry the headline, and of the larger areas as units.
    """
    words = _full(analysis)
    return [
        f"{opening}: {_in_full(comparison, units, words)}{few if comparison.n else ''}"
        for opening, comparison, units, few in _beside(analysis, kind)
    ]


def strip_sentences(analysis: Analysis) -> list[str]:
    """Say in three lines what was found, for where the rest is a click away.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        All arrests: how many hot places are hot in both maps, and the verdict; where arrests
        are told apart, the numbers of custodial and of community arrests; the answer on other
        units, never merged with the first.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> lines = strip_sentences(analyse(simulate(seed=1, arrests=99_000).inputs, options))
    >>> [line.split(":")[0] for line in lines]
    ['All arrests', 'Custodial arrests', 'Zones']
    """
    answer, words = analysis.kinds["all"], _short(analysis)
    units = _units(analysis, answer)
    subject = _capital(_subject(analysis, "all"))
    short = _capital(_in_short(answer.comparison, units, words))
    lines = [f"{subject}: {_both_hot(analysis, answer, answer.headline)} {short}"]
    apart = [kind for kind in analysis.kinds if kind != "all"]
    if apart:
        lines.append(" ".join(_apart(analysis, kind) for kind in apart))
    other: Literal["county", "area"] = "area" if answer.headline == COUNTY else "county"
    for _, comparison, others, _ in _beside(analysis, "all"):
        both = _both_hot(analysis, answer, other)
        short = _capital(_in_short(comparison, others, words))
        lines.append(f"{_capital(others)}: {both} {short}")
    return [true_minus(line) for line in lines]


def _both_hot(analysis: Analysis, answer: KindAnswer, units: Literal["county", "area"]) -> str:
    """Count the places that are hot in both maps among those that are hot in arrests."""
    pair = answer.county if units == COUNTY else answer.area
    one, several = ("county", "counties") if units == COUNTY else AREA_WORDS[analysis.level]
    if pair.arrests is None or pair.comparison is None or not pair.comparison.n:
        return f"no {one} could be compared."
    both, hot = _hot_counts(pair)
    crime = analysis.inputs.crime.noun
    more, why = _not_compared(pair, crime)
    if not hot and not more:
        return f"no {one} is hot for arrests."
    if not more:
        places, are = (one, "is") if hot == 1 else (several, "are")
        return f"{both:,} of {hot:,} hot arrest {places} {are} also hot for {crime}."
    places = one if hot == 1 else several
    what, lack = why
    return (
        f"{both:,} of the {hot:,} hot arrest {places} that {what[hot != 1]} ({more:,} more "
        f"{lack[more != 1]}) {'is' if both == 1 else 'are'} also hot for {crime}."
    )


_Verbs = tuple[str, str]
"""Of one place and of several."""


def _not_compared(pair: MapPair, crime: str) -> tuple[int, tuple[_Verbs, _Verbs]]:
    """Count the places hot in arrests that are not compared; say what the others have."""
    tested = (f"is tested for {crime}", f"are tested for {crime}"), ("is not", "are not")
    if pair.arrests is None or pair.comparison is None:
        return 0, tested
    hot = set(pair.arrests.spots.test.ids[pair.arrests.spots.hot])
    lost = hot - set(pair.comparison.ids[_compared(pair.comparison)])
    crimes = pd.Series(pair.crime.spots.test.classes, index=pair.crime.spots.test.ids)
    if (crimes.reindex(list(lost)) == NO_DATA).all():
        return len(lost), (("has a crime rate", "have a crime rate"), ("has none", "have none"))
    return len(lost), tested


def _hot_counts(pair: MapPair) -> tuple[int, int]:
    """Count what is hot in both maps, and in arrests, of what is compared."""
    if pair.arrests is None or pair.comparison is None:
        return 0, 0
    spots, comparison = pair.arrests.spots, pair.comparison
    compared = comparison.ids[_compared(comparison)]
    hot = int(spots.hot[spots.test.ids.isin(compared)].sum())
    return int(comparison.counts["both hot"]), hot


def _apart(analysis: Analysis, kind: Kind) -> str:
    """Give the bare numbers of one kind of arrests."""
    answer = analysis.kinds[kind]
    subject = _capital(KIND_WORDS[kind])
    if not answer.comparison.n:
        return f"{subject}: nothing to compare."
    both, hot = _hot_counts(answer.county if answer.headline == COUNTY else answer.area)
    units = _units(analysis, answer)
    numbers = _short_numbers(answer.comparison)
    return f"{subject}: {both:,} of {hot:,} hot {units} tested for both; {numbers}."


def true_minus(text: str) -> str:
    """Write negative numbers with a minus sign, as they are typeset; dates keep their hyphens.

    Parameters
    ----------
    text : str
        Words and numbers.

    Returns
    -------
    str
        The same.

    Examples
    --------
    >>> true_minus("-0.09 (-0.1 to 0.2), 2025-01-20") == (
    ...     "\u22120.09 (\u22120.1 to 0.2), 2025-01-20")
    True
    """
    return _NEGATIVE.sub("\u2212", text)


def short_sentences(analysis: Analysis, kind: Kind) -> list[str]:
    """Say the verdicts and their numbers shortly, the headline's first.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    list of str
        One sentence an answer, for where the explanations stand beside them.
    """
    answer = analysis.kinds[kind]
    units = _units(analysis, answer)
    words = _short(analysis)
    headline = (_capital(_subject(analysis, kind)), answer.comparison, units, "")
    return [
        f"{opening}: {_in_short(comparison, units, words)}"
        for opening, comparison, units, _ in (headline, *_beside(analysis, kind))
    ]


def _full(analysis: Analysis) -> _Words:
    return _Words(
        crime=analysis.inputs.crime.noun,
        chance="on random crime maps just as clustered",
        without="with a broad gradient (such as north to south) taken out of both maps",
    )


def _short(analysis: Analysis) -> _Words:
    return _Words(
        crime=analysis.inputs.crime.noun,
        chance="on random maps as clustered",
        without="with a broad gradient taken out",
    )


def _beside(analysis: Analysis, kind: Kind) -> Iterator[tuple[str, HotSpotComparison, str, str]]:
    """Go through the answers beside the headline: opening, numbers, units, what they lack."""
    answer, subject = analysis.kinds[kind], _capital(_subject(analysis, kind))
    located, areas = answer.county.comparison, answer.area.comparison
    if located is not None and answer.headline != COUNTY:
        where = "in the counties where these are located, by themselves"
        yield f"Beside it: {subject.lower()}, {where}", located, "counties", ""
    if areas is not None and answer.headline == COUNTY:
        _, several = AREA_WORDS[analysis.level]
        few = " With so few areas, only strong associations can show."
        yield f"Beside it: {subject.lower()}, with {several} as units", areas, several, few


def _units(analysis: Analysis, answer: KindAnswer) -> str:
    """Name the units that carry the headline."""
    return "counties" if answer.headline == COUNTY else AREA_WORDS[analysis.level][1]


def _subject(analysis: Analysis, kind: Kind) -> str:
    return KIND_WORDS[kind] if len(analysis.kinds) > 1 else "arrests"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _in_full(comparison: HotSpotComparison, units: str, words: _Words) -> str:
    """Say what stands, and the numbers behind it with what they mean."""
    if comparison.n == 0:
        return _nothing(comparison, units, words)
    proof = ", which does not show that there is none" if _none_found(comparison) else ""
    numbers, how = _numbers(comparison, units), _how(comparison.headline.p)
    if comparison.support == "unit":
        what = "Cohen's kappa of the hot spots (0: agreement of chance, 1: complete)"
    else:
        what = "Pearson's correlation of the rates' scores (0: none, 1 or -1: complete)"
    verdict = _verdict(comparison, units, words)
    return f"{verdict}{proof}. {what} is {numbers}{f' ({how})' if how else ''}."


def _in_short(comparison: HotSpotComparison, units: str, words: _Words) -> str:
    """Say what stands, and the bare numbers."""
    if comparison.n == 0:
        return _nothing(comparison, units, words)
    return f"{_verdict(comparison, units, words)} ({_short_numbers(comparison)})."


def _short_numbers(comparison: HotSpotComparison) -> str:
    name, headline, twin = "correlation", comparison.headline, comparison.trend_removed
    if comparison.support == "unit":
        name = "kappa"
    numbers = f"{name} {_value(headline)}, {headline.p}"
    if twin is not None and _tested(twin):
        numbers += f"; gradient taken out {_twin_value(comparison, twin)}, {twin.headline.p}"
    return numbers


def _verdict(comparison: HotSpotComparison, units: str, words: _Words) -> str:
    """Say which of the answers stands, with the broad gradient and without it."""
    return f"{_empty(comparison, units, words)}{_stands(comparison, words)}"


def _stands(comparison: HotSpotComparison, words: _Words) -> str:
    twin, found = comparison.trend_removed, _found(comparison, words)
    not_found = f"no association with {words.crime} was found"
    if not _tested(comparison):
        same = _SAME[comparison.support].format(crime=words.crime)
        return f"whether {same} more than by chance was not tested"
    if twin is None or not _tested(twin):
        shared = f"{found}; whether more than a broad gradient is shared was not tested"
        return not_found if _none_found(comparison) else shared
    alone = _found(twin, words)
    verdict: str = comparison.verdict
    if verdict == "association" and _direction(twin) != _direction(comparison):
        verdict = "contradictory"  # such as more and less than expected
    return {
        "no association": f"{not_found}, with or without a broad gradient",
        "association": f"{found}, also {words.without}",
        "broad gradient only": (
            f"no more than a broad gradient is shown to be shared: {found}, but not {words.without}"
        ),
        "not tested beneath the gradient": (
            f"{found}; whether more than a broad gradient is shared could not be tested"
        ),
        "beneath the gradient only": (
            f"{words.without}, {alone}, but not as the maps are: an association beneath the broad "
            "gradient only"
        ),
        "contradictory": (
            f"the two answers contradict each other, and neither stands: {found}, but "
            f"{words.without}, {alone}"
        ),
    }[verdict]


def _none_found(comparison: HotSpotComparison) -> bool:
    """Tell whether an association was looked for and not found."""
    p, twin = comparison.headline.p, comparison.trend_removed
    if not isinstance(p, SurrogateP) or p.p <= comparison.level:
        return False
    return twin is None or not _tested(twin) or comparison.verdict == "no association"


def _tested(comparison: HotSpotComparison) -> bool:
    """Tell whether there is a p-value."""
    return isinstance(comparison.headline.p, SurrogateP)


def _nothing(comparison: HotSpotComparison, units: str, words: _Words) -> str:
    """Say why no unit could be compared."""
    nothing = f"nothing to compare with {words.crime}"
    if comparison.counts[NO_VARIATION]:
        return f"{nothing}, as the rates of one of the two vary no more than chance gives."
    return f"{nothing}, as none of the {units} has data and neighbours in both maps."


def _empty(comparison: HotSpotComparison, units: str, words: _Words) -> str:
    """Name the map without any hot spot, where hot spots are what is compared."""
    if comparison.support != "unit" or not math.isnan(comparison.headline.estimate):
        return ""
    hot = comparison.shares.loc["units", ["first_hot", "second_hot"]]
    lacking = [
        what for what, share in zip(("arrests", words.crime), hot, strict=True) if share == 0
    ]
    if not lacking:
        return ""
    return f"none of the {units} is hot in {' or in '.join(lacking)}, and nothing can coincide; "


def _found(comparison: HotSpotComparison, words: _Words) -> str:
    """Word an association by its direction."""
    direction = _direction(comparison)
    if direction == "against":
        return f"rates run against those of {words.crime}, high with low, more than {words.chance}"
    same = _SAME["unit" if comparison.headline.name == "kappa" else "area"]
    return f"{same.format(crime=words.crime)} {direction} than {words.chance}"


def _direction(comparison: HotSpotComparison) -> Literal["more", "less", "against"]:
    """Tell which way an association goes; kappa is only tested for more."""
    headline = comparison.headline
    usual = headline.p.expected if isinstance(headline.p, SurrogateP) else 0.0
    if headline.name == "kappa" or headline.estimate >= usual:
        return "more"
    return "against" if headline.estimate < 0 else "less"


def _numbers(comparison: HotSpotComparison, units: str) -> str:
    """Give the headline, its interval and its p-value, as it is and without the gradient."""
    headline, twin = comparison.headline, comparison.trend_removed
    numbers = (
        f"{_value(headline)}{_interval(headline)} over {comparison.n:,} {units}, {headline.p}; "
    )
    if twin is None:
        return f"{numbers}not computed with a broad gradient taken out"
    p = twin.headline.p
    again = "again none" if p == headline.p and isinstance(p, NoPValue) else str(p)
    return f"{numbers}with a broad gradient taken out {_twin_value(comparison, twin)}, {again}"


def _twin_value(comparison: HotSpotComparison, twin: HotSpotComparison) -> str:
    """Give the estimate without the gradient, by name where another measure carries it."""
    other = twin.headline.name != comparison.headline.name
    return f"{twin.headline.label} {_value(twin.headline)}" if other else _value(twin.headline)


def _value(measure: Measure) -> str:
    # Adding zero makes -0.00 of a small negative number 0.00.
    return "undefined" if math.isnan(measure.estimate) else f"{round(measure.estimate, 2) + 0:.2f}"


def _interval(measure: Measure) -> str:
    if math.isnan(measure.low) or math.isnan(measure.high):
        return ""
    # Draws differ in where arrests are placed; the doubt of the test is in p.
    return f" ({measure.low:.2f} to {measure.high:.2f} in 90% of draws: doubt of location only)"


def _how(p: PValue) -> str:
    """Say what a p-value stands for."""
    if not isinstance(p, SurrogateP):
        return ""
    two_sided = p.alternative == "two-sided"
    side = "two-sided" if two_sided else "one-sided"
    maps = f"{p.surrogates:,} random crime maps"
    against = f"the larger of two p, each against {maps}"
    if p.moran is None or p.kernel is None:
        against = f"against {maps}"
    least = (2 if two_sided else 1) / (p.surrogates + 1)
    floor = f"; {least:.2g} is the least that so many maps can give" if p.p <= least else ""
    return f"{side}, {against}{floor}"


def _support(analysis: Analysis, answer: KindAnswer) -> str:
    """Say where arrests are known how finely, and how many are imputed."""
    one, several = AREA_WORDS[analysis.level]
    tested = answer.support[answer.support.index.isin(answer.area.graph.unique_ids)]
    known = tested[tested["support"] != UNKNOWN]
    arrests = max(known["arrests"].sum(), 1)
    if answer.headline != COUNTY:
        located = _percent(known["arrests_located"].sum() / arrests)
        imputed = imputed_by_area(answer).reindex(known.index)["imputed"].sum() / arrests
        less = f", {_percent(imputed)} imputed into one" if imputed > 0 else ""
        return (
            f"Arrests are known by {one} ({located} by county{less}), and so {several} are "
            "compared: with so few, only strong associations can show."
        )
    own = known[known["support"] == COUNTY]
    least = f"{100 * analysis.options.located_share:g}%"
    return (
        f"It rests on the counties of {len(own)} of {len(tested)} {several}, those where at least "
        f"{least} of the arrests are located by county (these {several} hold "
        f"{_percent(own['arrests'].sum() / arrests)} of them all); {_treated(analysis, answer)}."
    )


def _treated(analysis: Analysis, answer: KindAnswer) -> str:
    """Say what became of the arrests without a county, in the counties compared."""
    if analysis.options.treatment == "located":
        return "arrests without a county are left out"
    comparison = answer.comparison
    counts = imputed_by_county(answer, analysis.options)
    counts = counts.reindex(comparison.ids[_compared(comparison)])
    share = _percent(counts["imputed"].sum() / max(counts["arrests"].sum(), 1.0))
    if analysis.options.treatment == "proportional":
        people = DENOMINATOR_WORDS[analysis.options.weights]
        return f"{share} of the arrests compared are allocated in proportion to {people}"
    return f"{share} of the arrests compared are imputed"


def _compared(comparison: HotSpotComparison) -> Bools:
    """Tell which units take part in the comparison."""
    return ~np.isin(comparison.classes, [NO_DATA, NO_NEIGHBOURS, NO_VARIATION])


def _beyond(analysis: Analysis, answer: KindAnswer) -> str:
    """Say what no number here can tell."""
    one, _ = AREA_WORDS[analysis.level]
    where = "other counties" if answer.headline == COUNTY else f"counties within a {one}"
    return (
        "It cannot tell why arrests or crimes are where they are, and says nothing about "
        f"{where} or about any person."
    )


def _percent(share: float) -> str:
    """Write a share without making all or nothing of it."""
    if 0 < share < _ONE_PERCENT:
        return "under 1%"
    if 1 - _ONE_PERCENT < share < 1:
        return "over 99%"
    return f"{100 * share:.0f}%"
