"""What every published analysis has: words for all, facts, shapes, a page that is safe."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

from arrest_atlas.cli import main
from arrest_atlas.demo import simulate
from arrest_atlas.period import Period
from arrest_atlas.tables import (
    RECIPES,
    PublishedAnalysis,
    PublishedTable,
    Recipe,
    TableMaterial,
    analysis_blocks,
    analysis_page,
    arrest_rows,
    publish,
    publishing,
    within,
)
from geo import InputError
from outputs import ColumnWords, OutputError, render_report

HOSTILE = "<script>alert(1)</script>"
SVG = (
    '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="10pt" role="img" '
    'aria-labelledby="a b"><title id="a">t</title><desc id="b">d</desc></svg>'
)


def table(**changes: Any) -> PublishedTable:
    frame = pd.DataFrame(
        {"arrests": [3, 5, 1]}, index=pd.Index(["TX", "NY", "not assigned"], name="state")
    )
    given: dict[str, Any] = {
        "title": f"Arrests by state {HOSTILE}",
        "frame": frame,
        "shown": frame.reset_index().astype("str"),
        "columns": {"state": ColumnWords(meaning="State"), "arrests": ColumnWords(meaning="All")},
        "period": "2024",
        "denominator": "all arrests",
        "support": "as recorded",
        "source": HOSTILE,
    }
    return PublishedTable(**{**given, **changes})


def analysis(**changes: Any) -> PublishedAnalysis:
    given: dict[str, Any] = {
        "name": "toy",
        "question": "How many?",
        "findings": ("Nine.", f"Of them {HOSTILE}."),
        "limits": ("Nothing else.",),
        "tables": {"by_state": table()},
        "figures": {"toy": SVG},
        "captions": {"toy": f"A figure {HOSTILE}"},
    }
    return PublishedAnalysis(**{**given, **changes})


def test_every_column_needs_words() -> None:
    with pytest.raises(ValueError, match=r"found no words for \['arrests'\]"):
        table(columns={"state": ColumnWords(meaning="State")})


def test_every_figure_needs_a_caption() -> None:
    with pytest.raises(ValueError, match="captions"):
        analysis(captions={})


def test_every_table_has_a_title_of_its_own() -> None:
    with pytest.raises(ValueError, match="a title each"):
        analysis(tables={"one": table(), "two": table()})


def test_places_have_their_shapes_and_the_rest_stays_without() -> None:
    layer = table().to_layer()
    assert isinstance(layer, gpd.GeoDataFrame)
    assert layer.crs.to_epsg() == 4269
    assert layer.geometry.isna().tolist() == [False, False, True]
    assert layer["arrests"].tolist() == [3, 5, 1]
    plain = table(
        frame=pd.DataFrame({"arrests": [1]}, index=pd.Index(["x"], name="month")),
        columns={"month": ColumnWords(meaning="m"), "arrests": ColumnWords(meaning="a")},
    )
    assert not isinstance(plain.to_layer(), gpd.GeoDataFrame)


@pytest.mark.parametrize(
    ("area", "code"), [("aor", "DAL"), ("zone", "TX-DAL"), ("county_fips", "48113")]
)
def test_all_kinds_of_places_have_shapes(area: str, code: str) -> None:
    placed = table(
        frame=pd.DataFrame({"arrests": [1]}, index=pd.Index([code], name=area)),
        columns={area: ColumnWords(meaning="place"), "arrests": ColumnWords(meaning="a")},
    ).to_layer()
    assert placed.geometry.notna().all()


def test_words_tell_period_denominator_support_and_source() -> None:
    abstract = table().words.abstract
    for fact in ("Period: 2024", "Denominator: all arrests", "Support: as recorded", "Source: "):
        assert fact in abstract


def test_the_page_shows_every_text_as_text() -> None:
    page = render_report(analysis_page(analysis(), made_by=[HOSTILE], version="0"))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 5
    assert len(list(analysis_blocks(analysis()))) == 7


def test_simulated_says_so() -> None:
    simulated = analysis(simulated=True)
    assert "SIMULATED" in repr(simulated)
    assert "SIMULATED" in render_report(analysis_page(simulated, version="0"))


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    def make(material: TableMaterial) -> PublishedAnalysis:
        return analysis(simulated=material.arrests.simulated)

    recipe = Recipe(name="toy", help="Toys.", make=make, needs=("records",))
    monkeypatch.setattr(publishing, "RECIPES", {"toy": recipe})
    return recipe


def records(folder: Path) -> Path:
    path = folder / "arrests.csv"
    path.write_text(
        "apprehension_date,apprehension_state,apprehension_method,unique_identifier\n"
        "2024-05-01,TEXAS,Located,a\n2025-05-01,TEXAS,CAP Local Incarceration,b\n"
    )
    return path


def test_a_folder_holds_page_layers_tables_and_figures(toy: Recipe, tmp_path: Path) -> None:
    made = publish(tmp_path / "out", name=toy.name, arrests=records(tmp_path))
    assert made.findings[0] == "Nine."
    names = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")
    }
    assert names == {
        "toy.html",
        "toy.gpkg",
        "summary.json",
        "run.json",
        "tables/by_state.csv",
        "tables/by_state.parquet",
        "figures/toy.svg",
    }
    layer = gpd.read_file(tmp_path / "out" / "toy.gpkg", layer="by_state")
    assert layer["arrests"].tolist() == [3, 5, 1]
    publish(tmp_path / "again", name=toy.name, arrests=records(tmp_path))
    for name in names:
        first, second = (tmp_path / folder / name for folder in ("out", "again"))
        assert first.read_bytes() == second.read_bytes()


def test_what_is_missing_is_said_with_the_option(toy: Recipe, tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("state,arrests\nTexas,5\n")
    with pytest.raises(InputError, match=r"records of arrests, one row each \(--arrests\)"):
        publish(tmp_path / "out", name=toy.name, arrests_by_state=counts)
    assert not (tmp_path / "out").exists()


def test_all_problems_come_at_once(toy: Recipe, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        publish(
            tmp_path / "out",
            name=toy.name,
            periods=["someday"],
            crime_period="2019",
            votes=tmp_path / "no.csv",
        )
    told = str(caught.value)
    for word in ("--period", "--crime-period", "arrests: found no file", "no.csv"):
        assert word in told


def test_a_folder_of_something_else_is_refused(toy: Recipe, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        publish(tmp_path / "out", name=toy.name, arrests=records(tmp_path))


def test_every_analysis_is_a_command() -> None:
    listed = CliRunner().invoke(main, ["table", "--help"]).output
    for name, recipe in RECIPES.items():
        assert name in listed
        told = CliRunner().invoke(main, ["table", name, "--help"])
        assert told.exit_code == 0
        assert ("--draws" in told.output) == recipe.imputes
        assert ("--seed" in told.output) == (recipe.imputes or recipe.random)
        assert ("--arrests-by-state" in told.output) == recipe.counts


def test_rows_are_of_no_duplicates_and_states_of_offices_in_one_state_only() -> None:
    records = simulate(seed=3, arrests=20_000).inputs.records
    assert records is not None
    rows = arrest_rows(records)
    assert len(rows) == int((~records.duplicates.drop).sum())
    spanning = rows["aor"].isin(["DAL", "NOL", "ATL", "CHI"]) & (rows["support"] == "aor")
    assert spanning.any()
    assert rows.loc[spanning, "state"].isna().all()
    assert (rows.loc[spanning, "state_from"] == "none").all()
    inferred = rows[rows["state_from"] == "office"]
    assert len(inferred) > 100
    assert inferred["zone"].notna().all()


def test_days_at_both_ends_belong_to_a_period() -> None:
    rows = pd.DataFrame({"date": pd.to_datetime(["2024-01-01", "2024-12-31", "2025-01-01"])})
    assert len(within(rows, Period.parse("2024", option="--period"))) == 2
