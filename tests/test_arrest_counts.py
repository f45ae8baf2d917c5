"""Published counts by office, by state and by county: nothing lost, nothing guessed."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from boundaries import load_states
from geo import (
    ArrestCounts,
    InputError,
    read_arrests_by_aor,
    read_arrests_by_county,
    read_arrests_by_state,
)

Writes = Callable[[str], Path]


@pytest.fixture
def writes(tmp_path: Path) -> Writes:
    """Write a CSV file and tell where."""

    def write(content: str) -> Path:
        path = tmp_path / "arrests.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def positive(read: ArrestCounts) -> dict[str, int]:
    counts = read.counts[read.counts > 0]
    return {str(area): int(count) for area, count in counts.items()}


def test_every_real_arrest_by_office_is_read(shared_data: Path) -> None:
    folder = shared_data / "real" / "arrests"
    read = read_arrests_by_aor(folder / "arrests_by_aor_2025-01-20_2026-08-06.csv")
    assert read.counts.sum() == 547_776
    assert (read.counts > 0).sum() == 25
    assert read.unlocated == 0
    assert (read.counts["SPM"], read.counts["NYC"]) == (13_677, 12_396)


def test_every_real_arrest_by_state_is_read(shared_data: Path) -> None:
    folder = shared_data / "real" / "arrests"
    read = read_arrests_by_state(folder / "arrests_by_state_2025-01-20_2026-08-06.csv")
    assert read.counts.sum() == 530_756
    assert (read.counts > 0).sum() == 52
    assert not {"GU", "MP", "VI"} & set(read.counts.index)  # no row is not zero
    assert read.counts["MD"] == 8_849


def test_offices_without_a_row_are_not_listed(writes: Writes) -> None:
    read = read_arrests_by_aor(writes("aor,arrests\nSt Paul,12\nHLG,0\n"))
    assert read.counts.to_dict() == {"SPM": 12, "HLG": 0}
    assert read.counts.dtype == "int64"
    assert positive(read) == {"SPM": 12}


@pytest.mark.parametrize(
    "column", ["apprehension_aor", "AOR", "Field Office", "office", "area of responsibility"]
)
@pytest.mark.parametrize("count", ["arrests", "Count", "N", "total"])
def test_usual_columns(writes: Writes, column: str, count: str) -> None:
    read = read_arrests_by_aor(writes(f'other,{column},{count}\n1,Dallas,"1,234"\n'))
    assert positive(read) == {"DAL": 1_234}
    assert read.source.column == count


def test_arrests_of_no_office_are_counted_apart(writes: Writes) -> None:
    read = read_arrests_by_aor(
        writes("aor,arrests\nDallas,5\nHQ Area of Responsibility,3\n,4\nNA,2\nheadquarters,1\n")
    )
    assert positive(read) == {"DAL": 5}
    assert read.unlocated == 10
    assert "HQ" not in read.counts.index


@pytest.mark.parametrize("form", ["state", "name", "state_fips"])
def test_states_by_name_postal_or_fips_code(writes: Writes, form: str) -> None:
    states = load_states().drop(index="AS").reset_index()
    rows = "".join(f"{row[form]},{n}\n" for n, (_, row) in enumerate(states.iterrows(), start=1))
    read = read_arrests_by_state(writes("state,arrests\n" + rows))
    assert read.counts[states["state"]].tolist() == list(range(1, 56))
    assert len(read.counts) == 55


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".xlsx", "int64"),
        (".xlsx", "float64"),
        (".parquet", "int64"),
        (".dta", "int32"),
        (".parquet", "float64"),
        (".dta", "float64"),
    ],
)
def test_numeric_state_codes_of_other_formats(tmp_path: Path, suffix: str, kind: str) -> None:
    table = pd.DataFrame({"state": pd.Series([48, 6], dtype=kind), "arrests": [3, 4]})
    path = tmp_path / f"arrests{suffix}"
    if suffix == ".xlsx":
        table.to_excel(path, index=False)
    elif suffix == ".dta":
        table.to_stata(path, write_index=False)
    else:
        table.to_parquet(path)
    assert positive(read_arrests_by_state(path)) == {"CA": 4, "TX": 3}


def test_every_problem_is_reported_at_once(writes: Writes) -> None:
    content = (
        "aor,arrests\nParis,1\nDallas,-1\nHouston,1.5\nBoston,many\nMiami,\nBuffalo,1\n"
        "BUF,2\nBuffalo Field Office,3\nTotal,4\n"
    )
    with pytest.raises(InputError) as caught:
        read_arrests_by_aor(writes(content))
    found = {(problem.where, problem.found) for problem in caught.value.problems}
    assert found == {
        ("row 2", "'Paris'"),
        ("row 3, column 'arrests'", "'-1'"),
        ("row 4, column 'arrests'", "'1.5'"),
        ("row 5, column 'arrests'", "'many'"),
        ("row 6, column 'arrests'", "no number"),
        ("field office BUF", "rows 7, 8, 9 for the same field office"),
        ("row 10", "'Total'"),
    }


@pytest.mark.parametrize("state", ["American Samoa", "AS", "60", "UM", "Ontario", "Total", "00"])
def test_what_has_no_office_or_is_no_state_is_refused(writes: Writes, state: str) -> None:
    with pytest.raises(InputError, match=r"row 2: found .*; expected a state of the United States"):
        read_arrests_by_state(writes(f"state,arrests\n{state},1\n"))


def test_one_state_spelled_twice_is_refused(writes: Writes) -> None:
    with pytest.raises(InputError, match="state TX: found rows 2, 3, 4 for the same state"):
        read_arrests_by_state(writes("state,arrests\nTX,1\nTexas,2\n48,3\n"))


def test_a_table_without_places_or_numbers_shows_its_columns(writes: Writes) -> None:
    with pytest.raises(InputError, match="found the columns place, arrests; expected one of "):
        read_arrests_by_aor(writes("place,arrests\nDallas,1\n"))
    with pytest.raises(InputError, match="expected one of arrests, count, n, total with numbers"):
        read_arrests_by_aor(writes("aor,people\nDallas,1\n"))


def test_counts_by_county_are_whole_and_never_empty(writes: Writes) -> None:
    read = read_arrests_by_county(writes("county_fips,arrests\n1001,12\n48000,99\n"))
    assert read.by_county.to_dict() == {"01001": 12}
    assert read.source.state_totals == 1
    with pytest.raises(InputError, match="row 3, column 'arrests': found no number"):
        read_arrests_by_county(writes("county_fips,arrests\n1001,12\n1003,\n"))
    with pytest.raises(InputError, match="expected a whole number"):
        read_arrests_by_county(writes("county_fips,arrests\n1001,12.5\n"))


def test_thousands_separators_without_quotes_are_refused(writes: Writes) -> None:
    with pytest.raises(InputError, match=r"arrests\.csv"):
        read_arrests_by_state(writes("state_fips,arrests\n48,12,848\n12,25,793\n"))


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_numbers_beyond_counting_are_refused(writes: Writes) -> None:
    with pytest.raises(InputError, match="row 2, column 'arrests'"):
        read_arrests_by_aor(writes("aor,arrests\nDallas,1e30\n"))


def test_people_of_the_file_come_with_its_counts(shared_data: Path) -> None:
    folder = shared_data / "real" / "arrests"
    state = read_arrests_by_state(folder / "arrests_by_state_2025-01-20_2026-08-06.csv")
    office = read_arrests_by_aor(folder / "arrests_by_aor_2025-01-20_2026-08-06.csv")
    assert state.people.loc["TX"].to_dict() == {"residents": 30_188_424, "noncitizens": 3_080_983}
    assert state.people["residents"].sum() == office.people["residents"].sum() == 338_156_808
    assert list(office.people.index) == list(office.counts.index)


def test_people_are_optional_and_may_be_missing(writes: Writes) -> None:
    assert read_arrests_by_state(writes("state,arrests\nTX,3\n")).people.empty
    read = read_arrests_by_state(writes('State,Arrests,Population\nTX,3,NA\nME,1,"1,400"\n,2,9\n'))
    assert read.people.columns.tolist() == ["residents"]
    assert pd.isna(read.people["residents"]["TX"])
    assert read.people.loc["ME", "residents"] == 1_400
    assert read.unlocated == 2


def test_wrong_people_are_reported_with_all_else(writes: Writes) -> None:
    text = "state,arrests,total_population,noncitizens\nTX,-3,many,5\nME,1,5,-1\n"
    with pytest.raises(InputError) as caught:
        read_arrests_by_state(writes(text))
    said = str(caught.value)
    for column in ("arrests", "total_population", "noncitizens"):
        assert f"column '{column}'" in said
