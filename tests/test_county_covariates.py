"""The user's covariates by county: read as they are, or refused with every problem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo import InputError
from geo.context.county_covariates import read_county_covariates


def write(folder: Path, text: str) -> Path:
    path = folder / "covariates.csv"
    path.write_text(text)
    return path


def test_every_other_column_is_a_covariate(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "FIPS,State,County,Latino share,poverty_share,source\n"
        "1001,AL,Autauga,0.03,0.11,census\n1003,AL,Baldwin,,0.1,census\n",
    )
    read = read_county_covariates(path)
    assert list(read.table.columns) == ["latino_share", "poverty_share"]
    assert list(read.table.loc["01001"]) == [0.03, 0.11]
    assert np.isnan(read.table["latino_share"]["01003"])
    assert read.source.file == "covariates.csv"


def test_regions_of_connecticut_are_carried_as_rates(tmp_path: Path) -> None:
    regions = "".join(f"09{code},0.2\n" for code in range(110, 200, 10))
    read = read_county_covariates(write(tmp_path, f"county_fips,share\n{regions}"))
    assert read.table["share"].dropna().round(12).eq(0.2).all()
    assert set(read.table.index) == {f"090{code:02d}" for code in range(1, 17, 2)}
    assert read.notes


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "county_fips,2nd,share\n1001,1,much\n99999,1,0.2\n")
    with pytest.raises(InputError) as caught:
        read_county_covariates(path)
    said = str(caught.value)
    for part in ("column '2nd'", "much", "99999"):
        assert part in said
    assert said.count("99999") == 1


def test_a_covariate_there_must_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found no column beside the place"):
        read_county_covariates(write(tmp_path, "county_fips,name\n1001,Autauga\n"))
