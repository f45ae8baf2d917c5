"""The days that are asked for, as far as the arrests have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from geo import InputError, Problem

__all__ = ["Span", "overlapping", "spans_of"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A period and how much of it the arrests cover.

    Attributes
    ----------
    asked : Period or None
        As the user asks for it; None where nobody says when the arrests were.
    covered : Period or None
        The days of it that the arrests cover.
    """

    asked: Period | None
    covered: Period | None

    @property
    def days(self) -> int | None:
        """Number of days covered."""
        if self.covered is None:
            return None
        return (self.covered.last - self.covered.first).days + 1

    @property
    def first(self) -> date:
        """First day covered, by which periods are put in order."""
        return date.min if self.covered is None else self.covered.first

    @property
    def key(self) -> str:
        """Name the period as part of the name of a table."""
        if self.asked is None:
            return "all"
        return self.asked.text.replace("-", "").replace("/", "_")

    @property
    def title(self) -> str:
        """Name the days covered, as part of a title."""
        return "period not stated" if self.covered is None else str(self.covered)

    @property
    def partial(self) -> bool:
        """Whether days that are asked for are not covered."""
        if self.asked is None or self.covered is None:
            return False
        return (self.covered.first, self.covered.last) != (self.asked.first, self.asked.last)

    def __str__(self) -> str:
        if self.asked is None or self.covered is None:
            return "a period that is not stated"
        if self.partial:
            return f"{self.covered} (of {self.asked}, which the records cover in part only)"
        return str(self.asked)


def spans_of(inputs: ArrestInputs, periods: Sequence[Period]) -> tuple[list[Span], list[str]]:
    """Cut the periods to the days that there are, and say what could not be used."""
    if inputs.records is None:
        notes = [
            f"The tables of counts have no dates, so that {period} cannot be told apart."
            for period in periods
        ]
        return [Span(asked=inputs.arrest_period, covered=inputs.arrest_period)], notes
    every = inputs.records.counted_period
    if every is None:
        return [Span(asked=None, covered=None)], ["No record has a date."]
    wanted = list(periods) or [inputs.records.period or every]
    cut = {period: _covered(period, every) for period in wanted}
    days = {(each.first, each.last): period for period, each in cut.items() if each}
    cut = {period: each for period, each in cut.items() if not each or period in days.values()}
    absent = [period for period, covered in cut.items() if covered is None]
    spans = sorted(
        (Span(asked=period, covered=covered) for period, covered in cut.items() if covered),
        key=lambda span: span.first,
    )
    if not spans:
        problem = Problem(
            file="--period",
            found=f"no arrest within {', '.join(map(str, absent))}, but from {every}",
            expected="days of which the records have arrests",
            action="change the periods",
        )
        raise InputError([problem])
    return spans, [*_absent(absent, every), *_partial(spans)]


def _covered(period: Period, every: Period) -> Period | None:
    first, last = max(period.first, every.first), min(period.last, every.last)
    if last < first:
        return None
    same = (first, last) == (period.first, period.last)
    return period if same else Period(first, last, f"{first}/{last}")


def _absent(absent: Sequence[Period], every: Period) -> Iterator[str]:
    for period in absent:
        yield f"The records, which run from {every}, have no arrest of {period}: it is left out."


def _partial(spans: Sequence[Span]) -> Iterator[str]:
    for span in spans:
        if span.partial:
            yield (
                f"Of the period {span.asked} the records cover {span.covered} only: its numbers "
                "are of these days."
            )


def overlapping(earlier: Span, later: Span) -> bool:
    """Tell whether days belong to both, so that a change between them means nothing."""
    one, other = earlier.covered, later.covered
    if one is None or other is None:
        return True
    return one.last >= other.first
