"""Hold rooms and detention facilities, placed in their counties."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from boundaries import state_codes
from geo._named_places import unknown_states
from geo._table import MISSING, Source, read_table
from geo.context._facility_columns import days_of_use, facility_points, facility_rows
from geo.context._facility_counties import placed_facilities
from geo.errors import InputError, Problem

__all__ = ["Facilities", "read_facilities"]


@dataclass(frozen=True, kw_only=True)
class Facilities:
    """Facilities and their counties.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a facility, indexed by its row in the file: ``code``, ``name``, ``kind``,
        ``state`` (postal code), ``county_fips`` (vintage 2019; missing where not told),
        ``latitude`` and ``longitude`` (degrees; missing where not given or plainly
        wrong), ``first_used`` and ``last_used`` (days; of a year alone its first and last
        day; missing where not given), ``told_by`` (``"coordinates"``, ``"county"``,
        ``"city"``, ``"name"``: the city in its own name; or empty) and ``doubt``.
    source : Source
        The file.
    notes : tuple of str
        What is missing or in doubt, counted.
    used_between : tuple of datetime.date, optional
        First and last day of the time that :meth:`in_use` kept facilities of.
    undated : int
        Facilities that it left out because their days of use are not known.
    """

    table: pd.DataFrame
    source: Source
    notes: tuple[str, ...]
    used_between: tuple[dt.date, dt.date] | None = None
    undated: int = 0

    @property
    def problems(self) -> pd.DataFrame:
        """List the facilities whose county could not be told.

        Returns
        -------
        pandas.DataFrame
            Rows of `table`, with the reason in ``doubt``.
        """
        return self.table[self.table["county_fips"].isna()]

    def in_use(self, first: dt.date, last: dt.date) -> Facilities:
        """Keep the facilities that were in use at some time between two days.

        Parameters
        ----------
        first, last : datetime.date
            The days, both included.

        Returns
        -------
        Facilities
            Those whose first and last use enclose or fall into the time. A facility
            without both days is left out, and counted in the notes.

        Raises
        ------
        InputError
            If there is none.

        Examples
        --------
        >>> table = pd.DataFrame({
        ...     "first_used": pd.to_datetime(["2001-01-01", "2010-01-01", None]),
        ...     "last_used": pd.to_datetime(["2009-12-31", "2017-11-04", None])})
        >>> rooms = Facilities(table=table, notes=(), source=Source(file="", sha256="", rows=3))
        >>> rooms.in_use(dt.date(2012, 1, 1), dt.date(2012, 12, 31)).table.index.tolist()
        [1]
        """
        started, ended = self.table["first_used"], self.table["last_used"]
        undated = started.isna() | ended.isna()
        within = (started <= np.datetime64(last, "s")) & (ended >= np.datetime64(first, "s"))
        if not within.any():
            problem = Problem(
                file=self.source.file,
                found=f"no facility in use between {first} and {last}"
                + (f"; the last use known is of {ended.max():%Y-%m-%d}" if any(~undated) else ""),
                expected="some",
                action="choose other days, or take all facilities",
            )
            raise InputError([problem])
        each = "facility" if within.sum() == 1 else "facilities"
        note = (
            f"in use between {first} and {last}: {int(within.sum()):,} {each}; "
            f"{int(undated.sum()):,} without days of use left out"
        )
        return replace(
            self,
            table=self.table[within],
            notes=(*self.notes, note),
            used_between=(first, last),
            undated=self.undated + int(undated.sum()),
        )


def read_facilities(path: str | Path) -> Facilities:
    r"""Read a list of hold rooms, jails or detention facilities.

    A facility lies in the county that its coordinates fall into; the county named beside
    them is often an office's or a city's. Where they lie more than 10 km outside the
    state named, they are taken for wrong. Without coordinates the county is told by its
    name, else by the ZIP codes of the city, or of the city that it is named after.

    Parameters
    ----------
    path : str or pathlib.Path
        A table with ``name``, ``state``, ``lat`` and ``lon`` (or ``lng``) in degrees and,
        if it likes, ``detloc``, ``facility_type``, ``city``, ``county``,
        ``date_first_use`` and ``date_last_use``. Days may be ISO, or in the one order of
        day and month that all rows allow; years and months alone are taken.

    Returns
    -------
    Facilities
        Facilities by county.

    Raises
    ------
    InputError
        With every problem at once: columns or states that are not there, coordinates
        that are no degrees, days in two orders.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "rooms.csv"
    >>> _ = path.write_text("name,state,county,lat,lon,date_last_use\n"
    ...                     "Houston Hold,TX,,29.95,-95.37,13/11/2017\n"
    ...                     "Etowah Hold,AL,ETOWAH,NA,NA,4/11/17\n")
    >>> read_facilities(path).table[["county_fips", "told_by", "last_used"]]
      county_fips      told_by  last_used
    2       48201  coordinates 2017-11-13
    3       01055       county 2017-11-04
    """
    table = read_table(path)
    rows = facility_rows(table)
    points, problems = facility_points(table, rows)
    states = state_codes(rows["state"])
    problems += unknown_states(table, rows["state"])
    used, wrong_days, day_notes = days_of_use(table, rows)
    problems += wrong_days
    if problems:
        raise InputError(problems)
    placed = placed_facilities(rows, states, points)
    plain = rows[["code", "name", "kind"]].mask(
        rows[["code", "name", "kind"]].apply(lambda text: text.str.casefold().isin(MISSING)), ""
    )
    facilities = pd.concat([plain, placed, used], axis="columns")
    order = ["code", "name", "kind", "state", "county_fips", "latitude", "longitude"]
    facilities = facilities[[*order, "first_used", "last_used", "told_by", "doubt"]]
    notes = (*table.sheet_notes, *_notes(facilities), *day_notes)
    return Facilities(table=facilities, source=table.source, notes=notes)


def _notes(table: pd.DataFrame) -> tuple[str, ...]:
    doubt, told = table["doubt"], table["told_by"]
    counts = {
        "in another county than the one named": doubt.str.startswith("the county named"),
        "with coordinates outside the state named": doubt.str.startswith("the coordinates"),
        "told by the name of the county": told == "county",
        "told by the name of the city": told == "city",
        "told by the city in their own name": told == "name",
        "of no county that could be told": told == "",
        "without coordinates": table["latitude"].isna(),
    }
    return tuple(
        f"{int(rows.sum()):,} {'facility' if rows.sum() == 1 else 'facilities'} {what}"
        for what, rows in counts.items()
        if any(rows)
    )
