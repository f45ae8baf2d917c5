"""Criminality: by office, month, method, custody, state and vote, with nothing left out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from arrest_atlas.demo import simulate
from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.records import judge_records
from arrest_atlas.tables import PublishedAnalysis, TableMaterial, analysis_page
from arrest_atlas.tables._class_cuts import known_methods, month_cut
from arrest_atlas.tables._class_shares import CRIMINALITY_CLASSES, class_shares
from arrest_atlas.tables.criminality import RECIPE, criminality
from geo import InputError
from outputs import render_report

HOSTILE = "<script>alert(1)</script>"
SHARES = {"custodial": (0.45, 0.45, 0.10), "community": (0.25, 0.15, 0.60)}
"""Of the simulated records: convicted, pending, none."""


def inputs_of(folder: Path, rows: list[tuple[str, str, str, str, str]]) -> ArrestInputs:
    table = pd.DataFrame(
        rows,
        columns=[
            "apprehension_date",
            "apprehension_state",
            "apprehension_aor",
            "apprehension_method",
            "apprehension_criminality",
        ],
    )
    table["unique_identifier"] = [f"p{number}" for number in range(len(table))]
    table.to_csv(folder / "arrests.csv", index=False)
    records = judge_records([folder / "arrests.csv"])
    return ArrestInputs(records=records, residents=pd.Series({"48201": 1.0}))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> PublishedAnalysis:
    rows = [("2025-02-03", "TEXAS", "Houston", "Located", "1 Convicted Criminal")] * 5
    rows += [("2025-02-20", "TEXAS", "Houston", "LOCATED", "3 Other Immigration Violator")] * 3
    rows += [
        ("2025-04-01", "OHIO", "Detroit", "Custodial Arrest", "2 Pending Criminal Charges")
    ] * 4
    rows += [("2025-04-02", "", "", HOSTILE, HOSTILE)] * 2
    rows += [("2025-04-02", "OHIO", "", "", "")]
    rows += [("", "OHIO", "Detroit", "Located", "1 Convicted Criminal")] * 2
    inputs = inputs_of(tmp_path_factory.mktemp("few"), rows)
    return criminality(inputs, periods=[Period.parse("2025", option="--period")])


def test_every_cut_has_every_arrest_and_shares_sum_to_one(made: PublishedAnalysis) -> None:
    assert list(made.tables) == [
        "criminality_aor", "criminality_month", "criminality_method", "criminality_custody",
        "criminality_state",
    ]  # fmt: skip
    for table in made.tables.values():
        rows = table.frame.drop(index="all arrests")
        assert rows["arrests"].sum() == 15
        shares = rows[[f"{name}_share" for name in CRIMINALITY_CLASSES.names]]
        assert np.allclose(shares[rows["arrests"] > 0].sum(axis=1), 1)


def test_numbers_are_those_counted_by_hand(made: PublishedAnalysis) -> None:
    offices = made.tables["criminality_aor"].frame
    assert list(offices.loc["HOU", ["convicted", "pending", "none", "unknown"]]) == [5, 0, 3, 0]
    assert offices.loc["DET", "arrests"] == 5  # all of Ohio is Detroit's
    assert offices.loc["not assigned", "unknown"] == 2
    custody = made.tables["criminality_custody"].frame
    assert custody.loc["custodial", "pending_share"] == 1


def test_months_have_no_gaps(made: PublishedAnalysis) -> None:
    months = made.tables["criminality_month"].frame
    assert months["arrests"].to_dict() == {
        "2025-02": 8, "2025-03": 0, "2025-04": 7, "all arrests": 15,
    }  # fmt: skip
    assert np.isnan(months["convicted_share"]["2025-03"])
    assert "2025-03 (0): not known" in made.figures["criminality-months"]


def test_methods_are_named_as_ice_does_and_what_nobody_knows_is_not_quoted(
    made: PublishedAnalysis,
) -> None:
    methods = made.tables["criminality_method"].frame["arrests"]
    assert methods.to_dict() == {
        "Located": 8, "Custodial Arrest": 4, "a method that is not in our list": 2,
        "not recorded": 1, "all arrests": 15,
    }  # fmt: skip
    page = render_report(analysis_page(made, version="0"))
    assert "alert(1)" not in page
    assert not any("alert(1)" in str(table.frame.to_csv()) for table in made.tables.values())
    assert known_methods()["287gprogram"] == "287(g) Program"


def test_what_is_missing_is_said(made: PublishedAnalysis) -> None:
    limits = " ".join(made.limits)
    assert "2 arrests (12%) have no date" in limits
    assert "20% of the arrests have no class" in limits
    assert "of 20% (" in made.findings[0]
    assert "nothing is recorded" in made.findings[0]


def test_counts_have_no_criminality() -> None:
    counts = ArrestInputs(arrests_by_state=pd.Series({"TX": 5}), residents=pd.Series({"48201": 1}))
    with pytest.raises(InputError, match="one row each"):
        criminality(counts)


def test_rows_without_a_date_are_a_month_of_their_own() -> None:
    rows = pd.DataFrame({"date": pd.to_datetime(["2024-11-30", "2025-01-01", "NaT"])})
    cut, months = month_cut(rows)
    assert list(cut.groups) == ["2024-11", "2024-12", "2025-01", "no date"]
    assert months.tolist() == ["2024-11", "2025-01", "no date"]


def test_simulated_records_recover_the_truth_of_every_office() -> None:
    hits = []
    inputs = []
    for seed in range(3):
        inputs.append(simulate(seed=seed, arrests=8_000).inputs)
        made = RECIPE.make(TableMaterial(inputs=inputs[-1]))
        assert "SIMULATED" in repr(made)
        assert inputs[-1].records is not None
        rows = made.tables["criminality_custody"].frame
        for kind, shares in SHARES.items():
            for name, share in zip(("convicted", "pending", "none"), shares, strict=True):
                low, high = rows[f"{name}_low"][kind], rows[f"{name}_high"][kind]
                hits.append(low - 0.005 <= share <= high + 0.005)
    assert np.mean(hits) >= 0.85
    first, again = (RECIPE.make(TableMaterial(inputs=inputs[0])) for _ in range(2))
    assert first.figures == again.figures
    assert first.findings == again.findings


def test_months_cover_the_truth() -> None:
    hits = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = 3_000
        rows = pd.DataFrame(
            {
                "date": pd.Timestamp("2024-01-01")
                + pd.to_timedelta(rng.integers(0, 20 * 30, n), unit="D"),
                "criminality": rng.choice(["convicted", "pending", "none"], n, p=[0.4, 0.3, 0.3]),
            }
        )
        cut, months = month_cut(rows)
        frame = class_shares(rows, months, CRIMINALITY_CLASSES, order=list(cut.groups), pooled=True)
        for name, share in (("convicted", 0.4), ("none", 0.3)):
            own = frame.drop(index="all arrests")
            hits += own[f"{name}_low"].le(share).mul(own[f"{name}_high"].ge(share)).tolist()
    assert len(hits) >= 400
    assert 0.85 <= np.mean(hits) <= 0.95
