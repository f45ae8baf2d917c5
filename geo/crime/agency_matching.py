"""Which agency of the list each row of offences belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from boundaries import load_counties, normalise_name, squash_name
from geo.crime.offenses import Agencies, AgencyOffenses

__all__ = [
    "AGGREGATE",
    "AMBIGUOUS",
    "BY_NAME",
    "NOT_LISTED",
    "REPORTER",
    "AgencyMatches",
    "match_agencies",
    "one_name_an_agency",
]

AGGREGATE: Final = "sum of several agencies"
"""A row that stands for a sample, a population group or a region: counted elsewhere too."""

AMBIGUOUS: Final = "ambiguous"
"""Several agencies of the list bear the name, or two rows name the same one."""

NOT_LISTED: Final = "not listed"
"""No agency of the list bears the ORI or the name."""

_BY_PEOPLE: Final = "name and population"
BY_NAME: Final = ("name", "name and kind", _BY_PEOPLE)
"""Ways in which an agency is found without its ORI."""

REPORTER: Final = ["ori", "agency", "state", "kind"]
"""Columns that tell one reporting agency from another."""

_LIKE: Final = 1.25
"""Ratio of two populations up to which they may be of one agency in different years."""

_NEAR: Final = 2.0
"""The same, where nothing else speaks against the agency but its kind."""

_COUNTY_OF_ORI: Final = 5  # two letters of the state, three digits of the county

_COUNTY_WORDS: Final = frozenset({"COUNTY", "PARISH", "SHERIFF", "SHERIFFS"})
_PLAIN_WORDS: Final = _COUNTY_WORDS | {
    *("BOROUGH", "DEPARTMENT", "DEPT", "METRO", "METROPOLITAN", "OFFICE"),
    *("PD", "POLICE", "TOWN", "TOWNSHIP", "VILLAGE"),
}
_OF_A_PLACE = re.compile(r"(?i)^(?:city|town|village|borough|township) of ")
_ADDED = re.compile(r"[,:(].*")

_Index = dict[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, repr=False)
class AgencyMatches:
    """Reporting agencies, and the agency of the list that each of them is.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a reporting agency: ``ori``, ``agency``, ``state`` and ``kind`` as
        reported, ``matched`` (ORI in the list, empty where none), ``how`` (``"ori"``,
        ``"name"``, ``"name and kind"``, ``"name and population"``, or
        :data:`AGGREGATE`, :data:`AMBIGUOUS`, :data:`NOT_LISTED`) and ``candidates``
        (tuple of ORIs in the list that bear the name).
    """

    table: pd.DataFrame

    def __repr__(self) -> str:
        ways = self.table["how"].value_counts()
        found = ", ".join(f"{number:,} {how}" for how, number in ways.items())
        return f"AgencyMatches: {len(self.table):,} agencies ({found})"

    @property
    def ambiguous(self) -> pd.DataFrame:
        """List the agencies that may be several of the list.

        Returns
        -------
        pandas.DataFrame
            Their rows, with the candidates.
        """
        return self.table[self.table["how"] == AMBIGUOUS].reset_index(drop=True)

    def share_matched(self) -> float:
        """Give the share of agencies that were matched to one of the list.

        Returns
        -------
        float
            Between 0 and 1, sums of several agencies left aside; NaN if there are none.
        """
        single = self.table[self.table["how"] != AGGREGATE]
        return float((single["matched"] != "").mean()) if len(single) else float("nan")


def one_name_an_agency(rows: pd.DataFrame) -> pd.DataFrame:
    """Call an agency of one ORI the same in all its rows, however they spell its name.

    Parameters
    ----------
    rows : pandas.DataFrame
        With the columns of :data:`REPORTER`.

    Returns
    -------
    pandas.DataFrame
        The same; where there is an ORI, name, state and kind are the first that its rows
        state.

    Examples
    --------
    >>> rows = pd.DataFrame({"ori": ["AL0010100", "AL0010100", ""], "state": "AL",
    ...                      "agency": ["Big", "Big PD", "Big PD"], "kind": ["", "city", ""]})
    >>> one_name_an_agency(rows)[["agency", "kind"]].to_numpy().tolist()
    [['Big', 'city'], ['Big', 'city'], ['Big PD', '']]
    """
    known = rows["ori"] != ""
    stated = rows[REPORTER[1:]].where(rows[REPORTER[1:]] != "")
    first = stated.groupby(rows["ori"]).transform("first").fillna("").astype("str")
    return rows.assign(**{name: rows[name].where(~known, first[name]) for name in REPORTER[1:]})


def match_agencies(offenses: AgencyOffenses, agencies: Agencies) -> AgencyMatches:
    """Match reporting agencies to a list of agencies.

    By ORI, where a row has one that the list knows. Else by state and name, without
    regard to case, spaces and words such as "Police Department", "Township" or "Metro";
    of a row with an ORI only among agencies whose ORI is of the same county, since towns
    of one name lie in many.
    Of several of one name the kind decides: the reported kind, else "county" for names
    with "County", "Parish" or "Sheriff" and "city" for others. What is then still open
    is decided by population (an agency without any against one that has residents, or
    one alike within a factor of 1.25), where none is reported by the very same name, or
    not at all.

    Parameters
    ----------
    offenses : AgencyOffenses
        Rows of agencies; those that stand for several, or for no state, are set aside.
    agencies : Agencies
        The list.

    Returns
    -------
    AgencyMatches
        One row a reporting agency, in order of first appearance.

    Examples
    --------
    >>> listed = pd.DataFrame(
    ...     {"agency": ["Mobile", "Mobile"], "state": "AL", "kind": ["county", "city"],
    ...      "counties": [("01097",)] * 2, "population": [89970.0, 255927.0], "year": 2025},
    ...     index=pd.Index(["AL0020000", "AL0020100"], name="ori"))
    >>> agencies = Agencies(table=listed, unplaced=pd.DataFrame(), sources=(), notes=())
    >>> rows = pd.DataFrame(
    ...     {"ori": "", "agency": ["Mobile", "Mobile County"], "state": "AL", "kind": "",
    ...      "year": 2024, "offense": "murder", "count": [30.0, 4.0], "months": 12.0,
    ...      "population": [237469.0, 89000.0], "agencies": 1})
    >>> offenses = AgencyOffenses(table=rows, definition=None, sources=(), notes=())
    >>> match_agencies(offenses, agencies).table[["agency", "matched", "how"]].values.tolist()
    [['Mobile', 'AL0020100', 'name and kind'], ['Mobile County', 'AL0020000', 'name and kind']]
    """
    reporters = (
        offenses.table.groupby(REPORTER, sort=False)
        .agg(agencies=("agencies", "max"), population=("population", "max"))
        .reset_index()
    )
    names = _Names.of(agencies.table)
    found = [
        _match(reporter, names, agencies.table) for reporter in reporters.itertuples(index=False)
    ]
    table = reporters[REPORTER].copy()
    table["matched"] = pd.array([matched for matched, _, _ in found], dtype="str")
    table["how"] = pd.array([how for _, how, _ in found], dtype="str")
    table["candidates"] = [candidates for _, _, candidates in found]
    return AgencyMatches(table=_without_clashes(table, offenses.table))


@dataclass(frozen=True)
class _Names:
    """The list by state and name: as written, without plain words, city of a merged pair."""

    full: _Index
    plain: _Index
    merged: _Index

    @classmethod
    def of(cls, table: pd.DataFrame) -> _Names:
        keys: dict[str, list[tuple[str, str, str]]] = {"full": [], "plain": [], "merged": []}
        county_names = load_counties()["name"]
        for row in table.itertuples():
            ori, state, agency = str(row.Index), str(row.state), str(row.agency)
            keys["full"].append((state, squash_name(agency), ori))
            keys["plain"].append((state, _plain_key(agency), ori))
            head, hyphen, tail = agency.partition("-")
            counties: Sequence[Any] = row.counties  # type: ignore[assignment]
            named = {squash_name(county_names.get(fips, "")) for fips in counties}
            if hyphen and squash_name(tail) in named:
                keys["merged"].append((state, squash_name(head), ori))
        return cls(**{level: _index(found) for level, found in keys.items()})

    def candidates(self, state: str, agency: str) -> tuple[str, ...]:
        """Find those of a name, and only where there are none, those of looser readings."""
        full, plain = squash_name(agency), _plain_key(agency)
        found = (*self.full.get((state, full), ()), *self.plain.get((state, plain), ()))
        if not found:
            found = self.merged.get((state, plain), ())
        if not found and plain.endswith("CITY"):
            found = self.full.get((state, plain.removesuffix("CITY")), ())
        return tuple(dict.fromkeys(found))


def _plain_key(agency: str) -> str:
    """Write an agency's name without the words that one list has and the next has not."""
    name = _OF_A_PLACE.sub("", _ADDED.sub("", agency).strip())
    words = normalise_name(name).split()
    kept = [word for word in words if word not in _PLAIN_WORDS]
    return "".join(kept or words)


def _index(keys: Iterable[tuple[str, str, str]]) -> _Index:
    index: _Index = {}
    for state, name, ori in keys:
        if name:
            index[state, name] = (*index.get((state, name), ()), ori)
    return index


_Found = tuple[str, str, tuple[str, ...]]


def _match(reporter: Any, names: _Names, listed: pd.DataFrame) -> _Found:
    """Find the agency of one reporter: the ORI, how it was found, and the candidates."""
    if reporter.agencies > 1 or (not reporter.state and not reporter.ori):
        return "", AGGREGATE, ()
    if reporter.ori and reporter.ori in listed.index:
        return reporter.ori, "ori", (reporter.ori,)
    candidates = names.candidates(reporter.state, reporter.agency)
    if reporter.ori:
        candidates = tuple(ori for ori in candidates if _same_county(ori, reporter.ori))
    if not candidates:
        return "", NOT_LISTED, ()
    rows = listed.loc[list(candidates)]
    kind = reporter.kind or _kind_of_name(reporter.agency)
    of_kind = rows[rows["kind"].isin([kind, ""])]
    if of_kind.empty and not reporter.kind:  # the kind was but guessed from the name
        return (*_despite_kind(rows, reporter), candidates)
    chosen, how = _choose(of_kind, reporter)
    if how == "name" and len(of_kind) < len(candidates):
        how = "name and kind"
    return chosen, how, candidates


def _same_county(one: str, other: str) -> bool:
    """Tell whether two ORIs are of one county, by the state and the number after it."""
    county = one[:_COUNTY_OF_ORI]
    return county == other[:_COUNTY_OF_ORI] and county[2:].isdigit()


def _kind_of_name(agency: str) -> str:
    """Tell the kind that a name has on it."""
    return "county" if _COUNTY_WORDS & set(normalise_name(agency).split()) else "city"


def _despite_kind(rows: pd.DataFrame, reporter: Any) -> tuple[str, str]:
    """Accept a campus or state agency of the very name, or one with as many residents."""
    special = rows[~rows["kind"].isin(["city", "county"])]
    exact = _of_the_name(special, reporter.agency)
    if len(exact) == 1:
        return exact[0], "name"
    near = _alike(rows, reporter.population, within=_NEAR)
    return (near[0], _BY_PEOPLE) if len(near) == 1 else ("", NOT_LISTED)


def _choose(rows: pd.DataFrame, reporter: Any) -> tuple[str, str]:
    """Choose among agencies of one name and kind, or leave it open."""
    if len(rows) <= 1:
        return (str(rows.index[0]), "name") if len(rows) else ("", NOT_LISTED)
    peopled = rows[rows["population"] > 0]
    if not reporter.population > 0:
        exact = _of_the_name(peopled, reporter.agency)
        return (exact[0], "name") if len(exact) == 1 else ("", AMBIGUOUS)
    if len(peopled) == 1:
        return str(peopled.index[0]), _BY_PEOPLE
    alike = _alike(peopled, reporter.population, within=_LIKE)
    return (alike[0], _BY_PEOPLE) if len(alike) == 1 else ("", AMBIGUOUS)


def _of_the_name(rows: pd.DataFrame, agency: str) -> list[str]:
    name = squash_name(agency)
    return [str(ori) for ori, listed in rows["agency"].items() if squash_name(listed) == name]


def _alike(rows: pd.DataFrame, population: float, *, within: float) -> list[str]:
    """List the agencies whose population is like another."""
    ratio = rows["population"] / population
    return [str(ori) for ori in rows.index[(population > 0) & ratio.between(1 / within, within)]]


def _without_clashes(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Undo matches by name that give two rows of one year to the same agency."""
    years = rows[[*REPORTER, "year"]].drop_duplicates()
    claims = years.merge(table[[*REPORTER, "matched"]], on=REPORTER)
    claims = claims[claims["matched"] != ""]
    taken = claims[claims.duplicated(["matched", "year"], keep=False)]
    by_name = ~table["how"].isin(["ori", AGGREGATE, AMBIGUOUS, NOT_LISTED])
    clash = by_name & table["matched"].isin(taken["matched"])
    table = table.copy()
    table.loc[clash, ["matched", "how"]] = ["", AMBIGUOUS]
    return table
