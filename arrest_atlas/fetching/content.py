"""Whether a file is of the kind that its name says: servers answer with pages, too."""

from __future__ import annotations

import codecs
import zipfile
from pathlib import Path
from typing import Final

from arrest_atlas.fetching.errors import Trouble

__all__ = ["check_content"]

_MARKED: Final = {".parquet": b"PAR1"}
_ARCHIVES: Final = (".xlsx", ".zip")


def check_content(path: Path, suffix: str) -> None:
    """Refuse a file that is not of its kind.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    suffix : str
        Its kind, such as ``.csv``.

    Raises
    ------
    Trouble
        If it is empty, a web page, or not whole.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(512)
        stream.seek(max(0, size - 512))
        end = stream.read()
    beginning = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if not beginning:
        found = "an empty file"
    elif beginning.startswith((b"<!doctype html", b"<html", b"<?xml", b"<error")):
        found = "a web page or a message of the server"
    elif not _is_whole(path, suffix, start, end):
        found = "content of another kind, or not whole"
    else:
        return
    raise Trouble(
        found=found,
        expected=f"a {suffix} file",
        action="open the page of the publisher: the file may have moved",
    )


def _is_whole(path: Path, suffix: str, start: bytes, end: bytes) -> bool:
    if suffix in _MARKED:
        return start.startswith(_MARKED[suffix]) and end.endswith(_MARKED[suffix])
    return suffix not in _ARCHIVES or zipfile.is_zipfile(path)
