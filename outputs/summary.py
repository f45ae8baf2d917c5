"""The summary that scripts read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np

from outputs._printable import visible_json

__all__ = ["summary_json"]


def summary_json(summary: Mapping[str, object]) -> str:
    """Write a summary as JSON: keys in their order, NaN as null.

    Parameters
    ----------
    summary : mapping of str to object
        Nested mappings, sequences, numbers, text; NumPy numbers are accepted.

    Returns
    -------
    str
        Indented JSON with a newline at its end.

    Examples
    --------
    >>> print(summary_json({"kappa": float("nan"), "n": np.int64(3)}), end="")
    {
      "kappa": null,
      "n": 3
    }
    """
    text = json.dumps(plain(summary), indent=2, ensure_ascii=False, allow_nan=False)
    return visible_json(text) + "\n"


def plain(value: object) -> object:
    """Reduce to what JSON knows: NaN to None, NumPy numbers to Python's, tuples to lists.

    Parameters
    ----------
    value : object
        Nested mappings, sequences, numbers, text.

    Returns
    -------
    object
        The same in plain Python, numbers to nine digits.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        # Nine digits are more than any of these numbers holds, and survive other BLAS builds.
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return value
