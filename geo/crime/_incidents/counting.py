"""One batch of incidents after the other, here or elsewhere, into one count."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.crime._incidents.files import Reading
from geo.crime._incidents.rows import labels_of, numbers_of, rows_with, years_of
from geo.crime._incidents.units import OUTSIDE, Units, locator_of, steps_between
from geo.errors import InputError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_MOST_OFFENSES: Final = 1_000
"""Distinct offences above which a column is taken to hold something else."""
_IN_FLIGHT: Final = 8
"""Batches that wait at an executor, some 10 to 50 MB each."""
_SHOWN: Final = 8
_LIMITS: Final = (180, 90)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done with every batch."""

    units: Units
    crs: str
    degrees: bool
    """Whether coordinates are degrees, and therefore limited."""
    where: tuple[tuple[str, ...], ...] = ()
    """Words to keep, by filter."""
    nearest_within: float | None = None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What was counted in a batch."""

    table: pd.DataFrame
    """``incidents`` by ``unit`` (its number), and ``year`` and ``offense`` where known."""
    fates: Counter[str]
    """Rows by what became of them."""
    words: tuple[tuple[str, ...], ...]
    """Some of the words that each filter met."""


@dataclass(kw_only=True)
class Total:
    """What was counted in all batches so far."""

    by_file: list[Counter[str]]
    words: list[dict[str, None]]
    _grouped: pd.DataFrame = field(default_factory=pd.DataFrame)
    _waiting: list[pd.DataFrame] = field(default_factory=list)
    _offenses: set[str] = field(default_factory=set)

    def add(self, number: int, batch: Batch, reading: Reading) -> None:
        """Add a batch of the file of this number."""
        self.by_file[number].update(batch.fates)
        for met, words in zip(self.words, batch.words, strict=True):
            met.update(dict.fromkeys(words[: _SHOWN - len(met)]))
        self._waiting.append(batch.table)
        if sum(map(len, self._waiting)) > len(self._grouped):
            self._group()
        if "offense" in batch.table:
            self._offenses.update(batch.table["offense"].dropna().unique())
        if len(self._offenses) > _MOST_OFFENSES:
            name = reading.file.names[reading.parts["offense"]]
            problem = reading.file.problem(
                where=f"column {name!r}",
                found=f"more than {_MOST_OFFENSES:,} distinct texts",
                expected="kinds of offences",
                action="name another column (--offense), or group its texts beforehand",
            )
            raise InputError([problem])

    def _group(self) -> None:
        table = pd.concat([self._grouped, *self._waiting], ignore_index=True)
        keys = [name for name in table.columns if name != "incidents"]
        grouped = table.groupby(keys, dropna=False)["incidents"].sum()
        self._grouped = grouped.reset_index()
        self._waiting = []

    @property
    def table(self) -> pd.DataFrame:
        """``incidents`` by ``unit``, and ``year`` and ``offense`` where known, in order."""
        if self._waiting:
            self._group()
        return self._grouped

    @property
    def fates(self) -> Counter[str]:
        """Rows of all files by what became of them."""
        return sum(self.by_file, Counter())


def count_readings(readings: list[Reading], plan: Plan, *, executor: Executor | None) -> Total:
    """Count every batch of every file."""
    total = Total(by_file=[Counter() for _ in readings], words=[{} for _ in plan.where])
    batches = ((number, each) for number, file in enumerate(readings) for each in file.batches())
    for number, batch in _results(partial(count_batch, plan), batches, executor):
        total.add(number, batch, readings[number])
    return total


def _results(
    work: Callable[[pa.Table], Batch],
    batches: Iterable[tuple[int, pa.Table]],
    executor: Executor | None,
) -> Iterator[tuple[int, Batch]]:
    """Hand results over in the order of the batches, of which few are in memory at once."""
    if executor is None:
        for number, batch in batches:
            yield number, work(batch)
        return
    waiting: deque[tuple[int, Future[Batch]]] = deque()
    try:
        for number, batch in batches:
            waiting.append((number, executor.submit(work, batch)))
            if len(waiting) == _IN_FLIGHT:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


def count_batch(plan: Plan, table: pa.Table) -> Batch:
    """Count the incidents of a batch by unit, and by year and offence where it has them."""
    fates: Counter[str] = Counter()
    table, words = _filtered(table, plan.where, fates)
    x, y, there = coordinates(table, plan, fates)
    unit = np.full(len(table), OUTSIDE, np.int32)
    unit[there] = _units(x[there], y[there], plan, fates)
    located = np.flatnonzero(unit >= 0)
    keys = {"unit": unit[located]}
    names: list[str] = []
    if "date" in table.column_names:
        keys["year"] = years_of(table["date"])[located]
    if "offense" in table.column_names:
        codes, names = labels_of(table["offense"])
        keys["offense"] = codes[located]
    counted = _grouped(keys)
    if "offense" in keys:
        texts = pd.Series([*names, None], dtype="str")  # the last stands for -1
        counted["offense"] = texts.take(counted["offense"].to_numpy()).to_numpy()
    return Batch(table=counted, fates=fates, words=words)


def _filtered(
    table: pa.Table, where: tuple[tuple[str, ...], ...], fates: Counter[str]
) -> tuple[pa.Table, tuple[tuple[str, ...], ...]]:
    """Keep the rows that pass every filter, and note some of the words that each met."""
    keep = np.ones(len(table), np.bool_)
    met = []
    for number, wanted in enumerate(where):
        passed, words = rows_with(table[f"where {number}"], wanted)
        fates[f"passed {number}"] += int(passed.sum())
        met.append(tuple(words[:_SHOWN]))
        keep &= passed
    fates["filtered_out"] += len(table) - int(keep.sum())
    fates["incidents"] += int(keep.sum())
    return (table if keep.all() else table.filter(pa.array(keep))), tuple(met)


def coordinates(table: pa.Table, plan: Plan, fates: Counter[str]) -> tuple[Floats, Floats, Flags]:
    """Read the coordinates in the polygons' system, and tell which rows have them."""
    x, y = numbers_of(table["x"]), numbers_of(table["y"])
    wrong = x.wrong | y.wrong
    missing = ~wrong & (np.isnan(x.read) | np.isnan(y.read))
    zero = (x.read == 0) & (y.read == 0)
    places = x.read, y.read
    if plan.degrees:
        for values, limit in zip(places, _LIMITS, strict=True):
            wrong |= np.abs(values) > limit
    there = ~(wrong | missing | zero)
    for step in steps_between(plan.crs, plan.units.crs):
        places = step.transform(*places)
    beyond = there & ~(np.isfinite(places[0]) & np.isfinite(places[1]))
    fates["without_coordinates"] += int(missing.sum())
    fates["zero_coordinates"] += int(zero.sum())
    fates["invalid_coordinates"] += int((wrong | beyond).sum())
    return *places, there & ~beyond


def _units(x: Floats, y: Floats, plan: Plan, fates: Counter[str]) -> Integers:
    locator = locator_of(plan.units)
    unit, on_border, overlapping = locator.place(x, y)
    fates["on_border"] += int(on_border.sum())
    fates["overlapping"] += int(overlapping.sum())
    if plan.nearest_within is not None:
        stray = np.flatnonzero(unit == OUTSIDE)
        unit[stray] = locator.place_nearest(x[stray], y[stray], plan.nearest_within)
        fates["nearest"] += int((unit[stray] != OUTSIDE).sum())
    fates["outside"] += int((unit == OUTSIDE).sum())
    return unit


def _grouped(keys: dict[str, Integers]) -> pd.DataFrame:
    """Count rows with the same keys."""
    lowest = {name: values.min(initial=0) for name, values in keys.items()}
    sizes = [int(values.max(initial=0) - lowest[name]) + 1 for name, values in keys.items()]
    shifted = [values - lowest[name] for name, values in keys.items()]
    numbers = np.ravel_multi_index(shifted, sizes)
    distinct, incidents = np.unique(numbers, return_counts=True)
    parts = np.unravel_index(distinct, sizes)
    table = {name: part + lowest[name] for name, part in zip(keys, parts, strict=True)}
    return pd.DataFrame({**table, "incidents": incidents})
