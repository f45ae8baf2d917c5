"""Cleaning of the arrests' texts and dates, once for each distinct text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from geo._table import MISSING

Integers = npt.NDArray[np.int32]
Times = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]

FIRST_DAY: Final = np.datetime64("2003-03-01", "s")  # when ICE began
LAST_DAY: Final = np.datetime64("2100-12-31T23:59:59", "s")
READ, NO_DATE, TOO_EARLY, TOO_LATE, ABSENT = range(5)

_SPREADSHEET_ERRORS = ("#n/a", "#null!", "#ref!", "#value!", "#name?", "#div/0!", "#num!")
_WORDS: Final = pa.array(sorted(MISSING - {""}) + list(_SPREADSHEET_ERRORS))
_REDACTED: Final = r"^((b[67][a-f]?)+|redacted)$"


@dataclass(frozen=True)
class Texts:
    """A column of texts: each distinct one once, and its number in each row (-1: missing)."""

    codes: Integers
    distinct: pa.StringArray

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Texts:
        """Take a column of a file, without spaces around the texts, blanks as missing."""
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        if not len(column):
            return cls.absent(0)
        whole = column.unify_dictionaries().combine_chunks()
        trimmed = compute.utf8_trim_whitespace(
            compute.replace_substring(whole.dictionary, "\0", "")
        )
        texts = compute.if_else(compute.equal(trimmed, ""), None, trimmed).dictionary_encode()
        raw = cls(whole.indices.fill_null(-1).to_numpy(), whole.dictionary)
        return cls(raw.spread(texts.indices.fill_null(-1).to_numpy(), -1), texts.dictionary)

    @classmethod
    def absent(cls, rows: int) -> Texts:
        """Give a column without any text."""
        return cls(np.full(rows, -1, np.int32), pa.array([], pa.string()))

    @classmethod
    def joined(cls, parts: Iterable[Texts]) -> Texts:
        """Put columns one below the other."""
        return reduce(cls._below, parts)

    def _below(self, other: Texts) -> Texts:
        shifted = np.where(other.codes < 0, -1, other.codes + len(self.distinct)).astype(np.int32)
        codes = np.concatenate([self.codes, shifted])
        encoded = pa.concat_arrays([self.distinct, other.distinct]).dictionary_encode()
        numbers = np.append(encoded.indices.to_numpy(), np.int32(-1))
        return Texts(numbers[codes], encoded.dictionary)

    @property
    def filled(self) -> Flags:
        """Rows that have a text."""
        return self.codes >= 0

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Rows of each distinct text."""
        return np.bincount(self.codes[self.filled], minlength=len(self.distinct))

    def replaced(self, values: pa.StringArray) -> Texts:
        """Give each distinct text another, or none."""
        kept = values.is_valid()
        if values.drop_null().equals(self.distinct.filter(kept)):  # none is new: no need to compare
            there = _flags(kept)
            numbers = np.where(there, np.cumsum(there) - 1, -1).astype(np.int32)
            return Texts(self.spread(numbers, -1), values.drop_null())
        encoded = values.dictionary_encode()
        return Texts(self.spread(encoded.indices.fill_null(-1).to_numpy(), -1), encoded.dictionary)

    def spread(self, numbers: npt.NDArray[Any], missing: Any) -> npt.NDArray[Any]:
        """Give each row what its text was turned into."""
        return np.append(numbers, np.asarray([missing], numbers.dtype))[self.codes]

    def rows(self, keep: Flags) -> Texts:
        """Keep some rows, and the texts that they have."""
        return self if keep.all() else Texts(self.codes[keep], self.distinct).compact()

    def compact(self) -> Texts:
        """Leave out texts that no row has."""
        return self.replaced(compute.if_else(pa.array(self.counts > 0), self.distinct, None))

    def or_else(self, other: Texts) -> Texts:
        """Take the other column's text where this one has none."""
        both = Texts.joined([self, other])
        first, second = np.split(both.codes, 2)
        return Texts(np.where(first < 0, second, first), both.distinct).compact()

    def series(self) -> pd.Series:
        """Give the distinct texts."""
        return pd.Series(self.distinct.to_pandas(), dtype="str")

    def categories(self) -> pd.Categorical:
        """Give the column as pandas keeps it."""
        categories = pd.Index(self.series())
        return pd.Categorical.from_codes(self.codes, categories=categories, validate=False)


def without_missing_words(texts: Texts) -> tuple[Texts, dict[str, int]]:
    """Set redactions and words for missing to missing, and count rows by reason."""
    lower = compute.utf8_lower(texts.distinct)
    word = compute.is_in(lower, value_set=_WORDS)
    bare = compute.replace_substring_regex(lower, "[^a-z0-9]+", "")
    redacted = compute.match_substring_regex(bare, _REDACTED)
    kept = compute.if_else(compute.or_(word, redacted), None, texts.distinct)
    counts = texts.counts
    return texts.replaced(kept), {
        "blank": int((~texts.filled).sum()),
        "redacted": int(counts[_flags(redacted)].sum()),
        "a word for missing": int(counts[_flags(word)].sum()),
    }


def matching(texts: Texts, pattern: str) -> Flags:
    """Tell which distinct texts match a pattern."""
    return _flags(compute.match_substring_regex(texts.distinct, pattern))


def converted(
    texts: Texts, convert: Callable[[pd.Series], pd.Series]
) -> tuple[Texts, dict[str, int]]:
    """Turn texts into codes, and count the rows of each text that has none."""
    codes = convert(texts.series())
    unknown = codes.isna().to_numpy(bool)
    lost = pd.Series(texts.counts[unknown], index=texts.series()[unknown]).sort_values(
        ascending=False, kind="stable"
    )
    counted = {str(text): int(rows) for text, rows in lost.items()}
    return texts.replaced(pa.Array.from_pandas(codes, type=pa.string())), counted


def times_of(column: pa.ChunkedArray | Texts) -> tuple[Times, npt.NDArray[np.int8]]:
    """Read dates, and say for each row whether it has one (READ) or why not."""
    if not isinstance(column, Texts):
        return _judged(*_typed_times(column))
    texts, _ = without_missing_words(column)
    return _judged(texts.spread(parse_times(texts.distinct), np.datetime64("NaT")), texts.filled)


def is_times(column: pa.ChunkedArray) -> bool:
    """Tell dates that the file's format knows as such."""
    return bool(pa.types.is_timestamp(column.type) or pa.types.is_date(column.type))


def _typed_times(column: pa.ChunkedArray) -> tuple[Times, Flags]:
    if getattr(column.type, "tz", None):
        column = compute.local_timestamp(column)  # the clock on the wall, whatever its zone
    times = column.cast(pa.timestamp("s"), safe=False).to_numpy().astype("datetime64[s]")
    return times, there(column)


def there(column: pa.ChunkedArray) -> Flags:
    """Tell which rows have a value."""
    filled: Flags = column.is_valid().to_numpy().astype(bool)
    return filled


def _judged(times: Times, filled: Flags) -> tuple[Times, npt.NDArray[np.int8]]:
    verdict = np.select(
        [~filled, np.isnat(times), times < FIRST_DAY, times > LAST_DAY],
        [ABSENT, NO_DATE, TOO_EARLY, TOO_LATE],
        READ,
    ).astype(np.int8)
    return np.where(verdict == READ, times, np.datetime64("NaT")), verdict


_CLOCK: Final = (
    r"(?:,?[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.]\d+)?)?"
    r"\s*(?P<half>[AaPp])?[.]?(?:[Mm][.]?)?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?$"
)
_YEAR_FIRST: Final = r"^(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK
_MONTH_FIRST: Final = r"^(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _CLOCK
_PATTERNS: Final = (
    _YEAR_FIRST,
    _MONTH_FIRST,
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _CLOCK,
    r"^(?P<day>\d{1,2})[- ]?(?P<month>[A-Za-z]{3})[a-z]*[-, ]*(?P<year>\d{4}|\d{2})" + _CLOCK,
    r"^(?P<month>[A-Za-z]{3})[a-z]*[. ]+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})" + _CLOCK,
)
_SERIAL: Final = r"^\d{5}(\.\d+)?$"
_SERIAL_START: Final = np.datetime64("1899-12-30", "s")  # of Excel's day numbers
_MONTHS: Final = pa.array(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
)


def parse_times(texts: pa.StringArray) -> Times:
    """Read dates in ISO order, month first, with the month's name, or as Excel's day numbers."""
    times = np.full(len(texts), np.datetime64("NaT"), "datetime64[s]")
    for pattern in _PATTERNS:
        parts = compute.extract_regex(texts, pattern)
        found = _flags(parts.is_valid())
        if found.any():
            matched = parts.filter(pa.array(found)).flatten()
            names = [parts.type.field(n).name for n in range(parts.type.num_fields)]
            times[found] = _assembled(dict(zip(names, matched, strict=True)))
    serial = _flags(compute.match_substring_regex(texts, _SERIAL))
    days = texts.filter(pa.array(serial)).cast(pa.float64()).to_numpy()
    times[serial] = _SERIAL_START + np.rint(days * 86_400).astype("timedelta64[s]")
    return times


def day_comes_first(texts: pa.StringArray) -> bool:
    """Tell whether dates such as 31/01/2025 say that the day stands before the month."""
    parts = compute.extract_regex(texts, _MONTH_FIRST).drop_null()
    first = compute.struct_field(parts, "month").cast(pa.int64()).to_numpy()
    second = compute.struct_field(parts, "day").cast(pa.int64()).to_numpy()
    december = 12
    day_first = (first > december) & (second <= december)
    month_first = (first <= december) & (second > december)
    return bool(day_first.sum() > month_first.sum())


def _assembled(parts: dict[str, pa.StringArray]) -> Times:
    """Put a date together from its parts, missing where there is no such day or time."""
    month = _month_numbers(parts["month"])
    year, day = _numbers(parts["year"]), _numbers(parts["day"])
    year = np.where(year < 100, year + 2000, year)  # noqa: PLR2004  (two digits)
    hour, minute, second = (_numbers(parts[name]) for name in ("hour", "minute", "second"))
    half = compute.utf8_lower(parts["half"])
    morning, evening = (_flags(compute.equal(half, letter)) for letter in "ap")
    noon = 12
    hour = np.where(morning | evening, hour % noon + noon * evening, hour)
    months = (year - 1970) * 12 + month - 1
    start = months.astype("datetime64[M]").astype("datetime64[D]")
    date = start + (day - 1)
    real = (
        (month >= 1)
        & (month <= 12)  # noqa: PLR2004
        & (day >= 1)
        & (date.astype("datetime64[M]") == start.astype("datetime64[M]"))
        & (hour < 24)  # noqa: PLR2004
        & (minute < 60)  # noqa: PLR2004
        & (second < 60)  # noqa: PLR2004
    )
    times = date.astype("datetime64[s]") + (hour * 3600 + minute * 60 + second)
    return np.where(real, times, np.datetime64("NaT"))


def _month_numbers(texts: pa.StringArray) -> npt.NDArray[np.int64]:
    """Read months from numbers or from the beginnings of their names."""
    if not len(texts) or not texts[0].as_py().isalpha():
        return _numbers(texts)
    numbers = compute.index_in(compute.utf8_lower(texts), value_set=_MONTHS).fill_null(-1)
    months: npt.NDArray[np.int64] = numbers.to_numpy().astype(np.int64) + 1
    return months


def _numbers(texts: pa.StringArray) -> npt.NDArray[np.int64]:
    """Read whole numbers, 0 where there is no text."""
    filled = compute.if_else(compute.equal(texts, ""), "0", texts)
    numbers: npt.NDArray[np.int64] = filled.cast(pa.int64()).to_numpy()
    return numbers


def _flags(answers: pa.BooleanArray) -> Flags:
    flags: Flags = answers.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    return flags
