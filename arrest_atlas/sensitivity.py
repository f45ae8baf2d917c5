"""How far the answer depends on choices of method: one change at a time around a baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

import pandas as pd

from arrest_atlas.analysis import Progress, silent
from arrest_atlas.counting import Counted, CountedKind, Kind, count_arrests
from arrest_atlas.map_layers import KIND_WORDS
from arrest_atlas.map_units import MapUnits, area_units, county_units
from arrest_atlas.options import Inputs, Options
from arrest_atlas.reading import CrimeMeasure
from arrest_atlas.support import COUNTY
from arrest_atlas.tested_maps import (
    area_arrests,
    area_crime,
    area_surrogates,
    compare_maps,
    county_arrests,
    county_crime,
    county_surrogates,
    headline_level,
    stream,
)
from arrest_atlas.variations import NotPossible, Variation, describe, not_possible, plan, variations
from boundaries import load_counties
from geo import CountyArrests, CrimeRates, InputError
from outputs import sensitivity_figure
from spatial_models import (
    Family,
    HotSpotComparison,
    Measure,
    NoPValue,
    PValue,
    RateHotSpots,
    SurrogateMaps,
)

__all__ = [
    "NotPossible",
    "Sensitivity",
    "SensitivityRow",
    "Variation",
    "not_possible",
    "sensitivity",
    "variations",
]

_TOO_FEW_LOCATED: Final = "in no area are enough of these arrests located by county"
_NOTHING: Final = "one of the maps has no hot spot, or does not vary"

_BEYOND: Final = (
    "Kappa and correlations: 0 none, 1 complete. Nothing here tells why arrests or crimes are "
    "where they are, or anything about a person; a row is no better for a smaller p."
)

_LEVEL: Final = 0.05
"""Of the p-values in the verdicts."""

_AT_ONCE: Final = 2
"""Pieces of work, each of which takes some 300 MB of memory; each tests maps on all cores."""


@dataclass(frozen=True, kw_only=True)
class SensitivityRow:
    """What one choice of method gives.

    Attributes
    ----------
    variation, group : str
        What is chosen, and of what.
    support : str
        Where arrests are known: ``"county"``, or the level of the larger areas.
    statistic : str
        What the estimate is, in words; the same in every row.
    units : int or None
        Counties tested in both maps.
    estimate, low, high : float
        Mean and central 90 % over the draws; NaN where there is none.
    p, p_moran, p_kernel : float
        The larger p-value, and those against either family of surrogate maps; NaN where
        there is none.
    surrogates : int
        Surrogate maps of each family.
    verdict : str
        As `HotSpotComparison.verdict` gives it; of the row without trend, its own.
    trend_removed : bool
        Whether the estimate is of the maps without their trend.
    reason : str
        Why there is no estimate, or no p-value; else empty.
    note : str
        What else is to be known of the row.
    """

    variation: str
    group: str
    support: str
    statistic: str
    units: int | None = None
    estimate: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    p_moran: float = float("nan")
    p_kernel: float = float("nan")
    surrogates: int = 0
    verdict: str = ""
    trend_removed: bool = False
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Sensitivity:
    """The headline of a run under one change of method at a time.

    Attributes
    ----------
    rows : tuple of SensitivityRow
        The baseline, every change that the inputs allow, and those that they do not.
    options : Options
        Of the baseline.
    level : float
        Level of the p-values in the verdicts.
    simulated : bool
        Whether the data are made up.
    """

    rows: tuple[SensitivityRow, ...]
    options: Options
    level: float
    simulated: bool

    def __repr__(self) -> str:
        baseline, *others = self.rows
        given = [row.estimate for row in others if row.estimate == row.estimate]
        span = f" {min(given):.3f} to {max(given):.3f}" if given else ""
        return (
            f"{baseline.statistic}: {baseline.estimate:.3f};{span} under {len(given)} changes, "
            f"{len(others) - len(given)} without an estimate"
        )

    def to_frame(self) -> pd.DataFrame:
        """Lay the rows out as a table.

        Returns
        -------
        pandas.DataFrame
            A row a choice, the baseline first, with the fields of `SensitivityRow` as
            columns and ``data``, which is ``"SIMULATED"`` where they are.
        """
        table = pd.DataFrame([asdict(row) for row in self.rows])
        table["units"] = table["units"].astype("Int64")
        table.insert(0, "data", "SIMULATED" if self.simulated else "as given")
        return table

    def to_csv(self) -> str:
        """Write the table as CSV.

        Returns
        -------
        str
            Numbers to nine digits, empty where missing.
        """
        return self.to_frame().to_csv(index=False, float_format="%.9g", lineterminator="\n")

    def to_svg(self) -> str:
        """Draw the table.

        Returns
        -------
        str
            An SVG document, for the eye and for screen readers.
        """
        baseline = self.rows[0]
        intervals = (
            f"Intervals: central 90 % of {self.options.draws:,} imputations, which tell of the "
            "places of arrests alone. "
        )
        if all(math.isnan(row.low) for row in self.rows):
            intervals = "No intervals: no estimate depends on imputations. "
        about = (
            f"Each row changes one choice of the baseline. {intervals}p: the larger of two, "
            f"against {baseline.surrogates:,} surrogate maps of crime of each family. Verdicts "
            "also ask whether more than the broad trend is shared."
        )
        return sensitivity_figure(
            self.to_frame(),
            title="Do arrests and crime cluster alike? What the answer depends on",
            axis=baseline.statistic,
            notes=(about, f"Baseline: {describe(self.options)}.", _BEYOND),
            level=self.level,
            simulated=self.simulated,
        )


def sensitivity(
    inputs: Inputs,
    options: Options,
    *,
    also_crime: Sequence[CrimeMeasure] = (),
    progress: Progress = silent,
    executor: Executor | None = None,
) -> Sensitivity:
    """Change one choice of method at a time, and see what becomes of the answer.

    Every row has the statistic that carries the headline of the baseline, of all arrests
    unless the row says otherwise. Rows differ by the change alone: all draw the same
    random numbers. What they share is done once: arrests are imputed anew only where the
    change touches that, surrogate maps are drawn anew only where it touches crime, its
    neighbours or the maps' family.

    Parameters
    ----------
    inputs : Inputs
        What the run was given.
    options : Options
        Of the baseline.
    also_crime : sequence of CrimeMeasure, optional
        Other measures or periods of crime.
    progress : callable, optional
        Receives a few words at each step.
    executor : concurrent.futures.Executor, optional
        Where the work is done (threads, a Dask cluster's ``Client.get_executor()``); by
        default two threads. The result does not depend on it.

    Returns
    -------
    Sensitivity
        A row a choice, also for those that the inputs do not allow.

    Raises
    ------
    InputError
        If the baseline cannot be computed.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> inputs = simulate(seed=1, arrests=20_000).inputs
    >>> table = sensitivity(inputs, Options(draws=2, surrogates=0)).to_frame()
    >>> table["group"].unique()[:3].tolist()
    ['baseline', 'neighbours', 'level of hot spots']
    """
    choices = plan(inputs, options, also_crime=also_crime)
    given = [each for each in choices if isinstance(each, Variation)]
    progress("sensitivity: bringing arrests to counties")
    counties = load_counties()
    counties = counties[counties["zone"].notna()]
    counted = _count_each(given, counties)
    (level,) = {each.level for each in counted.values()}
    area = counties[level]
    headline = _headline(given[0], counted[_counting(given[0])], area)
    asked = {
        number: _ask(each, counted[_counting(each)], headline)
        for number, each in enumerate(choices)
        if isinstance(each, Variation)
    }
    tasks = _gather(asked, area, headline)
    found = dict(zip(tasks, _do(list(tasks.values()), progress, executor), strict=True))
    by_level = COUNTY if headline == "county" else level
    (label,) = {
        answer.comparison.headline.label
        for answers in found.values()
        for answer in answers.values()
        if answer.comparison is not None
    } or {""}
    rows = [
        _row(each, asked[number], found, support=by_level, statistic=label)
        if isinstance(each, Variation)
        else SensitivityRow(
            variation=each.name,
            group=each.group,
            support=by_level,
            statistic=label,
            reason=each.reason,
        )
        for number, each in enumerate(choices)
    ]
    rows = [rows[0], *(_without_effect(row, rows[0]) for row in rows[1:])]
    return Sensitivity(rows=tuple(rows), options=options, level=_LEVEL, simulated=inputs.simulated)


_Headline = Literal["county", "area"]
_Key = tuple[object, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ask:
    """One pair of maps to compare, in the tasks of both families.

    Asks of equal key, in one task, have one answer.
    """

    key: _Key
    tasks: Mapping[Family, _Key]
    found: CountedKind | None
    people: pd.Series
    kind: Kind
    crime: CrimeRates
    crime_residents: pd.Series
    options: Options


@dataclass(frozen=True, kw_only=True, eq=False)
class _Task:
    """Comparisons that share surrogate maps of one family; it can be sent elsewhere."""

    family: Family
    area: pd.Series
    headline: _Headline
    asks: Mapping[_Key, _Ask]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Answer:
    """What came of a pair of maps: a comparison, or why there is none."""

    comparison: HotSpotComparison | None = None
    own_headline: _Headline | None = None
    reason: str = ""


def _counting(variation: Variation) -> _Key:
    """Tell on what the imputation depends."""
    options = variation.options
    return id(variation.inputs.records), options.weights, options.located_share


def _count_each(given: Sequence[Variation], counties: pd.DataFrame) -> dict[_Key, Counted]:
    counted: dict[_Key, Counted] = {}
    for each in given:
        key = _counting(each)
        if key not in counted:
            rng = stream(each.options, "impute")
            counted[key] = count_arrests(each.inputs, each.options, counties, rng=rng)
    return counted


def _headline(baseline: Variation, counted: Counted, area: pd.Series) -> _Headline:
    """Tell which answer carries the headline of the baseline, before anything is drawn."""
    inputs, options = baseline.inputs, baseline.options
    units = county_units(options)
    crime = county_crime(inputs.crime, inputs.crime_residents, options, units)
    found = counted.kinds["all"]
    people = inputs.people(options.denominator)
    arrests = county_arrests(found, people, area, options, units)
    return headline_level(found.support, _by_county(arrests, crime, None, units), options)


def _by_county(
    arrests: RateHotSpots | None, crime: RateHotSpots, null: SurrogateMaps | None, units: MapUnits
) -> HotSpotComparison | None:
    """Compare where any county is tested."""
    if arrests is None:
        return None
    return compare_maps(arrests, crime, null, units, support="unit", tested_only=True)


def _ask(variation: Variation, counted: Counted, headline: _Headline) -> _Ask:
    inputs, options = variation.inputs, variation.options
    shared = (id(inputs.crime), options.graph, options.extent)
    kind = variation.kind
    return _Ask(
        key=(
            *_counting(variation),
            kind,
            options.denominator,
            options.treatment if headline == "county" else None,
            options.alpha,
        ),
        tasks={
            "moran": ("moran", *shared),
            "kernel": ("kernel", *shared, options.kernel_length),
        },
        found=_light(counted.kinds[kind]) if kind in counted.kinds else None,
        people=inputs.people(options.denominator),
        kind=kind,
        crime=inputs.crime,
        crime_residents=inputs.crime_residents,
        options=options,
    )


def _light(found: CountedKind) -> CountedKind:
    """Keep what is tested, which can be sent elsewhere; leave strata and the like out."""
    arrests = found.arrests
    return CountedKind(
        arrests=CountyArrests(
            county_fips=arrests.county_fips,
            area=arrests.area,
            located=arrests.located,
            draws=arrests.draws,
            proportional=arrests.proportional,
        ),
        support=found.support,
    )


def _gather(asked: Mapping[int, _Ask], area: pd.Series, headline: _Headline) -> dict[_Key, _Task]:
    """Put what shares surrogate maps into one task; the longest tasks first."""
    asks: dict[_Key, dict[_Key, _Ask]] = {}
    families: dict[_Key, Family] = {}
    for ask in asked.values():
        for family, task in ask.tasks.items():
            families[task] = family
            asks.setdefault(task, {}).setdefault(ask.key, ask)
    return {
        task: _Task(family=families[task], area=area, headline=headline, asks=asks[task])
        for task in sorted(asks, key=lambda task: -len(asks[task]))
    }


def _do(
    tasks: Sequence[_Task], progress: Progress, executor: Executor | None
) -> Iterator[dict[_Key, _Answer]]:
    """Do the tasks, and hand the answers over in their order."""
    if executor is None:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            yield from _do(tasks, progress, threads)
        return
    waiting = [executor.submit(_work, task) for task in tasks]
    try:
        for number, future in enumerate(waiting, start=1):
            progress(f"sensitivity: part {number} of {len(waiting)}")
            yield future.result()
    finally:
        for future in waiting:
            future.cancel()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Mapped:
    """Crime by county, and where the larger areas are compared by these, with surrogates."""

    by_county: RateHotSpots
    crime: RateHotSpots
    null: SurrogateMaps


def _work(task: _Task) -> dict[_Key, _Answer]:
    """Draw surrogate maps of one family, and compare every map of the task with crime."""
    first = next(iter(task.asks.values()))
    units = county_units(first.options)
    areas = area_units(units, task.area) if task.headline == "area" else None
    at_level: dict[float, _Mapped] = {}
    answers: dict[_Key, _Answer] = {}
    for key, ask in task.asks.items():
        alpha = ask.options.alpha
        if alpha not in at_level:
            drawn = next(iter(at_level.values())).null if at_level else None
            try:
                at_level[alpha] = _map_crime(ask, task, units, areas, drawn)
            except InputError as error:
                reason = "; ".join(problem.found for problem in error.problems)
                return {each: _Answer(reason=reason) for each in task.asks}
        answers[key] = _compare(ask, at_level[alpha], task.area, units, areas)
    return answers


def _map_crime(
    ask: _Ask, task: _Task, units: MapUnits, areas: MapUnits | None, drawn: SurrogateMaps | None
) -> _Mapped:
    """Test crime and draw its surrogates, or test at another level what was drawn."""
    options, residents = ask.options, ask.crime_residents
    by_county = county_crime(ask.crime, residents, options, units)
    if areas is None:
        null = (
            drawn.retested(by_county, units.graph)
            if drawn
            else county_surrogates(by_county, options, units, families=(task.family,))
        )
        return _Mapped(by_county=by_county, crime=by_county, null=null)
    by_area = area_crime(ask.crime, residents, task.area, options, areas)
    null = (
        drawn.retested(by_area, areas.graph)
        if drawn
        else area_surrogates(
            by_area,
            options,
            areas,
            counties=units,
            area=task.area,
            residents=residents,
            families=(task.family,),
        )
    )
    return _Mapped(by_county=by_county, crime=by_area, null=null)


def _compare(
    ask: _Ask, mapped: _Mapped, area: pd.Series, units: MapUnits, areas: MapUnits | None
) -> _Answer:
    """Compare by county or, given the larger areas, among these."""
    if ask.found is None:
        return _Answer(reason=f"there are no {KIND_WORDS[ask.kind]} that can be located")
    arrests = county_arrests(ask.found, ask.people, area, ask.options, units)
    null = mapped.null if areas is None else None
    by_county = _by_county(arrests, mapped.by_county, null, units)
    own = headline_level(ask.found.support, by_county, ask.options)
    if areas is None:
        if by_county is None or not by_county.n:
            return _Answer(own_headline=own, reason=_TOO_FEW_LOCATED)
        return _Answer(own_headline=own, comparison=by_county)
    by_area = area_arrests(
        ask.found, ask.people, area, ask.options, areas, kind=ask.kind, permutations=0
    )
    among = compare_maps(
        by_area, mapped.crime, mapped.null, areas, support="area", tested_only=True
    )
    return _Answer(own_headline=own, comparison=among)


def _row(
    variation: Variation,
    ask: _Ask,
    found: Mapping[_Key, Mapping[_Key, _Answer]],
    *,
    support: str,
    statistic: str,
) -> SensitivityRow:
    one, other = (found[task][ask.key] for task in ask.tasks.values())
    row = SensitivityRow(
        variation=variation.name,
        group=variation.group,
        support=support,
        statistic=statistic,
        trend_removed=variation.trend_removed,
        note=_note(variation, one, support),
        reason=one.reason,
    )
    if one.comparison is None or other.comparison is None:
        return row
    comparison = _join(one.comparison, other.comparison)
    shown = comparison
    if variation.trend_removed and comparison.trend_removed is not None:
        shown = comparison.trend_removed
    measure = shown.measures[comparison.headline.name]  # one statistic throughout
    row = replace(
        row,
        units=shown.n,
        estimate=measure.estimate,
        low=measure.low,
        high=measure.high,
        verdict=shown.verdict,
        reason=_NOTHING if math.isnan(measure.estimate) else "",
    )
    if isinstance(measure.p, NoPValue):
        return replace(row, reason=row.reason or measure.p.reason)
    return replace(
        row,
        p=measure.p.p,
        p_moran=_number(measure.p.moran),
        p_kernel=_number(measure.p.kernel),
        surrogates=measure.p.surrogates,
    )


def _note(variation: Variation, answer: _Answer, support: str) -> str:
    """Say where these arrests, for themselves, would be answered on another support."""
    other = None
    if answer.own_headline == "area" and support == COUNTY:
        other = "most of these arrests lie where counties are not tested"
    elif answer.own_headline == "county" and support != COUNTY:
        other = "most of these arrests lie where counties are tested, too"
    return _noted(variation.note, other)


def _without_effect(row: SensitivityRow, baseline: SensitivityRow) -> SensitivityRow:
    """Say so where a change does not touch the statistic at all."""
    numbers = ("units", "estimate", "low", "high", "p", "p_moran", "p_kernel")
    if math.isnan(row.estimate) or any(
        repr(getattr(row, name)) != repr(getattr(baseline, name)) for name in numbers
    ):
        return row
    return replace(row, note=_noted(row.note, "makes no difference here"))


def _noted(*notes: str | None) -> str:
    return "; ".join(filter(None, notes))


def _join(one: HotSpotComparison, other: HotSpotComparison) -> HotSpotComparison:
    """Put the p-values against either family together."""
    return replace(
        one,
        measures={
            name: replace(measure, p=_joined_p(measure, other.measures[name]))
            for name, measure in one.measures.items()
        },
        trend_removed=_join(beneath, other.trend_removed)
        if (beneath := one.trend_removed) and other.trend_removed
        else None,
    )


def _joined_p(one: Measure, other: Measure) -> PValue:
    if isinstance(one.p, NoPValue) or isinstance(other.p, NoPValue):
        return one.p if isinstance(one.p, NoPValue) else other.p
    return one.p.joined(other.p)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
