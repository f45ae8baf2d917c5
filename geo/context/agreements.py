"""287(g) agreements: which agencies enforce immigration law, by county, model and day."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from boundaries import state_codes
from geo._table import MISSING, Source, Table, plain_name, read_table
from geo.context._days import Days, read_days
from geo.context._places import ANOTHER, ELSEWHERE, NO_NAME, read_place
from geo.context._state_agencies import is_state_agency
from geo.errors import InputError, Problem

__all__ = ["MODELS", "STATE_AGENCY", "Agreements", "read_agreements"]

MODELS: Final = ("jail_enforcement", "task_force", "warrant_service_officer")
"""The three kinds of agreement, names of columns."""

STATE_AGENCY: Final = "state agency"
"""What agencies of a state are called, as kinds and as places."""

_FIRST: Final = dt.date(1996, 9, 30)
"""The law that section 287(g) was added by."""

_FEW: Final = 0.1
"""Share of signatures after the sheet's own day that may be slips of the pen."""

_COLUMNS: Final = {
    "state": (["state"], "states"),
    "agency": (["law enforcement agency", "agency"], "names of agencies"),
    "kind": (["type"], "kinds of agency"),
    "county": (["county"], "names of counties"),
    "model": (["support type", "model"], "models of agreement"),
    "signed": (["signed", "date signed"], "days of signature"),
}
_TITLES: Final = {"jail enforcement": MODELS[0], "task force": MODELS[1], "warrant": MODELS[2]}
_ISO_NAME = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")
_ICE_NAME = re.compile(r"(?<!\d)(\d\d)(\d\d)(20\d\d)(?!\d)")


@dataclass(frozen=True, kw_only=True)
class Agreements:
    """Agreements under section 287(g) of the Immigration and Nationality Act.

    Attributes
    ----------
    table : pandas.DataFrame
        One row an agreement, indexed by its row in the sheet: ``state`` (postal code),
        ``agency``, ``kind`` (``"county"``, ``"municipality"``, ``"state agency"``, as the
        sheet says), ``model`` (one of :data:`MODELS`), ``signed`` (day; missing where the
        sheet's cannot be), ``signed_as_written``, ``county_as_written``, ``county_fips``
        (missing for state agencies and where it could not be told), ``told_by``
        (``"county"``: the sheet's column; ``"county misspelt"``; ``"agency"`` or
        ``"city"``: the agency's own name; ``"state agency"``, by ``kind`` or by its name;
        empty where not told) and ``doubt`` (what speaks against it, or why it was not
        told).
    as_of : datetime.date
        Day of the sheet: what it lists was in force then.
    source : Source
        The file.
    notes : tuple of str
        What was repaired, and what is in doubt, counted.
    """

    table: pd.DataFrame
    as_of: dt.date
    source: Source
    notes: tuple[str, ...]

    @property
    def problems(self) -> pd.DataFrame:
        """List the rows that are in no county though their agency is not the state's.

        Returns
        -------
        pandas.DataFrame
            Rows of `table`, with the reason in ``doubt``.
        """
        return self.table[self.table["told_by"] == ""]


def read_agreements(path: str | Path, *, as_of: dt.date | None = None) -> Agreements:
    r"""Read ICE's list of participating agencies.

    Every row lands in a county, with a state agency, or among the problems that the
    result names. A state agency acts in the whole state; that its office stands in a
    county does not make it the county's. It is one if the sheet says so, or if its name
    does (``"Arkansas State Police"``). An agency of a county acts in that county, whatever
    the column ``COUNTY`` says; one of a city stays in the county of the column. Where name
    and column contradict each other, ``doubt`` and `notes` say it.

    Parameters
    ----------
    path : str or pathlib.Path
        The workbook as ICE publishes it (``participatingAgencies07182025am.xlsx``), or
        any table with the columns ``STATE``, ``LAW ENFORCEMENT AGENCY``, ``TYPE``,
        ``COUNTY``, ``SUPPORT TYPE`` and ``SIGNED``.
    as_of : datetime.date, optional
        Day of the sheet. Default: the date in the file's name, else the last signature.

    Returns
    -------
    Agreements
        Agreements by county, model and day.

    Raises
    ------
    InputError
        With every problem at once: columns, states or models that are not known.

    Notes
    -----
    The sheet lists what is in force: agreements that ended before are not on it, so
    counts of earlier days lack them. Source: U.S. Immigration and Customs Enforcement.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "agreements 2025-07-18.csv"
    >>> _ = path.write_text(
    ...     "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED\n"
    ...     "ALABAMA,Franklin County Sheriff's Office,County,Frankin County,"
    ...     "Task Force Model,2025-03-01\n"
    ...     "FLORIDA,Key West Police Department,Municipality,,Task Force Model,5025-07-07\n"
    ...     "FLORIDA,Florida State Guard,State Agency,,Task Force Model,4/7/2025\n")
    >>> read_agreements(path).table[["county_fips", "told_by", "signed"]]
      county_fips          told_by     signed
    2       01059  county misspelt 2025-03-01
    3       12087             city        NaT
    4         NaN     state agency 2025-04-07
    """
    table = read_table(path, find_header=_find_header)
    columns = _columns(table)
    rows = table.rows.rename(columns={name: key for key, name in columns.items()})[list(columns)]
    state, model = state_codes(rows["state"]), rows["model"].map(_model)
    problems = [
        *_unknown(table, rows["state"], state, "a state or territory"),
        *_unknown(table, rows["model"], model, "one of the models of agreement"),
    ]
    if problems:
        raise InputError(problems)
    days = read_days(rows["signed"], "month first")
    given = as_of or _named_day(table.source.file)
    signed, late = _plausible(days, given)
    if given is not None and late.mean() > _FEW:
        raise table.error(
            found=f"{int(late.sum()):,} of {len(late):,} agreements signed after {given}, the day "
            "that the sheet is said to be of",
            expected="agreements signed before",
            action="give the day of the sheet as as_of",
        )
    last = given or _last(signed)
    if last is None:
        raise table.error(
            found="neither a date in the file's name nor a day of signature",
            expected="the day that the sheet is of",
            action="give it as as_of",
        )
    read = pd.DataFrame(
        {
            "state": state,
            "agency": rows["agency"],
            "kind": rows["kind"].str.casefold(),
            "model": model,
            "signed": signed,
            "signed_as_written": rows["signed"],
            "county_as_written": rows["county"],
        }
    )
    placed = read.join(_places(read))
    notes = (*table.sheet_notes, *_notes(placed, days, late))
    return Agreements(table=placed, as_of=last, source=table.source, notes=notes)


def _find_header(rows: list[list[str]]) -> int | None:
    """Find the first row that names most of the columns: titles may stand above it."""
    for number, row in enumerate(rows):
        cells = set(map(plain_name, row))
        named = [not cells.isdisjoint(map(plain_name, names)) for names, _ in _COLUMNS.values()]
        if 2 * sum(named) > len(named):
            return number
    return None


def _columns(table: Table) -> dict[str, str]:
    """Find the sheet's columns, and report all that are missing at once."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for key, (names, what) in _COLUMNS.items():
        try:
            found[key] = table.column(names, what=what)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _model(text: str) -> str | None:
    known = [name for words, name in _TITLES.items() if words in text.casefold()]
    return known[0] if len(known) == 1 else None


def _unknown(table: Table, text: pd.Series, known: pd.Series, expected: str) -> list[Problem]:
    return [
        table.problem(
            where=f"row {row}",
            found=repr(text[row][:60]),
            expected=expected,
            action="correct it or leave the row out",
        )
        for row in text.index[known.isna()]
    ]


def _places(table: pd.DataFrame) -> pd.DataFrame:
    """Tell the county of each agreement, each agency once."""
    texts = ["county_as_written", "agency", "state"]
    known = {key: read_place(*key) for key in set(table[texts].itertuples(index=False, name=None))}
    told = [known[key] for key in table[texts].itertuples(index=False, name=None)]
    typed = table["kind"] == STATE_AGENCY
    agencies = zip(table["agency"], table["state"], strict=True)
    state_agency = typed | np.array([is_state_agency(*each) for each in agencies], dtype=bool)
    fips = pd.Series([each.county_fips for each in told], index=table.index, dtype="str")
    by = pd.Series([each.told_by for each in told], index=table.index, dtype="str")
    doubt = pd.Series([each.doubt for each in told], index=table.index, dtype="str")
    return pd.DataFrame(
        {
            "county_fips": fips.mask(state_agency | (fips == "")),
            "told_by": by.mask(state_agency, STATE_AGENCY),
            "doubt": doubt.mask(state_agency, table["kind"].map(_contradicted).mask(typed, "")),
        }
    )


def _contradicted(kind: str) -> str:
    return f"the sheet calls it {kind!r}"


def _plausible(days: Days, last: dt.date | None) -> tuple[pd.Series, pd.Series]:
    """Set aside signatures before the law and after the sheet."""
    signed = days.earliest.where(days.earliest == days.latest)
    late = signed < np.datetime64(_FIRST, "s")
    if last is not None:
        late |= signed > np.datetime64(last, "s")
    return signed.mask(late), late


def _last(signed: pd.Series) -> dt.date | None:
    return None if signed.isna().all() else signed.max().date()


def _named_day(file: str) -> dt.date | None:
    """Read the day of a sheet from the name of its file."""
    if match := _ICE_NAME.search(file):
        year, month, day = int(match[3]), int(match[1]), int(match[2])
    elif match := _ISO_NAME.search(file):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    else:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _notes(table: pd.DataFrame, days: Days, late: pd.Series) -> tuple[str, ...]:
    written = table["signed_as_written"]
    no_day = (table["signed"].isna() & ~written.str.casefold().isin(MISSING)) | late
    notes = [
        f"row {row}: {table['agency'][row]}: signed {written[row]!r}, which cannot be: "
        "taken as not known"
        for row in table.index[no_day]
    ]
    notes += [
        f"row {row}: {table['agency'][row]}: signed {written[row]!r}, read as "
        f"{days.earliest[row]:%Y-%m-%d}"
        for row in days.mended.index[~no_day[days.mended.index]]
    ]
    told, doubt = table["told_by"], table["doubt"]
    by_name = (told == STATE_AGENCY) & (doubt != "")
    another = (told == "agency") & doubt.str.startswith(ANOTHER)
    place = ("in " + table["county_fips"]).mask(by_name, "a state agency")
    notes += [
        f"row {row}: {table['agency'][row]}: {place[row]} by its name; {doubt[row]}"
        for row in table.index[by_name | another]
    ]
    named = told.isin(["agency", "city"]) & ~another
    blank = table["county_as_written"].str.casefold().isin(NO_NAME)
    for count, what in (
        (int((blank & named).sum()), "no county is named: told by name"),
        (int((~blank & named).sum()), "the county named is none"),
        (int((told == "county misspelt").sum()), "the county's name is misspelt"),
        (
            int(((told == "county") & doubt.str.startswith(ELSEWHERE)).sum()),
            "the city's ZIP codes lie in another county than the one named, which stands",
        ),
        (int((told == STATE_AGENCY).sum()), "a state agency: in no county"),
        (int((told == "").sum()), "the county could not be told"),
    ):
        if count:
            notes.append(f"{count:,} {'row' if count == 1 else 'rows'}: {what}")
    return tuple(notes)
