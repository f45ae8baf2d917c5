"""Every input that cannot be used is refused in words, through the front door.

Exit code 2, no traceback, a message that names the file and says what to do, and nothing
written or left behind.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pytest
from click.testing import CliRunner

import arrest_atlas.cli
import arrest_atlas.pipeline
from arrest_atlas.cli import main
from boundaries import load_field_offices, load_zones
from geo import load_population

Files = Mapping[str, str | bytes | pd.DataFrame]
Refuses = Callable[..., str]

COUNTIES = load_population().index
GOOD: Files = {
    "offices.csv": "aor,arrests\n" + "".join(f"{code},40\n" for code in load_field_offices().index),
    "states.csv": "state,arrests\n"
    + "".join(f"{state},20\n" for state in load_zones()["state"].unique()),
    "counties.csv": "county_fips,arrests\n01001,3\n01003,4\n",
    "crime.csv": "fips,crime_rate,covered,year\n"
    + "".join(f"{code},{300 + n % 90},1,2019\n" for n, code in enumerate(COUNTIES)),
    "people.csv": "fips,noncitizens,residents\n"
    + "".join(f"{code},{90 + n % 7},{4_000 + n}\n" for n, code in enumerate(COUNTIES)),
}
OPTIONS = {
    "--arrests-by-aor": "offices.csv",
    "--arrests-by-state": "states.csv",
    "--arrests-by-county": "counties.csv",
    "--crime": "crime.csv",
    "--noncitizens": "people.csv",
    "--residents": "people.csv",
}


class AcceptedError(Exception):
    """The inputs went through to the analysis."""


def accept(*_: Any, **__: Any) -> NoReturn:
    raise AcceptedError


@pytest.fixture(autouse=True)
def no_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop where the analysis would begin: what is refused is refused before."""
    monkeypatch.setattr(arrest_atlas.pipeline, "analyse", accept)


def fill(folder: Path, files: Files) -> None:
    for name, content in {**GOOD, **files}.items():
        path = folder / name
        if isinstance(content, pd.DataFrame):
            content.to_excel(path, index=False)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)


def arguments(folder: Path, options: Mapping[str, str], out: str) -> list[str]:
    words = ["run", "--out", str(folder / out), "--draws", "2"]
    for option, value in options.items():
        words += [option, str(folder / value) if option in OPTIONS else value]
    return words


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def refuses(tmp_path: Path) -> Refuses:
    """Run on good files save some, expect a refusal, and hand back the message."""

    def run(files: Files | None = None, *, out: str = "out", **changes: str | None) -> str:
        fill(tmp_path, files or {})
        changed = {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
        options = {
            option: value for option, value in {**OPTIONS, **changed}.items() if value is not None
        }
        before = snapshot(tmp_path)
        result = CliRunner().invoke(main, arguments(tmp_path, options, out))
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.exit_code == 2
        assert "Traceback" not in result.output
        assert result.stdout == ""
        assert snapshot(tmp_path) == before
        return result.stderr

    return run


def test_the_good_files_are_good(tmp_path: Path) -> None:
    fill(tmp_path, {})
    result = CliRunner().invoke(main, arguments(tmp_path, OPTIONS, "out"))
    assert isinstance(result.exception, AcceptedError)
    assert not (tmp_path / "out").exists()


BAD_TABLES: dict[str, tuple[str, str | bytes, tuple[str, ...]]] = {
    "empty": ("crime.csv", "", ("an empty file", "check the file")),
    "blank": ("offices.csv", "\n  \n", ("an empty file", "a header and rows")),
    "header only": ("crime.csv", "fips,crime_rate\n", ("no rows below the header",)),
    "wrong columns": (
        "crime.csv",
        "a,b\n1,2\n",
        ("the columns a, b", "violent_crime_rate", "name the column"),
    ),
    "no codes": (
        "crime.csv",
        "place,crime_rate\nHarris,2\n",
        ("the columns place, crime_rate", "codes in one of county_fips, fips"),
    ),
    "county twice": (
        "crime.csv",
        "fips,crime_rate\n1001,1\n01001,2\n",
        ("county 01001", "rows 2, 3 for the same county", "keep one row each"),
    ),
    "unknown county": (
        "counties.csv",
        "fips,arrests\n99999,1\n",
        ("row 2", "county code '99999'", "correct the code or leave the row out"),
    ),
    "county number one": ("counties.csv", "fips,arrests\n00001,1\n", ("county code '00001'",)),
    "negative county count": (
        "counties.csv",
        "fips,arrests\n1001,-1\n",
        ("row 2, column 'arrests'", "'-1'", "not negative", "correct the value"),
    ),
    "negative office count": ("offices.csv", "aor,arrests\nDallas,-1\n", ("'-1'", "not negative")),
    "negative rate": ("crime.csv", "fips,crime_rate\n1001,-0.5\n", ("'-0.5'", "not negative")),
    "negative people": ("people.csv", "fips,noncitizens,residents\n1001,-5,-6\n", ("'-5'", "'-6'")),
    "fractional county count": (
        "counties.csv",
        "fips,arrests\n1001,1.5\n",
        ("'1.5'", "a whole number"),
    ),
    "fractional office count": (
        "offices.csv",
        "aor,arrests\nDallas,0.5\n",
        ("'0.5'", "a whole number"),
    ),
    "fractional state count": ("states.csv", "state,arrests\nTX,3e-1\n", ("'3e-1'", "whole")),
    "text in a number": (
        "crime.csv",
        "fips,crime_rate\n1001,12 per 1000\n",
        ("row 2, column 'crime_rate'", "'12 per 1000'", "a number", "leave it empty"),
    ),
    "infinite": ("crime.csv", "fips,crime_rate\n1001,inf\n1003,1e999\n", ("'inf'", "'1e999'")),
    "other digits": ("crime.csv", "fips,crime_rate\n1001,\u0665\n", ("'\u0665'", "a number")),
    "no number": ("offices.csv", "aor,arrests\nDallas,\n", ("row 2", "write 0 if there were none")),
    "mixed vintages": (
        "crime.csv",
        "fips,crime_rate\n09001,1\n09110,2\n",
        ("09001 existed only until 2022, 09110 only since", "Connecticut", "keep the rows of one"),
    ),
    "old and new name of a county": (
        "crime.csv",
        "fips,crime_rate\n46113,3\n46102,2\n",
        ("46113 existed only until 2015, 46102 only since", "keep the rows of one vintage"),
    ),
    "all missing crime": (
        "crime.csv",
        "fips,crime_rate\n1001,\n1003,NA\n",
        ("column 'crime_rate'", "no value in any row", "choose another column or file"),
    ),
    "only state totals": ("crime.csv", "fips,crime_rate\n1000,3\n", ("no value in any row",)),
    "unknown office": (
        "offices.csv",
        "aor,arrests\nAtlantis Area of Responsibility,1\n",
        ("row 2", "'Atlantis Area of Responsibility'", "correct its name or leave the row out"),
    ),
    "office twice": (
        "offices.csv",
        "aor,arrests\nSt Paul,1\nSPM,2\n",
        ("field office SPM", "rows 2, 3", "add the rows up or leave one out"),
    ),
    "unknown state": ("states.csv", "state,arrests\nOntario,1\n", ("row 2", "'Ontario'")),
    "state twice": ("states.csv", "state,arrests\nTX,1\nTEXAS,2\n", ("state TX", "rows 2, 3")),
    "semicolons": (
        "crime.csv",
        "fips;crime_rate\n1001;366,667\n",
        ("row 2, column 'crime_rate': found '366,667'", "a point before its decimals"),
    ),
    "NUL bytes": ("crime.csv", "fips,crime_rate\n1001,3\x00\n", ("'3\\x00'", "a number")),
    "nothing but NUL bytes": ("crime.csv", b"\0" * 4096, ("check the file",)),
    "UTF-16": ("crime.csv", "fips,crime_rate\n1001,3\n".encode("utf-16")[:-1], ("cut short",)),
    "binary": ("crime.csv", bytes(range(256)) * 20, ("crime.csv",)),
    "unclosed quote": ("crime.csv", 'fips,crime_rate\n1001,"3\n', ("cannot be read", "check")),
    "ragged rows": (
        "crime.csv",
        "fips,crime_rate\n1001,3\n1003,4,5\n",
        ("more cells than the header", "3;"),
    ),
    "rich markup": ("offices.csv", "aor,arrests\n[bold]x[/],1\n", ("'[bold]x[/]'",)),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables(refuses: Refuses, case: str) -> None:
    name, content, said = BAD_TABLES[case]
    message = refuses({name: content})
    assert message.startswith("Nothing was written:\n")
    assert name in message
    assert [words for words in said if words not in message] == []


@pytest.mark.parametrize("option", OPTIONS)
def test_a_missing_file(refuses: Refuses, option: str) -> None:
    message = refuses(**{option[2:].replace("-", "_"): "absent.csv"})
    assert "absent.csv: found no such file" in message
    assert "check the path" in message


@pytest.mark.parametrize("option", OPTIONS)
def test_a_folder_in_place_of_a_file(refuses: Refuses, tmp_path: Path, option: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    message = refuses(**{option[2:].replace("-", "_"): "folder.csv"})
    assert "folder.csv: found a folder" in message


def test_a_truncated_workbook(refuses: Refuses, tmp_path: Path) -> None:
    whole = tmp_path / "whole.xlsx"
    pd.DataFrame({"fips": [1001], "crime_rate": [3]}).to_excel(whole, index=False)
    content = whole.read_bytes()
    for length in (4, len(content) // 2, len(content) - 10):
        message = refuses({"crime.xlsx": content[:length]}, crime="crime.xlsx")
        assert "crime.xlsx: found content that cannot be read" in message
        assert "check the file" in message


@pytest.mark.parametrize("name", ["crime.parquet", "crime.xlsx", "crime.xls"])
def test_text_under_another_name(refuses: Refuses, name: str) -> None:
    message = refuses({name: "fips,crime_rate\n1001,3\n"}, crime=name)
    assert f"{name}: found content that cannot be read" in message


def test_parquet_that_is_none(refuses: Refuses) -> None:
    content = b"PAR1" + bytes(60) + b"PAR1"
    message = refuses({"crime.parquet": content}, crime="crime.parquet")
    assert "crime.parquet: found content that cannot be read" in message


def test_another_type_of_file(refuses: Refuses) -> None:
    message = refuses({"crime.ods": "fips,crime_rate\n1001,3\n"}, crime="crime.ods")
    assert "found a file of type '.ods'; expected one of .csv, .dta, .parquet" in message


def test_only_american_samoa_has_no_office(
    refuses: Refuses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # seen by the analysis, which knows the areas
    message = refuses({"counties.csv": "fips,arrests\n60010,5\n"})
    assert "counties.csv, county 60010" in message
    assert "leave these rows out" in message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crime_filter": "year=1999"}, "found no row with 1999; expected values such as 2019"),
        ({"crime_filter": "flag=1"}, "expected a column 'flag'"),
        ({"crime_filter": "year"}, "expected COLUMN=VALUE"),
        ({"crime_filter": "=2019"}, "expected COLUMN=VALUE"),
        ({"crime_filter": "year="}, "expected COLUMN=VALUE"),
        ({"crime_column": "absent"}, "expected a column 'absent' with a crime rate"),
        ({"crime_covered_share": "absent"}, "column 'absent' with the covered share"),
        ({"noncitizens_column": "absent"}, "expected a column 'absent' with non-citizens"),
        ({"residents_column": "absent"}, "expected a column 'absent' with residents"),
        ({"arrest_period": "last year"}, "--arrest-period: found 'last year'"),
        ({"crime_period": "2016/2014"}, "--crime-period: found '2016/2014'"),
        ({"crime_period": "2014/2016/2018"}, "expected a period such as 2014/2016"),
        ({"arrest_period": "2025-02-30"}, "--arrest-period: found '2025-02-30'"),
        ({"arrest_period": "0000"}, "--arrest-period: found '0000'"),
        ({"arrest_period": ""}, "--arrest-period: found ''"),
        ({"draws": "0"}, "--draws: found 0; expected a number from 1"),
        ({"draws": "-3"}, "--draws: found -3"),
        ({"draws": "many"}, "--draws"),
        ({"draws": "1000000"}, "--draws: found 1000000"),
        ({"seed": "-1"}, "--seed: found -1; expected a number from 0"),
        ({"alpha": "0"}, "--alpha: found 0"),
        ({"alpha": "1.5"}, "--alpha: found 1.5; expected a number from 1e-06 to 0.5"),
        ({"alpha": "nan"}, "--alpha: found nan"),
        ({"located_share": "0"}, "--located-share: found 0"),
        ({"located_share": "1.01"}, "--located-share: found 1.01"),
        ({"weights": "cows"}, "--weights"),
        ({"noncitizens": None, "weights": "noncitizens"}, "--noncitizens: found no file"),
        ({"crime": None}, "give --crime, or run: arrest-atlas fetch"),
        (
            {"arrests_by_aor": None, "arrests_by_state": None, "arrests_by_county": None},
            "give at least one of --arrests-by-aor, --arrests-by-state, --arrests-by-county",
        ),
    ],
)
def test_bad_options(
    refuses: Refuses,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    changes: dict[str, str | None],
    said: str,
) -> None:
    if "weights" in changes:
        monkeypatch.undo()  # the analysis asks for the people it needs
    monkeypatch.setenv("ARREST_ATLAS_CACHE", str(tmp_path / "cache"))  # nothing was fetched
    assert said in refuses(**changes)


def test_problems_of_several_files_are_reported_at_once(refuses: Refuses) -> None:
    message = refuses(
        {
            "offices.csv": "aor,arrests\nAtlantis,1\nDallas,-1\n",
            "states.csv": "",
            "counties.csv": "fips,arrests\n99999,1\n",
            "crime.csv": "fips,crime_rate\n1001,x\n",
            "people.csv": "a\n1\n",
        },
        arrest_period="soon",
        alpha="7",
    )
    expected = [
        "--alpha: found 7.0",
        "--arrest-period: found 'soon'",
        "offices.csv, row 3, column 'arrests': found '-1'",
        "offices.csv, row 2: found 'Atlantis'",
        "states.csv: found an empty file",
        "counties.csv, row 2: found county code '99999'",
        "people.csv: found the columns a; expected one of noncitizens",
        "people.csv: found the columns a; expected one of residents",
        "crime.csv, row 2, column 'crime_rate': found 'x'",
    ]
    lines = message.splitlines()[1:]
    assert [line for line in lines if not line.startswith(tuple(expected))] == []
    assert len(lines) == len(expected)
    assert all(line.count("; ") == 2 for line in lines)  # found; expected; what to do


def test_out_that_is_a_file(refuses: Refuses) -> None:
    message = refuses({"taken": "a file"}, out="taken")
    assert "found a file at" in message
    assert "choose another --out" in message


def test_out_below_a_file(refuses: Refuses) -> None:
    message = refuses({"taken": "a file"}, out="taken/out")
    assert "nothing can be written at" in message
    assert "choose another --out" in message


def test_out_with_other_peoples_files(refuses: Refuses, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    message = refuses({"out/thesis.docx": "years of work"})
    assert "found other files in" in message
    assert "(thesis.docx)" in message
    assert "choose another --out" in message


def test_out_is_checked_before_any_work(refuses: Refuses) -> None:
    message = refuses({"taken": "a file", "crime.csv": ""}, out="taken")
    assert "found a file at" in message
    assert "crime.csv" not in message


def test_an_earlier_run_is_left_as_it_was(refuses: Refuses, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    refuses(
        {
            "out/map.html": "earlier",
            "out/summary.json": '{"software": "arrest-atlas", "files": ["map.html", '
            '"summary.json"]}',
            "crime.csv": "",
        }
    )
    assert (tmp_path / "out" / "map.html").read_text(encoding="utf-8") == "earlier"


@pytest.mark.parametrize("words", [["demo", "--draws", "0"], ["demo", "--seed", "-1"]])
def test_the_demonstration_checks_its_options(tmp_path: Path, words: list[str]) -> None:
    result = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert f"{words[1]}: found" in result.stderr
    assert snapshot(tmp_path) == {}


def test_the_installed_command_refuses_alike(tmp_path: Path) -> None:
    fill(tmp_path, {"crime.csv": "fips,crime_rate\n1001,x\n"})
    before = snapshot(tmp_path)
    command = [sys.executable, "-m", "arrest_atlas", *arguments(tmp_path, OPTIONS, "out")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == (
        "Nothing was written:\n"
        "crime.csv, row 2, column 'crime_rate': found 'x'; expected a number; "
        "correct the value, or leave it empty if it is not known\n"
    )
    assert snapshot(tmp_path) == before


# What follows went through to a result, or to a traceback, when these tests were written.


def test_duplicate_columns(refuses: Refuses) -> None:
    message = refuses({"crime.csv": "fips,crime_rate,crime_rate\n1001,3,4\n"})
    assert "crime_rate twice" in message


def test_every_row_longer_than_the_header(refuses: Refuses) -> None:
    message = refuses({"states.csv": "state,arrests\n48,12,848\n12,25,793\n"})
    assert "states.csv" in message


def test_two_filters_on_one_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def note(*_: Any, **options: Any) -> NoReturn:
        asked.update(options)
        raise AcceptedError

    monkeypatch.setattr("arrest_atlas.cli._runs.run_files", note)
    words = ["--crime-filter", "year=2019", "--crime-filter", "year=2020"]
    result = CliRunner().invoke(main, [*arguments(tmp_path, OPTIONS, "out"), *words])
    assert result.exit_code == 2 or asked["crime_filter"] == {"year": ["2019", "2020"]}


def test_parents_of_out_are_not_made(refuses: Refuses) -> None:
    assert "crime.csv" in refuses({"crime.csv": ""}, out="deep/er/out")


@pytest.mark.parametrize("name", ["crime.dta", "crime.sav"])
def test_text_under_the_name_of_a_statistics_package(refuses: Refuses, name: str) -> None:
    message = refuses({name: "fips,crime_rate\n1001,3\n"}, crime=name)
    assert f"{name}: found content that cannot be read" in message


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@pytest.mark.parametrize("name", ["offices.csv", "counties.csv"])
def test_numbers_beyond_counting(refuses: Refuses, name: str) -> None:
    header = {"offices.csv": "aor,arrests\nDAL", "counties.csv": "fips,arrests\n1001"}[name]
    assert f"{name}, row 2" in refuses({name: f"{header},1e30\n"})


def test_options_without_their_file_are_told_at_once(refuses: Refuses) -> None:
    message = refuses(
        sheet="March",
        duplicates="none",
        programme_287g="custodial",
        aliases="absent.csv",
        noncitizens=None,
        residents=None,
        noncitizens_column="people",
        residents_column="people",
    )
    for option in ("sheet", "duplicates", "programme-287g", "aliases"):
        assert f"--{option}: found the option without --arrests" in message
    for people in ("noncitizens", "residents"):
        assert f"--{people}-column: found the option without --{people}" in message
