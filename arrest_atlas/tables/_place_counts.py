"""Arrests by place at four levels, from records or from tables of counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from arrest_atlas.counting import Counted, Kind, count_arrests
from arrest_atlas.options import ArrestInputs, Options
from arrest_atlas.period import Period
from arrest_atlas.support import COUNTY, UNKNOWN
from arrest_atlas.tables.intervals import dispersion
from boundaries import load_counties
from geo import IN_DOUBT, NOT_LISTED

__all__ = [
    "LEVELS",
    "Level",
    "PlaceCounts",
    "areas_of_counties",
    "count_places",
    "placed_counties",
    "summed",
]

Level = Literal["state", "aor", "zone", "county_fips"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
"""From the level that most people ask for to the finest."""

Floats = npt.NDArray[np.float64]

_TOLD: Final = 0.5
"""Least share of a place's arrests that are known for it, as for zones (see `support`)."""

_NOT_TOLD: Final = "hardly a record names it"
_OF_ZONE: Final = "known for its zone only"
_IN_DOUBT: Final = "most of its arrests are known more coarsely"
_NO_ROW: Final = "no row in the table"


@dataclass(frozen=True, kw_only=True)
class PlaceCounts:
    """Arrests of a period, by the places of a level.

    Attributes
    ----------
    level : {"state", "aor", "zone", "county_fips"}
        What the places are.
    counted : Counted
        Arrests by county, from which the places' own are added up.
    draws : mapping of str to pandas.DataFrame
        By kind, a row a draw and a column a place.
    known : pandas.Series of float
        Arrests known for the place, none imputed.
    reasons : mapping of str to pandas.Series of str
        By kind, why a place has no figures of its own; empty where it has.
    unassigned : mapping of str to int
        By kind, arrests of no place.
    spread : mapping of str to pandas.Series of float
        By kind, dispersion of the place's weekly counts; 1 where there are no dates.
    whole_spread : float
        That of all arrests together.
    from_counties : bool
        Whether the draws are those of `counted`, added up.
    """

    level: Level
    counted: Counted
    draws: Mapping[Kind, pd.DataFrame]
    known: pd.Series
    reasons: Mapping[Kind, pd.Series]
    unassigned: Mapping[Kind, int]
    spread: Mapping[Kind, pd.Series]
    whole_spread: float
    from_counties: bool

    @property
    def arrests(self) -> pd.Series:
        """Arrests by place, mean over draws."""
        return self.draws["all"].mean()

    @property
    def total(self) -> float:
        """All arrests, those of no place included."""
        return float(self.arrests.sum()) + self.unassigned["all"]

    def among(self, people: pd.Series, kind: Kind = "all") -> pd.DataFrame:
        """Count the arrests of counties whose people are known, by draw and place."""
        if not self.from_counties:
            return self.draws[kind]
        arrests = self.counted.kinds[kind].arrests
        told = people.reindex(arrests.county_fips).notna().to_numpy()
        area = areas_of_counties(self.level, arrests.county_fips)
        return summed(arrests.draws * told, area)


@cache
def placed_counties() -> pd.DataFrame:
    """Load the counties that have a field office, with their larger areas; not to be changed."""
    return pd.DataFrame(load_counties()[["name", "state", "zone", "aor"]]).dropna(subset=["zone"])


def areas_of_counties(level: Level, counties: pd.Index) -> pd.Series:
    """Tell in which place of a level each county lies."""
    table = placed_counties()
    own = pd.Series(table.index, index=table.index) if level == "county_fips" else table[level]
    return own.reindex(counties).rename(level)


def summed(draws: npt.NDArray[np.int64] | Floats, area: pd.Series) -> pd.DataFrame:
    """Add the counties' draws up by area: a row a draw, a column an area."""
    codes, names = pd.factorize(area, sort=True)
    rows = np.arange(len(area))
    members = sparse.csr_array((np.ones(len(area)), (codes, rows)), (len(names), len(area)))
    return pd.DataFrame((members @ draws.T).T, columns=pd.Index(names, name=area.name))


def count_places(
    inputs: ArrestInputs, options: Options, period: Period | None, *, rng: np.random.Generator
) -> dict[Level, PlaceCounts]:
    """Count the arrests of a period at every level for which something is known."""
    counties = placed_counties()
    if inputs.records is not None:
        own = replace(inputs, records=replace(inputs.records, period=period))
        counted = count_arrests(own, options, counties, rng=rng)
        return {level: _of_records(own, level, counted, period) for level in LEVELS}
    counted = count_arrests(inputs, options, counties, rng=rng)
    made = {level: _of_tables(inputs, level, counted) for level in LEVELS}
    return {level: counts for level, counts in made.items() if counts is not None}


def _of_records(
    inputs: ArrestInputs, level: Level, counted: Counted, period: Period | None
) -> PlaceCounts:
    records = inputs.records
    assert records is not None  # noqa: S101  (for the type checker)
    kept = records.counted
    place = records.located.table.loc[kept]
    dates = records.arrests.table.loc[kept, "apprehension_date"]
    custody = records.classes.custody[kept]
    area = areas_of_counties(level, counted.kinds["all"].arrests.county_fips)
    draws = {kind: summed(each.arrests.draws, area) for kind, each in counted.kinds.items()}
    spread, known, unassigned = {}, {}, {}
    for kind, drawn in draws.items():
        mine = np.ones(len(place), bool) if kind == "all" else (custody == kind).to_numpy()
        names = place.loc[mine, level].astype("str")
        unassigned[kind] = int((place.loc[mine, "support"] == "none").sum())
        known[kind] = names.value_counts().reindex(drawn.columns, fill_value=0)
        share = (known[kind] / drawn.mean()).clip(_TOLD, 1.0).fillna(1.0)
        # Only the known arrests have weeks: with a share of them, so is what exceeds Poisson.
        weekly = _weekly_spread(dates[mine], names, drawn.columns, period)
        spread[kind] = 1 + (weekly - 1) / share
    everywhere = pd.Series("all", index=dates.index)
    whole = _weekly_spread(dates, everywhere, pd.Index(["all"]), period)
    return PlaceCounts(
        level=level,
        counted=counted,
        draws=draws,
        known=known["all"].astype("float64"),
        reasons={kind: _reasons(level, counted, kind, draws, known) for kind in draws},
        unassigned=unassigned,
        spread=spread,
        whole_spread=float(whole.iloc[0]),
        from_counties=True,
    )


def _reasons(
    level: Level,
    counted: Counted,
    kind: Kind,
    draws: Mapping[Kind, pd.DataFrame],
    known: Mapping[Kind, pd.Series],
) -> pd.Series:
    """Say why a place has no figures of its own (M1)."""
    support = counted.kinds[kind].support
    places = draws[kind].columns
    if level == "county_fips":
        return _by_zone(support, places)
    counties = placed_counties()
    listed = counties["zone"].map(support["evidence"]) != NOT_LISTED
    named = listed.groupby(counties[level]).any().reindex(places)
    told = known[kind] >= _TOLD * draws[kind].mean()
    reasons = pd.Series("", index=places).mask(~told, _IN_DOUBT)
    return reasons.mask(~named, _NOT_TOLD)


def _by_zone(support: pd.DataFrame, counties: pd.Index) -> pd.Series:
    zone = areas_of_counties("zone", counties)
    why = support["support"].map(
        lambda level: "" if level == COUNTY else _NOT_TOLD if level == UNKNOWN else _OF_ZONE
    )
    why = why.mask(support["evidence"] == IN_DOUBT, _IN_DOUBT)
    return pd.Series(zone.map(why).to_numpy(), index=counties)


def _weekly_spread(
    dates: pd.Series, places: pd.Series, index: pd.Index, period: Period | None
) -> pd.Series:
    """Measure the dispersion of each place's counts over full weeks."""
    told = dates.dropna()
    if told.empty:
        return pd.Series(1.0, index=index)
    first = pd.Timestamp(period.first) if period else told.min()
    last = pd.Timestamp(period.last) if period else told.max()
    weeks = ((last - first).days + 1) // 7
    week = (told - first).dt.days.to_numpy() // 7
    code = index.get_indexer(pd.Index(places.reindex(told.index)))
    inside = (week < weeks) & (code >= 0)
    counts = np.zeros((len(index), weeks))
    np.add.at(counts, (code[inside], week[inside]), 1)
    return pd.Series([dispersion(row) for row in counts], index=index)


def _of_tables(inputs: ArrestInputs, level: Level, counted: Counted) -> PlaceCounts | None:
    everything = counted.kinds["all"]
    located, by_office = inputs.arrests_by_county, inputs.arrests_by_aor is not None
    given = {"state": inputs.arrests_by_state, "aor": inputs.arrests_by_aor}.get(level)
    area = areas_of_counties(level, everything.arrests.county_fips)
    if level in {"state", "aor"} and given is not None:
        places = pd.Index(sorted(area.unique()), name=level)
        arrests = given.reindex(places).astype("float64")
        reasons = _without_row(arrests.isna())
        if located is not None:
            arrests = arrests.add(located.groupby(area).sum(), fill_value=0.0)
        draws = arrests.fillna(0.0).to_frame().T.reset_index(drop=True)
        known = arrests.fillna(0.0)
    elif level == "zone" and counted.level == "zone":
        draws = summed(everything.arrests.draws, area)
        known = draws.mean()
        reasons = _without_row(everything.support["support"] == UNKNOWN).reindex(draws.columns)
    elif level == "county_fips" and located is not None:
        draws = summed(everything.arrests.draws, area)
        known = located.reindex(draws.columns).fillna(0).astype("float64")
        support = everything.support
        of_area = areas_of_counties(counted.level, draws.columns)
        own = (of_area.map(support["support"]) == COUNTY).to_numpy()
        reasons = pd.Series(np.where(own, "", _OF_ZONE), index=draws.columns)
    else:
        return None
    draws.columns.name = level
    return PlaceCounts(
        level=level,
        counted=counted,
        draws={"all": draws},
        known=known,
        reasons={"all": reasons},
        # Of two tables, what the offices' leaves out is not what the states' leaves out.
        unassigned={"all": 0 if level == "state" and by_office else inputs.unlocated},
        spread={"all": pd.Series(1.0, index=draws.columns)},
        whole_spread=1.0,
        from_counties=given is None,
    )


def _without_row(absent: pd.Series) -> pd.Series:
    return pd.Series(np.where(absent, _NO_ROW, ""), index=absent.index)
