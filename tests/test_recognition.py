"""Publishers' tables of crime in a run: read by their layout, named or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import Command

from arrest_atlas.reading import CrimeFile, read_crime_measures
from boundaries import load_counties
from geo import InputError
from geo.crime import known_layouts, recognise_layout

RUN = Command(name="run")
MANHATTAN, OTHERS = "36061", ("36005", "36047", "36081", "36085")
CITY = (MANHATTAN, *OTHERS)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put rates as the Urban Institute gives them, New York City's at Manhattan, in a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arrests.csv").write_text("state,arrests\nAL,900\nTX,4000\nNY,700\n")
    codes = [code for code in load_counties().index[::3] if code[:2] < "57" and code not in CITY]
    rates = pd.Series(range(200, 200 + len(codes)), index=codes, dtype="float64")
    rates = pd.concat([rates, pd.Series([3_000.0, *[float("nan")] * 4], index=CITY)])
    table = pd.DataFrame({"year": "2019", "state": rates.index.str[:2]})
    table["county"] = rates.index.str[2:]
    table["rate_crime_violent"] = rates.to_numpy()
    table["rate_crime_property"] = 1.0
    table["rate_crime_violent_quality"] = 1
    table.to_csv("urban.csv", index=False)
    return tmp_path


def run(*words: str) -> dict[str, Any]:
    arrests = ("--arrests-by-state", "arrests.csv", "--arrest-period", "2025")
    few = ("--draws", "2", "--surrogates", "0", "--out", "results", "--json")
    answer = RUN.call(*arrests, "--crime", "urban.csv", *words, *few)
    assert answer.exit_code == 0, answer.output
    summary: dict[str, Any] = json.loads(answer.stdout)
    return summary


def test_a_layout_is_used_whether_it_is_named_or_not() -> None:
    named, told = run("--crime-layout", "urban_nibrs_county"), run()
    again = run("--crime-column", "rate_crime_violent")
    for summary in (named, told, again):
        assert summary["crime"]["definition"] == "nibrs_violent"
        assert summary["crime_period"] == "2019"
        assert any(
            "New York City's crimes, which stand at 36061, split" in note
            for note in summary["notes"]
        )
    for key in ("crime", "county_answer", "area_answer", "notes", "findings"):
        assert named[key] == told[key] == again[key]


def test_the_city_has_one_rate_in_further_measures_too() -> None:
    (measure,) = read_crime_measures([CrimeFile(file="urban.csv")])
    assert measure.name == "nibrs_violent, 2019, urban.csv"
    rates = measure.crime.rate[list(CITY)]
    assert rates.notna().all()
    assert rates.max() - rates.min() < 1e-6 * rates.max()
    assert rates.max() < 3_000  # of the city's residents, not of Manhattan's
    with pytest.raises(InputError, match="read by the layout urban_nibrs_county"):
        read_crime_measures(
            [CrimeFile(file="urban.csv", covered_share="rate_crime_violent_quality")]
        )


def test_a_column_that_the_layout_does_not_read_is_the_users_own() -> None:
    assert recognise_layout("urban.csv") == "urban_nibrs_county"
    assert recognise_layout("urban.csv", column="Rate_Crime_Violent") == "urban_nibrs_county"
    assert recognise_layout("urban.csv", column="rate_crime_property") is None
    with pytest.raises(InputError, match="found a rate of property crime"):
        read_crime_measures([CrimeFile(file="urban.csv", column="rate_crime_property")])


def test_tables_of_users_have_no_layout(folder: Path) -> None:
    of_users = {"county_table", "plain_county", "plain_county_long"}
    for name, layout in known_layouts().items():
        if layout.kind == "county":
            marks = [layout.columns.get(mark, (mark,))[0] for mark in layout.recognised_by]
            (folder / "one.csv").write_text(
                ",".join([*marks, "x"]) + "\n" + "1," * len(marks) + "1\n"
            )
            assert recognise_layout("one.csv") == (None if name in of_users else name)
    assert recognise_layout("absent.csv") is None
