"""The summary that scripts read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import numpy as np

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
    return json.dumps(_plain(summary), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        # Nine digits are more than any of these numbers holds, and survive other BLAS builds.
        return float(f"{value:.9g}") if math.isfinite(value) else None
    return value
