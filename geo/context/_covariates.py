"""Columns of a county table, from each source that one may have."""

from __future__ import annotations

from dataclasses import dataclass
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
from geo.population import Population

_BOUNDARIES: Final = "U.S. Census Bureau, Cartographic Boundary Files"

_MODEL_WORDS: Final = dict(
    zip(MODELS, ("jail enforcement", "task force", "warrant service officer"), strict=True)
)

SURVEY: Final = {
    "residents": ("acs_residents", "residents"),
    "foreign_born": ("foreign_born", "foreign-born: naturalised or no citizens"),
    "naturalised": ("naturalised", "citizens by naturalisation"),
    "noncitizens": ("noncitizens", "people who are no citizens"),
    "noncitizen_share": ("noncitizen_share", "non-citizens as a share of residents"),
}


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


Group = tuple[pd.DataFrame, tuple[Column, ...]]


def of_boundaries() -> Group:
    counties = load_counties()
    columns = tuple(
        Column(name=name, source=_BOUNDARIES, period="2019", unit=unit)
        for name, unit in (("name", "text"), ("state", "postal code"))
    )
    return pd.DataFrame(counties[["name", "state"]]), columns


def of_population(population: Population, year: int | None) -> Group:
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


def of_survey(read: ForeignBorn) -> Group:
    source = f"U.S. Census Bureau, American Community Survey, table B05001 ({read.source.file})"
    names, columns = {}, []
    for each in read.table.columns:
        own, words = SURVEY[each.removesuffix("_moe")]
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


def of_election(votes: PresidentialVotes) -> Group:
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
    whole = sorted(votes.by_state.index[votes.by_state["units"] == "the whole state"])
    notes += [f"{', '.join(whole)}: as a whole, no counties"] if whole else []
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


def of_agreements(counts: AgreementCounts) -> Group:
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


def _use(facilities: Facilities) -> str:
    """Say of what time facilities are: the one asked for, else that of their days of use."""
    if facilities.used_between is not None:
        return "in use in {} to {}".format(*facilities.used_between)
    first, last = facilities.table["first_used"].min(), facilities.table["last_used"].max()
    return "not stated" if pd.isna(first) or pd.isna(last) else f"{first:%Y}-{last:%Y}"


def of_facilities(name: str, facilities: Facilities, centers: pd.DataFrame | None) -> Group:
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
