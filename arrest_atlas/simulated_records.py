"""Simulated arrest records in the Deportation Data Project's schema, with known truth.

Everything is made up except the counties, their residents, the cities and the offices.
The shares of what is missing are those that the release of July 2025 documents: state
19 %, office 2 %, landmark 2 %, identifier 0.8 %, duplicates about 5 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from arrest_atlas.simulated_landmarks import BLANK, VAGUE, NamedPlaces, write_landmarks
from boundaries import load_counties, load_field_offices, load_states, load_zones
from geo import load_population

__all__ = ["ARRESTS", "CUSTODY", "FIRST_DAY", "LAST_DAY", "SimulatedRecords", "simulate_records"]

ARRESTS: Final = 550_000
"""Arrests to expect, near what was published for the period below."""

FIRST_DAY: Final = np.datetime64("2025-01-20", "s")
LAST_DAY: Final = np.datetime64("2026-08-06", "s")
_RENAMED: Final = np.datetime64("2025-07-28", "s")
"""From this day on, arrests in jails are recorded as "Custodial Arrest"."""

_SUPPORT: Final = ("county", "zone", "state", "aor", "none")

CUSTODY: Final = ("custodial", "community", "other")
_SHARE_OF_CUSTODY: Final = (0.50, 0.38, 0.12)

_BADLY_LOCATED: Final = (
    "AK AZ CA CO FL HI ID MT NM NV NY OR TX UT WA WY".split()  # noqa: SIM905  (readable)
)
_NAMED_WELL: Final = (0.84, 0.68, 0.76)
_NAMED_BADLY: Final = (0.24, 0.16, 0.20)
"""Share of landmarks that name the county, by custody, in the two kinds of state."""

_NO_STATE, _NO_OFFICE, _HEADQUARTERS, _NO_LANDMARK, _NO_IDENTIFIER = 0.19, 0.02, 0.003, 0.02, 0.008
_NO_LANDMARK_REPROCESSED: Final = 0.5
_SLIP, _CONFLICT = 0.02, 0.004
_REPEATED, _REPEATED_AGAIN, _ARRESTED_AGAIN = 0.05, 0.08, 0.01
_WOMEN: Final = 0.1
_REPROCESSED, _AT_THE_SAME_TIME = 0.6, 0.05
_APART: Final = np.timedelta64(5, "D")

_DIGITS: Final = 32
"""Letters of an identifier."""

_DAY: Final = 24 * 3_600

_METHODS: Final = {
    "custodial": (
        ("CAP Local Incarceration", 0.80),
        ("CAP State Incarceration", 0.12),
        ("CAP Federal Incarceration", 0.08),
    ),
    "community": (
        ("Non-Custodial Arrest", 0.45),
        ("Located", 0.40),
        ("Traffic Check", 0.06),
        ("Worksite Enforcement", 0.04),
        ("Probation and Parole", 0.05),
    ),
    "other": (
        ("287(g) Program", 0.40),
        ("Other Efforts", 0.35),
        ("Other Agency (turned over to INS)", 0.15),
        ("Law Enforcement Agency Response Unit", 0.10),
    ),
}
_CUSTODIAL, _REPROCESSED_METHOD = "Custodial Arrest", "ERO Reprocessed Arrest"
_CRIMINALITY: Final = (
    "1 Convicted Criminal",
    "2 Pending Criminal Charges",
    "3 Other Immigration Violator",
)
_CRIMINALITY_SHARES: Final = {
    "custodial": (0.45, 0.45, 0.10),
    "community": (0.25, 0.15, 0.60),
    "other": (0.30, 0.30, 0.40),
}
_COUNTRIES: Final = ("MEXICO", "GUATEMALA", "HONDURAS", "VENEZUELA", "EL SALVADOR", "ECUADOR")
_CASES: Final = ("ACTIVE", "0-WITHDRAWAL PERMITTED", "8-EXCLUDED/REMOVED", "b(6), b(7)c")

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, repr=False)
class SimulatedRecords:
    """Simulated records and the truth behind them.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a record, in the cleaned schema of the Deportation Data Project.
    truth : pandas.DataFrame
        On the same index: ``county_fips`` where the arrest was made; ``custody``
        (``"custodial"``, ``"community"``, ``"other"``) as its method says; ``support``,
        the finest level that the record's own words allow (``"county"``, ``"zone"``,
        ``"state"``, ``"aor"``, ``"none"``); ``misspelled``, ``conflict`` (the landmark
        is in another state) and ``duplicate`` (to be dropped).
    """

    table: pd.DataFrame
    truth: pd.DataFrame

    def __repr__(self) -> str:
        return (
            f"{len(self.table):,} simulated records, "
            f"{int(self.truth['duplicate'].sum()):,} of them duplicates"
        )

    def to_frame(self) -> pd.DataFrame:
        """Lay the records out as a table.

        Returns
        -------
        pandas.DataFrame
            A copy of `table`.
        """
        return self.table.copy()


def simulate_records(
    *,
    arrests: int = ARRESTS,
    rates: pd.DataFrame | None = None,
    flags: bool = True,
    rng: int | np.random.Generator,
) -> SimulatedRecords:
    """Make up arrest records whose truth is known.

    In most states about three quarters of the landmarks name the county, in the others
    (Texas, California, the West, ...) about one fifth; jails more than other places.

    Parameters
    ----------
    arrests : int, default 550,000
        Arrests to expect; about 5 % of them are recorded more than once.
    rates : pandas.DataFrame, optional
        How many times the usual number of arrests per resident each county has: columns
        ``custodial``, ``community`` and ``other``, indexed by ``county_fips``. Alike
        everywhere where not given.
    flags : bool, default True
        Whether to add the columns by which the Deportation Data Project marks duplicates.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    SimulatedRecords
        Records in order of time, and the truth behind each.

    Examples
    --------
    >>> records = simulate_records(arrests=1_000, rng=1)
    >>> records
    1,100 simulated records, 53 of them duplicates
    >>> records.table["apprehension_site_landmark"].dropna().iloc[0]
    'CHI GENERAL AREA, NON-SPECIFIC'
    """
    generator = np.random.default_rng(rng)
    residents = load_population(2019)
    counties = load_counties().loc[residents.index]
    county, custody = _arrests(arrests, residents, rates, generator)
    n = len(county)
    events = pd.DataFrame(
        {
            "county": county,
            "custody": custody,
            "person": np.arange(n),
            "time": _times(n, generator),
            "duplicate": False,
            "reprocessed": False,
        }
    )
    nameless = generator.random(n) < _NO_IDENTIFIER
    _arrest_again(events, ~nameless, generator)
    before_last = events["time"].to_numpy() < LAST_DAY
    events = _repeat(events, ~nameless & before_last, generator)
    events = events.sort_values("time", kind="stable", ignore_index=True)
    place = _places(events, counties, generator)
    table = pd.concat(
        [
            _times_as_recorded(events["time"]),
            place.drop(columns=["support", "misspelled", "conflict"]),
            _circumstances(events, generator),
            _persons(events["person"].to_numpy(), nameless, generator),
        ],
        axis="columns",
    )
    if flags:
        table["duplicate_likely"] = _episodes(events)
        table["duplicate_drop_row"] = events["duplicate"]
    table["file_original"] = _coded(np.zeros(len(table)), ["SIMULATED"])
    table["sheet_original"] = _coded(np.zeros(len(table)), ["SIMULATED"])
    table["row_original"] = np.arange(len(table)) + 7
    truth = pd.DataFrame(
        {
            "county_fips": _coded(events["county"], counties.index.tolist()),
            "custody": _coded(
                events["custody"].mask(events["reprocessed"], CUSTODY.index("other")), CUSTODY
            ),
            "support": place["support"],
            "misspelled": place["misspelled"],
            "conflict": place["conflict"],
            "duplicate": events["duplicate"],
        }
    )
    return SimulatedRecords(table=table, truth=truth)


def _arrests(
    arrests: int, residents: pd.Series, rates: pd.DataFrame | None, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Draw arrests of each kind in each county."""
    times = pd.DataFrame(1.0, index=residents.index, columns=list(CUSTODY))
    if rates is not None:
        times = rates.reindex(residents.index)[list(CUSTODY)].fillna(0.0)
    expected = times.mul(residents, axis="index").to_numpy()
    expected = expected * np.array(_SHARE_OF_CUSTODY)
    counts = rng.poisson(arrests * expected / expected.sum())
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    return cell // len(CUSTODY), cell % len(CUSTODY)


def _times(n: int, rng: np.random.Generator) -> npt.NDArray[np.datetime64]:
    """Spread arrests over the period by the minute, fewer on Saturdays and Sundays."""
    days = (LAST_DAY - FIRST_DAY) // np.timedelta64(1, "D") + 1
    monday = 0  # the first day was one
    weight = np.where((np.arange(days) + monday) % 7 < 5, 1.0, 0.4)  # noqa: PLR2004  (weekdays)
    day = rng.choice(days, size=n, p=weight / weight.sum())
    minute = np.clip(rng.normal(11 * 60, 4 * 60, n), 0, 24 * 60 - 1).astype(np.int64)
    times: npt.NDArray[np.datetime64] = FIRST_DAY + (day * _DAY + minute * 60).astype("m8[s]")
    return times


def _arrest_again(events: pd.DataFrame, named: Flags, rng: np.random.Generator) -> None:
    """Let some arrests be of persons arrested before, days apart: these are no duplicates."""
    pairs = rng.permutation(np.flatnonzero(named))[: 2 * int(_ARRESTED_AGAIN * len(events))]
    first, second = np.array_split(pairs, 2)
    first = first[: len(second)]
    time = events["time"].to_numpy()
    apart = np.abs(time[first] - time[second]) > _APART
    events.loc[second[apart], "person"] = first[apart]


def _repeat(events: pd.DataFrame, named: Flags, rng: np.random.Generator) -> pd.DataFrame:
    """Record some arrests again within a day, and some of these once more."""
    again = events[named & (rng.random(len(events)) < _REPEATED)]
    more = again[rng.random(len(again)) < _REPEATED_AGAIN]
    recorded = [events]
    for delay, repeated in enumerate((again, more)):
        reprocessed = rng.random(len(repeated)) < _REPROCESSED
        same = reprocessed & (rng.random(len(repeated)) < _AT_THE_SAME_TIME) & (delay == 0)
        # A day after the last record of the arrest at most: the first repeat comes earlier.
        minutes = rng.integers(1, 11 * 60, len(repeated)) + delay * 11 * 60
        later = repeated["time"] + np.where(same, 0, minutes * 60).astype("m8[s]")
        recorded.append(repeated.assign(time=later, duplicate=True, reprocessed=reprocessed))
    return pd.concat(recorded, ignore_index=True)


def _episodes(events: pd.DataFrame) -> Flags:
    """Mark every record of an arrest that is recorded more than once."""
    repeated = events.loc[events["duplicate"], ["person", "county"]].drop_duplicates()
    flags: Flags = (
        events[["person", "county"]].merge(repeated, how="left", indicator="both")["both"] == "both"
    ).to_numpy()
    return flags


def _times_as_recorded(time: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"apprehension_date": time.dt.normalize(), "apprehension_date_time": time})


def _places(
    events: pd.DataFrame, counties: gpd.GeoDataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Write state, office and landmark, and tell how far they locate an arrest."""
    n = len(events)
    county = events["county"].to_numpy()
    custody = events["custody"].to_numpy()
    reprocessed = events["reprocessed"].to_numpy()
    state_of, states = pd.factorize(counties["state"])
    state = state_of[county]
    no_state = rng.random(n) < _NO_STATE
    draw = rng.random(n)
    no_office, headquarters = draw < _NO_OFFICE, draw > 1 - _HEADQUARTERS

    badly = counties["state"].isin(_BADLY_LOCATED).to_numpy()[county]
    share = np.where(badly, np.array(_NAMED_BADLY)[custody], np.array(_NAMED_WELL)[custody])
    names_place = (rng.random(n) < share) & ~reprocessed
    conflict = ~reprocessed & ~no_state & (rng.random(n) < _CONFLICT)
    blank = rng.random(n) < np.where(reprocessed, _NO_LANDMARK_REPROCESSED, _NO_LANDMARK)

    named = NamedPlaces(counties, rng)
    elsewhere = rng.integers(len(counties), size=n)
    conflict &= state_of[elsewhere] != state
    meant = np.where(conflict, elsewhere, county)
    slip = names_place & ~conflict & (rng.random(n) < _SLIP)
    code, names_state, slip = named.choose(meant, jail=custody == 0, slip=slip, rng=rng)
    # A place elsewhere contradicts the record only where its state is named.
    names_place &= ~(conflict & ~names_state)
    conflict &= names_state & ~blank
    names_place = (names_place | conflict) & ~blank
    code = np.where(names_place, code, np.where(blank, BLANK, VAGUE))
    offices = load_field_offices()["name"].sort_index()
    office = offices.index.get_indexer(counties["aor"])[county]

    has_office = ~no_office & ~headquarters
    alone = named.unmistakable(county, within_aor=has_office)
    # Without a state, a slip might be anybody's name.
    clear = names_state | ~no_state | (alone & ~slip)
    split = states.isin(_split_states())[state]
    one_zone = counties["aor"].isin(_offices_of_one_zone()).to_numpy()[county]
    support = np.select(
        [
            names_place & ~conflict & clear,
            np.where(no_state, has_office & one_zone, ~split | has_office),
            ~no_state,
            has_office,
        ],
        [0, 1, 2, 3],
        4,
    )
    state_names = load_states()["name"].str.upper().reindex(states)
    office_names = [f"{name} Area of Responsibility" for name in [*offices, "HQ"]]
    sites = [f"{name.upper()}, ERO FIELD OFFICE" for name in offices]
    of_office = np.where(no_office, -1, np.where(headquarters, len(offices), office))
    return pd.DataFrame(
        {
            "apprehension_state": _coded(np.where(no_state, -1, state), state_names.tolist()),
            "apprehension_aor": _coded(of_office, office_names),
            "apprehension_site_landmark": write_landmarks(named, code, office=office, rng=rng),
            "toa_current_duty_site": _coded(np.where(no_office, -1, office), sites),
            "support": _coded(support, _SUPPORT),
            "misspelled": names_place & slip & ~conflict,
            "conflict": conflict,
        }
    )


def _split_states() -> list[str]:
    """List the states that belong to several offices."""
    zones = load_zones()["state"]
    return sorted(zones[zones.duplicated()].unique())


def _offices_of_one_zone() -> list[str]:
    """List the offices that have one state, or a part of one."""
    return sorted(load_zones()["aor"].drop_duplicates(keep=False))


def _coded(codes: npt.ArrayLike, names: Sequence[str]) -> pd.Categorical[Any]:
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), pd.Index(names))


def _circumstances(events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(events)
    methods: list[str] = [_REPROCESSED_METHOD, _CUSTODIAL]
    method = np.zeros(n, dtype=np.int64)
    criminality = np.zeros(n, dtype=np.int64)
    custody = events["custody"].to_numpy()
    for number, kind in enumerate(CUSTODY):
        of_kind = np.flatnonzero(custody == number)
        words, shares = zip(*_METHODS[kind], strict=True)
        method[of_kind] = len(methods) + rng.choice(len(words), size=len(of_kind), p=shares)
        methods += words
        criminality[of_kind] = rng.choice(3, size=len(of_kind), p=_CRIMINALITY_SHARES[kind])
    jail = custody == 0
    method[jail & (events["time"] >= _RENAMED).to_numpy()] = methods.index(_CUSTODIAL)
    method[events["reprocessed"].to_numpy()] = methods.index(_REPROCESSED_METHOD)
    return pd.DataFrame(
        {
            "apprehension_method": _coded(method, methods),
            "apprehension_criminality": _coded(criminality, _CRIMINALITY),
            "final_program": _coded(jail, ["ERO", "ERO Criminal Alien Program"]),
            "case_status": _coded(rng.choice(len(_CASES), size=n), _CASES),
            "final_order_yes_no": _coded(rng.integers(2, size=n), ["NO", "YES"]),
        }
    )


def _persons(person: Integers, nameless: Flags, rng: np.random.Generator) -> pd.DataFrame:
    """Make up whose arrests they are."""
    n = len(nameless)
    digits = pa.py_buffer(rng.bytes(_DIGITS // 2 * n).hex().encode())
    starts = pa.py_buffer(np.arange(0, _DIGITS * (n + 1), _DIGITS, dtype=np.int64))
    identifiers = pa.LargeStringArray.from_buffers(n, starts, digits)
    country = rng.integers(len(_COUNTRIES), size=n)
    return pd.DataFrame(
        {
            "unique_identifier": pd.Series(
                identifiers.take(pa.array(person, mask=nameless[person])), dtype="str"
            ),
            "birth_year": np.clip(rng.normal(1988, 10, n), 1940, 2012).astype(np.int16)[person],
            "citizenship_country": _coded(country[person], _COUNTRIES),
            "gender": _coded((rng.random(n) < _WOMEN)[person], ["Male", "Female"]),
        }
    )
