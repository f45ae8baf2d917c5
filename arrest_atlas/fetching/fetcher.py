"""Fetch what is asked for, keep it, and vouch for it.

pooch keeps the files: it tells by the digest whether the one in the cache still stands, checks
a received one again, and moves it into place under its name. Everything before that is ours,
since pooch begins anew after every failure, follows redirections to plain HTTP, knows FTP, has no
lock between processes and no record of digests seen first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import pooch
import requests

from arrest_atlas.analysis import Progress, silent
from arrest_atlas.fetching.cached import Fetched, digest_of, fetched_file, problem_of
from arrest_atlas.fetching.content import check_content
from arrest_atlas.fetching.downloading import download
from arrest_atlas.fetching.errors import FetchError, Trouble
from arrest_atlas.fetching.lock_file import Entry, entry_of, read_lock_file, write_entry
from arrest_atlas.fetching.partial_file import PartialFile, Version
from arrest_atlas.fetching.places import Places, disk_trouble, open_places, sync_folder
from arrest_atlas.fetching.registry import DataSource, load_registry
from arrest_atlas.fetching.transport import Patience, new_session
from geo import Problem

__all__ = ["chosen_sources", "fetch"]

_PAGE: Final = "page of the publisher"


def fetch(
    names: Iterable[str] = (),
    *,
    registry: Mapping[str, DataSource] | None = None,
    cache: str | Path | None = None,
    offline: bool = False,
    update: bool = False,
    patience: Patience | None = None,
    progress: Progress = silent,
) -> tuple[Fetched, ...]:
    """Fetch files of official sources into the cache, each once.

    A file that is there and has the recorded digest is not asked for again. The first
    fetch records the digest of a file in ``lock.json``, unless the register pins one;
    whatever comes later must have it.

    Parameters
    ----------
    names : iterable of str, optional
        Sources of the register; without any, those that a run uses.
    registry : mapping of str to DataSource, optional
        Another register than that of the package (`read_registry`).
    cache : str or pathlib.Path, optional
        Cache folder; else what ``ARREST_ATLAS_CACHE`` names, else the user's.
    offline : bool, default False
        Whether to take only what is in the cache.
    update : bool, default False
        Whether to download again, and to record what comes now.
    patience : Patience, optional
        How long to wait, and how often to try.
    progress : callable, optional
        Receives a few words at each step.

    Returns
    -------
    tuple of Fetched
        In the order asked.

    Raises
    ------
    FetchError
        With every source that cannot be had; the others are in the cache all the same.

    Examples
    --------
    >>> import tempfile
    >>> fetch(["arrests"], cache=tempfile.mkdtemp(), offline=True)
    Traceback (most recent call last):
    arrest_atlas.fetching.errors.FetchError: arrests: found no file in the cache; expected ...
    """
    sources = chosen_sources(names, load_registry() if registry is None else registry)
    places = open_places(cache)
    fetched, problems = [], []
    with new_session() as session:
        fetcher = _Fetcher(places, session, patience or Patience(), progress)
        for source in sources:
            try:
                with places.alone(source.name, progress):
                    fetched.append(
                        fetcher.from_cache(source)
                        if offline
                        else fetcher.from_anywhere(source, update=update)
                    )
            except _Troubles as troubles:
                problems += [_problem(source, *each) for each in troubles.by_url]
            except Trouble as trouble:
                problems.append(problem_of(source.name, "", trouble))
    if problems:
        raise FetchError(problems)
    return tuple(fetched)


def chosen_sources(
    names: Iterable[str], registry: Mapping[str, DataSource]
) -> tuple[DataSource, ...]:
    """Look sources up by name.

    Parameters
    ----------
    names : iterable of str
        What to look up; without any, those that a run uses.
    registry : mapping of str to DataSource
        The register.

    Returns
    -------
    tuple of DataSource
        Each once.

    Raises
    ------
    FetchError
        If there is none of a name.

    Examples
    --------
    >>> [source.name for source in chosen_sources([], load_registry())]
    ['arrests', 'county-health-rankings-2021']
    """
    asked = list(dict.fromkeys(names)) or [
        name for name, source in registry.items() if source.used_as
    ]
    unknown = [name for name in asked if name not in registry]
    if unknown:
        raise FetchError(
            Problem(
                file=name,
                found="no source of that name",
                expected=f"one of {', '.join(registry)}",
                action="correct the name, or see arrest-atlas fetch --list",
            )
            for name in unknown
        )
    return tuple(registry[name] for name in asked)


class _Troubles(Exception):  # noqa: N818
    """What happened at each address of a source."""

    def __init__(self, by_url: list[tuple[str, Trouble]]) -> None:
        super().__init__(str(by_url))
        self.by_url = by_url


@dataclass(frozen=True)
class _Fetcher:
    places: Places
    session: requests.Session
    patience: Patience
    progress: Progress

    def from_cache(self, source: DataSource) -> Fetched:
        fetched = fetched_file(source, self.places)
        if fetched is None:
            action = f"run without --offline: arrest-atlas fetch {source.name}"
            if source.by_hand:
                action = _by_hand(source)
            raise Trouble(
                found="no file in the cache", expected="one fetched before", action=action
            )
        return fetched

    def from_anywhere(self, source: DataSource, *, update: bool) -> Fetched:
        entry = entry_of(read_lock_file(self.places.lock_file), source)
        if not update:
            try:
                fetched = fetched_file(source, self.places)
            except Trouble:
                fetched = None  # damaged, or never recorded: it is replaced
            if fetched is not None:
                return fetched
        if source.by_hand:
            raise Trouble(
                found="no address to fetch it from", expected="a person", action=_by_hand(source)
            )
        wanted = source.sha256 or (entry.sha256 if entry and not update else "")
        return self._from_network(source, wanted)

    def _from_network(self, source: DataSource, wanted: str) -> Fetched:
        failed = []
        for url in source.urls:
            part = PartialFile(self.places.partial, source.name)
            try:
                version, digest = self._received(source, url, part, wanted)
            except Trouble as trouble:
                failed.append((url, trouble))
                continue
            with _on_disk(self.places.root):
                return self._kept(source, part, version, digest)
        raise _Troubles(failed)

    def _received(
        self, source: DataSource, url: str, part: PartialFile, wanted: str, *, again: bool = True
    ) -> tuple[Version, str]:
        """Receive a file and check it; what does not pass is deleted, and asked for once more."""
        version = download(
            source,
            url,
            part,
            session=self.session,
            patience=self.patience,
            progress=self.progress,
            known=bool(wanted),
        )
        self.progress(f"{source.name}: checking")
        digest = digest_of(part.path)
        try:
            if wanted and digest != wanted:
                raise _other_digest(source, digest, wanted)
            check_content(part.path, Path(source.file).suffix)
        except Trouble:
            part.discard()
            if again and part.resumed:  # the beginning may have been of another file
                return self._received(source, url, part, wanted, again=False)
            raise
        return version, digest

    def _kept(
        self, source: DataSource, part: PartialFile, version: Version, digest: str
    ) -> Fetched:
        """Record a file, then let it appear: no file is ever there that nobody vouches for."""
        folder = self.places.folder(source)
        folder.mkdir(parents=True, exist_ok=True)
        for stray in folder.iterdir():
            if stray.name != source.file:  # left by a process that was killed
                stray.unlink()
        entry = Entry(
            file=source.file,
            asked=source.urls,
            url=urlunsplit(urlsplit(version.url)._replace(query="", fragment="")),
            sha256=digest,
            size=part.size,
            fetched=datetime.now(UTC).isoformat(timespec="seconds"),
            last_modified=version.last_modified,
        )
        with self.places.alone(self.places.lock_file.name, self.progress):
            write_entry(self.places.lock_file, source.name, entry)
        with _quiet_pooch():
            pooch.retrieve(
                version.url,
                known_hash=f"sha256:{digest}",
                fname=source.file,
                path=folder,
                downloader=_handed_over(part),
            )
        part.discard()
        sync_folder(folder)
        return Fetched(source=source, path=folder / source.file, entry=entry, downloaded=True)


def _by_hand(source: DataSource) -> str:
    return f"{source.by_hand} ({source.page})"


def _handed_over(part: PartialFile) -> Callable[[str, str, object], None]:
    """Give pooch the received file in place of a download."""

    def _move(_: str, output_file: str, __: object) -> None:
        part.path.replace(output_file)

    return _move


def _other_digest(source: DataSource, digest: str, wanted: str) -> Trouble:
    if source.sha256:
        return Trouble(
            found=f"a file with SHA-256 {digest}",
            expected=f"{wanted}, as the register pins it",
            action=f"do not use it: it was altered, or replaced; see the {_PAGE}",
        )
    return Trouble(
        found=f"a file with SHA-256 {digest}",
        expected=f"{wanted}, as recorded at the first fetch",
        action=f"the publisher may have replaced it: to take the new one, "
        f"arrest-atlas fetch {source.name} --update",
    )


def _problem(source: DataSource, url: str, trouble: Trouble) -> Problem:
    trouble.action = trouble.action.replace(_PAGE, f"{_PAGE}, {source.page}")
    return problem_of(source.name, url, trouble)


@contextmanager
def _on_disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise disk_trouble(error, folder) from error


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Keep pooch from writing to stderr, where our progress is."""
    logger = pooch.get_logger()
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
