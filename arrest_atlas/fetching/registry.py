"""The register of official sources: what can be fetched, from where, under which licence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from geo import InputError, Problem

__all__ = ["DataSource", "Role", "load_registry", "read_registry"]

Role = Literal["arrests", "crime", ""]
_ROLES: Final = get_args(Role)

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.[a-z]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """A file of an official publisher.

    Attributes
    ----------
    name : str
        What to call it: ``arrest-atlas fetch NAME``.
    title : str
        The publisher's name for it.
    used_for : str
        What it is good for here.
    publisher : str
        Who publishes it.
    page : str
        The page where a person finds it.
    licence : str
        Under what terms.
    citation : str
        How to cite it.
    file : str
        Name of the file in the cache.
    urls : tuple of str
        Where it is, the first that answers; empty where it cannot be fetched without a
        person (`by_hand` says how).
    link : str
        If not empty, the `urls` are not those of the file but of a page or a service that
        names it: the first group of this regular expression, in what they answer.
    by_hand : str
        What a person must do where there is no address.
    sha256 : str
        Digest that the file must have; empty where the publisher replaces the file, or
        nobody could vouch for one: then the first fetch records it.
    size : int
        Bytes when it was last seen, 0 where not known. Told to the user, not checked.
    seen : datetime.date or None
        When somebody last reported that the address worked.
    used_as : {"arrests", "crime", ""}
        What ``arrest-atlas run`` takes it for where the user gives no file.
    layout : str
        For crime: the known layout of the file (`geo.crime.known_layouts`).
    note : str
        What else to know.
    """

    name: str
    title: str
    used_for: str
    publisher: str
    page: str
    licence: str
    citation: str
    file: str
    urls: tuple[str, ...] = ()
    link: str = ""
    by_hand: str = ""
    sha256: str = ""
    size: int = 0
    seen: date | None = None
    used_as: Role = ""
    layout: str = ""
    note: str = ""


_REQUIRED: Final = tuple(
    each.name for each in fields(DataSource) if each.default is MISSING and each.name != "name"
)
_TYPES: Final[Mapping[str, type]] = {"urls": list, "size": int, "seen": date}


def load_registry() -> dict[str, DataSource]:
    """Load the register that travels with the package.

    Returns
    -------
    dict of str to DataSource
        Sources by name, in the order of the file.

    Examples
    --------
    >>> load_registry()["arrests"].publisher
    'Deportation Data Project'
    """
    with as_file(files("arrest_atlas.fetching") / "sources.toml") as path:
        return read_registry(path)


def read_registry(path: str | Path) -> dict[str, DataSource]:
    r"""Read a register of sources.

    Parameters
    ----------
    path : str or pathlib.Path
        TOML file with a table ``[NAME]`` a source, its keys those of `DataSource`.

    Returns
    -------
    dict of str to DataSource
        Sources by name, in the order of the file.

    Raises
    ------
    InputError
        With every problem at once: no TOML, keys missing, unknown or of another type,
        addresses that are not HTTPS, names that are none, two sources for one use.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "sources.toml"
    >>> _ = path.write_text('[crime]\nurls = ["http://example.org/crime.csv"]\n')
    >>> read_registry(path)
    Traceback (most recent call last):
    geo.errors.InputError: sources.toml, source crime: found no title; expected ...
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            entries = tomllib.load(stream)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = Problem(
            file=path.name,
            found=f"content that cannot be read ({error})",
            expected="a table of TOML for each source",
            action="correct the file",
        )
        raise InputError([problem]) from error
    problems = [
        Problem(file=path.name, where=f"source {name}", found=found, expected=expected, action=do)
        for name, entry in entries.items()
        for found, expected, do in _wrong(name, entry)
    ]
    if problems:
        raise InputError(problems)
    sources = {name: _source(name, entry) for name, entry in entries.items()}
    _check_roles(path.name, sources)
    return sources


def _source(name: str, entry: Mapping[str, Any]) -> DataSource:
    return DataSource(name=name, **{**entry, "urls": tuple(entry.get("urls", ()))})


def _wrong(name: str, entry: Any) -> Iterator[tuple[str, str, str]]:
    """Say what is wrong with an entry: found, expected, what to do."""
    if not _NAME.fullmatch(name):
        yield f"the name {name!r}", "small letters, digits and hyphens", "rename the source"
    if not isinstance(entry, dict):
        yield f"{entry!r}", "a table of keys", "write the source as a table"
        return
    known = {each.name for each in fields(DataSource)} - {"name"}
    for key in sorted(set(entry) - known):
        yield f"the key {key!r}", f"one of {', '.join(sorted(known))}", "correct or remove it"
    for key in _REQUIRED:
        if not entry.get(key):
            yield f"no {key}", "one, since a user must know it", f"write {key}"
    for key in sorted(set(entry) & known):
        kind = _TYPES.get(key, str)
        if not isinstance(entry[key], kind):
            yield f"{key} = {entry[key]!r}", f"a value of type {kind.__name__}", "correct it"
            return
    yield from _wrong_place(entry)
    yield from _wrong_words(entry)


def _wrong_place(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    urls = entry.get("urls", [])
    if bool(urls) == bool(entry.get("by_hand")):
        yield "urls and by_hand" if urls else "neither urls nor by_hand", "one of the two", "add it"
    for url in [*urls, entry.get("page", "https://a")]:
        if not isinstance(url, str) or urlsplit(url).scheme != "https" or not urlsplit(url).netloc:
            yield f"the address {url!r}", "an address that begins with https://", "correct it"
    if "link" in entry:
        try:
            groups = re.compile(entry["link"]).groups
        except re.error:
            groups = 0
        if groups != 1:
            expected = "a regular expression with one group, around the address"
            yield f"link = {entry['link']!r}", expected, "correct it"


def _wrong_words(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if not _FILE.fullmatch(entry.get("file", "a.csv")):
        expected = "a name such as arrests.csv, without a folder"
        yield f"file = {entry['file']!r}", expected, "correct it"
    if not _DIGEST.fullmatch(entry.get("sha256", "0" * 64)):
        expected = "64 hexadecimal digits in small letters"
        yield f"sha256 = {entry['sha256']!r}", expected, "correct it, or leave it out if unknown"
    if entry.get("used_as", "") not in _ROLES:
        expected = f"one of {', '.join(filter(None, _ROLES))}"
        yield f"used_as = {entry['used_as']!r}", expected, "correct it, or leave it out"


def _check_roles(file: str, sources: Mapping[str, DataSource]) -> None:
    problems = []
    for role in filter(None, _ROLES):
        names = [name for name, source in sources.items() if source.used_as == role]
        if len(names) > 1:
            problems.append(
                Problem(
                    file=file,
                    found=f"{' and '.join(names)}, each used as {role}",
                    expected="one, since a run takes one",
                    action="leave used_as out of the others",
                )
            )
    if problems:
        raise InputError(problems)
