"""Simulated detainers before simulated arrests, with the share that was followed known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.simulated_records import FIRST_DAY, LAST_DAY, SimulatedRecords
from boundaries import load_counties, load_field_offices, load_states
from geo import load_population

__all__ = ["DETAINERS", "LONGEST_LAG", "SimulatedDetainers", "simulate_detainers"]

DETAINERS: Final = 150_000
"""Detainers to expect."""

LONGEST_LAG: Final = 60
"""Days from a detainer to the arrest in jail at most."""

_FOLLOWED: Final = {"MS": 0.87, "NY": 0.04, "CA": 0.10, "IL": 0.08, "MN": 0.30, "TX": 0.75}
_ELSEWHERE: Final = 0.55
_MEAN_LAG: Final = 12.0
_COMMUNITY: Final = 0.08
"""Share of the detainers without an arrest in jail that an arrest in the community follows."""

_NO_IDENTIFIER, _NO_STATE, _NO_OFFICE = 0.125, 0.02, 0.2
_SAME_DAY, _SUPERSEDED = 0.03, 0.02
_LIFTED: Final = {
    "custodial": (("Booked into Detention", 0.8), ("", 0.2)),
    "community": (("Detainer Declined by LEA", 0.5), ("", 0.5)),
    "unseen": (("", 1.0),),
    "none": (
        ("Detainer Declined by LEA", 0.35),
        ("No longer in State, Local, or Federal Custody", 0.15),
        ("Case Closed", 0.1),
        ("", 0.4),
    ),
}
_SUPERSEDING: Final = "Superseding - New Form Issued"
_DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, kw_only=True, repr=False)
class SimulatedDetainers:
    """Simulated detainers and the truth behind them.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a record, in the cleaned schema of the Deportation Data Project.
    truth : pandas.DataFrame
        On the same index: ``state`` of the jail; ``outcome`` within `LONGEST_LAG` days
        (``"custodial"``, ``"community"``, ``"none"``, or ``"unseen"``, an arrest after the last
        day of the records); ``repeated``.
    followed : pandas.Series of float
        By state, how probable it was that an arrest in jail followed.
    """

    table: pd.DataFrame
    truth: pd.DataFrame
    followed: pd.Series

    def __repr__(self) -> str:
        return (
            f"{len(self.table):,} simulated detainers, "
            f"{int(self.truth['repeated'].sum()):,} of them repeated"
        )

    def to_frame(self) -> pd.DataFrame:
        """Lay the detainers out as a table.

        Returns
        -------
        pandas.DataFrame
            A copy of `table`.
        """
        return self.table.copy()


def simulate_detainers(
    records: SimulatedRecords,
    *,
    detainers: int = DETAINERS,
    followed: pd.Series | None = None,
    rng: int | np.random.Generator,
) -> SimulatedDetainers:
    """Make up detainers of which it is known how probably an arrest in jail follows.

    Detainers are spread over the states by residents, over the days evenly. Arrests that follow
    are drawn from the simulated ones of the state, 12 days later on average; the others are of
    persons who are not arrested or, 8 % of them, are arrested in the community later.

    Parameters
    ----------
    records : SimulatedRecords
        Arrests.
    detainers : int, default 150,000
        Detainers to expect, repeated ones aside.
    followed : pandas.Series of float, optional
        Probability by state that an arrest in jail follows, 0.55 where none is given. By
        default six states differ.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    SimulatedDetainers
        Detainers in order of time, and the truth behind each. Where a state has too few
        arrests for its detainers, fewer are followed than said.

    Examples
    --------
    >>> from arrest_atlas.simulated_records import simulate_records
    >>> simulate_detainers(simulate_records(arrests=5_000, rng=1), detainers=1_000, rng=1)
    1,050 simulated detainers, 34 of them repeated
    """
    generator = np.random.default_rng(rng)
    given = pd.Series(_FOLLOWED) if followed is None else followed
    residents = load_population(2019)
    people = residents.groupby(load_counties().loc[residents.index, "state"]).sum()
    chance = given.reindex(people.index).fillna(_ELSEWHERE)
    expected = detainers * people / people.sum()
    arrests = _arrests(records)
    parts = [
        _of_state(state, int(count), float(chance[state]), arrests, generator)
        for state, count in zip(people.index, generator.poisson(expected), strict=True)
    ]
    events = _beyond_the_end(pd.concat(parts, ignore_index=True), generator)
    events["identifier"] = _identified(events["identifier"], generator)
    events["lift_reason"] = _lift_reasons(events["outcome"], generator)
    events = _repeated(events.assign(repeated=False), generator)
    events = events.sort_values("prepared", kind="stable", ignore_index=True)
    return SimulatedDetainers(
        table=_as_recorded(events, generator),
        truth=events[["state", "outcome", "repeated"]],
        followed=chance.rename("followed"),
    )


def _arrests(records: SimulatedRecords) -> pd.DataFrame:
    """List the arrests of persons who were arrested once, in a random order of their own."""
    truth, table = records.truth, records.table
    states = load_counties()["state"]
    rows = pd.DataFrame(
        {
            "identifier": table["unique_identifier"],
            "day": table["apprehension_date"],
            "state": truth["county_fips"].astype("object").map(states),
            "custody": truth["custody"].astype("object"),
        }
    )[~truth["duplicate"]].dropna()
    return rows[~rows["identifier"].duplicated(keep=False)]


def _of_state(
    state: str, count: int, chance: float, arrests: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    own = arrests[arrests["state"] == state]
    jail = own[own["custody"] == "custodial"]
    street = own[own["custody"] == "community"]
    custodial = min(int(rng.binomial(count, chance)), len(jail))
    community = min(int(rng.binomial(count - custodial, _COMMUNITY)), len(street))
    none = count - custodial - community
    lag = np.minimum(rng.exponential(_MEAN_LAG, custodial).astype(np.int64), LONGEST_LAG)
    days = int((LAST_DAY - FIRST_DAY) / _DAY) + 1
    return pd.concat(
        [
            _before(jail, custodial, lag, rng).assign(outcome="custodial"),
            _before(street, community, rng.integers(1, LONGEST_LAG + 1, community), rng).assign(
                outcome="community"
            ),
            pd.DataFrame(
                {
                    "identifier": _made_up(none, rng),
                    "prepared": FIRST_DAY + rng.integers(days, size=none) * _DAY,
                    "outcome": "none",
                }
            ),
        ],
        ignore_index=True,
    ).assign(state=state)


def _before(
    arrests: pd.DataFrame, count: int, lag: npt.NDArray[np.int64], rng: np.random.Generator
) -> pd.DataFrame:
    """Draw arrests, and let detainers go before them."""
    drawn = arrests.iloc[rng.choice(len(arrests), size=count, replace=False)]
    day = drawn["day"].to_numpy().astype("M8[D]") - lag * _DAY
    return pd.DataFrame({"identifier": drawn["identifier"].to_numpy(), "prepared": day})


def _beyond_the_end(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Move detainers before the first day to the end, where their arrests are not recorded yet."""
    early = events["prepared"] < FIRST_DAY
    late = events[early].assign(outcome="unseen", identifier=_made_up(int(early.sum()), rng))
    late["prepared"] += LAST_DAY - FIRST_DAY + _DAY
    every: pd.DataFrame = pd.concat([events[~early], late], ignore_index=True)
    return every


def _made_up(count: int, rng: np.random.Generator) -> list[str]:
    digits = rng.bytes(16 * count).hex()
    return [digits[32 * place : 32 * (place + 1)] for place in range(count)]


def _identified(identifiers: pd.Series, rng: np.random.Generator) -> pd.Series:
    return identifiers.where(rng.random(len(identifiers)) >= _NO_IDENTIFIER)


def _lift_reasons(outcomes: pd.Series, rng: np.random.Generator) -> pd.Series:
    reasons = pd.Series("", index=outcomes.index, dtype="object")
    for outcome, words in _LIFTED.items():
        texts, shares = zip(*words, strict=True)
        own = outcomes.index[outcomes == outcome]
        reasons[own] = np.asarray(texts, dtype=object)[rng.choice(len(texts), len(own), p=shares)]
    return reasons


def _repeated(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Record some detainers twice on their day, and let some take the place of earlier ones."""
    named = events["identifier"].notna()
    twice = events[named & (rng.random(len(events)) < _SAME_DAY)]
    later = events[named & (rng.random(len(events)) < _SUPERSEDED)]
    apart = rng.integers(1, 20, len(later)) * _DAY
    earlier = later.assign(prepared=later["prepared"] - apart, lift_reason=_SUPERSEDING)
    earlier = earlier[earlier["prepared"] >= FIRST_DAY]
    repeated = pd.concat([twice, earlier]).assign(repeated=True)
    every: pd.DataFrame = pd.concat([events, repeated], ignore_index=True)
    return every


def _as_recorded(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Write the detainers down as the Deportation Data Project does."""
    n = len(events)
    offices = _main_office()
    names = load_field_offices()["name"] + " Area of Responsibility"
    state = events["state"].map(load_states()["name"].str.upper())
    office = events["state"].map(offices).map(names)
    return pd.DataFrame(
        {
            "detainer_prepare_date": events["prepared"].astype("datetime64[s]"),
            "facility_state": state.where(rng.random(n) >= _NO_STATE),
            "facility_aor": office.where(rng.random(n) >= _NO_OFFICE),
            "detention_facility": "SIMULATED JAIL",
            "detainer_type": "I247A",
            "detainer_lift_reason": events["lift_reason"].replace("", None),
            "unique_identifier": events["identifier"],
            "file_original": "SIMULATED",
            "row_original": np.arange(n) + 7,
        }
    )


def _main_office() -> pd.Series:
    """Give each state the office of most of its counties."""
    offices: pd.Series = (
        load_counties()
        .groupby("state")["aor"]
        .agg(lambda codes: codes.value_counts().index[0] if codes.notna().any() else None)
    )
    return offices
