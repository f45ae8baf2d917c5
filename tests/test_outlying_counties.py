"""Areas that reach beyond the 48 states and DC: one rate, tested as a whole, counties are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from arrest_atlas import analysis as steps
from arrest_atlas.analysis import Analysis, analyse
from arrest_atlas.demo import simulate
from arrest_atlas.layers import area_table, county_table
from arrest_atlas.map_layers import layer_titles, map_layers
from arrest_atlas.options import Inputs, Options
from arrest_atlas.report_parts._material import Material
from arrest_atlas.scan_clusters import scan_clusters
from arrest_atlas.surfaces import METHODS, _arrests, _on_places, run_surfaces
from arrest_atlas.words import limits, warnings_of
from boundaries import load_counties
from outputs.rasters import Surface

if TYPE_CHECKING:
    from pandas.api.typing import SeriesGroupBy

OPTIONS = Options(draws=2, surrogates=0)
BEYOND = ["AK", "GU", "HI", "MP", "PR", "VI"]


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    """Give totals of offices only, 100 arrests and more each."""
    offices = sorted(load_counties()["aor"].dropna().unique())
    totals = pd.Series(range(1_000, 1_000 + 100 * len(offices), 100), offices)
    given = simulate(seed=1, arrests=20_000).inputs
    return replace(given, records=None, arrests_by_aor=totals, unlocated=0)


@pytest.fixture(scope="module")
def by_office(inputs: Inputs) -> Analysis:
    return analyse(inputs, OPTIONS)


@pytest.fixture(scope="module")
def by_record() -> Analysis:
    """Give the demonstration, whose areas are zones: states do not mix."""
    return analyse(simulate(seed=1, arrests=60_000).inputs, OPTIONS)


@pytest.fixture(scope="module")
def surfaces(by_office: Analysis) -> dict[str, Surface]:
    return {surface.name: surface for surface in run_surfaces(by_office)}


def by_area(analysis: Analysis, surface: Surface, band: int) -> SeriesGroupBy[float, str]:
    area = analysis.geometry[analysis.level].reindex(surface.grid.units)
    cells = pd.Series(surface.bands[band].numbers[surface.grid.inside])
    return cells.groupby(area.to_numpy()[surface.grid.unit])


@pytest.mark.parametrize("method", METHODS)
def test_cells_have_the_rate_of_the_whole_area(
    by_office: Analysis, surfaces: dict[str, Surface], method: str
) -> None:
    table = area_table(by_office)
    rates = by_area(by_office, surfaces[f"arrest_rate_{method}"], 0)
    assert {"SEA", "SFR"} <= set(rates.groups)
    assert (rates.max() - rates.min()).max() == 0
    expected = table.loc[rates.first().index, "arrest_rate"]
    np.testing.assert_allclose(rates.first(), expected, rtol=1e-5)


def test_the_grid_is_short_by_the_outer_parts_and_says_so(
    by_office: Analysis, surfaces: dict[str, Surface]
) -> None:
    surface = surfaces["arrest_rate_mass_preserving"]
    cases, people = by_area(by_office, surface, 1).sum(), by_area(by_office, surface, 2).sum()
    table = area_table(by_office)
    np.testing.assert_allclose(cases, table["arrest_rate"] * people / 1e5, rtol=1e-5)
    short = (table["arrests"] - cases).astype("float64")
    assert short[["SEA", "SFR"]].min() > 10
    assert short.drop(["SEA", "SFR"]).abs().max() < 0.01
    assert "SEA, SFR reach beyond the 48 states and DC" in surface.note
    assert f"; {short.sum():,.0f} of their arrests" in surface.note
    assert "short by these" in surface.note
    assert "Residents are not known for 86 counties" in surface.note


def test_zones_lie_within_a_state_and_lose_nothing(by_record: Analysis) -> None:
    surface = run_surfaces(by_record)[0]
    assert "reach beyond" not in surface.note
    assert "are not known for" not in surface.note


def test_crime_is_put_on_the_same_whole_areas(by_office: Analysis) -> None:
    units = load_counties(extent="conterminous").index
    crime = by_office.inputs.crime
    alaska = by_office.geometry.index[by_office.geometry["state"] == "AK"]
    rate = crime.rate.copy()
    rate[alaska] = 9_000.0
    inputs = replace(by_office.inputs, crime=replace(crime, rate=rate))
    changed = replace(by_office, inputs=inputs)
    events = crime.events(inputs.crime_residents).reindex(units)
    given = _arrests(changed, units)
    people = inputs.crime_residents.reindex(units)
    made = _on_places(
        changed,
        replace(
            given,
            name="crime_rate",
            places=pd.Series(units, index=units).where(events.notna()),
            cases=events.dropna(),
            people=people,
        ),
    )
    covered = people.where(events.notna()).groupby(made.places).sum()
    found = (1e5 * made.cases / covered)["aor SEA"]
    area = changed.geometry["aor"] == "SEA"
    crimes = inputs.crime.events(inputs.crime_residents).reindex(area.index[area])
    residents = inputs.crime_residents.reindex(crimes.index).where(crimes.notna())
    assert found == pytest.approx(1e5 * crimes.sum() / residents.sum())


def test_an_area_without_a_rate_is_no_data_on_the_grid(inputs: Inputs) -> None:
    """More than a fifth of its residents live where non-citizens are not known."""
    counties = load_counties()
    some = (inputs.residents / 20).mask(
        inputs.residents.index.isin(counties.index[counties["state"] == "MN"])
    )
    options = replace(OPTIONS, denominator="noncitizens")
    made = analyse(replace(inputs, noncitizens=some), options)
    assert area_table(made)["arrest_rate"].isna()["SPM"]
    surface = run_surfaces(made)[0]
    assert by_area(made, surface, 0).count()["SPM"] == 0
    assert by_area(made, surface, 0).count()["CHI"] > 0
    lost = int(inputs.arrests_by_aor["SPM"])  # type: ignore[index]
    assert f"{lost:,} arrests of places without non-citizens" in surface.note


def test_counties_whose_people_are_not_known_are_counted(by_office: Analysis) -> None:
    (warning,) = [each for each in warnings_of(by_office) if "are too high" in each]
    assert warning.startswith(
        "Residents are not known for 86 counties of the field offices' areas MIA (Puerto Rico 78, "
        "United States Virgin Islands 3) and SFR ("
    )
    assert "cannot be split" in warning


def test_no_such_warning_where_territories_are_areas_of_their_own(by_record: Analysis) -> None:
    assert not [each for each in warnings_of(by_record) if "too high" in each]


def test_counties_beyond_the_tests_are_not_tested_at_any_level(by_office: Analysis) -> None:
    table = county_table(by_office)
    outer = table["state"].isin(BEYOND)
    assert outer.sum() == 120
    classes = ["arrest_class", "arrest_gi_class", "overlap_class", "area_crime_gi_class"]
    assert (table.loc[outer, classes] == "not tested").all(axis=None)
    tested = table.loc[~outer, ["arrest_class", "overlap_class", "area_crime_gi_class"]]
    assert (tested != "not tested").all(axis=None)
    # What is known of them is shown all the same.
    assert table.loc[outer, "area_arrest_rate"].notna().all()


def test_the_map_counts_only_what_is_tested(by_office: Analysis) -> None:
    table = county_table(by_office)
    outer = table["state"].isin(BEYOND)
    for layer in map_layers(by_office, table):
        assert not layer.hatched[outer].any(), layer.title
        assert (layer.classes[outer] == "not tested").all(), layer.title
    (overlap, *_) = map_layers(by_office, table)
    assert overlap.hatched.sum() == 3_108


def test_circles_are_not_looked_for_beyond_the_tests(inputs: Inputs) -> None:
    counties = load_counties()
    known = counties.index[counties["state"].isin(["AK", "WA", "OR"])]
    located = pd.Series(np.arange(len(known)) % 40 + 10, known)
    made = analyse(
        replace(inputs, arrests_by_county=located, arrests_by_aor=pd.Series(dtype="int64")),
        OPTIONS,
    )
    circles = scan_clusters(made)
    table = county_table(made).join(circles.counties)
    alaska = table["state"] == "AK"
    assert (table.loc[alaska, "support"] == "county").all()
    titles = layer_titles(made)
    (layer,) = [each for each in map_layers(made, table) if each.title == titles["arrest_clusters"]]
    assert (layer.classes[alaska] == "not tested").all()


def test_area_figures_draw_no_class_beyond_the_tests(by_office: Analysis) -> None:
    table = county_table(by_office)
    material = Material(
        analysis=by_office,
        table=table,
        layers=map_layers(by_office, table),
        made_by={},
        changed=None,
    )
    whole, ground = material.ground, material.area_ground
    assert set(whole.panel) > {0}
    assert set(ground.panel) == {0}
    assert set(ground.shapes.index) == set(by_office.geometry["aor"])
    layer = replace(material.layer("overlap"), classes=material.areas["overlap_class"], areas=None)
    figure = material.figure(layer, name="x", title="X", caption="X.", units="area")
    assert "no county is tested (AK, GU, HI, MP, PR, VI)" in figure.svg


def test_the_limit_names_the_areas_that_reach_beyond(by_office: Analysis) -> None:
    (limit,) = [each for each in limits(by_office) if each.startswith("Tests cover")]
    assert "only shown. Yet they belong to 3 field offices' areas (MIA: Puerto Rico, " in limit
    assert "; SEA: Alaska; SFR: " in limit
    assert "tested as a whole" in limit
    states = replace(by_office, options=replace(OPTIONS, extent="states"))
    (limit,) = [each for each in limits(states) if each.startswith("Tests cover")]
    assert limit.startswith("Tests cover the 50 states and DC. The territories are only shown.")


def test_the_limit_is_short_where_no_area_does(by_record: Analysis) -> None:
    (limit,) = [each for each in limits(by_record) if each.startswith("Tests cover")]
    assert limit.endswith("Alaska, Hawaii and the territories are only shown.")


@pytest.mark.parametrize("which", ["by_office", "by_record"])
def test_every_rate_of_crime_that_is_given_is_in_the_layer(
    which: str, request: pytest.FixtureRequest
) -> None:
    analysis = request.getfixturevalue(which)
    table = county_table(analysis)
    given = analysis.inputs.crime.rate.reindex(table.index)
    assert given[table["state"] == "AK"].notna().any()
    np.testing.assert_allclose(table["crime_rate"], given, rtol=1e-9)
    assert (table["crime_rate"].notna() == table["crime_people"].notna()).all()
    assert (table.loc[table["state"] == "AK", "crime_gi_class"] == "not tested").all()


def test_zones_that_are_not_tested_have_a_rate_of_crime(by_record: Analysis) -> None:
    zones = area_table(by_record)
    alaska = zones.loc["AK-SEA"]
    assert alaska["crime_gi_class"] == "not tested"
    counties = by_record.geometry.index[by_record.geometry["zone"] == "AK-SEA"]
    residents = by_record.inputs.crime_residents.reindex(counties)
    crimes = by_record.inputs.crime.events(residents)
    share = residents[crimes.notna()].sum() / residents.sum()
    assert share >= 0.8
    assert alaska["crime_rate"] == pytest.approx(1e5 * crimes.sum() / alaska["crime_people"])
    # Below the share that is needed there is none.
    rate = by_record.inputs.crime.rate.copy()
    rate[residents.nlargest(3).index] = np.nan
    inputs = by_record.inputs
    inputs = replace(inputs, crime=replace(inputs.crime, rate=rate))
    fewer = area_table(replace(by_record, inputs=inputs))
    assert fewer["crime_rate"].isna()["AK-SEA"]


def test_surrogates_by_county_are_drawn_only_where_they_are_used(
    inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    def draw(*_: object, **__: object) -> None:
        drawn.append(1)

    monkeypatch.setattr(steps, "county_surrogates", draw)
    analyse(inputs, OPTIONS)
    assert not drawn
    analyse(simulate(seed=1, arrests=60_000).inputs, OPTIONS)
    assert drawn == [1]
