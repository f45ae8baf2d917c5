"""Where fetched files are kept, and who may touch them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from arrest_atlas.analysis import Progress
from arrest_atlas.caching import cache_parent
from arrest_atlas.fetching.errors import Trouble
from arrest_atlas.fetching.registry import DataSource

__all__ = ["Places", "disk_trouble", "open_places", "scratch_of", "sync_folder", "write_whole"]

_FULL: Final = {
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)
}


@dataclass(frozen=True)
class Places:
    """The folders of the cache.

    Attributes
    ----------
    root : pathlib.Path
        ``fetched`` in the cache folder. In it: ``files/NAME/`` with whole files only,
        ``partial/`` with those on their way, ``locks/``, and ``lock.json``.
    """

    root: Path

    @property
    def lock_file(self) -> Path:
        """Name the file that records what was fetched.

        Returns
        -------
        pathlib.Path
            Which may not exist.
        """
        return self.root / "lock.json"

    @property
    def partial(self) -> Path:
        """Name the folder of files on their way.

        Returns
        -------
        pathlib.Path
            Which may not exist.
        """
        return self.root / "partial"

    def folder(self, source: DataSource) -> Path:
        """Name the folder that holds a source's file and nothing else.

        Parameters
        ----------
        source : DataSource
            The source.

        Returns
        -------
        pathlib.Path
            Its folder, which may not exist.
        """
        return self.root / "files" / source.name

    def file(self, source: DataSource) -> Path:
        """Name the file of a source.

        Parameters
        ----------
        source : DataSource
            The source.

        Returns
        -------
        pathlib.Path
            Where its file is, once it was fetched.
        """
        return self.folder(source) / source.file

    @contextmanager
    def alone(self, name: str, progress: Progress) -> Iterator[None]:
        """Keep other processes out.

        The lock is the operating system's, so that it ends with the process that holds it,
        however that ends.

        Parameters
        ----------
        name : str
            What to lock.
        progress : callable
            Is told if another process has it.

        Yields
        ------
        None
            Once this process is alone.
        """
        folder = self.root / "locks"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / f"{name}.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                progress(f"{name}: waiting for another process that fetches it")
                lock.acquire(poll_interval=0.1)
        except OSError as error:
            raise disk_trouble(error, folder) from error
        try:
            yield
        finally:
            lock.release()


def open_places(cache: str | Path | None) -> Places:
    """Name the folders of the cache; none is made.

    Parameters
    ----------
    cache : str or pathlib.Path, optional
        The cache folder, else that of :func:`arrest_atlas.caching.cache_parent`.

    Returns
    -------
    Places
        The folders.
    """
    parent = cache_parent() if cache is None else Path(cache).expanduser()
    return Places(parent.absolute() / "fetched")


def disk_trouble(error: OSError, folder: Path) -> Trouble:
    """Word what the disk says.

    Parameters
    ----------
    error : OSError
        What it says.
    folder : pathlib.Path
        Where.

    Returns
    -------
    Trouble
        To be raised.
    """
    if error.errno in _FULL:
        return Trouble(
            found=f"no space left in {folder}",
            expected="room for the whole file",
            action="free some space, or choose another folder with --cache",
        )
    return Trouble(
        found=f"that {folder} cannot be written ({error.strerror or error})",
        expected="a folder with write permission",
        action="change its permissions, or choose another folder with --cache",
    )


def write_whole(path: Path, text: str) -> None:
    """Write a small file so that it is whole or the earlier one, whatever happens.

    Parameters
    ----------
    path : pathlib.Path
        The file, in a folder where only this process writes it.
    text : str
        What to write.
    """
    scratch = scratch_of(path)
    with scratch.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    scratch.replace(path)
    sync_folder(path.parent)


def scratch_of(path: Path) -> Path:
    """Name the file that :func:`write_whole` writes first; a killed process leaves it.

    Parameters
    ----------
    path : pathlib.Path
        The file that it becomes.

    Returns
    -------
    pathlib.Path
        Beside it.
    """
    return path.with_name(f"{path.name}.new")


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder, where the system can.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    """
    if sys.platform == "win32":  # folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
