"""Noise per zone makes no hot spots: the bar of rule M1, kept for good.

Zone rates are log-normal and independent between zones, counts Poisson on the real
residents. Whatever a run calls hot in such maps is false.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from libpysal.graph import Graph

from arrest_atlas import Inputs, Options, analyse
from arrest_atlas.layers import area_table, county_table, kind_columns
from arrest_atlas.records import judge_records
from arrest_atlas.support import (
    COUNTY,
    NOT_TESTED,
    decide_support,
    known_arrests,
    support_of_records,
)
from boundaries import load_counties, load_zones
from geo import (
    CountyArrests,
    CrimeRates,
    Source,
    impute_arrests,
    impute_counts,
    load_population,
    reconcile_totals,
)
from spatial_models import RateHotSpots, coarsen_graph, contiguity, moran, rate_hot_spots

ARRESTS = 550_000
SPREAD = 0.8
MAPS = 400
PERMUTATIONS = 4_999


@pytest.fixture(scope="module")
def people() -> pd.Series:
    return load_population()


@pytest.fixture(scope="module")
def county_graph() -> Graph:
    return contiguity(load_counties(extent="conterminous"))


@pytest.fixture(scope="module")
def zone_of_county() -> pd.Series:
    zone: pd.Series = load_counties(extent="conterminous")["zone"]
    return zone


@pytest.fixture(scope="module")
def zone_graph(county_graph: Graph, zone_of_county: pd.Series) -> Graph:
    return coarsen_graph(county_graph, zone_of_county)


@pytest.fixture(scope="module")
def zone_people(people: pd.Series, zone_of_county: pd.Series) -> pd.Series:
    residents: pd.Series = people.reindex(zone_of_county.index).groupby(zone_of_county).sum()
    return residents


def zone_noise(
    zone_people: pd.Series, rng: np.random.Generator, spread: float = SPREAD
) -> pd.Series:
    expected = zone_people * np.exp(rng.normal(0, spread, len(zone_people)))
    return pd.Series(rng.poisson(ARRESTS * expected / expected.sum()), index=zone_people.index)


def impute(
    counts: pd.Series,
    zone_of_county: pd.Series,
    people: pd.Series,
    rng: np.random.Generator,
    draws: int = 1,
) -> CountyArrests:
    return impute_counts(counts, area=zone_of_county, weights=people, draws=draws, rng=rng)


def test_at_most_seven_maps_in_a_hundred_have_a_hot_zone_and_none_a_county_class(
    people: pd.Series, zone_of_county: pd.Series, zone_people: pd.Series, zone_graph: Graph
) -> None:
    ids = zone_graph.unique_ids
    assert len(ids) == 56
    assert 2 / (PERMUTATIONS + 1) * len(ids) <= 0.05  # a single zone can become hot
    rng = np.random.default_rng(2026)
    hot = cold = 0
    p: list[npt.NDArray[np.float64]] = []
    for number in range(MAPS):
        counts = zone_noise(zone_people, rng)
        if number < 20:  # slow, and the same every time
            arrests = impute(counts, zone_of_county, people, rng)
            zones = load_zones()
            totals = reconcile_totals(
                by_aor=counts.groupby(zones["aor"]).sum(),
                by_state=counts.groupby(zones["state"]).sum(),
                zone_weights=zone_people,
            )
            support = decide_support(
                totals, area=zone_of_county, zone=zone_of_county, located=None, threshold=0.5
            )
            assert set(support.loc[ids, "support"]) == {"zone"}
            assert "county" not in set(support["support"])
            assert arrests.area_totals[ids].tolist() == counts[ids].tolist()
        spots = rate_hot_spots(
            counts.reindex(ids),
            zone_people.reindex(ids),
            zone_graph,
            permutations=PERMUTATIONS,
            rng=rng,
        )
        assert spots.test.n == len(ids)
        hot += bool(spots.hot.any())
        cold += bool(spots.cold.any())
        p.append(spots.test.p)
    assert hot / MAPS <= 0.07
    assert cold / MAPS <= 0.07
    assert hot + cold > 0  # the test is not asleep
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.01)


def test_a_real_cluster_of_zones_is_found(zone_people: pd.Series, zone_graph: Graph) -> None:
    # The bar must not be met by never finding anything.
    northwest = ["WA-SEA", "OR-SEA", "ID-SLC", "MT-SLC", "WY-DEN", "UT-SLC", "NV-SLC", "CO-DEN"]
    ids = zone_graph.unique_ids
    inside = ids.isin(northwest)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        counts = zone_noise(zone_people, rng, spread=0.3)
        counts[northwest] *= 4
        spots = rate_hot_spots(
            counts.reindex(ids),
            zone_people.reindex(ids),
            zone_graph,
            permutations=PERMUTATIONS,
            rng=rng,
        )
        assert spots.hot[inside].any()
        assert not spots.hot[~inside].any()


def test_imputed_into_counties_the_same_noise_would_make_hundreds_of_hot_counties(
    people: pd.Series, zone_of_county: pd.Series, zone_people: pd.Series, county_graph: Graph
) -> None:
    # Why rule M1 exists. This is what the software refuses to do.
    ids = county_graph.unique_ids
    rng = np.random.default_rng(7)
    shares, certain = [], []
    for _ in range(4):
        counts = zone_noise(zone_people, rng)
        arrests = impute(counts, zone_of_county, people, rng, draws=5)
        position = arrests.county_fips.get_indexer(ids)
        draws = arrests.draws[:, position].astype(np.float64)
        spots = rate_hot_spots(draws, people.reindex(ids), county_graph)
        shares.append(spots.hot.mean())
        certain.append((spots.p_hot >= 0.9).mean())
    assert np.mean(shares) > 0.10
    # Nor would many draws agreeing be evidence.
    assert np.mean(certain) > 0.05


def test_independent_counties_seldom_make_a_hot_county(
    people: pd.Series, county_graph: Graph
) -> None:
    # Where every arrest is located by county, counties may be tested.
    ids = county_graph.unique_ids
    residents = people.reindex(ids).to_numpy()
    rng = np.random.default_rng(8)
    results: list[RateHotSpots] = []
    for _ in range(100):
        expected = residents * np.exp(rng.normal(0, 0.5, len(ids)))
        counts = rng.poisson(ARRESTS * expected / expected.sum()).astype(np.float64)
        results.append(rate_hot_spots(counts, residents, county_graph))
    assert np.mean([spots.hot.any() for spots in results]) <= 0.07
    assert np.mean([spots.hot.sum() for spots in results]) <= 0.1


@pytest.mark.parametrize("shape", ["one in ten tenfold", "half zero", "larger vary more"])
def test_rates_of_any_shape_seldom_make_a_hot_or_cold_county(
    people: pd.Series, county_graph: Graph, shape: str
) -> None:
    # Independent counties whose rates are far from the gamma distribution of the model.
    ids = county_graph.unique_ids
    residents = people.reindex(ids).to_numpy()
    n = len(ids)
    size = np.argsort(np.argsort(residents)) / n
    rng = np.random.default_rng(12)
    wrong = []
    for _ in range(60):
        spread = 0.2 + size
        rate = {
            "one in ten tenfold": np.where(rng.random(n) < 0.1, 10.0, 1.0),
            "half zero": np.where(rng.random(n) < 0.5, 0.0, 1.0),
            "larger vary more": np.exp(rng.normal(-(spread**2) / 2, spread)),
        }[shape]
        counts = rng.multinomial(ARRESTS, residents * rate / (residents * rate).sum())
        spots = rate_hot_spots(counts.astype(np.float64), residents, county_graph)
        wrong.append((spots.hot | spots.cold).any())
    assert np.mean(wrong) <= 0.07


@pytest.mark.parametrize(
    ("spread", "arrests"), [(0.0, 1), (0.0, 3_000), (0.0, 550_000), (0.3, 3_000), (0.3, 30_000)]
)
def test_few_arrests_seldom_make_a_hot_or_cold_county(
    people: pd.Series, county_graph: Graph, spread: float, arrests: int
) -> None:
    # Few arrests, independent counties. Rates, smoothed or standardised, are then little
    # but a function of population, which is clustered: they made 80 of 100 maps hot.
    ids = county_graph.unique_ids
    residents = people.reindex(ids).to_numpy()
    rng = np.random.default_rng(9)
    wrong = []
    for _ in range(60):
        expected = residents * np.exp(rng.normal(0, spread, len(ids)))
        counts = rng.multinomial(arrests, expected / expected.sum()).astype(np.float64)
        spots = rate_hot_spots(counts, residents, county_graph, rng=rng)
        wrong.append((spots.hot | spots.cold).any())
    assert np.mean(wrong) <= 0.07


def test_independent_counties_half_of_them_imputed_seldom_make_a_hot_county(
    people: pd.Series, zone_of_county: pd.Series, county_graph: Graph
) -> None:
    # The least located share at which counties are tested.
    ids = county_graph.unique_ids
    residents = people.reindex(ids)
    rng = np.random.default_rng(10)
    hot = []
    for _ in range(15):
        expected = residents * np.exp(rng.normal(0, SPREAD, len(ids)))
        counts = pd.Series(rng.poisson(ARRESTS * expected / expected.sum()), index=ids)
        located = pd.Series(rng.binomial(counts, 0.5), index=ids)
        arrests = impute_counts(
            (counts - located).groupby(zone_of_county).sum(),
            area=zone_of_county.reindex(ids),
            weights=people,
            located=located,
            draws=5,
            rng=rng,
            follow_located=zone_of_county.unique(),
        )
        hot.append(rate_hot_spots(arrests.draws, residents, county_graph).hot.any())
    assert np.mean(hot) <= 0.07


def noise_inputs(people: pd.Series, seed: int) -> Inputs:
    """Arrests by office and by state, nothing by county, and crime that varies at random."""
    rng = np.random.default_rng([seed, 1])
    zones = load_zones()
    zone_of_county = load_counties()["zone"]
    residents = people.reindex(zone_of_county.index).groupby(zone_of_county).sum()
    # The packaged residents leave out the territories.
    counts = zone_noise(residents.reindex(zones.index).replace(0, 200_000), rng)
    rate = pd.Series(370 * np.exp(rng.normal(0, 0.5, len(people))), index=people.index)
    source = Source(file="(noise)", sha256="", rows=len(rate))
    return Inputs(
        arrests_by_aor=counts.groupby(zones["aor"]).sum(),
        arrests_by_state=counts.groupby(zones["state"]).sum(),
        crime=CrimeRates(rate=rate, uncovered=0, zeros=0, implausible_zeros=(), source=source),
        residents=people,
        crime_residents=people,
        simulated=True,
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_a_whole_run_on_noise_gives_no_county_a_class_of_its_own(
    people: pd.Series, seed: int
) -> None:
    analysis = analyse(noise_inputs(people, seed), Options(draws=2, seed=seed, surrogates=0))
    assert analysis.level == "zone"
    answer = analysis.kinds["all"]
    assert list(analysis.kinds) == ["all"]
    assert answer.county.arrests is None
    assert answer.county.comparison is None
    outlying = ["GU-SFR", "MP-SFR", "VI-MIA"]
    assert set(answer.support["support"].drop(outlying, errors="ignore")) == {"zone"}
    assert COUNTY not in set(answer.support["support"])
    counties, zones = county_table(analysis), area_table(analysis)
    assert not (counties["support"] == COUNTY).any()
    assert set(counties["arrest_gi_class"]) == {NOT_TESTED}
    assert counties[["arrest_gi_z", "arrest_gi_p", "arrest_p_hot"]].isna().all(axis=None)
    # What a county wears on the map is its zone's class, and no more.
    worn = counties["zone"].map(zones["arrest_gi_class"])
    assert counties["arrest_class"].tolist() == worn.tolist()
    assert answer.area.arrests is not None
    assert answer.area.arrests.spots.test.n == 56


def test_an_office_without_arrests_gives_its_counties_no_class_either(people: pd.Series) -> None:
    inputs = noise_inputs(people, 4)
    assert inputs.arrests_by_aor is not None
    assert inputs.arrests_by_state is not None
    without = Inputs(
        **vars(inputs)
        | {
            "arrests_by_aor": inputs.arrests_by_aor.drop("BAL"),
            "arrests_by_state": inputs.arrests_by_state.drop(["MD", "PR", "VI"]),
        }
    )
    analysis = analyse(without, Options(draws=1, surrogates=0))
    assert analysis.kinds["all"].support.loc["MD-BAL", "arrests"] == 0
    assert analysis.kinds["all"].county.arrests is None
    assert not (county_table(analysis)["support"] == COUNTY).any()


def noise_records(zone_people: pd.Series, rng: np.random.Generator, arrests: int) -> pd.DataFrame:
    """Records of zone noise that tell state and office, or (a fifth) the office alone."""
    expected = zone_people * np.exp(rng.normal(0, SPREAD, len(zone_people)))
    zones = load_zones().loc[zone_people.index]
    at = rng.choice(len(zones), size=arrests, p=expected / expected.sum())
    return pd.DataFrame(
        {
            "zone": zones.index[at],
            "state": zones["state"].to_numpy()[at],
            "aor": zones["aor"].to_numpy()[at],
            "custody": rng.choice(["custodial", "community", "other"], size=arrests),
            "without_state": rng.random(arrests) < 0.19,
        }
    )


def test_zone_noise_in_records_a_fifth_of_them_known_by_office_seldom_makes_a_hot_zone(
    people: pd.Series, zone_people: pd.Series, zone_graph: Graph
) -> None:
    ids = zone_graph.unique_ids
    rng = np.random.default_rng(2027)
    hot = cold = 0
    maps = 100
    for _ in range(maps):
        records = noise_records(zone_people, rng, 20_000)
        support = np.where(records["without_state"], "aor", "zone")
        arrests = impute_arrests(
            records[["zone", "state", "aor"]].assign(support=support, county_fips=None),
            weights=people,
            follow_located=0.5,
            draws=1,
            rng=rng,
        )
        answer = support_of_records(
            arrests.by_support,
            named=records["zone"].value_counts().reindex(arrests.by_support.index, fill_value=0),
            people=zone_people.reindex(arrests.by_support.index),
            threshold=0.5,
        )
        assert COUNTY not in set(answer["support"])
        spots = rate_hot_spots(
            known_arrests(answer).reindex(ids),
            zone_people.reindex(ids),
            zone_graph,
            permutations=PERMUTATIONS,
            rng=rng,
        )
        hot += bool(spots.hot.any())
        cold += bool(spots.cold.any())
    assert hot / maps <= 0.07
    assert cold / maps <= 0.07


def test_a_whole_run_on_records_of_noise_gives_no_county_a_class_of_its_own_in_any_kind(
    people: pd.Series, zone_people: pd.Series, tmp_path: Path
) -> None:
    records = noise_records(zone_people, np.random.default_rng(5), 20_000)
    methods = {"custodial": "Custodial Arrest", "community": "Located", "other": "Other Efforts"}
    table = pd.DataFrame(
        {
            "apprehension_date": "2025-03-01",
            "apprehension_state": records["state"].mask(records["without_state"]),
            "apprehension_aor": records["aor"],
            "apprehension_method": records["custody"].map(methods),
            "apprehension_site_landmark": "FUGITIVE OPERATIONS",
        }
    )
    table.to_csv(tmp_path / "noise.csv", index=False)
    inputs = Inputs(
        **vars(noise_inputs(people, 6))
        | {
            "records": judge_records([tmp_path / "noise.csv"]),
            "arrests_by_aor": None,
            "arrests_by_state": None,
        }
    )
    analysis = analyse(inputs, Options(draws=2, surrogates=0))
    counties, zones = county_table(analysis), area_table(analysis)
    assert list(analysis.kinds) == ["all", "custodial", "community"]
    for kind, answer in analysis.kinds.items():
        assert answer.county.arrests is None
        assert answer.county.comparison is None
        own, of_zone = kind_columns(counties, kind), kind_columns(zones, kind)
        assert not (own["support"] == COUNTY).any()
        assert set(own["arrest_gi_class"]) == {NOT_TESTED}
        assert own[["arrest_gi_z", "arrest_gi_p", "arrest_p_hot"]].isna().all(axis=None)
        worn = counties["zone"].map(of_zone["arrest_gi_class"])
        assert own["arrest_class"].tolist() == worn.tolist()
        assert answer.area.arrests is not None
        assert answer.area.arrests.spots.test.n == 56


def split_records(
    people: pd.Series, zone: pd.Series, rng: np.random.Generator, arrests: int
) -> pd.DataFrame:
    """Make independent counties; four in five custodial, a third of the others are located."""
    rate = people.reindex(zone.index) * np.exp(rng.normal(0, SPREAD, len(zone)))
    parts = []
    for custody, located in (("custodial", 0.8), ("community", 0.35)):
        count = rng.multinomial(arrests // 2, rate / rate.sum())
        known = rng.binomial(count, located)
        for support, number in (("county", known), ("zone", count - known)):
            at = np.repeat(np.arange(len(zone)), number)
            parts.append(
                pd.DataFrame({"county_fips": zone.index[at], "zone": zone.to_numpy()[at]}).assign(
                    support=support, custody=custody
                )
            )
    records = pd.concat(parts, ignore_index=True)
    places = load_zones()[["state", "aor"]]
    return records.join(places, on="zone").astype({"custody": "category"})


def test_a_kind_that_is_located_badly_makes_no_clusters_of_all_arrests(
    people: pd.Series, county_graph: Graph, zone_of_county: pd.Series
) -> None:
    """Of all arrests over half are located, of the community ones a third.

    If these went by residents, cold counties stood in one map of five and Moran's I would
    be significant in all.
    """
    maps, found, significant = 8, 0, 0
    exposure = people.reindex(county_graph.unique_ids)
    for seed in range(maps):
        records = split_records(people, zone_of_county, np.random.default_rng(seed), 300_000)
        arrests = impute_arrests(
            records,
            strata=records["custody"],
            weights=people,
            follow_located=0.5,
            draws=2,
            rng=seed,
        )
        position = arrests.county_fips.get_indexer(county_graph.unique_ids)
        spots = rate_hot_spots(arrests.draws[:, position], exposure, county_graph)
        found += bool((spots.hot | spots.cold).any())
        test = moran(spots.scores, county_graph.transform("R"), permutations=199, rng=seed)
        significant += test.p <= 0.05
    assert found <= 1
    assert significant <= 2


def test_a_zone_without_arrests_of_a_kind_gives_its_counties_no_class() -> None:
    zones = ["AL-NOL", "MD-BAL", "MS-NOL"]
    by_support = pd.DataFrame(
        {"county": [60.0, 0, 3], "zone": [40.0, 0, 2], "state": 0.0, "aor": [0.0, 0, 6]},
        index=zones,
    )
    support = support_of_records(
        by_support,
        named=pd.Series(900, index=zones),
        people=pd.Series(5e6, index=zones),
        threshold=0.5,
    )
    assert support["support"].tolist() == [COUNTY, "zone", "none"]
    assert support["evidence"].tolist() == ["given", "given", "in doubt"]
    assert support["arrests"].tolist() == [100, 0, 11]
