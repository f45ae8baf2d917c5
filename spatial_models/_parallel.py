"""Pieces of work over threads, processes or a cluster, results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TypeVar

_IN_FLIGHT = 256  # on an executor of unknown size

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
        yield from _in_order(work, pieces, executor, _IN_FLIGHT)
        return
    workers = cores()
    with ThreadPoolExecutor(max_workers=workers) as threads:
        yield from _in_order(work, pieces, threads, 2 * workers)


def _in_order(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], executor: Executor, most: int
) -> Iterator[Result]:
    """Keep so many pieces at work or waiting; drop those that wait if the rest is not wanted."""
    waiting: deque[Future[Result]] = deque()
    try:
        for piece in pieces:
            waiting.append(executor.submit(work, piece))
            if len(waiting) == most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def cores() -> int:
    """Count the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
