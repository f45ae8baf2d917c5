"""Folders aside in which outputs are collected, and what killed runs leave of them.

A folder aside holds ``lock``, locked as long as its process lives; ``new``, where outputs
are collected; and, where folders cannot change places in one step, ``previous``. The lock is
the operating system's: it ends with its process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

PREVIOUS: Final = "previous"
_PREFIX: Final = ".arrest-atlas-"
_LOCK: Final = "lock"
_NEW: Final = "new"
_ATTEMPTS: Final = 100
# What file systems without locks raise; nobody can tell there whether a run lives.
_NO_LOCKS: Final = (OSError, NotImplementedError)


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a folder aside, and clear away those that killed runs left beside it.

    Parameters
    ----------
    parent : pathlib.Path
        The folder in which it is made.

    Yields
    ------
    pathlib.Path
        An empty folder to write to, ``new`` in the folder aside. Whatever is still in the
        folder aside afterwards is removed.
    """
    _clear_away(parent)
    place, lock = _held_folder(parent)
    try:
        yield place / _NEW
    finally:
        shutil.rmtree(place, ignore_errors=True)
        lock.release()
        shutil.rmtree(place, ignore_errors=True)  # Windows removes no file that is open


def _held_folder(parent: Path) -> tuple[Path, FileLock]:
    """Make a folder aside that no other run clears away."""
    for _ in range(_ATTEMPTS):
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = _lock_of(place)
        try:
            with suppress(*_NO_LOCKS):
                lock.acquire()
            (place / _NEW).mkdir()
        except (Timeout, FileNotFoundError):  # cleared away before it was held
            continue
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            lock.release()
            raise
        return place, lock
    message = f"folders made in {parent} vanish"
    raise OSError(message)


def _lock_of(place: Path) -> FileLock:
    return FileLock(place / _LOCK, timeout=0, thread_local=False)


def _clear_away(parent: Path) -> None:
    """Remove what killed runs left, and put back outputs that one had taken away."""
    for place in parent.glob(f"{_PREFIX}*"):
        if not _is_aside(place):
            continue
        lock = _lock_of(place)
        try:
            lock.acquire()
        except (Timeout, *_NO_LOCKS):
            continue
        try:
            _put_back(place, parent)
            shutil.rmtree(place, ignore_errors=True)
        finally:
            lock.release()


def _is_aside(place: Path) -> bool:
    """Tell whether a folder is one of ours, and holds nothing else."""
    try:
        names = {each.name for each in place.iterdir()}
    except OSError:
        return False
    return not place.is_symlink() and names <= {_LOCK, _NEW, PREVIOUS}


def _put_back(place: Path, parent: Path) -> None:
    """Bring back the outputs of a run that was killed between two renames."""
    with suppress(OSError):
        for outputs in (place / PREVIOUS).iterdir():
            if not os.path.lexists(parent / outputs.name):
                outputs.rename(parent / outputs.name)
