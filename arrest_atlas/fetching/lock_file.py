"""The lock file: what was fetched first, so that later runs notice any change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from arrest_atlas.fetching.errors import Trouble
from arrest_atlas.fetching.places import write_whole
from arrest_atlas.fetching.registry import DataSource

__all__ = ["Entry", "entry_of", "read_lock_file", "write_entry"]

_FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is recorded of a source.

    Attributes
    ----------
    file : str
        Name of the file.
    asked : tuple of str
        Addresses of the register then; if it has others now, the entry is of another file.
    url : str
        Address that gave the file, after every redirection, without what signs it.
    sha256 : str
        Digest of the file's bytes.
    size : int
        Its bytes.
    fetched : str
        Day and time (UTC, ISO 8601).
    last_modified : str
        What the server said of the file's age; may be empty.
    """

    file: str
    asked: tuple[str, ...]
    url: str
    sha256: str
    size: int
    fetched: str
    last_modified: str = ""


def read_lock_file(path: Path) -> dict[str, Entry]:
    """Read what was recorded.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; where it does not exist, nothing was fetched.

    Returns
    -------
    dict of str to Entry
        Entries by name of the source.

    Raises
    ------
    Trouble
        If it is no lock file: nothing can be checked by it then.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            raise ValueError(f"format {found['format']}")  # noqa: EM102, TRY003, TRY301
        return {name: _entry(fields_of) for name, fields_of in found["sources"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Trouble(
            found=f"a lock file that cannot be read, {path} ({type(error).__name__}: {error})",
            expected="what an earlier fetch recorded",
            action="restore it from a copy; or delete it, and fetch anew without its checks",
        ) from error


def _entry(found: Mapping[str, Any]) -> Entry:
    entry = Entry(**{**found, "asked": tuple(found["asked"])})
    texts = (getattr(entry, each.name) for each in fields(Entry) if each.type == "str")
    if not all(isinstance(text, str) for text in texts) or not isinstance(entry.size, int):
        raise TypeError(str(found))
    return entry


def entry_of(entries: Mapping[str, Entry], source: DataSource) -> Entry | None:
    """Look up what is recorded of a source as the register has it now.

    Parameters
    ----------
    entries : mapping of str to Entry
        The lock file.
    source : DataSource
        The source.

    Returns
    -------
    Entry or None
        None if nothing is recorded, or of another file: of another name, other addresses,
        or another digest than the register pins.
    """
    entry = entries.get(source.name)
    if entry is None or (entry.file, entry.asked) != (source.file, source.urls):
        return None
    if source.sha256 and entry.sha256 != source.sha256:
        return None
    return entry


def write_entry(path: Path, name: str, entry: Entry) -> None:
    """Record a source, beside the others.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; no other process writes it meanwhile.
    name : str
        The source.
    entry : Entry
        What to record.
    """
    entries = {**read_lock_file(path), name: entry}
    sources = {each: asdict(entries[each]) for each in sorted(entries)}
    write_whole(path, json.dumps({"format": _FORMAT, "sources": sources}, indent=2) + "\n")
