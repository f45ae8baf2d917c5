"""Detainers linked to the arrests of the same person."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.records import Records
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from boundaries import load_zones
from geo import InputError, Problem
from geo.detainers import DetainerRecords, classify_lift_reasons, find_repeated_detainers

__all__ = ["BEFORE", "OUTCOMES", "STATUSES", "detainer_rows"]

OUTCOMES: Final = ("custodial", "community", "other", "none")
"""What followed: an arrest in jail; none there but one in the community; another; nothing."""

STATUSES: Final = ("followed_up", "no_identifier", "too_young", "before_arrests")
"""Whether what followed can be told, and if not, why."""

BEFORE: Final = 30
"""Days before a detainer within which an arrest is told, too."""


def detainer_rows(given: DetainerRecords, records: Records, *, days: int) -> pd.DataFrame:
    """List the detainers that are none once more, and what followed each.

    Parameters
    ----------
    given : DetainerRecords
        Detainers.
    records : Records
        Arrests of every day, and which of them are duplicates.
    days : int
        Days within which an arrest follows, the detainer's own being the first.

    Returns
    -------
    pandas.DataFrame
        One row a detainer, on the index of the detainers, for counting only and never to be
        published (M12): ``date``; ``state``, that of the jail, else of an office all of whose
        area lies in one state, else `UNASSIGNED`, and ``state_from``; ``lifted``; ``person``, a
        number, -1 where not known; ``status`` of `STATUSES`, missing without a date; ``outcome``
        of `OUTCOMES` within `days`; ``custodial_gap`` and ``any_gap``, days to the first arrest
        in jail and to the first of any kind, missing where there is none; ``observed``, days
        to the last arrest of the records; ``arrested_before``, whether the person was arrested
        within 30 days before.

    Raises
    ------
    InputError
        If no person of the detainers stands in the arrests.
    """
    table = given.table[find_repeated_detainers(given.table) == "none"]
    arrests = _arrests(records)
    person, arrests["person"] = _persons(table["identifier"], arrests["identifier"])
    _refuse_strangers(person, arrests["person"], given, records)
    rows = pd.DataFrame(
        {
            "date": table["prepared"],
            "lifted": classify_lift_reasons(table),
            "person": person,
        },
        index=table.index,
    ).join(_states(table))
    gaps = {name: _gaps(rows, arrests[arrests["custody"] == name]) for name in OUTCOMES[:3]}
    within = [gap.to_numpy() <= days for gap in gaps.values()]
    rows["outcome"] = pd.Categorical(
        np.select(within, OUTCOMES[:3], OUTCOMES[3]), categories=pd.Index(OUTCOMES)
    )
    rows["custodial_gap"] = gaps["custodial"]
    rows["any_gap"] = pd.DataFrame(gaps).min(axis="columns")
    rows["arrested_before"] = _gaps(rows, arrests, direction="backward").le(BEFORE)
    rows["observed"] = (arrests["date"].max() - rows["date"]).dt.days
    early = rows["date"] < arrests["date"].min()
    reasons = [rows["date"].isna(), early, rows["observed"] < days, rows["person"] < 0]
    codes = np.select(reasons, [-1, 3, 2, 1], 0)
    rows["status"] = pd.Categorical.from_codes(codes, pd.Index(STATUSES))
    return rows


def _arrests(records: Records) -> pd.DataFrame:
    kept = ~records.duplicates.drop & records.arrests.table["apprehension_date"].notna()
    table = records.arrests.table[kept]
    return pd.DataFrame(
        {
            "date": table["apprehension_date"],
            "custody": records.classes.custody[kept],
            "identifier": table["identifier"],
        }
    )


def _persons(
    detained: pd.Series, arrested: pd.Series
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the persons of the detainers numbers, in the arrests alike; -1 to all others."""
    ours, theirs = pd.Categorical(detained), pd.Categorical(arrested)
    known = ours.categories.get_indexer(theirs.categories)
    # The code -1 of what is missing picks the last number.
    return ours.codes.astype(np.int64), np.append(known, -1)[theirs.codes].astype(np.int64)


def _refuse_strangers(
    person: npt.NDArray[np.int64], arrested: pd.Series, given: DetainerRecords, records: Records
) -> None:
    if (arrested >= 0).any():
        return
    count = len(np.unique(person[person >= 0]))
    arrests = ", ".join(source.file for source in records.arrests.sources)
    raise InputError(
        [
            Problem(
                file=", ".join(source.file for source in given.sources),
                found=f"{count:,} identifiers of persons, none of which stands in {arrests}",
                expected="detainers and arrests of one release, which name persons alike",
                action="give both of the same release",
            )
        ]
    )


def _states(table: pd.DataFrame) -> pd.DataFrame:
    """Tell the state of the jail, by an office only if all of its area lies in one state."""
    states = load_zones().groupby("aor")["state"].unique()
    single = {office: own[0] for office, own in states.items() if len(own) == 1}
    own = table["state"].astype("object")
    inferred = table["aor"].astype("object").map(single)
    told = np.select([own.notna(), inferred.notna()], ["facility", "office"], "none")
    return pd.DataFrame(
        {"state": own.fillna(inferred).fillna(UNASSIGNED), "state_from": told}, index=table.index
    )


def _gaps(
    rows: pd.DataFrame,
    arrests: pd.DataFrame,
    *,
    direction: Literal["forward", "backward"] = "forward",
) -> pd.Series:
    """Count the days to the next arrest of the person, the own day included, or since the last."""
    known = rows.loc[(rows["person"] >= 0) & rows["date"].notna(), ["date", "person"]]
    known = known.sort_values("date", kind="stable")
    linked = arrests.loc[arrests["person"] >= 0, ["date", "person"]]
    linked = linked.sort_values("date", kind="stable").assign(arrest=lambda each: each["date"])
    found = pd.merge_asof(
        known, linked, on="date", by="person",
        direction=direction, allow_exact_matches=direction == "forward",
    )  # fmt: skip
    gap = (found["arrest"] - found["date"]).dt.days.abs().set_axis(known.index)
    return gap.reindex(rows.index)
