"""Columns of incidents as numbers, years and words, a batch at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from geo._arrest_values import Texts, without_missing_words
from geo._table import MISSING

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NO_YEAR: Final = 0

_WORDS: Final = pa.array(sorted(MISSING))
_NUMBER: Final = r"^[+-]?((\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_DAY: Final = r"\d{1,2}[-/.]\d{1,2}"
_YEAR: Final = r"(?:1[89]|20)\d{2}"
_YEARS: Final = (
    rf"^(?P<year>{_YEAR})(?:\.0+|[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|\d{{4}})?(?:[T ].*)?$",
    rf"^{_DAY}[-/.](?P<year>{_YEAR})(?:[T ,].*)?$",
    rf"^\d{{1,2}}[- ]?[A-Za-z]{{3,9}}[-, ]*(?P<year>{_YEAR})(?:[T ,:].*)?$",
    rf"^(?:[A-Za-z]{{3,9}},? +)?[A-Za-z]{{3,9}}[. ]+\d{{1,2}},? +(?P<year>{_YEAR})(?:[T ,].*)?$",
)
_SERIAL: Final = r"^[1-5]\d{4}(\.\d+)?$"
_SERIAL_START: Final = np.datetime64("1899-12-30")  # of Excel's day numbers


class Numbers(NamedTuple):
    """A column of numbers."""

    read: Floats
    """NaN where there is none."""
    wrong: Flags
    """Rows with something that is no number."""


class Labels(NamedTuple):
    """A column of words, each distinct one once."""

    codes: Integers
    """Number of the word of each row; -1 where it is missing."""
    words: list[str]


def numbers_of(column: pa.ChunkedArray) -> Numbers:
    """Read numbers from whatever type a file has them in."""
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        return _finite(column.cast(pa.float64(), safe=False))
    texts = _as_text(column)
    try:
        return _finite(texts.cast(pa.float64()))
    except pa.ArrowInvalid:
        return _numbers_among_words(texts)


def _finite(column: pa.ChunkedArray, wrong: Flags | None = None) -> Numbers:
    values = column.to_numpy().astype(np.float64, copy=False)
    infinite = np.isinf(values)
    wrong = infinite if wrong is None else wrong | infinite
    return Numbers(np.where(infinite, np.nan, values), wrong)


def _numbers_among_words(texts: pa.ChunkedArray) -> Numbers:
    trimmed = compute.ascii_trim_whitespace(texts)
    missing = compute.is_in(compute.ascii_lower(trimmed), value_set=_WORDS)
    filled = compute.and_not(compute.is_valid(texts), missing)
    sensible = compute.match_substring_regex(trimmed, _NUMBER)
    kept = compute.and_(filled, sensible.fill_null(False))  # noqa: FBT003
    plain = compute.replace_substring_regex(compute.if_else(kept, trimmed, None), "[+,]", "")
    return _finite(plain.cast(pa.float64()), _flags(compute.and_not(filled, kept)))


def labels_of(column: pa.ChunkedArray) -> Labels:
    """Read words, without spaces around them; blanks and words for missing are missing."""
    texts = _texts(column)
    return Labels(texts.codes, texts.distinct.to_pylist())


def rows_with(column: pa.ChunkedArray, wanted: Iterable[str]) -> tuple[Flags, list[str]]:
    """Tell which rows hold one of the wanted words, and which words there are."""
    labels = labels_of(column)
    folded = {_folded(word) for word in wanted}
    hits = np.array([_folded(word) in folded for word in labels.words] + [False])
    return hits[labels.codes], labels.words


def _folded(word: str) -> str:
    """Read 2021, 2021.0 and " 2021" as the same, and capitals like small letters."""
    return re.sub(r"\.0+$", "", word.strip().casefold())


def years_of(column: pa.ChunkedArray) -> Integers:
    """Read the year of dates, NO_YEAR where there is none that can be read."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        years = compute.year(column).fill_null(NO_YEAR)
        return np.asarray(years.to_numpy(), dtype=np.int32)
    texts = _texts(column)
    return np.append(_years_of_words(texts.distinct), np.int32(NO_YEAR))[texts.codes]


def _years_of_words(words: pa.StringArray) -> Integers:
    years = np.full(len(words), NO_YEAR, np.int32)
    for pattern in _YEARS:
        found = compute.extract_regex(words, pattern)
        matched = _flags(found.is_valid())
        year = compute.struct_field(found.filter(pa.array(matched)), "year")
        years[matched] = year.cast(pa.int32()).to_numpy()
    serial = _flags(compute.match_substring_regex(words, _SERIAL))
    days = words.filter(pa.array(serial)).cast(pa.float64()).to_numpy().astype(np.int64)
    dates = (_SERIAL_START + days).astype("datetime64[Y]")
    years[serial] = dates.astype(np.int32) + 1970
    return years


def _texts(column: pa.ChunkedArray) -> Texts:
    texts, _ = without_missing_words(Texts.of(_as_text(column)))
    return texts


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write any column as text; bytes are UTF-8, else Windows-1252."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.chunked_array([pa.array(map(_decoded, column.to_pylist()), pa.string())])


def _decoded(word: bytes | None) -> str | None:
    if word is None:
        return None
    try:
        return word.decode()
    except UnicodeDecodeError:
        return word.decode("cp1252", "replace")


def _flags(answers: pa.ChunkedArray | pa.Array) -> Flags:
    flags: Flags = np.asarray(answers.fill_null(False), dtype=np.bool_)  # noqa: FBT003
    return flags
