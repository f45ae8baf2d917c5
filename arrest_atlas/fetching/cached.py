"""Files in the cache, and whether they are still those that were recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pooch

from arrest_atlas.fetching.errors import Trouble
from arrest_atlas.fetching.lock_file import Entry, entry_of, read_lock_file
from arrest_atlas.fetching.places import Places
from arrest_atlas.fetching.registry import DataSource
from geo import Problem

__all__ = ["Fetched", "digest_of", "fetched_file", "problem_of"]


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file in the cache whose bytes are those that were recorded.

    Attributes
    ----------
    source : DataSource
        What it is.
    path : pathlib.Path
        Where it is.
    entry : Entry
        What is recorded of it.
    downloaded : bool
        Whether this call downloaded it.
    """

    source: DataSource
    path: Path
    entry: Entry
    downloaded: bool


def fetched_file(source: DataSource, places: Places) -> Fetched | None:
    """Take a file from the cache, if it is there.

    Parameters
    ----------
    source : DataSource
        What to look for.
    places : Places
        The cache.

    Returns
    -------
    Fetched or None
        None if it was never fetched.

    Raises
    ------
    Trouble
        If its bytes are not those that were recorded, or nothing was.
    """
    path = places.file(source)
    entry = entry_of(read_lock_file(places.lock_file), source)
    if not path.is_file():
        return None
    digest = digest_of(path)
    if entry is None or digest != entry.sha256:
        wanted = f"SHA-256 {entry.sha256}, as recorded" if entry else "one recorded in lock.json"
        raise Trouble(
            found=f"a file in the cache with SHA-256 {digest}",
            expected=wanted,
            action=f"fetch it again: arrest-atlas fetch {source.name}",
        )
    return Fetched(source=source, path=path, entry=entry, downloaded=False)


def digest_of(path: Path) -> str:
    """Compute the SHA-256 of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return str(pooch.file_hash(str(path), alg="sha256"))


def problem_of(name: str, url: str, trouble: Trouble) -> Problem:
    """Word a trouble as a problem of a source.

    Parameters
    ----------
    name : str
        The source.
    url : str
        The address, or empty.
    trouble : Trouble
        What happened.

    Returns
    -------
    Problem
        The same.
    """
    return Problem(
        file=name,
        where=url,
        found=trouble.found,
        expected=trouble.expected,
        action=trouble.action,
    )
