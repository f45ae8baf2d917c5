"""Where arrests are hot and crime is not, and the other way: ranked lists of places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.counting import Kind
from arrest_atlas.imputed_shares import imputed_by_area, imputed_by_county
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY
from arrest_atlas.tested_maps import area_people
from boundaries import load_field_offices, load_states
from geo import PER
from spatial_models import RateHotSpots

__all__ = ["BOTH_HOT", "DIRECTIONS", "both_hot", "crime_people", "mismatches"]

BOTH_HOT: Final = "both hot"

DIRECTIONS: Final = (
    "arrests hot, crime cold",
    "arrests hot, crime ordinary",
    "crime hot, arrests cold",
    "crime hot, arrests ordinary",
)
"""Ordinary is tested and neither hot nor cold, which is not the same as shown to be average."""

_KEYS: Final = ["units", "direction", "rank"]
_Units = Literal["county", "area"]
_UNITS: Final[tuple[_Units, ...]] = get_args(_Units)


def mismatches(analysis: Analysis, kind: Kind) -> pd.DataFrame:
    """Rank the places where one map is hot and the other is not.

    Counties stand in the list where their arrests are located by county, the larger areas
    in one of their own; the two are never merged (rule M1). Within each list and
    direction, places are ranked by how far the standard scores of Gi* of the two maps lie
    apart: both come from normal scores over the same kind of unit, so that their
    difference does not depend on how common arrests or crimes are. It orders the places
    and is no test: a place can be hot in one map and barely miss that in the other, and
    stands low in the list then.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``units`` (``"county"`` or the level of the areas), ``direction`` (of
        `DIRECTIONS`) and ``rank``, from 1. ``place`` (``county_fips``, or the area),
        ``name``, ``state``; ``arrest_rate`` and ``crime_rate`` with the people that each
        refers to (``arrest_rate_per``, ``crime_rate_per``, in words) and their number
        (``arrest_people``, ``crime_people``); ``arrest_gi_class``, ``crime_gi_class``,
        ``arrest_gi_z``, ``crime_gi_z`` and their ``difference``; ``arrest_p_hot``, of
        counties only; ``support``; ``share_imputed``, the share of the place's arrests
        that no record or total places there.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> analysis = analyse(simulate(seed=1, arrests=99_000).inputs, options)
    >>> found = mismatches(analysis, "all").reset_index()
    >>> bool((found["difference"][found["direction"] == DIRECTIONS[0]] > 0).all())
    True
    """
    lists = [_in_order(_places(analysis, kind, units, DIRECTIONS)) for units in _UNITS]
    return pd.concat([each for each in lists if len(each)] or lists[:1])


def both_hot(analysis: Analysis, kind: Kind) -> pd.DataFrame:
    """List the places that are hot in both maps.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    pandas.DataFrame
        As `mismatches` lays it out, ``direction`` being `BOTH_HOT`. Those first whose lower
        standard score (Gi*) of the two is highest, which is an order and no test.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> analysis = analyse(simulate(seed=1, arrests=99_000).inputs, options)
    >>> set(both_hot(analysis, "all").reset_index()["direction"])
    {'both hot'}
    """
    lists = []
    for units in _UNITS:
        table = _places(analysis, kind, units, (BOTH_HOT,))
        lower = table[["arrest_gi_z", "crime_gi_z"]].min(axis=1)
        table = table.assign(lower=lower).sort_values(["lower", "place"], ascending=[False, True])
        table = table.drop(columns="lower")
        table.insert(2, "rank", range(1, len(table) + 1))
        lists.append(table.set_index(_KEYS))
    return pd.concat([each for each in lists if len(each)] or lists[:1])


def crime_people(analysis: Analysis) -> pd.Series:
    """Count the residents whom rates of crime refer to.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    pandas.Series of float
        By ``county_fips``; missing where a county has no rate.
    """
    residents = analysis.inputs.crime_residents
    known: pd.Series = residents.where(analysis.inputs.crime.rate.reindex(residents.index).notna())
    return known


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rank the places of each direction, those whose maps lie farthest apart first."""
    order = pd.Categorical(table["direction"], categories=DIRECTIONS, ordered=True)
    table = table.assign(order=order, apart=table["difference"].abs())
    table = table.sort_values(
        ["order", "apart", "place"], ascending=[True, False, True], kind="stable"
    ).drop(columns=["order", "apart"])
    table.insert(2, "rank", table.groupby("direction").cumcount() + 1)
    return table.set_index(_KEYS)


def _places(
    analysis: Analysis, kind: Kind, units: _Units, directions: Sequence[str]
) -> pd.DataFrame:
    """Gather what is known of the places where one of the two maps is hot, or both."""
    answer = analysis.kinds[kind]
    pair = answer.county if units == "county" else answer.area
    crime = _spots(pair.crime.spots, "crime")
    if pair.arrests is None:  # nothing is tested; the table keeps its columns
        arrests = crime.iloc[:0].rename(columns=lambda name: name.replace("crime", "arrest"))
    else:
        arrests = _spots(pair.arrests.spots, "arrest")
    table = arrests.join(crime.drop(columns="crime_p_hot"), how="inner")
    table["direction"] = _direction(table)
    table = table[table["direction"].isin(directions)]
    people = _people(analysis, units)
    names = _names(analysis, units)
    shares = imputed_by_area(answer)
    if units == "county":
        shares = imputed_by_county(answer, analysis.options)
    denominator = DENOMINATOR_WORDS[analysis.options.denominator]
    table = table.join(names).join(people).rename_axis("place").reset_index()
    share = shares["imputed"] / shares["arrests"].where(shares["arrests"] > 0)
    support = answer.support["support"]
    return pd.DataFrame(
        {
            "units": COUNTY if units == "county" else analysis.level,
            "direction": table["direction"],
            "place": table["place"],
            "name": table["name"],
            "state": table["state"],
            "arrest_rate": table["arrest_rate"],
            "arrest_rate_per": f"{PER:,} {denominator}",
            "arrest_people": table["arrest_people"],
            "crime_rate": table["crime_rate"],
            "crime_rate_per": f"{PER:,} residents",
            "crime_people": table["crime_people"],
            "arrest_gi_class": table["arrest_gi_class"],
            "crime_gi_class": table["crime_gi_class"],
            "arrest_gi_z": table["arrest_gi_z"],
            "crime_gi_z": table["crime_gi_z"],
            "difference": table["arrest_gi_z"] - table["crime_gi_z"],
            # One map of areas, not draws of it: there is no probability to be hot.
            "arrest_p_hot": table["arrest_p_hot"] if units == "county" else float("nan"),
            "support": COUNTY if units == "county" else table["place"].map(support),
            "share_imputed": table["place"].map(share),
        }
    )


def _spots(spots: RateHotSpots, prefix: str) -> pd.DataFrame:
    """Lay one map out by place, with what is hot and cold at its level."""
    table = spots.to_frame()[["rate", "gi_z", "gi_class", "p_hot"]]
    table = table.assign(rate=PER * table["rate"], hot=spots.hot, cold=spots.cold)
    return table[spots.test.tested].add_prefix(f"{prefix}_")


def _direction(table: pd.DataFrame) -> pd.Series:
    """Say which map is hot; missing where none is."""
    direction = pd.Series(pd.NA, index=table.index, dtype="object")
    direction[table["arrest_hot"] & table["crime_hot"]] = BOTH_HOT
    for hot, other in (("arrest", "crime"), ("crime", "arrest")):
        first, second = DIRECTIONS[:2] if hot == "arrest" else DIRECTIONS[2:]
        only = table[f"{hot}_hot"] & ~table[f"{other}_hot"]
        direction[only & table[f"{other}_cold"]] = first
        direction[only & ~table[f"{other}_cold"]] = second
    return direction


def _names(analysis: Analysis, units: _Units) -> pd.DataFrame:
    """Name each place and its state, or states."""
    counties = analysis.geometry
    if units == "county":
        return pd.DataFrame({"name": counties["legal_name"], "state": counties["state"]})
    by_area = counties.groupby(analysis.level)
    states = by_area["state"].agg(lambda found: ", ".join(sorted(set(found))))
    if analysis.level == "state":
        names = states.map(load_states()["name"])
    else:
        names = by_area["aor"].first().map(load_field_offices()["name"])
        names = names + (" (" + states + ")" if analysis.level == "zone" else "")
    return pd.DataFrame({"name": names, "state": states})


def _people(analysis: Analysis, units: _Units) -> pd.DataFrame:
    """Count the people that the rates refer to."""
    inputs, options = analysis.inputs, analysis.options
    area = analysis.geometry[analysis.level]
    crime = crime_people(analysis)
    if units == "county":
        people = inputs.people(options.denominator)
        return pd.DataFrame({"arrest_people": people, "crime_people": crime})
    return pd.DataFrame(
        {
            "arrest_people": area_people(inputs.people(options.denominator), area),
            "crime_people": crime.reindex(area.index).groupby(area).sum(),
        }
    )
