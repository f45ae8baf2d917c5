"""The comparison in sentences: right for every result, and never a word of why."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pandas as pd
import pytest

from arrest_atlas.analysis import Analysis, KindAnswer, MapPair, analyse
from arrest_atlas.comparison_summary import comparison_summary
from arrest_atlas.demo import simulate
from arrest_atlas.options import Inputs, Options
from arrest_atlas.sentence import (
    beside_sentences,
    comparison_sentence,
    short_sentences,
    strip_sentences,
    true_minus,
)
from arrest_atlas.words import strip_details, strip_notes
from geo import CountyArrests, CrimeRates, Source
from geo.crime import DEFINITIONS, Definition
from spatial_models import HotSpotComparison, Measure, NoPValue, PValue, SurrogateP
from spatial_models._measures import SHARED_TREND

if TYPE_CHECKING:
    from collections.abc import Iterator

CAUSAL = re.compile(
    r"because|caus|due to|owing to|thanks to|lead|\bled\b|driv|drove|effect|affect|impact|explain|"
    r"reason for|result(s|ed|ing)? (in|from)|therefore|thus|hence|consequen|influenc|determin|"
    r"produc|trigger|responsible|make(s)? (crime|arrests)|follow(s|ed)? from|accounts? for|reduc|"
    r"increas|raise|attribut|contribut|response to|so that",
    flags=re.IGNORECASE,
)
UNTESTED = NoPValue(reason="no surrogate maps were drawn")
N = 8
Support = Literal["unit", "area"]


def surrogate_p(p: float, *, support: Support = "unit", expected: float = 0.0) -> SurrogateP:
    return SurrogateP(
        p=p,
        moran=p if support == "unit" else None,
        kernel=p,
        alternative="greater" if support == "unit" else "two-sided",
        surrogates=999,
        expected=expected,
    )


def compared(
    estimate: float,
    p: PValue,
    *,
    support: Support = "unit",
    twin: HotSpotComparison | None = None,
    interval: tuple[float, float] = (float("nan"), float("nan")),
    classes: list[str] | None = None,
    hot: tuple[float, float] = (0.25, 0.25),
) -> HotSpotComparison:
    """Make a comparison of which only the headline matters."""
    named = np.array(classes or ["both hot", *["neither"] * (N - 1)])
    low, high = interval
    other = NoPValue(reason="descriptive")
    measures = {
        name: Measure(name=name, label=name, estimate=estimate, low=low, high=high, p=other)
        for name in ("kappa", "lee", "pearson")
    }
    key = "kappa" if support == "unit" else "pearson"
    measures[key] = replace(measures[key], p=p)
    nothing = {"first_in_second": 0.0, "second_in_first": 0.0}
    shares = pd.DataFrame(
        {**nothing, "first_hot": hot[0], "second_hot": hot[1]},
        index=pd.Index(["units"], name="mass"),
    )
    return HotSpotComparison(
        ids=pd.Index([f"0100{number}" for number in range(N)]),
        labels=("arrests", "crime"),
        classes=named,
        n=int(np.isin(named, ["both hot", "neither", "arrests only", "crime only"]).sum()),
        alpha=0.05,
        support=support,
        level=0.05,
        cross_table=pd.DataFrame(),
        measures=MappingProxyType(measures),
        shares=shares,
        local=pd.DataFrame(),
        trend_removed=twin,
    )


def answer_of(
    *,
    county: HotSpotComparison | None = None,
    area: HotSpotComparison | None = None,
    headline: Literal["county", "area"] | None = None,
    located: float = 0.8,
) -> KindAnswer:
    """Make the answer of a country of two zones of four counties and 80 arrests."""
    ids = [f"0100{number}" for number in range(N)]
    here = np.full(N, round(10 * located))
    support = pd.DataFrame(
        {
            "arrests": [40, 40],
            "arrests_located": [int(here[:4].sum()), 0],
            "located_share": [located, 0.0],
            "evidence": "given",
            "support": ["county" if county is not None else "zone", "zone"],
        },
        index=["AL-NOL", "GA-ATL"],
    )

    def pair(comparison: HotSpotComparison | None) -> MapPair:
        nothing = cast("Any", None)
        graph = cast("Any", SimpleNamespace(unique_ids=support.index))
        return MapPair(graph=graph, arrests=None, crime=nothing, comparison=comparison)

    among = area or compared(0.1, UNTESTED, support="area")
    carries = headline or ("county" if county is not None else "area")
    return KindAnswer(
        arrests=CountyArrests(
            county_fips=pd.Index(ids),
            area=pd.Series(["AL-NOL"] * 4 + ["GA-ATL"] * 4, index=ids),
            located=here,
            draws=np.full((2, N), 10),
            proportional=np.full(N, 10),
        ),
        support=support,
        county=pair(county),
        area=pair(among),
        headline=carries,
        comparison=county if county is not None and carries == "county" else among,
    )


def analysis_of(
    answer: KindAnswer, *, simulated: bool = False, definition: str | None = None, **options: Any
) -> Analysis:
    people = pd.Series(dtype="float64")
    crime = CrimeRates(
        rate=people,
        uncovered=0,
        zeros=0,
        implausible_zeros=(),
        source=Source(file="crime.csv", sha256="", rows=0),
        definition=definition,
    )
    inputs = Inputs(
        arrests_by_aor=pd.Series({"NOL": 80}),
        crime=crime,
        residents=people,
        crime_residents=people,
        simulated=simulated,
    )
    return Analysis(
        inputs=inputs,
        options=Options(**options),
        geometry=cast("Any", None),
        level="zone",
        kinds={"all": answer},
        reconciliation=None,
    )


def sentence_of(
    comparison: HotSpotComparison, *, area: HotSpotComparison | None = None, **options: Any
) -> str:
    by_county = comparison.support == "unit"
    answer = answer_of(
        county=comparison if by_county else None,
        area=area if by_county else comparison,
    )
    return comparison_sentence(analysis_of(answer, **options), "all")


def every_comparison(support: Support) -> Iterator[HotSpotComparison]:
    """Go through estimates, p-values and twins of every kind."""
    nan = float("nan")
    p_values: list[PValue] = [
        *(surrogate_p(p, support=support, expected=e) for p in (0.001, 0.3, 1) for e in (0, 0.2)),
        UNTESTED,
        NoPValue(reason="no variation"),
    ]
    estimates = (-0.31, 0.1, 0.42, nan)
    plain = [compared(*each, support=support) for each in itertools.product(estimates, p_values)]
    yield from plain
    for each, twin in itertools.product(plain, plain):
        yield replace(each, trend_removed=twin)
    for estimate, p in itertools.product(estimates, p_values):
        yield compared(estimate, p, support=support, hot=(0.0, 0.1), interval=(-0.4, 0.5))
    for reason in ("no data", "no variation", "no neighbours"):
        yield compared(nan, NoPValue(reason="no variation"), support=support, classes=[reason] * N)


@functools.cache
def every_sentence() -> frozenset[str]:
    """Word every comparison, alone, and beside others."""
    by_unit, by_area = list(every_comparison("unit")), list(every_comparison("area"))
    answers = [
        *(answer_of(county=each, area=by_area[0]) for each in by_unit),
        *(answer_of(area=each) for each in by_area),
        # Fewer than half of the arrests lie where counties are tested.
        *(answer_of(county=each, area=by_area[0], headline="area") for each in by_unit[::20]),
    ]
    analyses = [analysis_of(answer) for answer in answers]
    analyses.append(analysis_of(answers[0], simulated=True))
    analyses += [analysis_of(answers[0], treatment=each) for each in ("located", "proportional")]
    return frozenset(
        sentence
        for analysis in analyses
        for sentence in (
            comparison_sentence(analysis, "all"),
            *beside_sentences(analysis, "all"),
            *short_sentences(analysis, "all"),
        )
    )


def test_no_sentence_says_why() -> None:
    assert len(every_sentence()) > 500
    for sentence in every_sentence():
        assert not CAUSAL.search(sentence), sentence


def test_every_sentence_is_well_formed() -> None:
    for sentence in every_sentence():
        assert sentence.endswith(".")
        assert "nan" not in sentence
        assert "None" not in sentence
        assert ".." not in sentence
        assert "  " not in sentence
        assert 1 <= len(re.findall(r"[.](?= [A-Z]|$)", sentence)) <= 4, sentence


def test_every_sentence_has_a_p_value_or_says_why_there_is_none() -> None:
    for comparison in (*every_comparison("unit"), *every_comparison("area")):
        if comparison.n:
            assert str(comparison.headline.p) in sentence_of(comparison)


def test_an_association_is_named_with_its_numbers() -> None:
    twin = compared(0.15, surrogate_p(0.02))
    found = sentence_of(compared(0.21, surrogate_p(0.004), twin=twin, interval=(0.18, 0.24)))
    assert found.startswith("Arrests: hot spots coincide with those of violent crime more than")
    assert "also with a broad gradient (such as north to south) taken out of both maps." in found
    assert (
        "0.21 (0.18 to 0.24 in 90% of draws: doubt of location only) over 8 counties, p = 0.004;"
        in found
    )
    assert "with a broad gradient taken out 0.15, p = 0.020" in found
    assert "one-sided" in found
    assert "the larger of two p, each against 999 random crime maps" in found
    assert "1 of 2 zones, those where at least 50% of the arrests are located" in found
    assert "(these zones hold 50% of them all)" in found
    assert "20% of the arrests compared are imputed" in found
    assert "cannot tell why" in found


def test_every_sentence_names_the_crimes_of_its_definition() -> None:
    kinds = [*every_comparison("unit"), *every_comparison("area")][::7]
    for name, noun in [("homicide", "homicide"), ("gun crime", "crime"), (None, "violent crime")]:
        for one in kinds:
            said = sentence_of(one, definition=name)
            assert noun in said
            assert said == sentence_of(one).replace("violent crime", noun)


@pytest.mark.parametrize("one", DEFINITIONS.values(), ids=list(DEFINITIONS))
def test_every_noun_of_the_catalogue_reads_as_one_thing(one: Definition) -> None:
    found = sentence_of(compared(0.21, surrogate_p(0.004)), definition=one.name)
    assert f"hot spots coincide with those of {one.noun} more than" in found
    assert one.noun == one.noun.lower()


def test_no_association_is_no_proof_that_there_is_none() -> None:
    twin = compared(0.01, surrogate_p(0.5))
    found = sentence_of(compared(0.02, surrogate_p(0.4), twin=twin))
    assert "no association with violent crime was found, with or without a broad gradient" in found
    assert "does not show that there is none" in found
    assert "not associated" not in found


def test_where_the_answers_differ_the_sentence_says_which_stands() -> None:
    small, large = surrogate_p(0.01), surrogate_p(0.6)
    only_broad = sentence_of(compared(0.2, small, twin=compared(0.01, large)))
    assert only_broad.startswith("Arrests: no more than a broad gradient is shown to be shared: ")
    beneath = sentence_of(compared(0.01, large, twin=compared(0.2, small)))
    assert "an association beneath the broad gradient only" in beneath
    assert "but not as the maps are" in beneath


def test_a_shared_trend_leaves_the_answer_without_it_to_lees_l() -> None:
    twin = compared(0.2, SHARED_TREND)
    lees = {"lee": replace(twin.measures["lee"], estimate=0.31, p=surrogate_p(0.004))}
    twin = replace(twin, measures=MappingProxyType({**twin.measures, **lees}))
    text = sentence_of(compared(0.5, surrogate_p(0.001), twin=twin))
    assert "hot spots coincide with those of violent crime more than" in text
    assert "also with a broad gradient" in text
    assert "taken out lee 0.31, p = 0.004" in text
    less = {"lee": replace(lees["lee"], estimate=-0.31)}
    twin = replace(twin, measures=MappingProxyType({**twin.measures, **less}))
    against = sentence_of(compared(0.5, surrogate_p(0.001), twin=twin))
    assert "contradict each other" in against


def test_opposite_answers_contradict_each_other() -> None:
    p = surrogate_p(0.01, support="area")
    twin = compared(-0.3, p, support="area")
    found = sentence_of(compared(0.3, p, support="area", twin=twin))
    assert "contradict each other, and neither stands" in found
    assert "rates resemble those of violent crime more than" in found
    assert "rates run against those of violent crime" in found


@pytest.mark.parametrize(
    ("estimate", "expected", "words"),
    [
        (0.4, 0.1, "resemble those of violent crime more than"),
        (-0.4, 0.1, "run against those of violent crime, high with low, more than"),
        (0.1, 0.4, "resemble those of violent crime less than"),
        (-0.1, -0.4, "resemble those of violent crime more than"),
    ],
)
def test_an_association_of_rates_has_a_direction(
    estimate: float, expected: float, words: str
) -> None:
    p = surrogate_p(0.01, support="area", expected=expected)
    twin = compared(estimate, p, support="area")
    found = sentence_of(compared(estimate, p, support="area", twin=twin))
    assert words in found
    assert "two-sided" in found


def test_arrests_known_by_zone_give_no_statement_about_counties() -> None:
    found = sentence_of(compared(0.1, surrogate_p(0.3, support="area"), support="area"))
    assert "Arrests are known by zone (40% by county)" in found
    assert "kappa" not in found
    assert "hot spots" not in found
    assert "counties within a zone" in found


def test_without_a_trend_removed_twin_the_sentence_says_so() -> None:
    found = sentence_of(compared(0.2, surrogate_p(0.01)))
    assert "whether more than a broad gradient is shared was not tested" in found
    assert "not computed with a broad gradient taken out" in found


@pytest.mark.parametrize(
    ("hot", "words"),
    [
        ((0.0, 0.2), "none of the counties is hot in arrests, and"),
        ((0.2, 0.0), "none of the counties is hot in violent crime, and"),
        ((0.0, 0.0), "none of the counties is hot in arrests or in violent crime, and"),
    ],
)
def test_an_empty_hot_set_is_named(hot: tuple[float, float], words: str) -> None:
    nan = float("nan")
    twin = compared(nan, surrogate_p(1.0))
    found = sentence_of(compared(nan, surrogate_p(1.0), hot=hot, twin=twin))
    assert words in found
    assert "undefined over 8 counties, p = 1.000" in found
    assert "no association with violent crime was found" in found


def test_no_variation_and_no_data_leave_nothing_to_compare() -> None:
    no_p = NoPValue(reason="no variation")
    flat = compared(float("nan"), no_p, classes=["no variation"] * (N - 1) + ["no data"])
    assert "nothing to compare with violent crime" in sentence_of(flat)
    assert "vary no more than chance gives" in sentence_of(flat)
    blank = compared(float("nan"), no_p, classes=["no data"] * N)
    assert "none of the counties has data and neighbours in both" in sentence_of(blank)
    for each in (flat, blank):
        assert "p =" not in sentence_of(each)
        assert "kappa" not in sentence_of(each)


def test_without_surrogates_the_reason_stands_in_the_place_of_p() -> None:
    twin = compared(0.1, UNTESTED)
    found = sentence_of(compared(0.2, UNTESTED, twin=twin), surrogates=0)
    assert "more than by chance was not tested" in found
    assert "no p-value: no surrogate maps were drawn" in found
    assert "p =" not in found


def test_short_sentences_give_the_same_verdict_and_numbers() -> None:
    headline = compared(0.2, surrogate_p(0.01), twin=compared(0.01, surrogate_p(0.4)))
    area = compared(0.31, surrogate_p(0.2, support="area"), support="area")
    first, second = short_sentences(analysis_of(answer_of(county=headline, area=area)), "all")
    assert first.startswith("Arrests: no more than a broad gradient is shown to be shared")
    assert "(kappa 0.20, p = 0.010; gradient taken out 0.01, p = 0.400)." in first
    assert second.startswith("Beside it: arrests, with zones as units: no association")
    assert "(correlation 0.31, p = 0.200)." in second


def test_the_zone_level_answer_stands_beside_as_its_own_sentence() -> None:
    headline = compared(0.2, surrogate_p(0.01))
    area = compared(0.31, surrogate_p(0.2, support="area"), support="area")
    answer = answer_of(county=headline, area=area)
    (beside,) = beside_sentences(analysis_of(answer), "all")
    assert beside.startswith("Beside it: arrests, with zones as units: no association")
    assert "0.31 over 8 zones, p = 0.200" in beside
    assert "only strong associations can show" in beside
    assert "zones, p" not in comparison_sentence(analysis_of(answer), "all")


def test_counties_that_do_not_carry_the_headline_stand_beside_it() -> None:
    county = compared(0.2, surrogate_p(0.01))
    area = compared(0.1, surrogate_p(0.4, support="area"), support="area")
    analysis = analysis_of(answer_of(county=county, area=area, headline="area"))
    assert "kappa" not in comparison_sentence(analysis, "all")
    (beside,) = beside_sentences(analysis, "all")
    assert beside.startswith(
        "Beside it: arrests, in the counties where these are located, by themselves:"
    )
    assert "kappa" in beside


def test_simulated_data_say_so() -> None:
    answer = answer_of(county=compared(0.2, UNTESTED))
    analysis = analysis_of(answer, simulated=True)
    assert comparison_sentence(analysis, "all").startswith("SIMULATED data, arrests: ")


@pytest.mark.parametrize(
    ("treatment", "words"),
    [
        ("imputed", "20% of the arrests compared are imputed"),
        ("proportional", "20% of the arrests compared are allocated in proportion to residents"),
        ("located", "arrests without a county are left out"),
    ],
)
def test_the_treatment_of_arrests_without_a_county_is_named(treatment: str, words: str) -> None:
    assert words in sentence_of(compared(0.2, UNTESTED), treatment=treatment)


def test_the_summary_holds_the_sentence_and_every_number() -> None:
    twin = compared(0.15, surrogate_p(0.02))
    county = compared(0.21, surrogate_p(0.004), twin=twin, interval=(0.18, 0.24))
    analysis = analysis_of(answer_of(county=county))
    found = comparison_summary(analysis, "all")
    assert found["sentence"] == comparison_sentence(analysis, "all")
    assert found["headline"] == "county"
    assert found["area"]["support"] == "area"
    numbers = found["county"]
    assert numbers["verdict"] == "association"
    kappa = numbers["measures"]["kappa"]
    assert (kappa["estimate"], kappa["low"], kappa["high"]) == (0.21, 0.18, 0.24)
    assert (kappa["p"], kappa["p_moran"], kappa["p_kernel"]) == (0.004, 0.004, 0.004)
    assert numbers["measures"]["pearson"]["p"] is None
    assert numbers["measures"]["pearson"]["no_p_value"] == "descriptive"
    assert numbers["trend_removed"]["measures"]["kappa"]["p"] == 0.02


def test_the_strip_counts_hot_places_and_keeps_units_apart() -> None:
    options = Options(draws=2, surrogates=0)
    analysis = analyse(simulate(seed=1, arrests=99_000).inputs, options)
    pooled, apart, zones = strip_sentences(analysis)
    pair = analysis.kinds["all"].county
    assert pair.arrests is not None
    assert pair.comparison is not None
    both = pair.comparison.classes == "both hot"
    crime = set(pair.crime.spots.test.ids[pair.crime.spots.test.tested])
    arrests = set(pair.arrests.spots.test.ids[pair.arrests.spots.hot])
    assert pooled.startswith(
        f"All arrests: {both.sum()} of the {len(arrests & crime)} hot arrest counties that have a "
        f"crime rate ({len(arrests - crime)} more have none) are also hot for violent crime. "
    )
    assert len(arrests - crime) > 1
    assert both.sum() > 1
    assert "hot counties tested for both; " in apart
    assert "zone" not in pooled
    assert apart.startswith("Custodial arrests: ")
    assert " Community arrests: " in apart
    assert zones.startswith("Zones: ")
    assert "county" not in zones
    assert "counties" not in zones
    # The whole strip is short; the sentences in full are a click away.
    assert all(len(line) < 420 for line in (pooled, apart, zones))
    assert strip_notes(analysis)[:3] == [pooled, apart, zones]
    full = true_minus(comparison_sentence(analysis, "all"))
    assert full in strip_details(analysis)["Findings"]


def test_the_strip_of_totals_has_no_line_of_kinds() -> None:
    county = compared(0.2, surrogate_p(0.01))
    area = compared(-0.3, surrogate_p(0.2, support="area"), support="area")
    analysis = analysis_of(answer_of(county=county, area=area))
    first, second = strip_sentences(analysis)
    assert first.startswith("Arrests: ")
    assert "kappa 0.20, p = 0.010" in first
    assert second.startswith("Zones: ")
    assert "correlation \u22120.30, p = 0.200" in second


def test_negative_numbers_have_a_minus_and_dates_hyphens() -> None:
    assert true_minus("p -0.1, 2025-01-20, a-1") == "p \u22120.1, 2025-01-20, a-1"
