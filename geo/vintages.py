"""Numbers of other years' counties, carried to the counties of 2019."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar, cast

import numpy as np
import pandas as pd

from boundaries import ShareBasis, load_county_shares
from geo._carrying import COUNTY, Plan, plan, words_of
from geo.allocation import largest_remainder
from geo.errors import InputError, Problem

__all__ = ["Carried", "carry_counts", "carry_rates", "load_census_residents"]

Values = TypeVar("Values", pd.Series, pd.DataFrame)

_SHARES: Final = ["fips", "county_fips", "share", "year", "kind", "residents", "census"]
_YEAR_OF_CHANGE: Final = "changed"  # "year" is most often a level of the table


@dataclass(frozen=True, kw_only=True)
class Carried(Generic[Values]):
    """Numbers by the counties of 2019, and how they came there.

    Attributes
    ----------
    by_county : pandas.Series or pandas.DataFrame of float
        What was given, by ``county_fips`` (vintage 2019) and whatever other levels its
        index has, ascending. NaN where a part of a county is missing.
    shares : pandas.DataFrame
        The parts that were used, one row each: the other levels of the index, ``fips``
        (the code as found), ``county_fips``, ``share`` of the area's count that the county
        received, ``basis`` of the shares, the year it ``changed`` and the ``kind`` of change,
        ``residents`` of the part and the ``census`` that counted them. Empty if nothing
        was to be carried.
    incomplete : tuple of str
        Counties that are "no data" somewhere because a part of them is missing.
    notes : tuple of str
        The same in sentences.
    """

    by_county: Values
    shares: pd.DataFrame
    incomplete: tuple[str, ...]
    notes: tuple[str, ...]


def carry_counts(
    counts: Values,
    *,
    basis: ShareBasis = "population",
    sparse: bool = False,
    whole: bool = False,
    file: str = "the table",
) -> Carried[Values]:
    """Carry counts to the counties of 2019.

    The count of an area that was split goes to its counties by their shares of it, as if
    it were spread like its residents (or over its ground); parts of a county add up. A
    county of which a part is missing is "no data": a sum of the others would be too small.
    Change by change (:func:`boundaries.load_county_changes`), the year is told from the
    codes, so that a table may hold the codes of any year since 2000. Changes of boundary
    that kept the codes cannot be told and are not undone.

    Parameters
    ----------
    counts : pandas.Series or pandas.DataFrame of float
        Indexed by ``county_fips`` or by several levels, one of which is (``county_fips``
        and ``year``, say): the others are carried apart. Codes of any year since 2000. NaN
        where not known; a row of nothing else does not tell the table's vintage.
    basis : {"population", "area"}, default "population"
        What an area's count is split by.
    sparse : bool, default False
        Whether an area without a row has none; by default nothing is known of it.
    whole : bool, default False
        Whether counts stay whole numbers: by largest remainder, the sum of each change's
        counties kept.
    file : str, default "the table"
        Name for messages.

    Returns
    -------
    Carried
        Counts by the counties of 2019, with the shares used.

    Raises
    ------
    InputError
        With every problem at once: codes of no county, an index that is not unique, codes
        from both sides of one change (02270 and 02158) in one table or group, areas whose
        share of ground is not known.
    ValueError
        If the index has no level ``county_fips``.

    Examples
    --------
    >>> arrests = pd.Series({"02063": 3.0, "02066": 4.0, "48201": 9.0})
    >>> carried = carry_counts(arrests.rename_axis("county_fips"))
    >>> carried.by_county.to_dict()
    {'02261': 7.0, '48201': 9.0}
    >>> print(*carried.notes)
    Counts of 02063, 02066 carried to the counties of 2019 (02261) by residents at the
    census of 2020.
    """
    table = _frame(counts)
    made = plan(table, basis=basis, file=file)
    values = _taken(table, made)
    if sparse:
        values[made.parts["row"].to_numpy() < 0] = 0.0
    shared = values.mul(made.parts["share"].to_numpy(), axis="index")
    sums = shared.groupby(_targets(made)).sum(skipna=False)
    if whole:
        sums = _whole(sums, made)
    return _carried(counts, table, made, values, sums, what="Counts", basis=basis)


def carry_rates(
    rates: Values, denominators: pd.Series, *, file: str = "the table"
) -> Carried[Values]:
    """Carry rates to the counties of 2019, by the residents that they refer to.

    A county made of several parts has the mean of their rates, weighted by what each
    holds of the denominator (an area's denominator is split by residents). A county that
    lies in one area has that area's rate.

    Parameters
    ----------
    rates : pandas.Series or pandas.DataFrame of float
        As for :func:`carry_counts`; in any unit.
    denominators : pandas.Series of float
        What the rates are rates of, residents most often: by the codes of `rates`, or by
        all levels of its index. Needed only for areas that become part of a county;
        :func:`load_census_residents` has those of the nearest census.
    file : str, default "the table"
        Name for messages.

    Returns
    -------
    Carried
        Rates by the counties of 2019.

    Raises
    ------
    InputError
        As for :func:`carry_counts`, and if a denominator is missing or negative where one
        is needed.
    ValueError
        If the index has no level ``county_fips``.

    Examples
    --------
    >>> rates = pd.Series({"02063": 300.0, "02066": 600.0}).rename_axis("county_fips")
    >>> residents = pd.Series({"02063": 7_102, "02066": 2_617})
    >>> carry_rates(rates, residents).by_county.round(2).to_dict()
    {'02261': 380.78}
    """
    table = _frame(rates)
    made = plan(table, basis="population", file=file)
    values = _taken(table, made)
    targets = _targets(made)
    alone = made.parts.groupby(targets)["fips"].transform("size").to_numpy() == 1
    weights = _denominators(table, denominators, made)
    needed = ~alone & (made.parts["row"].to_numpy() >= 0)
    wrong = needed & ~(weights.to_numpy() >= 0)
    if wrong.any():
        raise InputError(_denominator_problems(made.parts[wrong], file))
    weights = (weights * made.parts["share"]).mask(alone, 1.0)
    events = values.mul(weights.to_numpy(), axis="index").groupby(targets).sum(skipna=False)
    total = weights.groupby(targets).sum(skipna=False)
    means = events.div(total.replace(0.0, np.nan), axis="index")
    return _carried(rates, table, made, values, means, what="Rates", basis="population")


def load_census_residents() -> pd.Series:
    """Load the residents of areas that are not, or not only, counties of 2019.

    Source: U.S. Census Bureau, censuses of 2000, 2010 and 2020, each area by the census
    nearest to its change; Connecticut's planning regions from the counts of its 169 towns
    in 2020.

    Returns
    -------
    pandas.Series of float
        By code (``fips``), as denominators for :func:`carry_rates`.

    Examples
    --------
    >>> residents = load_census_residents()
    >>> float(residents["09110"]), float(residents.filter(like="09").sum())
    (976248.0, 3605944.0)
    """
    parts = load_county_shares()
    return parts.groupby("fips")["residents"].sum().astype("float64")


def _frame(values: pd.Series | pd.DataFrame) -> pd.DataFrame:
    frame = values.to_frame() if isinstance(values, pd.Series) else values
    return frame.astype("float64")


def _taken(table: pd.DataFrame, made: Plan) -> pd.DataFrame:
    """Give every part its area's value, NaN where the table has no such row."""
    row = made.parts["row"].to_numpy()
    taken = np.full((len(row), len(table.columns)), np.nan)
    taken[row >= 0] = table.to_numpy()[row[row >= 0]]
    return pd.DataFrame(taken, columns=table.columns)


def _targets(made: Plan) -> list[pd.Series]:
    return [made.parts["group"], made.parts[COUNTY]]


def _denominators(table: pd.DataFrame, given: pd.Series, made: Plan) -> pd.Series:
    if isinstance(given.index, pd.MultiIndex):
        order = [given.index.names.index(name) for name in table.index.names]
        aligned = given.reorder_levels(order).reindex(table.index)
        row = made.parts["row"].to_numpy()
        values = np.where(row >= 0, aligned.to_numpy(dtype=np.float64)[row], np.nan)
        return pd.Series(values, index=made.parts.index)
    return made.parts["fips"].map(given).astype("float64")


def _denominator_problems(parts: pd.DataFrame, file: str) -> list[Problem]:
    return [
        Problem(
            file=file,
            where=f"county {fips}",
            found=f"a rate to carry to {', '.join(sorted(counties))} without its denominator",
            expected="the residents, or whatever else the rate refers to",
            action="give them, or leave the row out",
        )
        for fips, counties in parts.groupby("fips")[COUNTY].unique().items()
    ]


def _whole(sums: pd.DataFrame, made: Plan) -> pd.DataFrame:
    """Round so that the counties of one change keep their sum."""
    change = made.parts.groupby(_targets(made))["event"].first()
    rounded = sums.copy()
    for column in sums.columns:
        known = sums[column].dropna()
        groups = [known.index.get_level_values("group"), change.reindex(known.index)]
        for _, part in known.groupby(groups):
            rounded.loc[part.index, column] = largest_remainder(part, round(part.sum()))
    return rounded


def _carried(
    given: Values,
    table: pd.DataFrame,
    made: Plan,
    parts: pd.DataFrame,
    sums: pd.DataFrame,
    *,
    what: str,
    basis: ShareBasis,
) -> Carried[Values]:
    frame = table[made.kept.to_numpy()]
    if len(made.parts):
        sums.index = _keyed(sums.index.to_frame(index=False), made)
        frame = pd.concat([frame, sums])
    incomplete = _incomplete(parts, made)
    told = parts.notna().any(axis="columns").to_numpy() & (made.parts["row"].to_numpy() >= 0)
    notes = words_of(made.parts[told], what=what, basis=basis)
    if incomplete:
        notes += (f"No data for {', '.join(incomplete)}: a part of each is missing.",)
    return Carried(
        by_county=cast("Values", _like(given, frame.sort_index())),
        shares=_shares(made, basis),
        incomplete=incomplete,
        notes=notes,
    )


def _like(given: object, frame: pd.DataFrame) -> pd.Series | pd.DataFrame:
    if not isinstance(given, pd.Series):
        return frame
    series: pd.Series = frame.iloc[:, 0]
    series.name = given.name
    return series


def _keyed(rows: pd.DataFrame, made: Plan) -> pd.Index:
    """Give rows of groups and counties the index that the table has."""
    levels = made.keys.loc[rows["group"]].assign(**{COUNTY: rows[COUNTY].to_numpy()})
    index: pd.Index = pd.MultiIndex.from_frame(levels[list(made.names)])
    return index if len(made.names) > 1 else index.get_level_values(0)


def _incomplete(parts: pd.DataFrame, made: Plan) -> tuple[str, ...]:
    """List the counties of which some parts are known and others are not."""
    known = parts.notna().groupby(_targets(made)).any()
    lacking = parts.isna().groupby(_targets(made)).any()
    some = (known & lacking).any(axis="columns")
    return tuple(sorted(set(some.index[some].get_level_values(COUNTY))))


def _shares(made: Plan, basis: ShareBasis) -> pd.DataFrame:
    used = made.parts[made.parts["row"] >= 0]
    keys = made.keys.loc[used["group"]].reset_index(drop=True)
    columns = used[_SHARES].rename(columns={"year": _YEAR_OF_CHANGE}).reset_index(drop=True)
    columns.insert(3, "basis", basis)
    return pd.concat([keys, columns], axis="columns")
