"""Violent crime by county."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from geo._table import Source, plain_name, read_table
from geo.county_values import read_county_values
from geo.crime._columns import write_period, write_years, years_in
from geo.crime.coverage import EXPECTED_AT_LEAST
from geo.crime.definitions import DEFINITIONS, same_definition
from geo.errors import InputError, Problem

__all__ = ["CrimeRates", "read_crime_rates", "set_aside_implausible_zeros"]

PER: Final = 100_000
"""Residents to whom a crime rate refers."""

_SHARE_LIMIT: Final = 2  # agencies may cover more residents than the county is said to have

_RATE_COLUMNS: Final = (
    "violent_crime_rate",
    "violent crime rate",
    "rate_crime_violent",
    "violent_per_100k",
    "crime_rate",
)


@dataclass(frozen=True, kw_only=True)
class CrimeRates:
    """Violent crime per 100,000 residents.

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
    coverage: str | None = None,
    threshold: float = 0.8,
) -> CrimeRates:
    r"""Read violent crime per 100,000 residents by county.

    Columns ``years`` and ``definition``, as ``arrest-atlas crime`` writes them, say of when
    the rates are and what they count. All rows must have the same.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with county codes and a rate.
    column : str, optional
        The rate, if it bears none of the usual names (``Violent Crime Rate``,
        ``rate_crime_violent``, ``violent_per_100k``).
    where : mapping of str to sequence of str, optional
        Rows to keep, such as ``{"year": ["2021"]}``; applied before codes are checked.
    coverage : str, optional
        Column with the share of residents whose police reported.
    threshold : float, default 0.8
        Coverage below which a county is "no data", not zero.

    Returns
    -------
    CrimeRates
        Rates by county of the 2019 vintage.

    Raises
    ------
    InputError
        With every problem at once; figures of several years or definitions among them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "crime.csv"
    >>> _ = path.write_text("fips,crime_rate,covered\n1001,300,1\n1003,0,0.2\n")
    >>> read_crime_rates(path, coverage="covered").rate.to_dict()
    {'01001': 300.0, '01003': nan}
    """
    years, definition, problems = _told(path, where or {})
    try:
        read = read_county_values(
            path,
            names=_RATE_COLUMNS,
            what="a crime rate",
            kind="rate",
            column=column,
            where=where,
        )
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    rate, uncovered = read.by_county, 0
    if coverage is not None:
        covered = read_county_values(
            path, names=[coverage], what="coverage", kind="rate", column=coverage, where=where
        ).by_county
        doubtful = rate.notna() & ~(covered >= threshold)
        rate, uncovered = rate.mask(doubtful), int(doubtful.sum())
        if covered.median() > _SHARE_LIMIT:
            raise InputError(
                [
                    Problem(
                        file=read.source.file,
                        where=f"column {coverage!r}",
                        found=f"shares around {covered.median():g}",
                        expected="shares of 1, not of 100",
                        action="divide the column by 100, or choose another",
                    )
                ]
            )
        if rate.isna().all():
            raise InputError(
                [
                    Problem(
                        file=read.source.file,
                        where=f"column {coverage!r}",
                        found=f"no county with coverage of {threshold:g} or more",
                        expected="shares between 0 and 1",
                        action="lower the threshold or choose another column",
                    )
                ]
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


def _told(
    path: str | Path, where: Mapping[str, Sequence[str]]
) -> tuple[str | None, str | None, list[Problem]]:
    """Read of which years and of what definition the rows are, if the file tells."""
    try:
        table = read_table(path, keep=_telling).filtered(where)
    except InputError:
        return None, None, []  # whatever it is, the reader of the rates tells it
    found = {plain_name(name): table.rows[name] for name in table.rows.columns}
    problems: list[Problem] = []
    years = definition = None
    if "definition" in found:
        names = found["definition"].value_counts()
        try:
            definition = same_definition(
                [name or None for name in names.index],
                labels=[f"{count:,} rows" for count in names],
                file=table.source.file,
            )
        except InputError as error:
            problems += error.problems
    if "years" in found:
        texts = sorted({_plain_years(text) for text in found["years"].unique()})
        years = texts[0] or None
        if len(texts) > 1:
            several = " and of ".join(text or "no years" for text in texts[:5])
            problems.append(
                table.problem(
                    where="column 'years'",
                    found=f"figures of {several}",
                    expected="figures of the same years in all rows",
                    action="filter it to one",
                )
            )
    return years, definition, problems


def _telling(names: Sequence[str]) -> Sequence[str]:
    """Leave a file alone that has neither column: it may be wide."""
    tells = {"years", "definition"} & set(map(plain_name, names))
    return names if tells else names[:1]


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
