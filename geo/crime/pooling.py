"""Several years of county figures, pooled into one baseline."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import numpy as np
import pandas as pd

from geo._table import Source
from geo.crime._columns import write_period, write_years, years_in
from geo.crime._pooled_years import (
    chosen_rows,
    files_of,
    pooling_error,
    without_residents,
    without_weak_years,
    words_for_silent,
    years_without_figures,
)
from geo.crime.no_rate import BELOW, UNKNOWN, why_no_rate, with_reasons
from geo.crime.offenses import CountyCrimes
from geo.crime.rates import PER, CrimeRates
from geo.errors import InputError, Problem

__all__ = ["CrimeBaseline", "check_least_covered_share", "pool_years"]

_HALF: Final = 0.5
"""Coverage below which a year does not enter a rate beside better ones."""


@dataclass(frozen=True, kw_only=True, repr=False)
class CrimeBaseline:
    """Crime of a period by county, with what it covers.

    Attributes
    ----------
    crimes : CountyCrimes
        One row a county: ``crimes`` and ``residents`` are means a reported year,
        ``covered_share`` the mean over all years of the period (zero in years without a
        report), ``year`` the last year and ``years`` all of them.
    rates : CrimeRates
        Crimes per 100,000 residents a year; "no data" (NaN) where the covered share is
        less than the least.
    period : str
        From the first year to the last, as ``--crime-period`` takes it: ``"2014/2016"``,
        or ``"2017"``.
    years : tuple of int
        Years of which there are figures.
    least_covered_share : float
        The least covered share.
    """

    crimes: CountyCrimes
    rates: CrimeRates
    period: str
    years: tuple[int, ...]
    least_covered_share: float

    def __repr__(self) -> str:
        rate = self.rates.rate
        return (
            f"CrimeBaseline: {self.crimes.definition}, {self.period}, {rate.notna().sum():,} of "
            f"{len(rate):,} counties covered by {self.least_covered_share:.0%} or more"
        )


def check_least_covered_share(least_covered_share: float) -> None:
    """Refuse a least covered share that is no share.

    Parameters
    ----------
    least_covered_share : float
        Share of residents whose police must have reported.

    Raises
    ------
    InputError
        If it is not between 0 and 1.

    Examples
    --------
    >>> check_least_covered_share(0.8)
    """
    if 0 <= least_covered_share <= 1:
        return
    problem = Problem(
        file="least covered share",
        found=f"{least_covered_share:g}",
        expected="a share from 0 to 1",
        action="change the option; 0.8 stands for 80 %",
    )
    raise InputError([problem])


def pool_years(
    crimes: CountyCrimes,
    *,
    first: int | None = None,
    last: int | None = None,
    least_covered_share: float = 0.8,
) -> CrimeBaseline:
    """Pool years into one rate a county, weighted by the residents covered.

    The rate is the crimes of all reported years by the residents to whom they refer, so
    that a year counts in proportion to the residents whose police reported in it. A year
    without a report, or without residents, adds nothing to either and lowers the mean
    covered share; so does a year in which the police of less than half of the residents
    reported (less than the least covered share, if that is lower): what it tells of is not
    the county. Where no year is better, all of them stand, below the least covered share.
    A county whose mean covered share over the period is below the least covered share is
    "no data", not zero (DESIGN M10). Where a table says nothing of it at all, nothing is
    set aside, and a note says so; where it says it of some counties only, the others are
    "no data".

    Parameters
    ----------
    crimes : CountyCrimes
        Figures by county and year.
    first, last : int, optional
        Years to pool; by default all there are.
    least_covered_share : float, default 0.8
        Share of residents whose police must have reported, 0 to 1.

    Returns
    -------
    CrimeBaseline
        Rates, and the figures behind them.

    Raises
    ------
    InputError
        If there is no figure in these years or none that is covered, if figures that
        are pooled already stand beside others, or if the least covered share is out of range.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "county_fips": "01001", "year": [2014, 2015, 2016], "years": ["2014", "2015", "2016"],
    ...     "crimes": [30.0, float("nan"), 50.0], "residents": [10e3, float("nan"), 10e3],
    ...     "covered_share": [1.0, 0.0, 1.0], "flags": ""})
    >>> source = Source(file="crime.csv", sha256="", rows=3)
    >>> crimes = CountyCrimes(table=table, definition="ucr_part1_violent", vintage_carried=None,
    ...                       sources=(source,), notes=())
    >>> pooled = pool_years(crimes, least_covered_share=0.6)
    >>> pooled.period, pooled.rates.rate.to_dict()
    ('2014/2016', {'01001': 400.0})
    """
    check_least_covered_share(least_covered_share)
    rows, nobody = without_residents(chosen_rows(crimes, first, last))
    rows, weak = without_weak_years(rows, min(least_covered_share, _HALF))
    years = tuple(sorted({int(year) for year in rows["year"]}))
    silent = years_without_figures(rows, first, last)
    told = sorted({year for text in set(rows["years"]) for year in years_in(text)})
    table = _pooled(rows, [*silent, *years], write_years(told))
    people = table["residents"].where(table["residents"] > 0)
    rate = (PER * table["crimes"] / people).rename("rate")
    stated = bool(table["covered_share"].notna().any())
    reason = why_no_rate(table, least_covered_share=least_covered_share)
    doubtful = reason.isin([BELOW, UNKNOWN])
    uncovered = int((rate.notna() & doubtful).sum())
    rate = rate.mask(doubtful)
    if not rate.notna().any():
        raise pooling_error(
            crimes,
            f"no county with a figure and a covered share of {least_covered_share:g} or more"
            + "".join(f"; {words}" for words in words_for_silent(silent)),
            "at least one",
            "lower the least (--least-covered-share), or choose other years (--years, --filter) or "
            "files",
        )
    notes = (*crimes.notes, *(f"{files_of(crimes)}: {words}" for words in words_for_silent(silent)))
    notes = notes if stated else (*notes, _silent(crimes))
    notes = (*notes, _weak_note(crimes, weak)) if weak else notes
    notes = (*notes, _nobody_note(crimes, nobody)) if nobody else notes
    table["flags"] = with_reasons(table["flags"], reason)
    return CrimeBaseline(
        crimes=replace(crimes, table=table.reset_index(), notes=notes),
        rates=CrimeRates(
            rate=rate,
            uncovered=uncovered,
            zeros=int((rate == 0).sum()),
            implausible_zeros=(),
            source=_source(crimes, missing=int(rate.isna().sum())),
            years=write_years(told),
            definition=crimes.definition,
        ),
        period=write_period(told),
        years=tuple(told),
        least_covered_share=least_covered_share,
    )


def _weak_note(crimes: CountyCrimes, weak: int) -> str:
    return f"{files_of(crimes)}: years of a county covered by less than half, left out: {weak:,}"


def _nobody_note(crimes: CountyCrimes, nobody: int) -> str:
    return f"{files_of(crimes)}: years of a county without residents, left out: {nobody:,}"


def _pooled(rows: pd.DataFrame, years: Sequence[int], text: str) -> pd.DataFrame:
    """Take means over reported years, and of the covered share over all years."""
    reported = rows["crimes"].notna()
    by_county = rows.where(reported)[["crimes", "residents"]].groupby(rows["county_fips"]).mean()
    # A row without figures has no share of its own to tell, but those of zero.
    share = rows["covered_share"].where(rows["crimes"].notna(), 0.0)
    share = share.mask(~rows["covered_share"].notna() & rows["crimes"].notna(), np.nan)
    unknown = share.isna().groupby(rows["county_fips"]).any()
    mean = share.fillna(0).groupby(rows["county_fips"]).sum() / len(years)
    none = not rows["covered_share"].notna().any()
    flags = rows["flags"].groupby(rows["county_fips"]).agg(_joined)
    return pd.DataFrame(
        {
            "year": years[-1],
            "years": text,
            "crimes": by_county["crimes"],
            "residents": by_county["residents"],
            "covered_share": mean.mask(unknown | none),
            "flags": flags.astype("str"),
        }
    )


def _joined(flags: pd.Series) -> str:
    single = chain.from_iterable(text.split("; ") for text in flags if text)
    return "; ".join(dict.fromkeys(single))


def _silent(crimes: CountyCrimes) -> str:
    return f"{files_of(crimes)}: the covered share is not stated, so no county is set aside for it"


def _source(crimes: CountyCrimes, *, missing: int) -> Source:
    """Make one source of several; the digest of several files is that of their digests."""
    sources = crimes.sources
    digests = [source.sha256 for source in sources]
    several = hashlib.sha256("".join(digests).encode()).hexdigest()
    return Source(
        file=files_of(crimes),
        sha256=digests[0] if len(digests) == 1 else several,
        rows=sum(source.rows for source in sources),
        column=crimes.definition,
        filtered_out=sum(source.filtered_out for source in sources),
        state_totals=sum(source.state_totals for source in sources),
        missing=missing,
        vintage=2019,
    )
