"""One table of what is known of the counties, each column with its source and unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import pandas as pd

from boundaries import load_counties
from geo.context.agreement_counts import AgreementCounts
from geo.context.agreements import MODELS
from geo.context.distance import distance_to_nearest
from geo.context.facilities import Facilities
from geo.context.foreign_born import ForeignBorn
from geo.context.votes import PresidentialVotes
from geo.errors import InputError, Problem
from geo.population import Population, load_population_by_year

__all__ = ["Column", "CountyTable", "county_table", "facility_name_problems"]

_SHOWN: Final = 40
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Names of facilities: columns of any format of file may bear them."""

_BOUNDARIES: Final = "U.S. Census Bureau, Cartographic Boundary Files"
_MODEL_WORDS: Final = dict(
    zip(MODELS, ("jail enforcement", "task force", "warrant service officer"), strict=True)
)
_SURVEY: Final = {
    "residents": ("acs_residents", "residents"),
    "foreign_born": ("foreign_born", "people born abroad: naturalised or no citizens"),
    "naturalised": ("naturalised", "citizens by naturalisation"),
    "noncitizens": ("noncitizens", "people who are no citizens"),
    "noncitizen_share": ("noncitizen_share", "non-citizens as a share of residents"),
}

_OTHERS: Final = frozenset(
    {
        *("county_fips", "name", "state", "residents", "county", "columns"),
        *(own for own, _ in _SURVEY.values()),
        *("votes", "republican_share", "democratic_share"),
        *("agreements", *(f"agreements_{model}" for model in MODELS), "agreements_of_state"),
    }
)
"""Names of other columns, which those of facilities would be taken to belong to."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """What a column of a county table holds.

    Attributes
    ----------
    name : str
        The column.
    source : str
        Who counted, and the file.
    period : str
        Day, year or years that the numbers are of.
    unit : str
        What is counted or measured.
    note : str
        What one should know before using it; empty where there is nothing.
    """

    name: str
    source: str
    period: str
    unit: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class CountyTable:
    """Covariates by county.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by ``county_fips`` (vintage 2019, 3,233 counties with the territories).
        NaN where not known.
    columns : tuple of Column
        What each column holds, in their order.
    """

    table: pd.DataFrame
    columns: tuple[Column, ...]

    def columns_frame(self) -> pd.DataFrame:
        """Lay out what the columns hold.

        Returns
        -------
        pandas.DataFrame
            ``column``, ``source``, ``period``, ``unit`` and ``note``, a row a column.

        Examples
        --------
        >>> county_table().columns_frame()["column"].tolist()
        ['name', 'state', 'residents']
        """
        frame = pd.DataFrame([asdict(column) for column in self.columns])
        return frame.rename(columns={"name": "column"})


def county_table(
    *,
    population: Population | None = None,
    residents_year: int | None = None,
    foreign_born: ForeignBorn | None = None,
    votes: PresidentialVotes | None = None,
    agreements: AgreementCounts | None = None,
    facilities: Mapping[str, Facilities] | None = None,
    centers: pd.DataFrame | None = None,
) -> CountyTable:
    """Join what is known of the counties into one table.

    Parameters
    ----------
    population : Population, optional
        Residents by year (:func:`read_population`). Default: the packaged estimates, 2010
        to 2019.
    residents_year : int, optional
        The year of ``residents``; where there is none of it, the nearest. Default: the
        last of `population`.
    foreign_born : ForeignBorn, optional
        See :func:`read_foreign_born`.
    votes : PresidentialVotes, optional
        See :func:`read_votes`.
    agreements : AgreementCounts, optional
        See :func:`agreements_at`.
    facilities : mapping of str to Facilities, optional
        By the name that their columns get: ``{"hold_room": ...}`` gives
        ``hold_room_count``, the number in the county, and ``hold_room_km``.
    centers : pandas.DataFrame, optional
        Where distances start; see :func:`distance_to_nearest`.

    Returns
    -------
    CountyTable
        The columns ``name``, ``state`` and ``residents``, and those of what is given.

    Raises
    ------
    InputError
        If a name of facilities cannot be that of a column.

    Examples
    --------
    >>> table = county_table(residents_year=2016)
    >>> int(table.table.loc["48201", "residents"])
    4623960
    >>> table.columns[2].source, table.columns[2].period, table.columns[2].unit
    ('U.S. Census Bureau, Population Estimates', '2016', 'residents')
    """
    groups = [
        _counties(),
        _residents(population or load_population_by_year(), residents_year),
        *([_survey(foreign_born)] if foreign_born is not None else []),
        *([_election(votes)] if votes is not None else []),
        *([_policy(agreements)] if agreements is not None else []),
        *(_places(name, each, centers) for name, each in _named(facilities or {})),
    ]
    index = load_counties().index
    table = pd.concat([values.reindex(index) for values, _ in groups], axis="columns")
    return CountyTable(
        table=table.rename_axis("county_fips"),
        columns=tuple(column for _, columns in groups for column in columns),
    )


Group = tuple[pd.DataFrame, tuple[Column, ...]]


def _counties() -> Group:
    counties = load_counties()
    columns = tuple(
        Column(name=name, source=_BOUNDARIES, period="2019", unit=unit)
        for name, unit in (("name", "text"), ("state", "postal code"))
    )
    return pd.DataFrame(counties[["name", "state"]]), columns


def _residents(population: Population, year: int | None) -> Group:
    wanted = int(population.by_year.columns[-1]) if year is None else year
    files = ", ".join(source.file for source in population.sources)
    column = Column(
        name="residents",
        source=f"residents ({files})" if files else "U.S. Census Bureau, Population Estimates",
        period=population.words_for(wanted),
        unit="residents",
        note=" ".join(population.notes) if files else "July 1; no territories",
    )
    return population.residents(wanted).to_frame("residents"), (column,)


def _survey(read: ForeignBorn) -> Group:
    source = f"U.S. Census Bureau, American Community Survey, table B05001 ({read.source.file})"
    names, columns = {}, []
    for each in read.table.columns:
        own, words = _SURVEY[each.removesuffix("_moe")]
        margin = each.endswith("_moe")
        names[each] = f"{own}_moe" if margin else own
        unit = "share, 0 to 1" if own == "noncitizen_share" else "people"
        columns.append(
            Column(
                name=names[each],
                source=source,
                period=read.period,
                unit=unit,
                note=f"margin of error at 90 % of: {words}" if margin else words,
            )
        )
    return read.table.rename(columns=names), tuple(columns)


def _election(votes: PresidentialVotes) -> Group:
    total = votes.table["total"].where(votes.table["total"] > 0)
    year = "not stated" if votes.year is None else str(votes.year)
    shares = pd.DataFrame(
        {
            "votes": votes.table["total"],
            "republican_share": votes.table["republican"] / total,
            "democratic_share": votes.table["democratic"] / total,
        }
    )
    lacking = sorted(votes.by_state.index[votes.by_state["units"] == "districts or wards"])
    lacking = [state for state in lacking if state != "DC"]
    notes = [f"{', '.join(lacking)}: by district, no counties"] if lacking else []
    if (votes.by_state["units"] == "planning regions").any():
        notes.append("CT: carried from planning regions, as if spread like residents")
    columns = tuple(
        Column(
            name=name,
            source=f"votes for president ({votes.source.file})",
            period=year,
            unit=unit,
            note="; ".join(notes),
        )
        for name, unit in (
            ("votes", "votes for all candidates"),
            ("republican_share", "share of all votes, 0 to 1"),
            ("democratic_share", "share of all votes, 0 to 1"),
        )
    )
    return shares, columns


def _policy(counts: AgreementCounts) -> Group:
    """Give the agreements of a county's own agencies, and those of its state's beside them."""
    source = (
        "U.S. Immigration and Customs Enforcement, 287(g) participating agencies "
        f"({counts.agreements.source.file})"
    )
    state = load_counties()["state"]
    own = counts.by_county.add_prefix("agreements_")
    statewide = counts.by_state.sum(axis="columns")
    table = own.assign(agreements_of_state=state.map(statewide).astype("int64"))
    note = ""
    if len(counts.unplaced):
        states = ", ".join(sorted(set(counts.unplaced["state"])))
        note = f"{len(counts.unplaced)} more, in {states}, of which the county is not known"
    if len(counts.undated):
        note = f"{note}; {len(counts.undated)} without a day left out".lstrip("; ")
    columns = [
        Column(
            name=f"agreements_{model}",
            source=source,
            period=str(counts.day),
            unit="agreements in force",
            note="; ".join(filter(None, [f"{words}; agencies of the county and its towns", note])),
        )
        for model, words in _MODEL_WORDS.items()
    ]
    columns.append(
        Column(
            name="agreements_of_state",
            source=source,
            period=str(counts.day),
            unit="agreements in force",
            note="agencies of the state, the same number in each of its counties",
        )
    )
    return table, tuple(columns)


def facility_name_problems(names: Iterable[str]) -> list[Problem]:
    """Report names of facilities that cannot be those of columns.

    Parameters
    ----------
    names : iterable of str
        The names.

    Returns
    -------
    list of Problem
        One for each name that is too long, of other characters than small letters,
        digits and underscores, or that of another column.

    Examples
    --------
    >>> facility_name_problems(["hold_room", "jail"])
    []
    >>> [problem.found for problem in facility_name_problems(["Jail", "residents"])]
    ["the name 'Jail'", "the name 'residents'"]
    """
    return [
        Problem(
            file="--facilities",
            found=f"the name {name[:_SHOWN]!r}"
            + (f" and {len(name) - _SHOWN:,} characters more" if len(name) > _SHOWN else ""),
            expected="1 to 40 small letters, digits and underscores, such as hold_room, and no "
            "name of another column",
            action="change the name",
        )
        for name in names
        if not _NAME.fullmatch(name) or name in _OTHERS
    ]


def _named(facilities: Mapping[str, Facilities]) -> Iterator[tuple[str, Facilities]]:
    problems = facility_name_problems(facilities)
    if problems:
        raise InputError(problems)
    return iter(facilities.items())


def _use(facilities: Facilities) -> str:
    """Say of what time facilities are: the one asked for, else that of their days of use."""
    if facilities.used_between is not None:
        return "in use in {} to {}".format(*facilities.used_between)
    first, last = facilities.table["first_used"].min(), facilities.table["last_used"].max()
    return "not stated" if pd.isna(first) or pd.isna(last) else f"{first:%Y}-{last:%Y}"


def _places(name: str, facilities: Facilities, centers: pd.DataFrame | None) -> Group:
    index = load_counties().index
    number = facilities.table["county_fips"].value_counts().reindex(index, fill_value=0)
    km = distance_to_nearest(facilities, centers=centers)["km"]
    unplaced, nowhere = len(facilities.problems), int(facilities.table["latitude"].isna().sum())
    left_out = f"{facilities.undated} without days of use left out" if facilities.undated else ""
    columns = (
        Column(
            name=f"{name}_count",
            source=f"facilities ({facilities.source.file})",
            period=_use(facilities),
            unit="facilities in the county",
            note="; ".join(filter(None, [f"{unplaced} in no county" * bool(unplaced), left_out])),
        ),
        Column(
            name=f"{name}_km",
            source=f"facilities ({facilities.source.file})",
            period=_use(facilities),
            unit="km, geodesic",
            note=(
                f"from the {'centroid' if centers is None else 'center given'} of the county to "
                f"the nearest{f'; {nowhere} without coordinates take no part' if nowhere else ''}"
                f"{f'; {left_out}' if left_out else ''}"
            ),
        ),
    )
    table = pd.DataFrame(
        {f"{name}_count": number.astype("int64"), f"{name}_km": km.astype(np.float64)}
    )
    return table, columns
