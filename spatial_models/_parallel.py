"""Pieces of work over threads, processes or a cluster, results in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def map_pieces(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], executor: Executor | None
) -> Iterator[Result]:
    """Do the work on every piece and hand the results over in the order of the pieces.

    Without an executor, threads on all cores that this process may use; `work` is then
    expected to release the interpreter lock. For another process it must be picklable: a
    function of a module, or a `functools.partial` of one.
    """
    if executor is not None:
        yield from executor.map(work, pieces)
        return
    with ThreadPoolExecutor(max_workers=cores()) as threads:
        yield from threads.map(work, pieces)


def cores() -> int:
    """Count the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
