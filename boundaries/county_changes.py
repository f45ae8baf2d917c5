"""What became of the counties: areas that were split, merged, renamed and replaced."""

from __future__ import annotations

from functools import cache
from typing import Literal

import pandas as pd

from boundaries._package_data import read_csv
from boundaries.vintage import CANONICAL_VINTAGE, county_codes

__all__ = ["ShareBasis", "load_county_changes", "load_county_shares"]

ShareBasis = Literal["population", "area"]
"""What a count is split by: the residents, or the ground, that its parts have."""


def load_county_changes() -> pd.DataFrame:
    """Load the changes of counties since the census of 2000, part by part.

    One row for every part that went from one area to another. It covers every code that
    tables of 2010 to 2024 may carry and that the counties of 2019 lack, and the change
    of boundaries in Alaska in 2013, which kept its codes.

    Sources: U.S. Census Bureau, Substantial Changes to Counties and County Equivalent
    Entities; Federal Register 87 FR 34235 (Connecticut); residents from the censuses of
    2000, 2010 and 2020; areas from the packaged polygons of 2019 and 2023.

    Returns
    -------
    pandas.DataFrame
        ``year`` and ``date`` of the change (Connecticut's is the day of the notice; the
        Census Bureau's tables follow it from those of 2022 on); ``kind``: ``"merged"``,
        ``"split"``, ``"renamed"``, ``"replaced"`` (Connecticut's counties by planning
        regions) or ``"boundary"`` (the codes stayed, so that no table tells on which side
        of it it stands, and nothing is carried); ``from_fips``, ``to_fips``;
        ``residents`` of the part by the ``census`` of that year; ``area_km2`` of the
        part, coastal waters excluded, missing where no polygons tell; ``note`` and
        ``source``.

    Examples
    --------
    >>> changes = load_county_changes()
    >>> changes.loc[changes["from_fips"] == "02261", ["to_fips", "residents"]].values.tolist()
    [['02063', 7102], ['02066', 2617]]
    """
    return _changes().copy()


def load_county_shares(*, basis: ShareBasis = "population") -> pd.DataFrame:
    """Load what each area of another year holds of the counties of 2019.

    Parameters
    ----------
    basis : {"population", "area"}, default "population"
        What the shares are of: residents at the census nearest to the change, or ground.

    Returns
    -------
    pandas.DataFrame
        One row for every area and county of 2019 that have ground in common: ``event``
        (year and state of the change), ``year``, ``kind``, ``fips`` (the area's code),
        ``county_fips`` (vintage 2019), ``share`` of the area that lies in the county
        (missing where no polygons tell), ``residents`` of the part and the ``census``
        that counted them. Areas that kept their code and took part in the change have
        rows too. The shares of an area sum to 1.

    Examples
    --------
    >>> shares = load_county_shares().set_index(["fips", "county_fips"])["share"]
    >>> shares["09110"].round(4).to_dict()
    {'09003': 0.8474, '09013': 0.1526}
    """
    return _shares(basis).copy()


@cache
def _shares(basis: ShareBasis) -> pd.DataFrame:
    changes = _changes()
    carried = changes[changes["kind"] != "boundary"]
    # What came after 2019 is undone; what came before is done.
    undone = ~carried["to_fips"].isin(county_codes(CANONICAL_VINTAGE))
    shares = pd.DataFrame(
        {
            "event": carried["year"].astype("str") + " " + carried["from_fips"].str[:2],
            "year": carried["year"],
            "kind": carried["kind"],
            "fips": carried["to_fips"].where(undone, carried["from_fips"]),
            "county_fips": carried["from_fips"].where(undone, carried["to_fips"]),
            "residents": carried["residents"],
            "census": carried["census"],
        }
    )
    part = carried["residents" if basis == "population" else "area_km2"].astype("float64")
    by_area = part.groupby(shares["fips"])
    whole = by_area.transform("size") == 1
    shares.insert(5, "share", (part / by_area.transform("sum")).mask(whole, 1.0))
    return shares.sort_values(["year", "fips", "county_fips"], ignore_index=True)


@cache
def _changes() -> pd.DataFrame:
    numbers = {"year": "int64", "residents": "int64", "census": "int64"}
    changes = read_csv("county_changes").astype(numbers)
    changes["date"] = pd.to_datetime(changes["date"])
    changes["area_km2"] = pd.to_numeric(changes["area_km2"])
    return changes
