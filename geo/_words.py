"""Texts of a column, compared and counted once for each distinct text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

_BETWEEN = re.compile(r"[\W_]+")


def squeeze(text: str) -> str:
    """Reduce a text to its letters and digits, so that spelling habits do not matter."""
    return _BETWEEN.sub("", text.casefold())


def as_categories(column: pd.Series) -> pd.Categorical:
    """Give a column's distinct texts and the code of each row (-1 where missing)."""
    return pd.Categorical(column)


def look_up(texts: pd.Categorical, values: Mapping[str, int]) -> npt.NDArray[np.int8]:
    """Give each row the number of its squeezed text, -1 where the text is not listed."""
    # The code -1 of a missing text picks the last number.
    numbers = [values.get(squeeze(str(text)), -1) for text in texts.categories] + [-1]
    found: npt.NDArray[np.int8] = np.asarray(numbers, dtype=np.int8)[texts.codes]
    return found


_PERSONAL: Final = re.compile(
    r"\d(?:[\s().-]*\d){6,}"  # telephone and alien numbers
    r"|\b(?=[0-9a-f-]*\d)[0-9a-f-]{16,}\b",  # identifiers
    re.IGNORECASE,
)


def strike_personal(text: str) -> str:
    """Strike out numbers and identifiers that could point at a person."""
    return _PERSONAL.sub("#", text)
