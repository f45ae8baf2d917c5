"""Read detainers: ICE's requests to jails and prisons to hold somebody for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo._detainer_files import FileDetainers, read_file
from geo._table import Source
from geo._words import as_categories, look_up, squeeze
from geo.errors import InputError, Problem

__all__ = [
    "LIFTED",
    "REPEATS",
    "DetainerRecords",
    "classify_lift_reasons",
    "find_repeated_detainers",
    "read_detainers",
]

LIFTED: Final = ("booked", "declined", "released", "withdrawn", "replaced", "other", "not recorded")
"""What the record says of the end of a detainer."""

REPEATS: Final = ("none", "same day", "replaced")
"""Why a row is no detainer of its own."""

_LIFTED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "booked": ("Booked into Detention",),
    "declined": ("Detainer Declined by LEA",),
    "released": (
        "Early Release",
        "No longer in State, Local, or Federal Custody",
        "Insufficient Notice to ICE",
    ),
    "withdrawn": (
        "Case Closed",
        "ICE Temporary Resource Constraint",
        "Judicial Review",
        "Lifted",
        "Noncitizen Not Amenable to Removal",
        "Not Amenable to Removal",
        "Prosecutorial Discretion",
        "USC or Presumptive Claim to US Citizenship",
    ),
    "replaced": ("Duplicate", "Superseding - New Form Issued"),
}
_CODES: Final = {
    squeeze(text): LIFTED.index(name) for name, texts in _LIFTED_BY.items() for text in texts
}
_REPLACED_WITHIN: Final = pd.Timedelta(days=30)


@dataclass(frozen=True, kw_only=True, repr=False)
class DetainerRecords:
    """Detainers as recorded, one row each, and what was done to them on the way.

    Attributes
    ----------
    table : pandas.DataFrame
        On a plain index: ``file``, ``sheet`` and ``row`` where it stands; ``prepared``, the
        day on which the detainer was prepared, missing where impossible; ``state`` of the jail
        (postal code) and ``aor`` (code of the field office); ``lift_reason`` as recorded;
        ``identifier`` of the person. Keep it to yourself. Nothing else is read.
    sources : tuple of Source
        The files, in the order given.
    notes : tuple of str
        Warnings in words, with counts.
    repairs : pandas.DataFrame
        What was set to missing or dropped, and why: ``file``, ``column`` (empty for whole
        rows), ``what``, ``rows``.
    """

    table: pd.DataFrame
    sources: tuple[Source, ...]
    notes: tuple[str, ...]
    repairs: pd.DataFrame

    def __repr__(self) -> str:
        days = self.table["prepared"]
        period = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
        return f"<DetainerRecords: {len(self.table):,} rows, {period}>"

    def to_frame(self) -> pd.DataFrame:
        """Give the table.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def read_detainers(
    paths: str | Path | Sequence[str | Path], *, sheets: Sequence[str] = ()
) -> DetainerRecords:
    r"""Read detainers from ICE's files or from those that the Deportation Data Project cleaned.

    They are read as `read_arrests` reads arrests: any format, header wherever it stands,
    redactions, blanks and impossible days become missing, everything changed is counted.

    Parameters
    ----------
    paths : str, pathlib.Path or sequence of them
        Files with a column ``detainer_prepare_date`` (``detainer_prepared_date``,
        ``prepare_date``) and, for anything to be told, ``facility_state``, ``facility_aor``,
        ``detainer_lift_reason`` and an identifier named as that of arrests.
    sheets : sequence of str, optional
        Sheets of workbooks to read; every sheet that holds detainers if none is named.

    Returns
    -------
    DetainerRecords
        The table, with notes and repairs.

    Raises
    ------
    InputError
        With every problem of every file: files that are absent, damaged or no tables of
        detainers, the same file twice, no rows, no days.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "detainers.csv"
    >>> _ = path.write_text(
    ...     "Detainer Prepare Date,Facility State,Facility AOR,Anonymized Identifier\n"
    ...     "1/20/2025,MISSISSIPPI,New Orleans Area of Responsibility,a1b2\n"
    ...     '2025-01-21,NEW YORK,,"b(6), b(7)c"\n'
    ... )
    >>> found = read_detainers(path)
    >>> found
    <DetainerRecords: 2 rows, 2025-01-20 to 2025-01-21>
    >>> found.table[["state", "aor"]].astype("object").values.tolist()
    [['MS', 'NOL'], ['NY', nan]]
    """
    every = [paths] if isinstance(paths, (str, Path)) else list(paths)
    if not every:
        none = Problem(file="detainers", found="no file", expected="at least one", action="name it")
        raise InputError([none])
    parts: list[FileDetainers] = []
    problems: list[Problem] = []
    for path in every:
        try:
            parts.append(read_file(Path(path), sheets))
        except InputError as error:
            problems += error.problems
    problems += _same_file_problems(parts)
    if problems:
        raise InputError(problems)
    tables = [part.table for part in parts]
    return DetainerRecords(
        table=tables[0] if len(tables) == 1 else _stacked(tables),
        sources=tuple(part.source for part in parts),
        notes=tuple(note for part in parts for note in part.notes),
        repairs=pd.concat([part.repairs for part in parts], ignore_index=True),
    )


def _same_file_problems(parts: list[FileDetainers]) -> Iterator[Problem]:
    for one, other in combinations(parts, 2):
        if one.source.sha256 == other.source.sha256:
            yield Problem(
                file=other.source.file,
                found=f"the same content as {one.source.file}",
                expected="each file once",
                action="leave one out, or detainers without an identifier count twice",
            )


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.api.types.union_categoricals([table[name] for table in tables])
            if tables[0][name].dtype == "category"
            else pd.concat([table[name] for table in tables], ignore_index=True)
            for name in tables[0]
        }
    )


def classify_lift_reasons(table: pd.DataFrame) -> pd.Series:
    """Class what the records say of the end of detainers.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_detainers` gives it.

    Returns
    -------
    pandas.Series of category
        On the table's index, of `LIFTED`: the person was ``"booked"`` into detention; the jail
        ``"declined"``, or had ``"released"`` the person; ICE had ``"withdrawn"`` it;
        ``"replaced"`` by another detainer; ``"other"``; ``"not recorded"``.

    Examples
    --------
    >>> table = pd.DataFrame({"lift_reason": ["booked into detention", "Duplicate", "?", None]})
    >>> classify_lift_reasons(table).tolist()
    ['booked', 'replaced', 'other', 'not recorded']
    """
    texts = as_categories(table["lift_reason"])
    codes = look_up(texts, _CODES)
    rest = np.where(texts.codes < 0, LIFTED.index("not recorded"), LIFTED.index("other"))
    codes = np.where(codes < 0, rest, codes)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(LIFTED)), index=table.index)


def find_repeated_detainers(table: pd.DataFrame) -> pd.Series:
    """Find rows that record a detainer once more.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_detainers` gives it.

    Returns
    -------
    pandas.Series of category
        On the table's index, of `REPEATS`: ``"same day"`` for all rows but the first that were
        prepared for one person on one day; ``"replaced"`` where the lift reason says that
        another form took its place, and the person has one within 30 days; ``"none"``
        otherwise, also without identifier or day. Each is decided by file, sheet and row,
        whatever the order of the table.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "identifier": ["a", "a", "a", "b"],
    ...     "prepared": pd.to_datetime(["2025-03-01", "2025-03-01", "2025-02-20", "2025-03-01"]),
    ...     "lift_reason": [None, None, "Superseding - New Form Issued", None],
    ...     "file": "detainers.csv", "sheet": "", "row": [2, 3, 4, 5],
    ... })
    >>> find_repeated_detainers(table).tolist()
    ['none', 'same day', 'replaced', 'none']
    """
    why = pd.Series(REPEATS[0], index=table.index, dtype="object")
    rows = pd.DataFrame(
        {
            "person": as_categories(table["identifier"]).codes.astype(np.int64),
            "prepared": table["prepared"],
            "replaced": (classify_lift_reasons(table) == "replaced").to_numpy(),
            **{name: table[name].astype("object") for name in ("file", "sheet")},
            "row": table["row"],
        },
        index=table.index,
    )
    rows = rows[(rows["person"] >= 0) & rows["prepared"].notna()]
    rows = rows.sort_values(["prepared", "replaced", "file", "sheet", "row"], kind="stable")
    same_day = rows.duplicated(["person", "prepared"])
    why[same_day.index[same_day]] = REPEATS[1]
    rows = rows[~same_day]
    standing = rows.loc[~rows["replaced"], ["person", "prepared"]].assign(there=True)
    claimed = rows.loc[rows["replaced"], ["person", "prepared"]]
    nearest = pd.merge_asof(
        claimed, standing, on="prepared", by="person",
        direction="nearest", tolerance=_REPLACED_WITHIN,
    )  # fmt: skip
    why[claimed.index[nearest["there"].notna().to_numpy()]] = REPEATS[2]
    return pd.Series(pd.Categorical(why, categories=pd.Index(REPEATS)), index=table.index)
