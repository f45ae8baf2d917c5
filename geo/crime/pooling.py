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
from geo.crime._county_rows import impossible_counts
from geo.crime.offenses import CountyCrimes
from geo.crime.rates import PER, CrimeRates
from geo.errors import InputError, Problem

__all__ = ["CrimeBaseline", "check_threshold", "pool_years", "why_no_rate", "with_reasons"]

_HALF: Final = 0.5
"""Coverage below which a year does not enter a rate beside better ones."""

_BELOW: Final = "coverage below threshold"
_UNKNOWN: Final = "coverage not known"
_NO_FIGURE: Final = "no figure"


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
        Crimes per 100,000 residents a year; "no data" (NaN) where the coverage is below
        the threshold.
    period : str
        From the first year to the last, as ``--crime-period`` takes it: ``"2014/2016"``,
        or ``"2017"``.
    years : tuple of int
        Years of which there are figures.
    threshold : float
        The threshold.
    """

    crimes: CountyCrimes
    rates: CrimeRates
    period: str
    years: tuple[int, ...]
    threshold: float

    def __repr__(self) -> str:
        rate = self.rates.rate
        return (
            f"CrimeBaseline: {self.crimes.definition}, {self.period}, {rate.notna().sum():,} of "
            f"{len(rate):,} counties covered by {self.threshold:.0%} or more"
        )


def check_threshold(threshold: float) -> None:
    """Refuse a threshold of coverage that is no share.

    Parameters
    ----------
    threshold : float
        Share of residents whose police must have reported.

    Raises
    ------
    InputError
        If it is not between 0 and 1.

    Examples
    --------
    >>> check_threshold(0.8)
    """
    if 0 <= threshold <= 1:
        return
    problem = Problem(
        file="threshold of coverage",
        found=f"{threshold:g}",
        expected="a share from 0 to 1",
        action="change the option; 0.8 stands for 80 %",
    )
    raise InputError([problem])


def pool_years(
    crimes: CountyCrimes,
    *,
    first: int | None = None,
    last: int | None = None,
    threshold: float = 0.8,
) -> CrimeBaseline:
    """Pool years into one rate a county, weighted by the residents covered.

    The rate is the crimes of all reported years by the residents to whom they refer, so
    that a year counts in proportion to the residents whose police reported in it. A year
    without a report adds nothing to either and lowers the mean covered share; so does a
    year in which the police of less than half of the residents reported (less than the
    threshold, if that is lower): what it tells of is not the county. Where no year is
    better, all of them stand, below the threshold. A county
    whose mean covered share over the period is below the threshold is "no data", not
    zero (DESIGN M10). Where a table says nothing of coverage at all, nothing is set
    aside, and a note says so; where it says it of some counties only, the others are "no
    data".

    Parameters
    ----------
    crimes : CountyCrimes
        Figures by county and year.
    first, last : int, optional
        Years to pool; by default all there are.
    threshold : float, default 0.8
        Share of residents whose police must have reported, 0 to 1.

    Returns
    -------
    CrimeBaseline
        Rates, and the figures behind them.

    Raises
    ------
    InputError
        If there is no figure in these years or none that is covered, if figures that
        are pooled already stand beside others, or if the threshold is out of range.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "county_fips": "01001", "year": [2014, 2015, 2016], "years": ["2014", "2015", "2016"],
    ...     "crimes": [30.0, float("nan"), 50.0], "residents": [10e3, float("nan"), 10e3],
    ...     "covered_share": [1.0, 0.0, 1.0], "flags": ""})
    >>> source = Source(file="crime.csv", sha256="", rows=3)
    >>> crimes = CountyCrimes(table=table, definition="ucr_part1_violent", vintage_carried=None,
    ...                       sources=(source,), notes=())
    >>> pooled = pool_years(crimes, threshold=0.6)
    >>> pooled.period, pooled.rates.rate.to_dict()
    ('2014/2016', {'01001': 400.0})
    """
    check_threshold(threshold)
    rows, weak = _without_weak_years(_chosen(crimes, first, last), min(threshold, _HALF))
    years = tuple(sorted({int(year) for year in rows["year"]}))
    silent = _years_without_figures(rows, first, last)
    told = sorted({year for text in set(rows["years"]) for year in years_in(text)})
    table = _pooled(rows, [*silent, *years], write_years(told))
    people = table["residents"].where(table["residents"] > 0)
    rate = (PER * table["crimes"] / people).rename("rate")
    stated = bool(table["covered_share"].notna().any())
    reason = why_no_rate(table, threshold=threshold)
    doubtful = reason.isin([_BELOW, _UNKNOWN])
    uncovered = int((rate.notna() & doubtful).sum())
    rate = rate.mask(doubtful)
    if not rate.notna().any():
        raise _error(
            crimes,
            f"no county with a figure and a covered share of {threshold:g} or more"
            + "".join(f"; {words}" for words in _silent_years(silent)),
            "at least one",
            "lower the threshold (--coverage), or choose other years (--years, --filter) or files",
        )
    notes = (*crimes.notes, *(f"{_files(crimes)}: {words}" for words in _silent_years(silent)))
    notes = notes if stated else (*notes, _silent(crimes))
    notes = (*notes, _weak_note(crimes, weak)) if weak else notes
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
        threshold=threshold,
    )


def _chosen(crimes: CountyCrimes, first: int | None, last: int | None) -> pd.DataFrame:
    """Keep the rows of the years that were asked for, and refuse what cannot be pooled."""
    table = crimes.table
    start = table["year"].min() if first is None else first
    stop = table["year"].max() if last is None else last
    rows = table[table["year"].between(start, stop)]
    if not rows["crimes"].notna().any():
        there = ", ".join(sorted(set(table.loc[table["crimes"].notna(), "years"])))
        raise _error(
            crimes,
            f"no figure of {write_period([start, stop])} (there are figures of "
            f"{there or 'no year'})",
            "figures of these years",
            "choose other years (--years), or give their files",
        )
    beyond = sorted({text for text in rows["years"] if min(years_in(text)) < start})
    if beyond and first is not None:
        raise _error(
            crimes,
            f"figures over {', '.join(beyond)}, which begin before {start}",
            f"figures of {write_period([start, stop])}",
            "choose all years that a figure is of (--years), or give another file",
        )
    pooled = sorted({text for text in rows["years"] if len(years_in(text)) > 1})
    if pooled and len(set(rows["years"])) > 1:
        raise _error(
            crimes,
            f"figures over {', '.join(pooled)} beside figures of other years",
            "figures of single years, or one pooled figure",
            "choose the years (--years), or leave a file out",
        )
    _check_possible(crimes, rows)
    return rows


def _check_possible(crimes: CountyCrimes, rows: pd.DataFrame) -> None:
    """Refuse counties with as many crimes as residents, as exchanged columns give them."""
    wrong = rows.loc[impossible_counts(rows), ["county_fips", "years", "crimes", "residents"]]
    if wrong.empty:
        return
    raise InputError(
        Problem(
            file=_files(crimes),
            where=f"county {code}, {years}",
            found=f"{count:,.0f} crimes among {residents:,.0f} residents",
            expected="fewer crimes than residents",
            action="check which column holds what, or leave the row out",
        )
        for code, years, count, residents in wrong.itertuples(index=False, name=None)
    )


def _years_without_figures(
    rows: pd.DataFrame, first: int | None, last: int | None
) -> tuple[int, ...]:
    """Find years that were asked for and of which no row tells; a pooled figure tells of all."""
    if first is None or last is None or any(len(years_in(text)) > 1 for text in set(rows["years"])):
        return ()
    return tuple(sorted(set(range(first, last + 1)) - set(rows["year"])))


def _silent_years(silent: Sequence[int]) -> list[str]:
    """Say of years without figures what they count for."""
    if not silent:
        return []
    years = ", ".join(map(str, silent))
    return [f"no figures of {years}, which lower the covered share as years without a report do"]


def _without_weak_years(rows: pd.DataFrame, least: float) -> tuple[pd.DataFrame, int]:
    """Take years of a coverage below the least for years without a report, and count them.

    Only of counties that have a better year.
    """
    reported = rows["crimes"].notna()
    weak = reported & (rows["covered_share"] < least)
    better = (reported & ~weak).groupby(rows["county_fips"]).transform("any")
    left_out = weak & better
    return rows.assign(crimes=rows["crimes"].mask(left_out)), int(left_out.sum())


def _weak_note(crimes: CountyCrimes, weak: int) -> str:
    return f"{_files(crimes)}: years of a county covered by less than half, left out: {weak:,}"


def _pooled(rows: pd.DataFrame, years: Sequence[int], text: str) -> pd.DataFrame:
    """Take means over reported years, and of coverage over all years."""
    reported = rows["crimes"].notna() & (rows["residents"] > 0)
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


def why_no_rate(table: pd.DataFrame, *, threshold: float) -> pd.Series:
    """Say why a county has no rate, in the words of a flag; nothing where it has one.

    Parameters
    ----------
    table : pandas.DataFrame
        ``crimes``, ``residents`` and ``covered_share``. Where no row tells its coverage,
        none is set aside for it.
    threshold : float
        Covered share below which there is no rate.

    Returns
    -------
    pandas.Series of str
        ``"no figure"``, ``"coverage not known"``, ``"coverage below threshold"`` or empty.

    Examples
    --------
    >>> table = pd.DataFrame({"crimes": [3.0, 3.0, None], "residents": 900.0,
    ...                       "covered_share": [1.0, 0.5, 1.0]})
    >>> why_no_rate(table, threshold=0.8).tolist()
    ['', 'coverage below threshold', 'no figure']
    """
    share = table["covered_share"]
    reason = pd.Series("", index=table.index, dtype="str")
    if share.notna().any():
        reason = reason.mask(share < threshold, _BELOW).mask(share.isna(), _UNKNOWN)
    figure = table["crimes"].notna() & (table["residents"] > 0)
    return reason.where(figure, _NO_FIGURE)


def with_reasons(flags: pd.Series, reason: pd.Series) -> pd.Series:
    """Add to flags why there is no rate.

    Parameters
    ----------
    flags, reason : pandas.Series of str
        Texts on the same index, empty where there is nothing to say.

    Returns
    -------
    pandas.Series of str
        Both, parted by a semicolon.

    Examples
    --------
    >>> with_reasons(pd.Series(["nyc split"]), pd.Series(["no figure"])).tolist()
    ['nyc split; no figure']
    """
    return pd.Series(
        ["; ".join(filter(None, both)) for both in zip(flags, reason, strict=True)],
        index=flags.index,
        dtype="str",
    )


def _silent(crimes: CountyCrimes) -> str:
    return f"{_files(crimes)}: coverage is not stated, so no county is set aside for it"


def _source(crimes: CountyCrimes, *, missing: int) -> Source:
    """Make one source of several; the digest of several files is that of their digests."""
    sources = crimes.sources
    digests = [source.sha256 for source in sources]
    several = hashlib.sha256("".join(digests).encode()).hexdigest()
    return Source(
        file=_files(crimes),
        sha256=digests[0] if len(digests) == 1 else several,
        rows=sum(source.rows for source in sources),
        column=crimes.definition,
        filtered_out=sum(source.filtered_out for source in sources),
        state_totals=sum(source.state_totals for source in sources),
        missing=missing,
        vintage=2019,
    )


def _files(crimes: CountyCrimes) -> str:
    return ", ".join(dict.fromkeys(source.file for source in crimes.sources))


def _error(crimes: CountyCrimes, found: str, expected: str, action: str) -> InputError:
    problem = Problem(file=_files(crimes), found=found, expected=expected, action=action)
    return InputError([problem])
