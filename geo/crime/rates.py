"""Crime rates by county."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import pandas as pd

from geo._table import Source, Table, plain_name, read_table
from geo.county_values import CountyValues, values_of
from geo.crime._columns import write_period, write_years, years_in
from geo.crime.coverage import EXPECTED_AT_LEAST
from geo.crime.definitions import DEFINITIONS, check_violent, same_definition
from geo.errors import InputError, Problem

__all__ = ["CrimeRates", "read_crime_rates", "set_aside_implausible_zeros"]

T = TypeVar("T")

PER: Final = 100_000
"""Residents to whom a crime rate refers."""

_SHARE_LIMIT: Final = 2  # agencies may cover more residents than the county is said to have

_NOT_STATED: Final = "violent crime"
"""What a file counts that does not say it: what a run asks for."""

_UNKNOWN: Final = "crime"
"""What a file counts by a definition that is not in the catalogue."""

_OTHER_CRIME: Final = "property"
"""What stands in the name of a column of crimes that are not violent."""

_RATE_COLUMNS: Final = (
    "violent_crime_rate",
    "violent crime rate",
    "rate_crime_violent",
    "violent_per_100k",
    "crime_rate",
)


@dataclass(frozen=True, kw_only=True)
class CrimeRates:
    """Crimes of one definition per 100,000 residents.

    Attributes
    ----------
    rate : pandas.Series of float
        Indexed by ``county_fips``; NaN where not reported or not covered well enough.
    uncovered : int
        Counties whose rate was set aside because too few of their residents live where
        police reported.
    zeros : int
        Counties that report a rate of exactly zero.
    implausible_zeros : tuple of str
        Counties whose zero was set aside because many crimes were to be expected.
    source : Source
        The file.
    notes : tuple of str
        What was carried from areas of other years to the counties of 2019.
    years : str or None
        Years of the figures, ``"2017"``, ``"2014/2016"`` or ``"2012-2014"``; None where the
        file does not tell.
    definition : str or None
        What is counted, a name of :data:`DEFINITIONS` or as the file says it; None where
        it does not.
    """

    rate: pd.Series
    uncovered: int
    zeros: int
    implausible_zeros: tuple[str, ...]
    source: Source
    notes: tuple[str, ...] = ()
    years: str | None = None
    definition: str | None = None

    @property
    def period(self) -> str | None:
        """Write the years as ``--crime-period`` takes them.

        Returns
        -------
        str or None
            ``"2012/2014"``: the first and the last one, None where they are not told.
        """
        return None if self.years is None else write_period(years_in(self.years))

    @property
    def definition_title(self) -> str | None:
        """Say in words what is counted.

        Returns
        -------
        str or None
            The title in the catalogue, else what the file says; None where it does not.
        """
        known = DEFINITIONS.get(self.definition or "")
        return known.title if known else self.definition

    @property
    def noun(self) -> str:
        """Name the crimes in a sentence.

        Returns
        -------
        str
            In the singular: ``"homicide"``; ``"crime"`` where the catalogue does not know
            the definition, ``"violent crime"`` where the file tells none.
        """
        if self.definition is None:
            return _NOT_STATED
        known = DEFINITIONS.get(self.definition)
        return known.noun if known else _UNKNOWN

    def events(self, population: pd.Series) -> pd.Series:
        """Turn rates back into numbers of crimes.

        Parameters
        ----------
        population : pandas.Series of float
            Residents by ``county_fips``.

        Returns
        -------
        pandas.Series of float
            Crimes by the counties of `population`; not whole, NaN where the rate is.
        """
        return self.rate.reindex(population.index) * population / PER


def read_crime_rates(
    path: str | Path,
    *,
    column: str | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    covered_share: str | None = None,
    least_covered_share: float = 0.8,
) -> CrimeRates:
    r"""Read violent crime per 100,000 residents by county.

    Columns ``years`` and ``definition``, as ``arrest-atlas crime`` writes them, say of when
    the rates are and what they count. All rows must have the same. Crimes that are not
    violent are refused.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with county codes and a rate.
    column : str, optional
        The rate, if it bears none of the usual names (``Violent Crime Rate``,
        ``rate_crime_violent``, ``violent_per_100k``).
    where : mapping of str to sequence of str, optional
        Rows to keep, such as ``{"year": ["2021"]}``; applied before codes are checked.
    covered_share : str, optional
        Column with the share of residents whose police reported.
    least_covered_share : float, default 0.8
        Covered share below which a county is "no data", not zero.

    Returns
    -------
    CrimeRates
        Rates by county of the 2019 vintage.

    Raises
    ------
    InputError
        With every problem at once; figures of several years or definitions among them, or
        of property crime.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "crime.csv"
    >>> _ = path.write_text("fips,crime_rate,covered\n1001,300,1\n1003,0,0.2\n")
    >>> read_crime_rates(path, covered_share="covered").rate.to_dict()
    {'01001': 300.0, '01003': nan}
    """
    table = read_table(path).filtered(where or {})
    problems: list[Problem] = []
    definition = _tried(problems, lambda: _definition_of(table))
    years = _tried(problems, lambda: _years_of(table))
    read = _tried(problems, lambda: _rate_of(table, column))
    shares = None
    if covered_share is not None:
        shares = _tried(problems, lambda: _shares_of(table, covered_share))
    if problems or read is None:
        raise InputError(problems)
    rate, uncovered = read.by_county, 0
    if shares is not None:
        doubtful = rate.notna() & ~(shares >= least_covered_share)
        rate, uncovered = rate.mask(doubtful), int(doubtful.sum())
        if rate.isna().all():
            raise table.error(
                where=f"column {covered_share!r}",
                found=f"no county with a covered share of {least_covered_share:g} or more",
                expected="shares between 0 and 1",
                action="choose another column",
            )
    return CrimeRates(
        rate=rate,
        uncovered=uncovered,
        zeros=int((rate == 0).sum()),
        implausible_zeros=(),
        source=replace(read.source, missing=int(rate.isna().sum())),
        notes=read.notes,
        years=years,
        definition=definition,
    )


def _tried(problems: list[Problem], read: Callable[[], T]) -> T | None:
    """Read something, and keep its problems so that all are told at once."""
    try:
        return read()
    except InputError as error:
        problems += error.problems
        return None


def _rate_of(table: Table, column: str | None) -> CountyValues:
    """Read the rates, and refuse a column that calls itself one of other crimes."""
    read = values_of(table, names=_RATE_COLUMNS, what="a crime rate", kind="rate", column=column)
    if _OTHER_CRIME not in read.source.column.casefold():
        return read
    raise table.error(
        where=f"column {read.source.column!r}",
        found="a rate of property crime",
        expected="violent crime, which a run asks about",
        action="choose another column; arrest-atlas compare compares any two maps",
    )


def _shares_of(table: Table, column: str) -> pd.Series:
    """Read the shares of residents whose police reported."""
    what = "the covered share"
    shares = values_of(table, names=[column], what=what, kind="rate", column=column).by_county
    if not shares.median() > _SHARE_LIMIT:
        return shares
    raise table.error(
        where=f"column {column!r}",
        found=f"shares around {shares.median():g}",
        expected="shares of 1, not of 100",
        action="divide the column by 100, or choose another",
    )


def _column_of(table: Table, name: str) -> pd.Series | None:
    """Find the column that bears a name, in whatever writing."""
    found = {plain_name(column): column for column in table.rows.columns}
    return table.rows[found[name]] if name in found else None


def _definition_of(table: Table) -> str | None:
    """Read what the rows count, if the file tells, and refuse crimes that are not violent."""
    texts = _column_of(table, "definition")
    if texts is None:
        return None
    names = texts.value_counts()
    definition = same_definition(
        [name or None for name in names.index],
        labels=[f"{count:,} rows" for count in names],
        file=table.source.file,
    )
    check_violent(definition, file=table.source.file)
    return definition


def _years_of(table: Table) -> str | None:
    """Read of which years the rows are, if the file tells."""
    column = _column_of(table, "years")
    if column is None:
        return None
    texts = sorted({_plain_years(text) for text in column.unique()})
    if len(texts) == 1:
        return texts[0] or None
    several = " and of ".join(text or "no years" for text in texts[:5])
    raise table.error(
        where="column 'years'",
        found=f"figures of {several}",
        expected="figures of the same years in all rows",
        action="filter it to one",
    )


def _plain_years(text: str) -> str:
    years = years_in(text)
    return write_years(years) if years else ""


def set_aside_implausible_zeros(crime: CrimeRates, population: pd.Series) -> CrimeRates:
    """Treat a rate of exactly zero as "no data" where many crimes were to be expected.

    A zero may mean that nothing happened or that nobody reported. Where the overall rate
    would give ten crimes or more, chance alone makes a zero less often than once in
    20,000 (exp(-10)): such a county is taken not to have reported.

    Parameters
    ----------
    crime : CrimeRates
        Rates as read.
    population : pandas.Series of float
        Residents by ``county_fips``.

    Returns
    -------
    CrimeRates
        The same, fewer zeros.

    Examples
    --------
    >>> source = Source(file="crime.csv", sha256="", rows=2)
    >>> crime = CrimeRates(rate=pd.Series({"01001": 300.0, "06099": 0.0, "48301": 0.0}),
    ...                    uncovered=0, zeros=2, implausible_zeros=(), source=source)
    >>> people = pd.Series({"01001": 55_000.0, "06099": 550_000.0, "48301": 150.0})
    >>> set_aside_implausible_zeros(crime, people).implausible_zeros
    ('06099',)
    """
    residents = population.reindex(crime.rate.index)
    counted = crime.rate.notna() & (residents > 0)
    if not counted.any():
        return crime
    overall = crime.events(residents)[counted].sum() / residents[counted].sum()
    doubtful = (crime.rate == 0) & (residents * overall >= EXPECTED_AT_LEAST)
    rate = crime.rate.mask(doubtful)
    return replace(
        crime,
        rate=rate,
        zeros=int((rate == 0).sum()),
        implausible_zeros=tuple(rate.index[doubtful]),
        source=replace(crime.source, missing=int(rate.isna().sum())),
    )
