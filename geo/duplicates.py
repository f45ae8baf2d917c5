"""Rows that record the same arrest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo._words import as_categories, look_up, squeeze

__all__ = ["DuplicateRule", "Duplicates", "find_duplicates"]

DuplicateRule: TypeAlias = Literal["episode", "same-day", "identifier-and-time", "none"]
"""When successive rows of one person are the same arrest."""

_EPISODE: Final = 24 * 60 * 60
_REPROCESSED: Final = {squeeze("ERO Reprocessed Arrest"): 1}

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, repr=False)
class Duplicates:
    """Which rows record an arrest that an earlier row records already.

    Attributes
    ----------
    rule : {"episode", "same-day", "identifier-and-time", "none"}
        The rule that decided.
    drop : pandas.Series of bool
        Rows to leave out, on the table's index.
    checked : pandas.Series of bool
        Rows with an identifier and a date. The others are never dropped, since nothing
        shows whether they are duplicates.
    rules : pandas.DataFrame
        What each rule would remove, indexed by ``rule``: rows ``removed``, their
        ``share`` of all rows, ``persons`` who would lose a row, and rows that cannot be
        checked because they have ``no_identifier`` or, with one, ``no_date``.
    against_ddp : pandas.DataFrame or None
        Rows by our answer (index ``ours``: kept, dropped) and by the flag that the
        Deportation Data Project put into the file (columns ``ddp``: kept, dropped,
        unknown); None where the file has no flag.
    """

    rule: DuplicateRule
    drop: pd.Series
    checked: pd.Series
    rules: pd.DataFrame
    against_ddp: pd.DataFrame | None

    def __repr__(self) -> str:
        removed, rows = int(self.drop.sum()), len(self.drop)
        return f"<Duplicates by {self.rule}: {removed:,} of {rows:,} rows>"

    def to_frame(self) -> pd.DataFrame:
        """Lay the answer out as a table.

        Returns
        -------
        pandas.DataFrame
            One row an arrest, on the table's index: ``drop`` and ``checked``.
        """
        return pd.DataFrame({"drop": self.drop, "checked": self.checked})


def find_duplicates(table: pd.DataFrame, *, rule: DuplicateRule = "episode") -> Duplicates:
    """Find rows that record an arrest once more.

    The rows of one person are put in order of time; among rows of the same time, "ERO
    Reprocessed Arrest" comes last, then file, sheet and row decide. A row is dropped if
    it continues the row before it:

    ``"episode"``
        by at most 24 hours, the rule of the Deportation Data Project. Rows chain: each
        is compared with the one before it, not with the first, so an episode may last
        longer than a day. In a table with days only, successive days chain.
    ``"same-day"``
        on the same calendar day.
    ``"identifier-and-time"``
        at the same second.
    ``"none"``
        never.

    The answer does not depend on the order of the table's rows. Among the rows kept there
    are no duplicates by the same rule; each rule drops all that the next one drops. Rows
    link others, so look for duplicates before taking a part of the table.

    Parameters
    ----------
    table : pandas.DataFrame
        Arrests as :func:`read_arrests` gives them: ``identifier``,
        ``apprehension_date``, ``apprehension_time``, ``method``, ``file``, ``sheet``,
        ``row`` and ``ddp_duplicate``, on an index without repeats.
    rule : {"episode", "same-day", "identifier-and-time", "none"}, default "episode"
        When a row is a duplicate.

    Returns
    -------
    Duplicates
        Rows to drop, what every rule would remove, and the comparison with the flag of
        the file.

    Raises
    ------
    ValueError
        If `rule` is none of these.

    Notes
    -----
    The Deportation Data Project orders rows of the same time likewise, except that it
    puts rows without a method last; ours puts them before reprocessed ones.

    Examples
    --------
    >>> times = pd.to_datetime(["2025-07-01 10:00", "2025-07-02 09:00", "2025-07-09 12:00"])
    >>> table = pd.DataFrame({
    ...     "identifier": ["a", "a", "a"], "apprehension_time": times,
    ...     "apprehension_date": times.normalize(), "method": "Located",
    ...     "file": "arrests.csv", "sheet": "", "row": [2, 3, 4], "ddp_duplicate": pd.NA,
    ... })
    >>> duplicates = find_duplicates(table)
    >>> duplicates
    <Duplicates by episode: 1 of 3 rows>
    >>> duplicates.drop.tolist()
    [False, True, False]
    >>> duplicates.rules["removed"].to_dict()
    {'episode': 1, 'same-day': 0, 'identifier-and-time': 0, 'none': 0}
    """
    if rule not in _CONTINUES:
        message = f"found rule={rule!r}; expected one of {', '.join(get_args(DuplicateRule))}"
        raise ValueError(message)
    identifiers = as_categories(table["identifier"])
    person = identifiers.codes.astype(np.int64)
    dated = table["apprehension_date"].notna().to_numpy()
    checked = (person >= 0) & dated
    rows_of = np.bincount(person[checked], minlength=len(identifiers.categories) + 1)
    order = _order(table, person, rows=np.flatnonzero(checked & (rows_of[person] > 1)))
    same_person = np.diff(person[order]) == 0
    gap = np.diff(_seconds(table["apprehension_time"])[order])
    days = np.diff(_seconds(table["apprehension_date"])[order])
    dropped = {}
    for name, continues in _CONTINUES.items():
        dropped[name] = np.zeros(len(table), dtype=np.bool_)
        dropped[name][order[1:][same_person & continues(gap, days)]] = True
    drop = pd.Series(dropped[rule], index=table.index, name="drop")
    rules = pd.DataFrame(
        {
            "removed": {name: int(rows.sum()) for name, rows in dropped.items()},
            "share": {name: rows.sum() / max(len(rows), 1) for name, rows in dropped.items()},
            "persons": {name: len(np.unique(person[rows])) for name, rows in dropped.items()},
            "no_identifier": int((person < 0).sum()),
            "no_date": int(((person >= 0) & ~dated).sum()),
        }
    )
    return Duplicates(
        rule=rule,
        drop=drop,
        checked=pd.Series(checked, index=table.index, name="checked"),
        rules=rules.rename_axis(index="rule"),
        against_ddp=_against_ddp(drop, table["ddp_duplicate"]),
    )


_CONTINUES: Final[dict[DuplicateRule, Callable[[Integers, Integers], Flags]]] = {
    "episode": lambda gap, _: gap <= _EPISODE,
    "same-day": lambda _, days: days == 0,
    "identifier-and-time": lambda gap, _: gap == 0,
    "none": lambda gap, _: np.zeros(len(gap), dtype=np.bool_),
}
"""Whether a row continues the one before it, by seconds between their times and days."""


def _seconds(times: pd.Series) -> Integers:
    seconds: Integers = times.to_numpy(dtype="datetime64[s]").astype(np.int64)
    return seconds


def _order(table: pd.DataFrame, person: Integers, *, rows: Integers) -> Integers:
    """Order rows by person, time, reprocessed or not, and place in the files."""
    reprocessed = look_up(as_categories(table["method"]), _REPROCESSED)
    keys = (  # the last key counts most
        table["row"].to_numpy()[rows],
        _ranks(table["sheet"])[rows],
        _ranks(table["file"])[rows],
        reprocessed[rows],
        _seconds(table["apprehension_time"])[rows],
        person[rows],
    )
    ordered: Integers = rows[np.lexsort(keys)]
    return ordered


def _ranks(column: pd.Series) -> Integers:
    """Rank texts by the alphabet, whatever the order of a column's categories."""
    texts = as_categories(column)
    ranks = np.append(np.argsort(np.argsort(texts.categories.astype(str))), -1)
    ranked: Integers = ranks[texts.codes]
    return ranked


def _against_ddp(drop: pd.Series, flag: pd.Series) -> pd.DataFrame | None:
    if flag.isna().all():
        return None
    answers = ["kept", "dropped"]
    ours = pd.Categorical(np.where(drop, "dropped", "kept"), categories=answers)
    ddp = flag.astype("boolean").map({False: "kept", True: "dropped"})
    counted = pd.crosstab(ours, pd.Categorical(ddp.fillna("unknown")), dropna=False)
    whole = counted.reindex(index=answers, columns=[*answers, "unknown"], fill_value=0)
    return whole.rename_axis(index="ours", columns="ddp")
