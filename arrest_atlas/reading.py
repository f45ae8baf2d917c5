"""From files to the tables that a run starts from, every problem reported at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, Self, TypeVar, cast

from arrest_atlas.options import ArrestInputs, Inputs, idle_options, no_arrests, no_crime
from arrest_atlas.period import Period, agreed_period
from arrest_atlas.records import Programme287g, Records, judge_records
from arrest_atlas.residents import (
    Residents,
    ResidentsFile,
    choose_residents,
    read_noncitizens,
    read_residents,
    residents_of,
)
from arrest_atlas.shown_texts import shown_notes, shown_rates, shown_records, shown_source
from geo import (
    ArrestCounts,
    CountyValues,
    CrimeRates,
    DuplicateRule,
    InputError,
    Problem,
    Source,
    read_arrests_by_aor,
    read_arrests_by_county,
    read_arrests_by_state,
    read_crime_rates,
    set_aside_implausible_zeros,
)
from geo.crime import check_violent, pool_years, read_county_crimes, recognise_layout
from geo.population import load_population_by_year

__all__ = [
    "Attempts",
    "CrimeFile",
    "CrimeMeasure",
    "Files",
    "read_arrest_inputs",
    "read_crime_measures",
    "read_inputs",
]


_ALSO: Final = "--also-crime"
_KEYS: Final = ("column", "period", "covered_share", "filter")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Files:
    """Files of a run, and how to read them; the words are those of `run`."""

    crime: str | Path | None
    crime_layout: str | None
    arrests: Sequence[str | Path]
    sheets: Sequence[str]
    duplicates: DuplicateRule
    programme_287g: Programme287g
    aliases: str | Path | None
    arrests_by_aor: str | Path | None
    arrests_by_state: str | Path | None
    arrests_by_county: str | Path | None
    noncitizens: str | Path | None
    noncitizens_column: str | None
    residents: str | Path | None
    residents_column: str | None
    crime_column: str | None
    crime_filter: Mapping[str, Sequence[str]] | None
    crime_covered_share: str | None
    arrest_period: str | None
    crime_period: str | None


@dataclass(frozen=True, kw_only=True)
class CrimeFile:
    """A further file of crime rates, another measure or period, and how to read it.

    Attributes
    ----------
    file : str or pathlib.Path
        Violent crime, or one of its offences, per 100,000 residents by county.
    column : str or None
        Column of the rate, if it bears none of the usual names.
    period : str or None
        Such as ``2014/2016``; that of the file, if it tells its years.
    covered_share : str or None
        Column of the share of residents whose police reported.
    where : mapping of str to sequence of str
        Rows to keep, ``{"year": ["2021"]}``.
    """

    file: str | Path
    column: str | None = None
    period: str | None = None
    covered_share: str | None = None
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``FILE[,column=NAME][,period=PERIOD][,covered_share=NAME][,filter=COLUMN=VALUE]``.

        Parameters
        ----------
        text : str
            As written after ``--also-crime``. The keys may stand in any order; only
            ``filter`` may be repeated. Commas that no key follows belong to the name
            before them.

        Returns
        -------
        CrimeFile
            What was written, nothing read yet.

        Raises
        ------
        InputError
            If a key is unknown, repeated, or without a value, or there is no file.

        Examples
        --------
        >>> CrimeFile.parse("crime.csv,column=robbery,filter=year=2021").where
        {'year': ['2021']}
        """
        file, *pairs = re.split(r",(?=\s*\w+=)", text)
        given: dict[str, str] = {}
        where: dict[str, list[str]] = {}
        faults = [] if file.strip() else ["no file"]
        for pair in pairs:
            key, _, value = (part.strip() for part in pair.partition("="))
            if key not in _KEYS:
                faults.append(f"the key {key!r}")
            elif key in given:
                faults.append(f"{key} twice")
            elif key != "filter":
                given[key] = value
            else:
                name, _, kept = (part.strip() for part in value.partition("="))
                where.setdefault(name, []).append(kept)
        faults += [f"{key} without a value" for key, value in given.items() if not value]
        if not all(name and all(kept) for name, kept in where.items()):
            faults.append("a filter that is not COLUMN=VALUE")
        if faults:
            problem = Problem(
                file=_ALSO,
                found=f"{', '.join(faults)} in {text!r}",
                expected=f"a file, then any of {', '.join(f'{key}=...' for key in _KEYS)}",
                action="write, say, crime.csv,column=robbery_rate,period=2021",
            )
            raise InputError([problem])
        return cls(file=file.strip(), where=where, **given)


@dataclass(frozen=True, kw_only=True)
class CrimeMeasure:
    """Rates of a further measure or period of crime.

    Attributes
    ----------
    name : str
        Column, definition, period, rows kept and file.
    crime : CrimeRates
        As read.
    period : Period or None
        When.
    """

    name: str
    crime: CrimeRates
    period: Period | None

    def put_into(self, inputs: Inputs) -> Inputs:
        """Replace the crime of a run by this.

        Parameters
        ----------
        inputs : Inputs
            What the run was given; residents of one unnamed year serve every period.

        Returns
        -------
        Inputs
            The same arrests, this crime and the residents of its period.
        """
        residents = inputs.residents
        if inputs.residents_by_year is not None:
            residents, _ = residents_of(inputs.residents_by_year, self.period)
        elif "residents" not in inputs.sources and not inputs.simulated:
            residents, _ = residents_of(load_population_by_year(), self.period)
        return replace(
            inputs,
            crime=set_aside_implausible_zeros(self.crime, residents),
            crime_residents=residents,
            crime_period=self.period,
        )


class Attempts:
    """Try everything there is to try, then report every problem at once."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def make(self, action: Callable[[], T]) -> T:
        """Do something; what comes of a failure is not to be used before `check`.

        Parameters
        ----------
        action : callable
            What to do.

        Returns
        -------
        object
            What it returned.
        """
        try:
            return action()
        except InputError as error:
            self._problems += error.problems
            return cast("T", None)

    def check(self) -> None:
        """Raise if anything failed.

        Raises
        ------
        InputError
            With the problems of all failures.
        """
        if self._problems:
            raise InputError(self._problems)


@dataclass(frozen=True, kw_only=True)
class _ArrestTables:
    """What was read of arrests and people; None for what was not given or failed."""

    records: Records | None
    by_aor: ArrestCounts | None
    by_state: ArrestCounts | None
    by_county: CountyValues | None
    noncitizens: CountyValues | None
    residents: ResidentsFile | None
    stated: Period | None

    @property
    def period(self) -> Period | None:
        return self.stated or (self.records.counted_period if self.records else None)

    def inputs(
        self, residents: Residents, *, noun: str = "", crime: CrimeRates | None = None
    ) -> dict[str, Any]:
        """Lay out what all inputs have, crime among the sources where there is any."""
        tables = {
            "arrests by office": self.by_aor,
            "arrests by state": self.by_state,
            "arrests by county": self.by_county,
            noun: crime,
            "non-citizens": self.noncitizens,
            "residents": self.residents,
        }
        records = shown_records(self.records)
        sources = {what: shown_source(each.source) for what, each in tables.items() if each}
        return {
            "records": records,
            "arrests_by_aor": self.by_aor.counts if self.by_aor else None,
            "arrests_by_state": self.by_state.counts if self.by_state else None,
            "arrests_by_county": (
                self.by_county.by_county.astype("int64") if self.by_county else None
            ),
            "residents": residents.arrests,
            "residents_by_year": residents.by_year,
            "noncitizens": self.noncitizens.by_county if self.noncitizens else None,
            "people_by_area": {
                level: each.people
                for level, each in (("state", self.by_state), ("aor", self.by_aor))
                if each and len(each.people.columns)
            },
            "arrest_period": self.period,
            "unlocated": _unlocated(self.records, self.by_aor, self.by_state),
            "sources": _record_sources(records) | sources,
            "notes": shown_notes(
                [
                    residents.note,
                    *([] if crime is None else _definition_note(crime)),
                    *_carried_notes(self.by_county, crime, self.noncitizens, self.residents),
                ]
            ),
        }


def read_arrest_inputs(files: Files) -> ArrestInputs:
    """Read the files of arrests and people; those of crime are left alone.

    Parameters
    ----------
    files : Files
        Which, and how.

    Returns
    -------
    ArrestInputs
        Tables keyed by county, office and state.

    Raises
    ------
    InputError
        With every problem of every file at once.
    """
    attempts = Attempts()
    read = _read_arrest_tables(files, attempts)
    attempts.check()
    residents = choose_residents(read.residents, arrested=read.period, baseline=None, crime=False)
    return ArrestInputs(**read.inputs(residents))


def read_inputs(files: Files) -> Inputs:
    """Read the files of a run.

    Parameters
    ----------
    files : Files
        Which, and how.

    Returns
    -------
    Inputs
        Tables keyed by county, office and state.

    Raises
    ------
    InputError
        With every problem of every file at once.
    """
    attempts = Attempts()
    read = _read_arrest_tables(files, attempts)
    baseline = None
    if (text := files.crime_period) is not None:
        baseline = attempts.make(lambda: Period.parse(text, option="--crime-period"))
    rates = attempts.make(lambda: _baseline_rates(files))
    baseline = attempts.make(lambda: _agreed(baseline, rates, option="--crime-period"))
    attempts.check()
    rates = shown_rates(rates)
    residents = choose_residents(read.residents, arrested=read.period, baseline=baseline)
    return Inputs(
        **read.inputs(residents, noun=rates.noun, crime=rates),
        crime=set_aside_implausible_zeros(rates, residents.crime),
        crime_residents=residents.crime,
        crime_period=baseline,
    )


def _read_arrest_tables(files: Files, attempts: Attempts) -> _ArrestTables:
    """Try to read all there is of arrests and people."""

    def maybe(given: str | Path | None, read: Callable[..., T]) -> T | None:
        """Read what is given."""
        return None if given is None else attempts.make(lambda: read(given))

    attempts.make(lambda: _refuse_idle(files))
    stated = maybe(files.arrest_period, lambda text: Period.parse(text, option="--arrest-period"))
    tables = any((files.arrests_by_aor, files.arrests_by_state, files.arrests_by_county))
    if not files.arrests and not tables:
        attempts.make(no_arrests)
    if files.arrests and tables:
        attempts.make(_two_kinds_of_arrests)
    return _ArrestTables(
        stated=stated,
        records=attempts.make(lambda: _records(files, stated)) if files.arrests else None,
        by_aor=maybe(files.arrests_by_aor, read_arrests_by_aor),
        by_state=maybe(files.arrests_by_state, read_arrests_by_state),
        by_county=maybe(files.arrests_by_county, read_arrests_by_county),
        noncitizens=maybe(
            files.noncitizens, lambda path: read_noncitizens(path, column=files.noncitizens_column)
        ),
        residents=maybe(
            files.residents, lambda path: read_residents(path, column=files.residents_column)
        ),
    )


def read_crime_measures(files: Sequence[CrimeFile | str]) -> tuple[CrimeMeasure, ...]:
    """Read further measures or periods of crime.

    Parameters
    ----------
    files : sequence of CrimeFile or str
        Which, and how; texts as `CrimeFile.parse` takes them.

    Returns
    -------
    tuple of CrimeMeasure
        In the order of the files.

    Raises
    ------
    InputError
        With every problem of every file at once, and if one is given twice.
    """
    attempts = Attempts()
    read = [attempts.make(partial(_read_crime, each)) for each in files]
    attempts.check()
    measures = []
    for each, rates, period in read:
        kept = [f"{name}={'/'.join(values)}" for name, values in each.where.items()]
        when = [str(period)] if period else []
        crime = shown_rates(rates)
        # The column of a layout is its definition.
        what = " of ".join(dict.fromkeys(filter(None, (crime.source.column, crime.definition))))
        # What tells files of one source apart comes first: a figure cuts long names.
        name = ", ".join([what, *when, *kept, crime.source.file])
        measures.append(CrimeMeasure(name=name, crime=crime, period=period))
    names = [measure.name for measure in measures]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        problem = Problem(
            file=_ALSO,
            found=f"{'; '.join(twice)}, given more than once",
            expected="each measure and period once",
            action="leave the others out",
        )
        raise InputError([problem])
    return tuple(measures)


def _read_crime(given: CrimeFile | str) -> tuple[CrimeFile, CrimeRates, Period | None]:
    each = CrimeFile.parse(given) if isinstance(given, str) else given
    attempts = Attempts()
    text = each.period
    period = None
    if text is not None:
        period = attempts.make(lambda: Period.parse(text, option=_ALSO))
    rates = attempts.make(lambda: _crime_rates(each, option=_ALSO))
    period = attempts.make(lambda: _agreed(period, rates, option=_ALSO))
    attempts.check()
    return each, rates, period


def _agreed(stated: Period | None, rates: CrimeRates | None, *, option: str) -> Period | None:
    """Take the period that the user states, or that the file of crime tells."""
    if rates is None:  # it could not be read
        return stated
    return agreed_period(stated, rates.period, option=option, file=rates.source.file)


def _baseline_rates(files: Files) -> CrimeRates:
    """Read the crime of a run, by the layout that the user names or the columns tell."""
    if files.crime is None:
        no_crime()
    given = CrimeFile(
        file=files.crime,
        column=files.crime_column,
        covered_share=files.crime_covered_share,
        where=files.crime_filter or {},
    )
    return _crime_rates(given, layout=files.crime_layout)


def _crime_rates(given: CrimeFile, *, layout: str | None = None, option: str = "") -> CrimeRates:
    """Read rates as they stand, or a publisher's table by its layout."""
    recognised = None if layout else recognise_layout(given.file, column=given.column)
    layout = layout or recognised
    if layout is None:
        return read_crime_rates(
            given.file, column=given.column, where=given.where, covered_share=given.covered_share
        )
    named = {
        "--crime-column": given.column if recognised is None else None,
        "--crime-covered-share": given.covered_share,
    }
    idle = [name for name, column in named.items() if column is not None]
    if idle:
        problem = Problem(
            file=option or " and ".join(idle),
            found=f"a column of one's own, while {Path(given.file).name} is read by the layout "
            f"{layout}",
            expected="one or the other, since a layout says which columns are read",
            action="leave the column out, or give another file",
        )
        raise InputError([problem])
    crimes = read_county_crimes(given.file, layout=layout, where=given.where)
    check_violent(crimes.definition, file=crimes.sources[0].file)
    pooled = pool_years(crimes)
    name = pooled.rates.source.file
    notes = tuple(note.removeprefix(f"{name}: ") for note in pooled.crimes.notes)
    return replace(pooled.rates, notes=notes)


def _refuse_idle(files: Files) -> None:
    """Refuse options that say something of a file which is not given."""
    arrests = files.arrests or None
    rule = None if files.duplicates == "episode" else files.duplicates
    programme = None if files.programme_287g == "other" else files.programme_287g
    problems = idle_options(
        {
            "--sheet": (files.sheets or None, "--arrests", arrests),
            "--duplicates": (rule, "--arrests", arrests),
            "--programme-287g": (programme, "--arrests", arrests),
            "--aliases": (files.aliases, "--arrests", arrests),
            "--noncitizens-column": (files.noncitizens_column, "--noncitizens", files.noncitizens),
            "--residents-column": (files.residents_column, "--residents", files.residents),
        }
    )
    if problems:
        raise InputError(problems)


def _records(files: Files, period: Period | None) -> Records:
    return judge_records(
        files.arrests,
        sheets=files.sheets,
        duplicates=files.duplicates,
        programme_287g=files.programme_287g,
        aliases=files.aliases,
        period=period,
    )


def _two_kinds_of_arrests() -> NoReturn:
    problem = Problem(
        file="--arrests",
        found="records of arrests together with counts of arrests",
        expected="one or the other, since the same arrests would be counted twice",
        action="leave --arrests-by-aor, --arrests-by-state and --arrests-by-county out",
    )
    raise InputError([problem])


def _definition_note(rates: CrimeRates) -> list[str]:
    """Say what the crimes are, or that the file does not."""
    file, title = rates.source.file, rates.definition_title
    if title is not None:
        return [f"{file}: counts {title}"]
    column = rates.source.column
    return [f"{file}: does not say what it counts; its column {column} is taken for {rates.noun}"]


def _carried_notes(*tables: CountyValues | CrimeRates | ResidentsFile | None) -> list[str]:
    """Say which numbers come from areas of other years than 2019."""
    given = [each for each in tables if each is not None]
    return [f"{each.source.file}: {note}" for each in given for note in each.notes]


def _record_sources(records: Records | None) -> dict[str, Source]:
    files = records.arrests.sources if records else ()
    numbers = [""] if len(files) == 1 else [f" {number}" for number in range(1, len(files) + 1)]
    return {
        f"arrest records{number}": source for number, source in zip(numbers, files, strict=True)
    }


def _unlocated(
    records: Records | None, by_aor: ArrestCounts | None, by_state: ArrestCounts | None
) -> int:
    """Count the arrests that no map can show."""
    if records is not None:
        return records.unlocated
    # Office totals are the mass; what they leave out is left out.
    return by_aor.unlocated if by_aor else by_state.unlocated if by_state else 0
