"""Small lists of police agencies, and what they reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from geo.crime import Agencies, AgencyOffenses, CountyCrimes
from geo.population import Population


def listed(*rows: tuple[str, str, str, tuple[str, ...], float], year: int = 2016) -> Agencies:
    """Make a list of agencies: ORI, name, kind, counties, residents."""
    table = pd.DataFrame(
        [
            {
                "ori": ori,
                "agency": agency,
                "state": ori[:2],
                "kind": kind,
                "counties": counties,
                "population": population,
                "year": year,
            }
            for ori, agency, kind, counties, population in rows
        ]
    ).set_index("ori")
    return Agencies(table=table, unplaced=pd.DataFrame(), sources=(), notes=())


def reported(*rows: Mapping[str, Any]) -> AgencyOffenses:
    """Make offences; what a row does not say is usual."""
    usual = {
        "ori": "",
        "agency": "",
        "state": "AL",
        "kind": "",
        "year": 2016,
        "offense": "murder",
        "count": 1.0,
        "months": 12.0,
        "population": float("nan"),
        "agencies": 1,
    }
    table = pd.DataFrame([{**usual, **row} for row in rows])
    table = table.astype({"count": float, "months": float, "population": float})
    return AgencyOffenses(table=table, definition=None, sources=(), notes=())


def residents(by_county: Mapping[str, float], *years: int) -> Population:
    """Make residents that stay the same over the years."""
    people = pd.Series(by_county, dtype=float).rename_axis("county_fips")
    by_year = pd.DataFrame(dict.fromkeys(years or (2016,), people))
    return Population(by_year=by_year, sources=(), notes=())


def county_years(
    rows: Iterable[tuple[str, int, float, float, float]], *, definition: str = "homicide"
) -> CountyCrimes:
    """Make figures: county, year, crimes, residents, covered share."""
    columns = ["county_fips", "year", "crimes", "residents", "covered_share"]
    table = pd.DataFrame(list(rows), columns=columns)
    table.insert(2, "years", table["year"].astype(str).astype("str"))
    return CountyCrimes(
        table=table.assign(flags=pd.Series("", index=table.index, dtype="str")),
        definition=definition,
        vintage_carried=None,
        sources=(),
        notes=(),
    )
