"""A file on its way: how much of it is safely on disk, and which file it is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final

from arrest_atlas.fetching.places import disk_trouble, scratch_of, write_whole

__all__ = ["PartialFile", "Version"]

_SAFE_EVERY: Final = 8 << 20
"""Bytes after which the disk is asked to keep what it got."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """Which file a server sends.

    Attributes
    ----------
    asked : str
        The address of the register.
    url : str
        The address that answered.
    etag : str
        The server's strong mark of the file's bytes, or empty.
    last_modified : str
        When the server says that the file changed, or empty.
    """

    asked: str
    url: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def condition(self) -> str:
        """Say what must still hold for the rest of the file to fit.

        Returns
        -------
        str
            A mark or a time for If-Range; empty where nothing can tell.
        """
        return self.etag or self.last_modified


class PartialFile:
    """The bytes of a file received so far, and a note of how many of them are safe.

    What is not noted counts for nothing: after a power cut the file may be longer than what
    the disk has, with zeros for the rest.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of files on their way.
    name : str
        The source.

    Attributes
    ----------
    path : pathlib.Path
        Where the bytes are.
    size : int
        How many there are.
    resumed : bool
        Whether they came in more than one piece.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.part"
        self._note = folder / f"{name}.json"
        self._stream: BinaryIO | None = None
        self._version = Version(asked="")
        self.size = 0
        self.resumed = False
        self._safe = 0

    def resume(self, asked: str) -> Version | None:
        """Look for the beginning of the file, left by an earlier attempt.

        Parameters
        ----------
        asked : str
            The address; what came from another is of no use.

        Returns
        -------
        Version or None
            Which file it is; None if there is nothing to go on with. Then `size` is 0.
        """
        self.size = self._safe = 0
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            version, size = Version(**note["version"]), int(note["size"])
            enough = self.path.stat().st_size >= size > 0
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not enough or version.asked != asked or not version.condition:
            return None
        self.size = self._safe = size
        return version

    @contextmanager
    def open(self, version: Version) -> Iterator[None]:
        """Write from `size` on.

        Parameters
        ----------
        version : Version
            Which file it is.

        Yields
        ------
        None
            Meanwhile :meth:`write` may be called. Afterwards, whatever ended it, what was
            written is safe and noted.
        """
        self._version = version
        self.resumed = self.size > 0
        with self._on_disk():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.size:
                self._note.unlink(missing_ok=True)  # it is of what is overwritten now
            self._stream = self.path.open("r+b" if self.size else "wb")
            self._stream.truncate(self.size)
            self._stream.seek(self.size)
        try:
            yield
        finally:
            with self._on_disk():
                try:
                    self._keep()
                finally:
                    self._stream.close()

    def write(self, data: bytes) -> None:
        """Add bytes.

        Parameters
        ----------
        data : bytes
            The next ones.
        """
        if self._stream is None:
            message = "write() outside of open()"
            raise RuntimeError(message)
        with self._on_disk():
            self._stream.write(data)
            self.size += len(data)
            if self.size - self._safe >= _SAFE_EVERY:
                self._keep()

    def discard(self) -> None:
        """Delete it."""
        self.size = self._safe = 0
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        scratch_of(self._note).unlink(missing_ok=True)

    def _keep(self) -> None:
        if self._stream is None or self._stream.closed:
            return
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._safe = self.size
        note = {"version": asdict(self._version), "size": self._safe}
        write_whole(self._note, json.dumps(note))

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """If the disk refuses, give back what was taken of it, and say so."""
        try:
            yield
        except OSError as error:
            if self._stream is not None:
                with suppress(OSError):  # what could not be written cannot be flushed, either
                    self._stream.close()
            self.discard()
            raise disk_trouble(error, self.path.parent) from error
