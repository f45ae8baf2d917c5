"""How much of each agency lies in which county."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from boundaries import load_counties
from geo.crime._city_parts import fitted_parts, residents_of_list, superseded
from geo.crime.offenses import Agencies
from geo.errors import InputError, Problem

__all__ = [
    "NEW_YORK_CITY",
    "NEW_YORK_COUNTIES",
    "AgencyShares",
    "ShareRule",
    "Statewide",
    "share_agencies",
]

NEW_YORK_CITY: Final = "NY0303000"
"""ORI of the New York City police, one agency over five counties."""

NEW_YORK_COUNTIES: Final = ("36005", "36047", "36061", "36081", "36085")
"""Bronx, Kings, New York, Queens and Richmond."""

ShareRule = Literal[
    "one county",
    "parts estimated",
    "by residents",
    "nyc split",
    "where no other agency serves",
    "not all counties known",
]
"""Ways in which an agency comes to its counties."""

Statewide = Literal["listed", "remainder"]
"""What becomes of state police that are of no county but have residents to serve."""

_PARTLY: Final = "not all counties known"
_BY_LIST: Final = ("one county", "parts estimated", "by residents")


@dataclass(frozen=True, kw_only=True, repr=False)
class AgencyShares:
    """How much of each agency lies in which county.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per agency and county: ``ori``, ``county_fips`` (vintage 2019), ``share``
        (of the agency's crimes and residents; sums to 1 by agency) and ``rule`` (one of
        :data:`ShareRule`).
    unassigned : pandas.DataFrame
        Agencies of no county, indexed by ``ori``: ``agency``, ``state``, ``kind``,
        ``population`` and ``reason``.
    notes : tuple of str
        How many came to their counties by which rule.
    """

    table: pd.DataFrame
    unassigned: pd.DataFrame
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        rules = self.table.drop_duplicates("ori")["rule"].value_counts()
        found = ", ".join(f"{number:,} {rule}" for rule, number in rules.items())
        return f"AgencyShares: {found or 'none'}; {len(self.unassigned):,} of no county"


def share_agencies(
    agencies: Agencies, residents: pd.Series, *, statewide: Statewide = "listed"
) -> AgencyShares:
    """Say how much of each agency lies in which county.

    An agency of one county lies there, with or without residents of its own: crimes of
    campus, transit, park and tribal police count in the county that the list names. A
    city over several counties is split by the population of its parts. Lists do not tell
    it, so it is estimated: the FBI gives every resident to one agency, so the cities'
    parts in a county add up to the residents whom no agency of this county alone serves;
    biproportional fitting (Deming & Stephan 1940) from the city's ZIP codes by county
    finds parts that agree with this and with each city's population. It leans on residents
    of the list's year: where the list serves more people in a state than live there, its
    counties are raised to that, and in a county all of whose residents its own agencies
    serve already, the ZIP codes alone tell the cities' parts. New York City's one agency is
    split over its five counties by their residents. An agency one of whose counties is not
    known goes to the others, and the rule says so.

    Of two agencies of one name, kind and counties only that of the later year has
    residents to serve.

    Agencies of no county are listed, not spread: highway patrols, federal and tribal
    police, and state police who serve the places without police of their own.

    Parameters
    ----------
    agencies : Agencies
        The list. Its populations serve to estimate parts.
    residents : pandas.Series of float
        Residents by ``county_fips`` (vintage 2019), of about the year of the list.
    statewide : {"listed", "remainder"}
        ``"remainder"`` spreads state police that are of no county but have residents to
        serve over the counties of their state, in proportion to residents whom no other
        agency serves. Sound where the list is complete for the state (Alaska,
        Connecticut).

    Returns
    -------
    AgencyShares
        Shares, and the agencies without any.

    Raises
    ------
    InputError
        If `statewide` is neither of the two.

    Notes
    -----
    The NACJD's county files split agencies over several counties by the population of
    the agency in each county, which the FBI's files tell for up to three (Kaplan,
    "Decoding FBI Crime Data", county-level data), and spread statewide figures by the
    counties' share of the state's population (ICPSR 6669). The latter puts crimes of the
    countryside into cities that have police of their own, and is not followed here.

    Examples
    --------
    >>> listed = pd.DataFrame(
    ...     {"agency": ["Birmingham", "Hoover"], "state": "AL", "kind": "city",
    ...      "counties": [("01073", "01117"), ("01117",)], "population": [200e3, 90e3],
    ...      "year": 2025}, index=pd.Index(["AL0010200", "AL0011200"], name="ori"))
    >>> agencies = Agencies(table=listed, unplaced=pd.DataFrame(), sources=(), notes=())
    >>> people = pd.Series({"01073": 198_000.0, "01117": 92_000.0})
    >>> share_agencies(agencies, people).table["share"].round(2).tolist()
    [0.99, 0.01, 1.0]
    """
    if statewide not in get_args(Statewide):
        problem = Problem(
            file="statewide",
            found=repr(statewide),
            expected=f"one of {', '.join(get_args(Statewide))}",
            action="change the option",
        )
        raise InputError([problem])
    later = agencies.table.assign(
        population=agencies.table["population"].mask(superseded(agencies.table), 0.0)
    )
    people = residents_of_list(residents, later)
    placed, served_up = _placed(later, people)
    if statewide == "remainder":
        placed = pd.concat([placed, _remainder(later, placed, people)], ignore_index=True)
    partly = placed["ori"].isin(agencies.unplaced.get("ori", [])) & placed["rule"].isin(_BY_LIST)
    placed["rule"] = placed["rule"].mask(partly, _PARTLY)
    placed = placed[placed["share"] > 0].sort_values(["ori", "county_fips"])
    table = placed[["ori", "county_fips", "share", "rule"]].reset_index(drop=True)
    unassigned = agencies.table[~agencies.table.index.isin(table["ori"])]
    return AgencyShares(
        table=table,
        unassigned=unassigned[["agency", "state", "kind", "population"]].assign(
            reason=_reasons(unassigned)
        ),
        notes=_notes(table, served_up=served_up),
    )


def _placed(listed: pd.DataFrame, residents: pd.Series) -> tuple[pd.DataFrame, int]:
    """Share out the agencies whose counties the list names."""
    pairs = _pairs(listed)
    single = ~pairs["ori"].duplicated(keep=False)
    pairs["share"], pairs["rule"] = 1.0, "one county"
    several = pairs[~single & (pairs["ori"] != NEW_YORK_CITY)]
    peopled = several["population"] > 0
    parts, served_up = fitted_parts(several[peopled], pairs[single], residents, listed)
    rows = [
        pairs[single],
        several[peopled].assign(share=parts, rule="parts estimated"),
        _by_residents(several[~peopled], residents, "by residents"),
        _by_residents(pairs[pairs["ori"] == NEW_YORK_CITY], residents, "nyc split"),
    ]
    return pd.concat(rows, ignore_index=True), served_up


def _pairs(listed: pd.DataFrame) -> pd.DataFrame:
    """Lay agencies out by county, in New York City by its five."""
    counties = {
        ori: NEW_YORK_COUNTIES if ori == NEW_YORK_CITY else named
        for ori, named in listed["counties"].items()
    }
    pairs = (
        listed.assign(county_fips=pd.Series(counties, dtype=object))
        .explode("county_fips")
        .reset_index()
    )
    pairs = pairs[pairs["county_fips"].notna()]
    return pairs[["ori", "agency", "state", "kind", "population", "county_fips"]].reset_index(
        drop=True
    )


def _by_residents(pairs: pd.DataFrame, residents: pd.Series, rule: ShareRule) -> pd.DataFrame:
    """Split agencies by the residents of their counties, evenly where these are unknown."""
    people = pairs["county_fips"].map(residents).astype(np.float64)
    known = people.notna().groupby(pairs["ori"]).transform("all")
    some = people.groupby(pairs["ori"]).transform("sum") > 0
    people = people.where(known & some, 1.0)
    return pairs.assign(share=people / people.groupby(pairs["ori"]).transform("sum"), rule=rule)


def _remainder(listed: pd.DataFrame, placed: pd.DataFrame, residents: pd.Series) -> pd.DataFrame:
    """Spread state police with residents but no county over residents nobody else serves."""
    police = listed[
        (listed["kind"] == "state police")
        & (listed["population"] > 0)
        & ~listed.index.isin(placed["ori"])
    ]
    served = (placed["share"] * placed["population"]).groupby(placed["county_fips"]).sum()
    left = (residents - served.reindex(residents.index).fillna(0)).clip(lower=0)
    states = load_counties()["state"].reindex(left.index)
    rows = [
        pd.DataFrame(
            {
                "ori": ori,
                "county_fips": there.index,
                "share": (there / there.sum()).to_numpy(),
                "rule": "where no other agency serves",
            }
        )
        for ori, state in police["state"].items()
        if (there := left[states == state]).sum() > 0
    ]
    return pd.concat(rows) if rows else placed.iloc[:0]


def _reasons(unassigned: pd.DataFrame) -> pd.Series:
    police = unassigned["kind"] == "state police"
    reason = pd.Series("no county known", index=unassigned.index, dtype="str")
    return reason.mask(police, "serves a state, not a county")


def _notes(table: pd.DataFrame, *, served_up: int) -> tuple[str, ...]:
    said = {
        "parts estimated": "agencies over several counties, split by estimated population",
        "by residents": "agencies over several counties without residents of their own, split "
        "by the counties' residents",
        "nyc split": "New York City's agency, split over five counties by their residents",
        "where no other agency serves": "state police, spread over residents whom no other "
        "agency serves",
        _PARTLY: "agencies one of whose counties is not known, in the others",
    }
    counts = table.drop_duplicates(["ori", "rule"])["rule"].value_counts()
    notes = [f"{words}: {counts[rule]:,}" for rule, words in said.items() if rule in counts]
    if served_up:
        notes.append(
            "counties all of whose residents are served by agencies of theirs alone, so that the "
            f"parts of cities in them rest on ZIP codes: {served_up:,}"
        )
    return tuple(notes)
