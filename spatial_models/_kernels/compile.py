"""Compile a function, and keep the machine code on disk where a folder can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile at first call, without the interpreter lock.

    Floating-point sums keep their order (no "fast math"): the same numbers on every run.
    Where no cache folder can be written, numba refuses to cache; the function is then
    compiled anew in each process.
    """
    try:
        return cast("F", njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast("F", njit(nogil=True, error_model="numpy")(function))
