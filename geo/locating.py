"""Arrest records to places: each at the finest level that its evidence supports."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries import (
    HEADQUARTERS,
    load_counties,
    load_gazetteer,
    load_zones,
)
from geo.landmarks import LandmarkReader, LandmarkReading

__all__ = ["STATE_OUTSIDE_AREA", "SUPPORT_LEVELS", "LocatedArrests", "locate_arrests"]

SUPPORT_LEVELS: Final = ("county", "zone", "state", "aor", "none")
"""Levels at which a place may be known, the finest first."""

_MARKS: Final = {
    "coordinates": 0.99,
    "county column": 0.99,
    "state": 0.95,
    "landmark's state": 0.9,
    "state filled in": 0.8,
    "office": 0.9,
    "duty site": 0.5,
    "nothing": 0.0,
}
"""Confidence of the rules that do not rest on a landmark's name."""

_ELSEWHERE: Final = "{} in another state"
_ANOTHER_COUNTY: Final = "landmark in another county"
STATE_OUTSIDE_AREA: Final = "state outside the office's area"
"""Conflict of a record's state with its office; the state is the place."""

_NOBODYS: Final = "no office is responsible"  # American Samoa

_TEXTS: Final = ("state", "state_filled_in", "aor", "city", "landmark", "duty_site", "county")


@dataclass(frozen=True, kw_only=True, repr=False)
class LocatedArrests:
    """Where each arrest was made, as far as its record tells.

    Attributes
    ----------
    table : pandas.DataFrame
        On the index of the records: ``support`` (``county``, ``zone``, ``state``,
        ``aor`` or ``none``), ``county_fips``, ``zone``, ``state`` and ``aor`` of the place
        as far as they are known, the ``rule`` that decided, the words that ``matched``,
        ``confidence`` (0 to 1), ``candidates`` (counties that may be meant, joined by
        semicolons), ``conflict`` (in words, missing where there is none) and
        ``landmark_kind`` (see :class:`~geo.landmarks.LandmarkReading`).
    conflicts : pandas.DataFrame
        ``conflict``, ``landmark``, ``state``, ``rows``: evidence that contradicts the
        record's state or office, the commonest first.
    unmatched : pandas.DataFrame
        ``landmark``, ``state``, ``landmark_kind``, ``rows``: landmarks that may name a
        place but were not matched to one county, the commonest first.
    """

    table: pd.DataFrame
    conflicts: pd.DataFrame
    unmatched: pd.DataFrame

    def __repr__(self) -> str:
        counts = self.table["support"].value_counts().reindex(SUPPORT_LEVELS)
        levels = ", ".join(f"{n:,} by {level}" for level, n in counts.items() if level != "none")
        return f"{len(self.table):,} arrests: {levels}, {counts['none']:,} not located"

    def to_frame(self) -> pd.DataFrame:
        """Hand the places out as a table.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def locate_arrests(table: pd.DataFrame, *, aliases: pd.DataFrame | None = None) -> LocatedArrests:
    """Locate each arrest at the level that its evidence supports.

    Evidence in order: coordinates; a county column; a landmark that names a county, a
    city or a facility (see :class:`~geo.landmarks.LandmarkReader`); a city column; the
    recorded state; a state that the landmark names; the state that the Deportation Data
    Project filled in; the office's area of responsibility; the duty site, as a hint, to
    tell a missing office. State and office narrow what a name may mean. A place in another
    state than the record's is a conflict: it is reported, and the record keeps its state.

    Parameters
    ----------
    table : pandas.DataFrame
        Records in the canonical schema, as :func:`~geo.read_arrests` gives them. Needs
        ``state``, ``aor`` and ``landmark``; uses ``state_filled_in``, ``county``,
        ``city``, ``latitude``, ``longitude`` and ``duty_site`` where present.
    aliases : pandas.DataFrame, optional
        Names of the user's own, ``name``, ``state`` and ``county_fips``; they come first.

    Returns
    -------
    LocatedArrests
        One row a record, on the index of `table`.

    Examples
    --------
    >>> records = pd.DataFrame({
    ...     "state": ["AL", "TX", None], "aor": ["NOL", None, "NOL"],
    ...     "landmark": ["CAP - LEE COUNTY JAIL, AL STATE", "FUGITIVE OPERATIONS", None]})
    >>> locate_arrests(records).table[["support", "county_fips", "rule"]].values.tolist()
    [['county', '01081', 'landmark: county'], ['state', nan, 'state'], ['aor', nan, 'office']]
    """
    own = aliases is not None
    reader = LandmarkReader(load_gazetteer(aliases=aliases)) if own else _packaged_reader()
    evidence = pd.DataFrame({name: _column(table, name) for name in _TEXTS}, index=table.index)
    point = _counties_of_points(table)
    evidence = evidence.assign(
        point=point.astype("category"),
        named=_counties_of_column(evidence, reader).astype("category"),
        # The duty site is a hint for records that tell nothing else.
        duty_site=evidence["duty_site"].where(evidence[["state", "aor"]].isna().all(axis=1)),
    )
    number, distinct = _distinct(evidence.drop(columns="county"))
    decide = _Decision(reader)
    decided = pd.DataFrame(
        [decide(_Evidence(*values)) for values in distinct], columns=list(_Place._fields)
    )
    places = _finished(decided).take(number).set_axis(table.index)
    landmark = evidence[["landmark", "state"]]
    unmatched = places["landmark_kind"].isin(["unread", "ambiguous"])
    return LocatedArrests(
        table=places,
        conflicts=_counted(places["conflict"], landmark, places["conflict"].notna()),
        unmatched=_counted(places["landmark_kind"], landmark, unmatched),
    )


@cache
def _packaged_reader() -> LandmarkReader:
    return LandmarkReader()


class _Evidence(NamedTuple):
    """What a record tells of its place."""

    state: str | None
    state_filled_in: str | None
    aor: str | None
    city: str | None
    landmark: str | None
    duty_site: str | None
    point: str | None
    named: str | None


class _Place(NamedTuple):
    """Where a record belongs."""

    support: str
    county_fips: str | None
    zone: str | None
    state: str | None
    aor: str | None
    rule: str
    matched: str | None
    confidence: float
    candidates: str | None
    conflict: str | None
    landmark_kind: str


_Found = tuple[str, str, str, float]
"""A county, the rule that found it, the words that matched, and the confidence."""


class _Decision:
    """Weighs the evidence of one record, the firmest first."""

    def __init__(self, reader: LandmarkReader) -> None:
        counties = load_counties()
        self._reader = reader
        self._read = cache(lambda text, state, aor: reader.read(text, state=state, aor=aor))
        self._read_city = cache(
            lambda text, state, aor: reader.read_city(text, state=state, aor=aor)
        )
        self._state_of = dict(zip(counties.index, counties["state"], strict=True))
        self._zone_of = counties["zone"].dropna().to_dict()
        zones = load_zones()
        self._office_of = zones["aor"].to_dict()
        self._state_of_zone = zones["state"].to_dict()
        self._zones_in = {
            (level, area): tuple(members)
            for level in ("state", "aor")
            for area, members in zones.groupby(level).groups.items()
        }

    def __call__(self, evidence: _Evidence) -> _Place:
        aor = None if evidence.aor == HEADQUARTERS else evidence.aor
        # In a state of one zone the office narrows nothing: one reading serves all.
        split = evidence.state is None or len(self._zones_of("state", evidence.state)) > 1
        office = aor if split else None
        reading = self._read(evidence.landmark or "", evidence.state, office)
        conflicts = [_ELSEWHERE.format("landmark")] if reading.kind == "other state" else []
        for rule, county in (("coordinates", evidence.point), ("county column", evidence.named)):
            if county is None:
                continue
            if evidence.state in {None, self._state_of[county]}:
                if reading.county_fips not in {None, county}:
                    conflicts.append(_ANOTHER_COUNTY)
                found = (county, rule, county, _MARKS[rule])
                return self._at_county(reading, conflicts, found)
            conflicts.append(_ELSEWHERE.format(rule))
        if reading.county_fips is not None:
            rule = f"landmark: {reading.rule}"
            found = (reading.county_fips, rule, reading.matched, reading.confidence)
            return self._at_county(reading, conflicts, found)
        city = self._read_city(evidence.city or "", evidence.state, office)
        if city.county_fips is not None:
            found = (city.county_fips, "city column", city.matched, city.confidence)
            return self._at_county(reading, conflicts, found)
        return self._at_area(evidence, aor, reading, conflicts)

    def _at_county(self, reading: LandmarkReading, conflicts: list[str], found: _Found) -> _Place:
        county, rule, matched, confidence = found
        zone = self._zone_of.get(county)
        if zone is None:
            return _nowhere(reading, [*conflicts, _NOBODYS])
        return _nowhere(reading, conflicts)._replace(
            support="county",
            county_fips=county,
            zone=zone,
            state=self._state_of[county],
            aor=self._office_of[zone],
            rule=rule,
            matched=matched,
            confidence=confidence,
        )

    def _at_area(
        self, evidence: _Evidence, aor: str | None, reading: LandmarkReading, conflicts: list[str]
    ) -> _Place:
        state, rule = self._state(evidence, reading)
        if state is None and aor is None and evidence.duty_site is not None:
            aor, rule = self._reader.read_office(evidence.duty_site), "duty site"
        elif state is None:
            rule = "office"
        zones = self._zones(state, aor, reading)
        if not zones:
            known = state is not None or aor is not None
            return _nowhere(reading, [*conflicts, _NOBODYS] if known else conflicts)
        if state is not None and aor is not None and not zones & self._zones_of("aor", aor):
            # The office is a duty office, the state the place.
            conflicts = [*conflicts, STATE_OUTSIDE_AREA]
        zone = next(iter(zones)) if len(zones) == 1 else None
        known_by = "zone" if zone else "state" if state else "aor"
        return _nowhere(reading, conflicts)._replace(
            support=known_by,
            zone=zone,
            state=self._state_of_zone[zone] if zone else state,
            aor=self._office_of[zone] if zone else aor if known_by == "aor" else None,
            rule=rule,
            confidence=_MARKS[rule],
        )

    def _state(self, evidence: _Evidence, reading: LandmarkReading) -> tuple[str | None, str]:
        """Choose the state: the recorded one, one that the landmark names, the filled in."""
        if evidence.state is not None:
            return evidence.state, "state"
        if reading.kind != "other state":
            candidates = {self._state_of[county] for county in reading.candidates}
            named = reading.state if reading.kind in {"state only", "unread"} else None
            if len(candidates) == 1:
                return candidates.pop(), "landmark's state"
            if named is not None:
                return named, "landmark's state"
        if evidence.state_filled_in is not None:
            return evidence.state_filled_in, "state filled in"
        return None, "nothing"

    def _zones(self, state: str | None, aor: str | None, reading: LandmarkReading) -> set[str]:
        """List the zones that state, office and the landmark's candidates leave."""
        zones, of_office = self._zones_of("state", state), self._zones_of("aor", aor)
        if not state:
            return of_office
        zones = zones & of_office or zones
        if reading.kind == "ambiguous":
            meant = {self._zone_of.get(county) for county in reading.candidates}
            zones = zones & meant or zones
        return zones

    def _zones_of(self, level: str, area: str | None) -> set[str]:
        return set(self._zones_in.get((level, area), ()))


def _nowhere(reading: LandmarkReading, conflicts: list[str]) -> _Place:
    """Say what the landmark tells, and of no place."""
    return _Place(
        support="none",
        county_fips=None,
        zone=None,
        state=None,
        aor=None,
        rule="nothing",
        matched=reading.matched or None,
        confidence=_MARKS["nothing"],
        candidates=";".join(reading.candidates) or None,
        conflict="; ".join(conflicts) or None,
        landmark_kind=reading.kind,
    )


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    """Give a column as categories, missing throughout where the table lacks it."""
    if name not in table:
        return pd.Series(pd.Categorical([None] * len(table), categories=[]), index=table.index)
    column = table[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column
    return column.astype("string").astype("object").astype("category")


def _distinct(
    evidence: pd.DataFrame,
) -> tuple[npt.NDArray[np.int64], list[tuple[str | None, ...]]]:
    """List the distinct rows of categories, and give each row the number of its own."""
    number = np.zeros(len(evidence), dtype=np.int64)
    for name in evidence:
        codes = evidence[name].cat.codes.to_numpy(dtype=np.int64) + 1
        # Renumbering after each column keeps the numbers small.
        number, _ = pd.factorize(number * (codes.max(initial=0) + 1) + codes)
    _, first = np.unique(number, return_index=True)
    rows = evidence.iloc[first].astype(object)
    return number, list(rows.where(rows.notna(), None).itertuples(index=False, name=None))


def _counties_of_points(table: pd.DataFrame) -> pd.Series:
    """Find the county of each record that has coordinates within one."""
    found = np.full(len(table), None, dtype=object)
    if "latitude" in table and "longitude" in table:
        placed = np.flatnonzero((table["latitude"].notna() & table["longitude"].notna()).to_numpy())
        counties, rows = load_counties(), table.iloc[placed]
        points = gpd.points_from_xy(rows["longitude"], rows["latitude"], crs=counties.crs)
        at, county = counties.sindex.query(points, predicate="intersects")
        # A point on a border lies in the first of its counties.
        at, first = np.unique(at, return_index=True)
        found[placed[at]] = counties.index[county[first]]
    return pd.Series(found, index=table.index)


def _counties_of_column(evidence: pd.DataFrame, reader: LandmarkReader) -> pd.Series:
    """Read the county column, once for each distinct text, state and office."""
    number, distinct = _distinct(evidence[["county", "state", "aor"]])
    counties = [
        reader.read_county(text, state=state, aor=aor) if text else None
        for text, state, aor in distinct
    ]
    return pd.Series(counties, dtype=object).take(number).set_axis(evidence.index)


def _finished(decided: pd.DataFrame) -> pd.DataFrame:
    """Write texts as categories."""
    support = pd.Categorical(decided["support"], categories=SUPPORT_LEVELS, ordered=True)
    texts = [name for name in decided if name not in {"confidence", "support"}]
    return decided.assign(support=support).astype(dict.fromkeys(texts, "category"))


def _counted(reason: pd.Series, landmark: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """Count the landmarks of the records that are chosen, the commonest first."""
    rows = landmark.assign(**{str(reason.name): reason})[chosen]
    counts = rows.astype(object).fillna("").value_counts(sort=False).rename("rows").reset_index()
    order = ["rows", *rows.columns]
    counts = counts.sort_values(order, ascending=[False] + [True] * len(rows.columns))
    return counts[[str(reason.name), "landmark", "state", "rows"]].reset_index(drop=True)
