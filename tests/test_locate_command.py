"""``arrest-atlas locate`` and ``arrest-atlas inspect``, as a user meets them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from arrest_atlas import simulate_records
from arrest_atlas.cli import main

COLUMNS = [
    "note",
    "file",
    "sheet",
    "row",
    "date",
    "method",
    "custody_class",
    "criminality",
    "landmark",
    "support",
    "county_fips",
    "zone",
    "state",
    "aor",
    "rule",
    "matched",
    "confidence",
    "candidates",
    "conflict",
    "duplicate",
]
PERSONAL = ["unique_identifier", "birth_year", "citizenship_country", "gender"]


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return simulate_records(arrests=1_500, rng=5).table


@pytest.fixture(scope="module")
def file(records: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "arrests.parquet"
    records.to_parquet(path, index=False)
    return path


def call(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refusal(*words: object) -> str:
    result = call(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def test_one_row_a_record_with_its_evidence(file: Path, tmp_path: Path) -> None:
    result = call("locate", file, "--out", tmp_path / "located.parquet")
    assert result.exit_code == 0, result.output
    table = pd.read_parquet(tmp_path / "located.parquet")
    assert list(table.columns) == COLUMNS
    assert len(table) == len(pd.read_parquet(file))
    assert table["row"].is_monotonic_increasing
    by_county = table["support"] == "county"
    assert by_county.mean() > 0.4
    assert table.loc[by_county, ["county_fips", "zone", "state", "rule"]].notna().all(axis=None)
    assert table["duplicate"].mean() == pytest.approx(0.05, abs=0.02)
    assert "records read" in result.stdout
    assert "Not for publication" in result.stdout


def test_it_says_that_it_is_not_for_publication(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "located.parquet"
    call("locate", file, "--out", out)
    metadata = parquet.read_schema(out).metadata
    assert b"not for publication" in metadata[b"arrest_atlas"]
    assert pd.read_parquet(out)["note"].str.contains("not for publication").all()


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_it_does_not_depend_on_who_was_arrested(
    records: pd.DataFrame, file: Path, tmp_path: Path, suffix: str
) -> None:
    # Other persons, the same links between records: the same bytes.
    persons = records["unique_identifier"]
    others = records.assign(
        unique_identifier=(
            "person " + persons.rank(method="dense").astype("Int64").astype(str)
        ).where(persons.notna()),
        birth_year=1901,
        citizenship_country="UTOPIA",
        gender="ROBOT",
    )
    (tmp_path / "others").mkdir()
    others.to_parquet(tmp_path / "others" / file.name, index=False)
    outs = [tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"]
    for path, out in zip((file, tmp_path / "others" / file.name), outs, strict=True):
        assert call("locate", path, "--out", out).exit_code == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    content = (
        outs[0].read_text() if suffix == ".csv" else pd.read_parquet(outs[0]).to_csv(index=False)
    )
    for identifier in persons.dropna():
        assert identifier not in content
    for country in records["citizenship_country"].unique():
        assert country not in content
    assert not {"birth_year", "gender", "Male"} & set(content.replace("\n", ",").split(","))


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(tmp_path: Path) -> None:
    landmarks = ['=HYPERLINK("http://x")', "+1", "-2", "@SUM(A1)", "LEE COUNTY JAIL, AL"]
    table = pd.DataFrame(
        {
            "apprehension_date": "2025-03-01",
            "apprehension_state": "ALABAMA",
            "apprehension_method": ["=cmd|' /C calc'!A0", *["Located"] * 4],
            "apprehension_site_landmark": landmarks,
        }
    )
    table.to_csv(tmp_path / "arrests.csv", index=False)
    out = tmp_path / "located.csv"
    assert call("locate", tmp_path / "arrests.csv", "--out", out).exit_code == 0
    written = pd.read_csv(out, dtype=str, keep_default_na=False)
    for column in written.columns:
        assert not written[column].str.match(r"\s*[=+\-@]").any(), column
    assert written["landmark"].str.removeprefix("'").tolist() == landmarks
    assert written["county_fips"].tolist()[-1] == "01081"


def test_an_earlier_working_file_is_replaced_and_no_other(file: Path, tmp_path: Path) -> None:
    for name in ("located.parquet", "located.csv"):
        out = tmp_path / name
        assert call("locate", file, "--out", out).exit_code == 0
        first = out.read_bytes()
        assert call("locate", file, "--out", out).exit_code == 0
        assert out.read_bytes() == first
    pd.DataFrame({"thesis": [1]}).to_parquet(tmp_path / "mine.parquet")
    (tmp_path / "mine.csv").write_text("thesis\n1\n")
    (tmp_path / "text.parquet").write_text("no parquet")
    for name in ("mine.parquet", "mine.csv", "text.parquet"):
        before = (tmp_path / name).read_bytes()
        message = refusal("locate", file, "--out", tmp_path / name)
        assert "this command did not write" in message
        assert "choose another --out" in message
        assert (tmp_path / name).read_bytes() == before


def test_it_does_not_overwrite_its_input(file: Path) -> None:
    before = file.read_bytes()
    refusal("locate", file, "--out", file)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("located.xlsx", "expected a file name ending in .csv, .parquet"),
        ("located", "expected a file name ending in .csv, .parquet"),
        ("absent/located.csv", "expected a folder that exists"),
        ("folder.csv", "found a folder at"),
    ],
)
def test_places_where_nothing_can_be_written(
    file: Path, tmp_path: Path, out: str, said: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    assert said in refusal("locate", file, "--out", tmp_path / out)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


BAD = {
    "empty.csv": "",
    "header.csv": "apprehension_date,apprehension_state\n",
    "other.csv": "a,b\n1,2\n",
    "short.parquet": "PAR1",
    "short.xlsx": "PK\x03\x04",
    "words.docx": "words",
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["inspect", "locate"])
def test_bad_files_are_refused_in_words_and_nothing_is_left(
    tmp_path: Path, command: str, name: str
) -> None:
    (tmp_path / name).write_text(BAD[name])
    out = ["--out", tmp_path / "located.csv"] if command == "locate" else []
    message = refusal(command, tmp_path / name, *out)
    assert name in message
    assert "expected" in message
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "found no such file" in refusal("inspect", tmp_path / "absent.csv")
    assert "found no such file" in refusal(
        "locate", tmp_path / "absent.csv", "--out", tmp_path / "located.csv"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("name,county_fips\nTHE MILL,99999\n", "row 2: found county code '99999'"),
        ("name,county_fips\n,01081\n", "row 2: found no name"),
        ("name,county_fips\nA,01081\na,1081\n", "rows 2, 3 for the same name"),
        (
            "name,state,county_fips\nA,GA,01081\n",
            "row 2: found 'GA' beside the county code 01081; expected AL",
        ),
        ("place,county_fips\nA,01081\n", "expected one of name"),
        ("", "an empty file"),
    ],
)
def test_bad_aliases(file: Path, tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "names.csv").write_text(table)
    assert said in refusal("inspect", file, "--aliases", tmp_path / "names.csv")


def test_aliases_locate_what_the_gazetteer_does_not_know(tmp_path: Path) -> None:
    (tmp_path / "arrests.csv").write_text(
        "apprehension_date,apprehension_state,apprehension_site_landmark\n"
        "2025-03-01,ALABAMA,THE OLD ZZYZX MILL\n"
    )
    (tmp_path / "names.csv").write_text("name,county_fips\nThe Old Zzyzx Mill,1081\n")
    found = {}
    for names in ([], ["--aliases", tmp_path / "names.csv"]):
        out = tmp_path / "located.csv"
        assert call("locate", tmp_path / "arrests.csv", "--out", out, *names).exit_code == 0
        (found[bool(names)],) = pd.read_csv(out, dtype=str)["county_fips"].fillna("")
    assert found == {False: "", True: "01081"}


def test_options_that_do_not_exist_are_refused(file: Path) -> None:
    assert "--duplicates" in refusal("inspect", file, "--duplicates", "some")
    assert "--programme-287g" in refusal("inspect", file, "--programme-287g", "community")
    assert refusal("inspect")
    assert refusal("locate", file)


def test_inspect_prints_the_report_and_writes_nothing(file: Path, tmp_path: Path) -> None:
    result = call("inspect", file)
    assert result.exit_code == 0
    assert result.stdout.startswith("QUALITY OF THE RECORDS")
    assert "DDP cleaned, 2025" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_inspect_as_json(file: Path) -> None:
    report = json.loads(call("inspect", file, "--json").stdout)
    rows = len(pd.read_parquet(file))
    assert report["rows"]["read"]["rows"] == rows
    assert {"missing_by_field", "support_by_custody", "duplicates"} <= set(report)


def test_rules_of_duplicates_change_the_report(file: Path) -> None:
    def kept(rule: str) -> int:
        report = json.loads(call("inspect", file, "--json", "--duplicates", rule).stdout)
        return int(report["rows"]["kept"]["rows"])

    assert kept("episode") < kept("identifier-and-time") <= kept("none")


def test_several_files_are_read_together(file: Path, tmp_path: Path) -> None:
    whole = pd.read_parquet(file)
    for number, part in enumerate((whole.iloc[:600], whole.iloc[600:])):
        part.to_csv(tmp_path / f"part{number}.csv", index=False)
    paths = [tmp_path / "part0.csv", tmp_path / "part1.csv"]
    together = json.loads(call("inspect", *paths, "--json").stdout)
    alone = json.loads(call("inspect", file, "--json").stdout)
    assert together["rows"] == alone["rows"]
    assert together["support_by_state"] == alone["support_by_state"]


def test_a_pipe_is_no_place_to_write(file: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)  # opened, it would wait for ever
    assert "pipe.csv" in refusal("locate", file, "--out", pipe)


def test_names_of_files_are_written_without_control_characters(tmp_path: Path) -> None:
    text = "apprehension_date,apprehension_state\n2025-03-01,TEXAS\n"
    for name in (b"bad\xff.csv", b"esc\x1b[31m.csv"):
        path = tmp_path / os.fsdecode(name)
        path.write_text(text)
        assert call("inspect", path).exit_code == 0
        path.write_text("apprehension_date,apprehension_state\n")
        message = refusal("inspect", path)
        assert "\x1b" not in message
        assert "\ufffd" in message or "?" in message


def test_a_sheet_of_a_file_without_sheets_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "arrests.csv"
    path.write_text("apprehension_date,apprehension_state\n2025-03-01,TEXAS\n")
    assert "a file without sheets" in refusal("inspect", path, "--sheet", "Arrests")


def test_identifiers_in_another_column_are_not_told(tmp_path: Path) -> None:
    path = tmp_path / "shifted.csv"
    path.write_text("apprehension_date,apprehension_state\n2025-03-01,0123456789abcdef0123\n")
    result = call("inspect", path)
    assert result.exit_code == 0
    assert "0123456789abcdef" not in result.output
    assert "is no state" in result.output
