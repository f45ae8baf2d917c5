"""Residents of the right year: for arrests, and for crimes."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from arrest_atlas.period import Period, check_order
from arrest_atlas.residents import choose_residents, read_noncitizens, read_residents
from geo import InputError, load_population

CRIMES = Period.parse("2014/2016", option="--crime-period")
ARRESTS = Period.parse("2025-01-20/2025-07-29", option="--arrest-period")


def written(folder: Path, content: str) -> Path:
    path = folder / "people.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_without_a_file_the_packaged_years_serve() -> None:
    chosen = choose_residents(None, arrested=ARRESTS, baseline=CRIMES)
    assert chosen.arrests.equals(load_population(2019))
    assert chosen.crime.equals(load_population(2014, 2016))
    assert chosen.note == (
        "Residents of 2019 for arrests, of 2014 to 2016 for crime (Census estimates)."
    )
    late = choose_residents(
        None, arrested=ARRESTS, baseline=Period.parse("2022", option="--crime-period")
    )
    assert "of 2019 (the nearest there is) for crime" in late.note


def test_one_unnamed_year_serves_for_both(tmp_path: Path) -> None:
    given = read_residents(written(tmp_path, "fips,residents\n1001,5\n"))
    chosen = choose_residents(given, arrested=ARRESTS, baseline=CRIMES)
    assert chosen.arrests.to_dict() == chosen.crime.to_dict() == {"01001": 5}
    assert chosen.by_year is None
    assert chosen.note == "Residents: people.csv."


def test_years_of_a_file_are_added_to_the_packaged_ones(tmp_path: Path) -> None:
    content = "fips,POPESTIMATE2023,POPESTIMATE2024\n1001,60000,61000\n"
    given = read_residents(written(tmp_path, content))
    chosen = choose_residents(given, arrested=ARRESTS, baseline=CRIMES)
    assert chosen.arrests["01001"] == 61_000
    assert chosen.crime["01001"] == load_population(2014, 2016)["01001"]
    assert chosen.note == (
        "Residents of 2024 (the nearest there is) for arrests, of 2014 to 2016 for crime "
        "(Census estimates; people.csv)."
    )
    assert chosen.by_year is not None
    assert chosen.by_year.years_for(2015, 2023) == (2015, 2016, 2017, 2018, 2019, 2023)
    unstated = choose_residents(given, arrested=None, baseline=None)
    assert unstated.arrests["01001"] == unstated.crime["01001"] == 61_000


def test_a_named_column_is_the_only_one_that_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "fips,POPESTIMATE2023,adults\n1001,60000,40000\n")
    given = read_residents(path, column="adults")
    assert given.by_year is None
    assert given.by_county is not None
    assert given.by_county.to_dict() == {"01001": 40_000}


def test_planning_regions_are_carried_and_the_notes_say_so(tmp_path: Path) -> None:
    path = written(tmp_path, "fips,residents\n9120,330000\n2063,7000\n2066,2600\n")
    given = read_residents(path)
    assert given.by_county is not None
    assert given.by_county["02261"] == 9_600
    assert "02063, 02066" in given.notes[0]


def test_a_file_without_residents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected one of residents, population"):
        read_residents(written(tmp_path, "fips,number\n1001,5\n"))


def test_a_raster_stands_for_a_table(tmp_path: Path) -> None:
    path = tmp_path / "people.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=50,
        height=50,
        count=1,
        dtype="int32",
        crs="EPSG:4269",
        transform=Affine(0.1, 0, -95, 0, -0.1, 45),
    ) as file:
        file.write(np.full((1, 50, 50), 7, dtype="int32"))
    given = read_residents(path)
    chosen = choose_residents(given, arrested=ARRESTS, baseline=CRIMES)
    assert chosen.arrests["19153"] == pytest.approx(115, abs=1)  # Polk County, Iowa
    assert chosen.note == "Residents: people.tif."
    assert read_noncitizens(path).by_county.equals(chosen.arrests)
    with pytest.raises(InputError, match="--residents-column: found a column, 'people', of a"):
        read_residents(path, column="people")
    with pytest.raises(InputError, match="--noncitizens-column"):
        read_noncitizens(path, column="people")


def test_only_the_period_that_is_not_stated_is_asked_for() -> None:
    told = [
        check_order(*periods) or "" for periods in [(CRIMES, None), (None, ARRESTS), (None,) * 2]
    ]
    options = ["--arrest-period.", "--crime-period.", "--crime-period and --arrest-period."]
    assert [words.rpartition("State it with ")[2] for words in told] == options
