"""The user's table of policies: places, days, numbers, and where each can be looked up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import InputError
from geo.context.policies import Policies, read_policies

Reads = Callable[[str], Policies]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    def read(content: str) -> Policies:
        path = tmp_path / "policies.csv"
        path.write_text(content, encoding="utf-8")
        return read_policies(path)

    return read


def test_a_policy_counts_for_the_days_that_it_is_in_force(reads: Reads) -> None:
    policies = reads(
        "State,From,To,Limits_Detainers,score,source\n"
        "Illinois,,,Yes,3,Trust Act\n"
        "48,,2025-02-09,no,0,SB 4\n"
        "TX,2025-02-10,,yes,1.5,made up\n"
        "Ohio,2025-02-10,,no,,made up\n"
    )
    assert (policies.by, policies.names) == ("state", ("limits_detainers", "score"))
    held = policies.during(dt.date(2025, 2, 1), dt.date(2025, 2, 10))
    assert list(held.loc["IL"]) == [1, 3]
    assert list(held.loc["TX"]) == pytest.approx([0.1, 0.15])
    assert held.loc["OH"].isna().all()  # nine of ten days are not told, which is not no
    later = policies.during(dt.date(2025, 3, 1), dt.date(2025, 3, 31))
    assert later["limits_detainers"].to_dict() == {"IL": 1, "OH": 0, "TX": 1}
    assert later["score"].isna().to_dict() == {"IL": False, "OH": True, "TX": False}


def test_counties_may_stand_in_the_place_of_states(reads: Reads) -> None:
    policies = reads("county_fips,state,jail_access,source\n6037,CA,no,made up\n48201,TX,1,x\n")
    assert policies.by == "county_fips"
    held = policies.during(dt.date(2025, 1, 1), dt.date(2025, 1, 1))
    assert held["jail_access"].to_dict() == {"06037": 0, "48201": 1}


def test_every_problem_is_reported_at_once(reads: Reads) -> None:
    with pytest.raises(InputError) as caught:
        reads(
            "state,from,to,limits,source\n"
            "Atlantis,,,1,x\n"
            "Texas,2025-05-01,2025-04-01,1,x\n"
            "Ohio,05/06/2025,,1,x\n"
            "Iowa,2025-01,,perhaps,x\n"
            "Utah,,2025-05-01,1,x\n"
            "Utah,2025-05-01,,0,x\n"
            "Maine,,,1,\n"
        )
    said = str(caught.value)
    for words in (
        "row 2: found 'Atlantis'; expected a state",
        "row 3: found 2025-05-01 to 2025-04-01; expected the first day before the last",
        "row 4, column 'from': found '05/06/2025'; expected a day such as 2025-01-20",
        "row 5, column 'from': found '2025-01'",
        "row 5, column 'limits': found 'perhaps'; expected a number",
        "row 7: found days of UT that an earlier row has too",
        "row 8: found no source",
    ):
        assert words in said
    assert len(caught.value.problems) == 7


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("place,limits,source", "expected a column state, or county_fips"),
        ("state,limits", "expected a column source"),
        ("state,from,to,source,note", "expected a policy beside"),
        ("state,<script>alert(1)</script>,source", "a name of a policy with other signs"),
        ("state,2limits,source", "a letter first"),
    ],
)
def test_columns_that_lack_or_mislead_are_named(reads: Reads, header: str, words: str) -> None:
    with pytest.raises(InputError, match=r"policies\.csv") as caught:
        reads(f"{header}\n" + ",".join(["Texas", *["1"] * header.count(",")]) + "\n")
    assert words in str(caught.value)


def test_the_days_asked_for_must_follow_each_other(reads: Reads) -> None:
    policies = reads("state,limits,source\nTexas,1,x\n")
    with pytest.raises(ValueError, match="the first before the last"):
        policies.during(dt.date(2025, 1, 2), dt.date(2025, 1, 1))


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)), st.integers(0, 700))
def test_two_spans_share_any_period_out(
    tmp_path_factory: pytest.TempPathFactory, first: dt.date, length: int
) -> None:
    path = tmp_path_factory.mktemp("policies") / "policies.csv"
    path.write_text("state,from,to,limits,source\nTX,,2025-01-19,0,x\nTX,2025-01-20,,1,x\n")
    last = first + dt.timedelta(days=length)
    after = (last - max(first, dt.date(2025, 1, 20))).days + 1
    held = read_policies(path).during(first, last).loc["TX", "limits"]
    assert held == pytest.approx(max(after, 0) / (length + 1))
