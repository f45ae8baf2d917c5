"""From an address to a whole file on disk, in as many attempts as it takes."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import requests

from arrest_atlas.analysis import Progress
from arrest_atlas.fetching.errors import Trouble
from arrest_atlas.fetching.partial_file import PartialFile, Version
from arrest_atlas.fetching.registry import DataSource
from arrest_atlas.fetching.transport import (
    Patience,
    check_status,
    look_up,
    open_url,
    words_of_network,
)

__all__ = ["download", "megabytes"]

_CHUNK: Final = 1 << 18
_RANGE = re.compile(r"bytes (?P<first>\d+)-\d+/(?P<whole>\d+)")
_UNSATISFIED = re.compile(r"bytes \*/(?P<whole>\d+)")
_WORTH: Final = 1 << 20
"""Bytes that make an attempt worth another, however many failed before."""


def download(
    source: DataSource,
    url: str,
    part: PartialFile,
    *,
    session: requests.Session,
    patience: Patience,
    progress: Progress,
    known: bool,
) -> Version:
    """Download a file, going on where an earlier attempt stopped.

    Parameters
    ----------
    source : DataSource
        What it is.
    url : str
        One of its addresses.
    part : PartialFile
        Where it goes.
    session : requests.Session
        Connections.
    patience : Patience
        How long to wait, and how often to ask again.
    progress : callable
        Is told how far it got, and what it waits for.
    known : bool
        Whether the file's digest is known. If not, the server must say how long the file
        is: nothing else would tell that some of it is missing.

    Returns
    -------
    Version
        Which file was received; it is whole.

    Raises
    ------
    Trouble
        If it cannot be had.
    """
    failures = 0
    while True:
        before = part.size
        try:
            return _attempt(
                source,
                url,
                part,
                session=session,
                patience=patience,
                progress=progress,
                known=known,
            )
        except Trouble as trouble:
            failures = 1 if part.size - before >= _WORTH else failures + 1
            if not trouble.passing or failures >= patience.attempts:
                raise
            wait = min(patience.longest_wait, patience.first_wait * 2 ** (failures - 1))
            wait = min(patience.longest_wait, max(wait, trouble.wait))
            progress(f"{source.name}: {trouble.found}; trying again in {wait:.0f} s")
            time.sleep(wait)


def _attempt(
    source: DataSource,
    url: str,
    part: PartialFile,
    *,
    session: requests.Session,
    patience: Patience,
    progress: Progress,
    known: bool,
) -> Version:
    address = url
    if source.link:
        progress(f"{source.name}: looking up the address")
        address = look_up(session, url, source.link, patience=patience)
    earlier = part.resume(url)
    headers = {}
    if earlier is not None:
        headers = {"Range": f"bytes={part.size}-", "If-Range": earlier.condition}
    with open_url(session, address, headers=headers, patience=patience) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return _already_whole(response, part, earlier)
        check_status(response)
        version = _version(url, response)
        whole = _length(response, part, earlier, version)
        if whole is None and not known and not _is_chunked(response):
            raise Trouble(
                found="an answer that does not say how long the file is",
                expected="its length, since nothing else would tell that some of it is missing",
                action="download it by hand from the page of the publisher",
            )
        _check_room(part, whole)
        with part.open(version):
            for data in _pieces(response, patience):
                part.write(data)
                progress(_how_far(source, part.size, whole or source.size))
    if whole is not None and part.size != whole:
        _start_over(part, f"{part.size:,} bytes, where the server announced {whole:,}")
    return version


def _version(asked: str, response: requests.Response) -> Version:
    etag = response.headers.get("ETag", "")
    return Version(
        asked=asked,
        url=response.url,
        etag="" if etag.startswith("W/") else etag,  # a weak mark does not vouch for bytes
        last_modified=response.headers.get("Last-Modified", ""),
    )


def _length(
    response: requests.Response, part: PartialFile, earlier: Version | None, version: Version
) -> int | None:
    """Tell how long the whole file is, and whether the answer goes on where `part` ends."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Trouble(
            found="a file compressed for the way, though asked not to",
            expected="the file as it is",
            action="download it by hand from the page of the publisher",
        )
    if response.status_code == requests.codes.ok:
        part.discard()  # the server knows no ranges, or the file has changed
        length = response.headers.get("Content-Length", "")
        return int(length) if length.isdigit() and not _is_chunked(response) else None
    ranges = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    same = earlier is not None and version.condition in {"", earlier.condition}
    if ranges is None or int(ranges["first"]) != part.size or not same:
        _start_over(part, "a part of the file that does not fit to what is there")
        return None
    return int(ranges["whole"])


def _already_whole(
    response: requests.Response, part: PartialFile, earlier: Version | None
) -> Version:
    """There is nothing behind the last byte: because it is the last, or the file is another."""
    ranges = _UNSATISFIED.fullmatch(response.headers.get("Content-Range", ""))
    version = _version("", response)
    if (
        earlier is not None
        and ranges is not None
        and int(ranges["whole"]) == part.size
        and version.condition in {"", earlier.condition}
    ):
        return earlier
    _start_over(part, "a file that is shorter than before")
    return Version(asked="")


def _start_over(part: PartialFile, found: str) -> None:
    part.discard()
    action = "run the command again"
    raise Trouble(found=found, expected="the whole file", action=action, passing=True)


def _is_chunked(response: requests.Response) -> bool:
    return "chunked" in response.headers.get("Transfer-Encoding", "").lower()


def _check_room(part: PartialFile, whole: int | None) -> None:
    """Say at once what the disk would say at the end."""
    folder = part.path.parent
    needed = (whole or 0) - part.size
    free = shutil.disk_usage(_existing(folder)).free
    if needed > free:
        part.discard()
        raise Trouble(
            found=f"{megabytes(free)} free in {folder}",
            expected=f"room for {megabytes(needed)}",
            action="free some space, or choose another folder with --cache",
        )


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _pieces(response: requests.Response, patience: Patience) -> Iterator[bytes]:
    """Give the bytes as they come, as long as they come fast enough."""
    since, received = time.monotonic(), 0
    while True:
        with words_of_network(response.url):
            data = response.raw.read1(_CHUNK, decode_content=False)
        if not data:
            return
        yield data
        received += len(data)
        now = time.monotonic()
        if now - since >= patience.window:
            if received < patience.slowest * (now - since):
                raise Trouble(
                    found=f"{received:,} bytes in {now - since:.0f} s",
                    expected=f"{patience.slowest:.0f} bytes a second at least",
                    action="run the command again later: it goes on where it stopped",
                    passing=True,
                )
            since, received = now, 0


def _how_far(source: DataSource, size: int, whole: int) -> str:
    if not whole:
        return f"{source.name}: {megabytes(size)}"
    percent = min(100 * size // whole, 100)
    return f"{source.name}: {megabytes(size)} of {megabytes(whole)} ({percent} %)"


def megabytes(size: int) -> str:
    """Write a number of bytes for people.

    Parameters
    ----------
    size : int
        Bytes.

    Returns
    -------
    str
        In megabytes.

    Examples
    --------
    >>> megabytes(106_754_028)
    '106.8 MB'
    """
    return f"{size / 1e6:,.1f} MB"
