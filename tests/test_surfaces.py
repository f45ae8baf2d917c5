"""Surfaces of a run: each arrest at its support, none lost."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from arrest_atlas.analysis import Analysis, analyse
from arrest_atlas.demo import simulate
from arrest_atlas.layers import area_table
from arrest_atlas.options import Options
from arrest_atlas.surface_images import overlays
from arrest_atlas.surfaces import METHODS, SUPPORT, _arrests, run_surfaces
from outputs.errors import NoSurfaceError
from outputs.rasters import Surface, draw_overlay, rate_surface


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Analyse the demonstration, some of whose zones are known by county."""
    return analyse(simulate(seed=1).inputs, Options(draws=3, surrogates=0))


@pytest.fixture(scope="module")
def surfaces(analysis: Analysis) -> dict[str, Surface]:
    """Make its surfaces."""
    return {surface.name: surface for surface in run_surfaces(analysis)}


def sums(surface: Surface, places: pd.Series) -> pd.Series:
    cells = pd.Series(surface.bands[1].numbers[surface.grid.inside])
    return cells.groupby(places.reindex(surface.grid.units).to_numpy()[surface.grid.unit]).sum()


def test_names(surfaces: dict[str, Surface]) -> None:
    assert list(surfaces) == [
        "arrest_rate_mass_preserving",
        "crime_rate_mass_preserving",
        "difference_mass_preserving",
        "arrest_rate_smoothed",
        "crime_rate_smoothed",
        "difference_smoothed",
        "arrest_support",
    ]


def test_zones_keep_their_arrests(analysis: Analysis, surfaces: dict[str, Surface]) -> None:
    support = analysis.kinds["all"].support
    by_zone = support.loc[support["support"] == "zone", "arrests"].astype(float)
    found = sums(surfaces["arrest_rate_mass_preserving"], analysis.geometry["zone"])
    inland = by_zone.index.intersection(found.index)
    assert len(inland) > 10
    np.testing.assert_allclose(found[inland], by_zone[inland], rtol=1e-6)


def test_counties_keep_their_arrests(analysis: Analysis, surfaces: dict[str, Surface]) -> None:
    support = analysis.county_support("all")
    arrests = analysis.kinds["all"].arrests
    mean = pd.Series(arrests.draws.mean(axis=0), index=arrests.county_fips)
    surface = surfaces["arrest_rate_mass_preserving"]
    own = support.index[support == "county"].intersection(surface.grid.units)
    assert len(own) > 100
    found = sums(surface, support.index.to_series())
    np.testing.assert_allclose(found[own], mean[own], rtol=1e-6, atol=1e-9)


def test_crimes_are_kept_and_counties_without_them_have_no_data(
    analysis: Analysis, surfaces: dict[str, Surface]
) -> None:
    surface = surfaces["crime_rate_mass_preserving"]
    units = surface.grid.units
    crimes = analysis.inputs.crime.events(analysis.inputs.crime_residents).reindex(units)
    found = sums(surface, units.to_series()).reindex(units)
    known = crimes.notna()
    assert 0 < known.sum() < len(units)
    np.testing.assert_allclose(found[known], crimes[known], rtol=1e-6)
    cells = np.isfinite(surface.bands[0].numbers[surface.grid.inside])
    np.testing.assert_array_equal(cells, known.to_numpy()[surface.grid.unit])


RATES = [f"{what}_{method}" for what in ("arrest_rate", "difference") for method in METHODS]


@pytest.mark.parametrize("name", RATES)
def test_a_zone_known_as_a_whole_has_one_rate(
    analysis: Analysis, surfaces: dict[str, Surface], name: str
) -> None:
    """M1: no detail within, not even near its borders; every cell belongs to one zone."""
    surface = surfaces[name]
    units = surface.grid.units
    coarse = (analysis.county_support("all") == "zone").reindex(units)
    zone = analysis.geometry["zone"].reindex(units).where(coarse).to_numpy()[surface.grid.unit]
    by_zone = pd.Series(surface.bands[0].numbers[surface.grid.inside]).groupby(zone)
    assert by_zone.ngroups > 10
    assert by_zone.count().max() > 1_000
    assert (by_zone.max() - by_zone.min()).max() == 0
    classes = pd.Series(surface.classes[surface.grid.inside].astype(float))
    assert classes[classes > 0].groupby(zone[classes > 0]).nunique().max() == 1


@pytest.mark.parametrize("method", METHODS)
def test_rates_of_zones_are_those_of_the_table(
    analysis: Analysis, surfaces: dict[str, Surface], method: str
) -> None:
    table = area_table(analysis)
    surface = surfaces[f"arrest_rate_{method}"]
    zone = analysis.geometry["zone"].reindex(surface.grid.units).to_numpy()[surface.grid.unit]
    rates = pd.Series(surface.bands[0].numbers[surface.grid.inside]).groupby(zone).first()
    coarse = table.index[table["support"] == "zone"].intersection(rates.index)
    np.testing.assert_allclose(rates[coarse], table.loc[coarse, "arrest_rate"], rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_counties_are_smoothed_as_if_no_zone_were_there(
    analysis: Analysis, surfaces: dict[str, Surface], method: str
) -> None:
    """M1: ten times the arrests of every zone known as a whole change no county's cell."""
    units = surfaces[SUPPORT].grid.units
    own = (analysis.county_support("all") == "county").reindex(units)
    arrests = _arrests(analysis, units)
    zones = ~arrests.cases.index.isin(units)
    assert zones.sum() > 10
    more = replace(arrests, cases=arrests.cases.where(~zones, 10 * arrests.cases))
    before = surfaces[f"arrest_rate_{method}"]
    after = rate_surface(before.grid, more, method=method)  # type: ignore[arg-type]
    of_counties = before.grid.raster(own.to_numpy().astype(np.float64)[before.grid.unit]) == 1
    assert of_counties.sum() > 10_000
    rates = before.bands[0].numbers
    np.testing.assert_array_equal(after.bands[0].numbers[of_counties], rates[of_counties])
    # They are smooth among themselves: cells of one county differ.
    unit = before.grid.unit[own.to_numpy()[before.grid.unit]]
    within = pd.Series(rates[of_counties]).groupby(unit)
    assert ((within.max() - within.min()) > 0).mean() > 0.9


def test_the_difference_compares_the_same_places(surfaces: dict[str, Surface]) -> None:
    surface = surfaces["difference_smoothed"]
    assert "on the same places" in surface.note
    assert np.nanstd(surface.bands[0].numbers) > 0.5


def test_support_is_laid_out(analysis: Analysis, surfaces: dict[str, Surface]) -> None:
    surface = surfaces["arrest_support"]
    support = analysis.county_support("all").reindex(surface.grid.units).to_numpy()
    words = np.array(["none", "county", "zone"])[surface.classes[surface.grid.inside]]
    np.testing.assert_array_equal(words, support[surface.grid.unit])


def test_the_crimes_are_named(analysis: Analysis) -> None:
    crime = replace(analysis.inputs.crime, definition="homicide")
    made = run_surfaces(replace(analysis, inputs=replace(analysis.inputs, crime=crime)))
    titles = {surface.name: surface.title for surface in made}
    assert titles["crime_rate_smoothed"].startswith("Reported homicide per 100,000 residents, 2023")
    assert titles["difference_smoothed"].endswith("that of homicide")
    words = "homicide further above average than all arrests"
    assert any(words in entry.label for entry in made[2].legend)


def test_images_are_small(surfaces: dict[str, Surface]) -> None:
    for surface in surfaces.values():
        assert len(draw_overlay(surface).image) < 150_000


def test_published_counts_and_noncitizens_missing_in_some_counties() -> None:
    inputs = simulate(seed=1, arrests=20_000).inputs
    residents = inputs.residents
    some = (residents / 20).mask(residents.index.isin(residents.index[::40]))
    tables = replace(
        inputs,
        records=None,
        noncitizens=some,
        arrests_by_aor=pd.Series({"NOL": 600, "CHI": 900, "SND": 80}),
        unlocated=0,
    )
    made = analyse(tables, Options(draws=2, surrogates=0, denominator="noncitizens"))
    surface = {each.name: each for each in run_surfaces(made)}["arrest_rate_mass_preserving"]
    assert made.level == "aor"
    office = made.geometry["aor"]
    found = sums(surface, office)
    assert found[["CHI", "NOL", "SND"]].tolist() == pytest.approx([900, 600, 80])
    assert found.drop(["CHI", "NOL", "SND"]).sum() == 0
    cells = np.isfinite(surface.bands[0].numbers[surface.grid.inside])
    known = office.reindex(surface.grid.units).isin(["CHI", "NOL", "SND"]).to_numpy()
    np.testing.assert_array_equal(cells, known[surface.grid.unit])
    assert "non-citizens" in surface.title


def test_a_run_without_crime_rates_has_no_surface(analysis: Analysis) -> None:
    crime = analysis.inputs.crime
    nowhere = replace(crime, rate=crime.rate * np.nan)
    with pytest.raises(NoSurfaceError, match="found no place with"):
        run_surfaces(replace(analysis, inputs=replace(analysis.inputs, crime=nowhere)))


def test_images_of_arrests_stand_only_where_counties_are_known(analysis: Analysis) -> None:
    surfaces = run_surfaces(analysis)
    support = next(surface for surface in surfaces if surface.name == SUPPORT)
    arrests, crime, difference = overlays(analysis, surfaces)
    assert "mostly known by county" in arrests.note
    assert "mostly known by county" in difference.note
    assert "mostly known by county" not in crime.note
    # Without any county that is known, only crime is drawn.
    nowhere = replace(support, classes=np.minimum(support.classes, 0))
    others = [surface for surface in surfaces if surface.name != SUPPORT]
    assert [each.label for each in overlays(analysis, [*others, nowhere])] == [crime.label]


def test_images_say_of_which_arrests_and_why_there_is_no_colour(analysis: Analysis) -> None:
    arrests, crime, difference = overlays(analysis, run_surfaces(analysis))
    assert "(all arrests)" in arrests.label
    assert "all arrests" in difference.label
    assert [each.variant for each in (arrests, crime, difference)] == [
        "all arrests",
        "",
        "all arrests",
    ]
    # Files are for the raster's readers, not for the map's.
    assert not any(".tif" in each.note for each in (arrests, crime, difference))
    assert "can be deep blue" in difference.note
    keys = [[entry.key for entry in each.legend] for each in (arrests, crime, difference)]
    assert "known by area only" in keys[0]
    assert "no crime rate" not in keys[0]
    assert "no crime rate" in keys[1]
    assert {"known by area only", "no crime rate"} <= set(keys[2])
    paints = [[entry.colour for entry in each.legend] for each in (arrests, crime, difference)]
    assert all(len(set(colours)) == len(colours) for colours in paints)
    support = analysis.county_support("all")
    tested = support.index.isin(analysis.kinds["all"].county.graph.unique_ids)
    assert arrests.figures is not None
    assert difference.figures is not None
    assert crime.figures is not None
    assert arrests.figures.index.equals(analysis.geometry.index)
    of_zones = arrests.figures[(support == "zone").to_numpy() & tested]
    assert of_zones.str.startswith("Arrests known only for the whole zone").all()
    assert arrests.figures["20173"].startswith("about ")
    assert difference.figures["20173"].endswith("standard deviations on the smoothed surface")
    assert (crime.figures[tested] != "").all()
