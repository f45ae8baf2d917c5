"""Files that bear a note, by which a later run knows its own."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
import pyogrio
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError

from geo import Problem
from outputs import OutputError, check_file
from outputs.tables import NOTE_KEY

__all__ = [
    "gdal_leaves_no_trace",
    "out_problems",
    "overwrite_problems",
    "place_problems",
    "same_file",
    "suffix_problems",
    "write_csv",
    "written_by",
]

_HEAD: Final = 4_096
"""Bytes of a text file within which the note stands."""

_DESCRIPTION: Final = re.compile(rb'"description"\s*:\s*"')


def suffix_problems(path: Path, suffixes: Sequence[str], *, option: str = "--out") -> list[Problem]:
    """Report a file of a type that a command does not write.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    suffixes : sequence of str
        Types that the command writes.
    option : str, default "--out"
        What names the file.

    Returns
    -------
    list of Problem
        One, or none.

    Examples
    --------
    >>> suffix_problems(Path("map.CSV"), [".csv"])
    []
    """
    if path.suffix.lower() in suffixes:
        return []
    problem = Problem(
        file=option,
        found=f"{path.name!r}",
        expected=f"a file name ending in {', '.join(suffixes)}",
        action="change the option",
    )
    return [problem]


def overwrite_problems(
    path: Path, inputs: Iterable[Path], *, option: str = "--out"
) -> list[Problem]:
    """Report a file to write that is one of those to be read, in whatever way it is named.

    Parameters
    ----------
    path : pathlib.Path
        The file to write.
    inputs : iterable of pathlib.Path
        The files to be read.
    option : str, default "--out"
        What names the file to write.

    Returns
    -------
    list of Problem
        One, or none.

    Examples
    --------
    >>> overwrite_problems(Path("a.csv"), [Path("b.csv")])
    []
    >>> print(overwrite_problems(Path("a.csv"), [Path("../" + Path.cwd().name + "/a.csv")])[0])
    --out: found 'a.csv', which is to be read; expected another file; change the option
    """
    if not any(same_file(path, each) for each in inputs):
        return []
    problem = Problem(
        file=option,
        found=f"{path.name!r}, which is to be read",
        expected="another file",
        action="change the option",
    )
    return [problem]


def place_problems(
    path: Path, ours: Callable[[Path], bool], *, option: str = "--out"
) -> list[Problem]:
    """Report what stands where a file is to be written, or that nothing can be written there.

    Parameters
    ----------
    path : pathlib.Path
        The file to write.
    ours : callable
        Tells whether an earlier run wrote what stands there, so that it may be replaced.
    option : str, default "--out"
        What names the file to write.

    Returns
    -------
    list of Problem
        One, or none.

    Examples
    --------
    >>> import tempfile
    >>> place_problems(Path(tempfile.mkdtemp()) / "new.csv", lambda path: False)
    []
    """
    try:
        check_file(path, ours=ours, option=option)
    except OutputError as error:
        # Says what is found, what is expected and what to do, in this order.
        found, expected, action = str(error).rsplit("; ", 2)
        found, expected = found.removeprefix("found "), expected.removeprefix("expected ")
        return [Problem(file=option, found=found, expected=expected, action=action)]
    return []


def out_problems(
    path: Path,
    suffixes: Sequence[str],
    inputs: Iterable[Path],
    *,
    ours: Callable[[Path], bool],
    option: str = "--out",
) -> list[Problem]:
    """Report what keeps a file from being written; of its place only the first reason.

    Parameters
    ----------
    path : pathlib.Path
        The file to write.
    suffixes : sequence of str
        Types that the command writes.
    inputs : iterable of pathlib.Path
        The files to be read.
    ours : callable
        Tells whether an earlier run wrote what stands there.
    option : str, default "--out"
        What names the file to write.

    Returns
    -------
    list of Problem
        None where the file can be written.

    Examples
    --------
    >>> problems = out_problems(Path("a.txt"), [".csv"], [Path("a.txt")], ours=Path.is_file)
    >>> [problem.found for problem in problems]
    ["'a.txt'", "'a.txt', which is to be read"]
    """
    try:
        path.is_file()
    except OSError as error:  # the name is longer than the system takes, say
        problem = Problem(
            file=option,
            found=f"a name that the system does not take ({error.strerror})",
            expected="the name of a file",
            action="change the option",
        )
        return [problem]
    problems = suffix_problems(path, suffixes, option=option)
    problems += overwrite_problems(path, inputs, option=option)
    return problems or place_problems(path, ours, option=option)


def same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths are of one file, which need not exist.

    Parameters
    ----------
    one, other : pathlib.Path
        The paths; links are followed.

    Returns
    -------
    bool
        True, too, for two names (hard links, capitals) of one file that exists.

    Examples
    --------
    >>> same_file(Path("a.csv"), Path("./a.csv"))
    True
    """
    if one.exists() and other.exists():
        return one.samefile(other)
    # Unlike Path.resolve, this ends where links lead in a circle.
    return os.path.realpath(one) == os.path.realpath(other)


def write_csv(table: pd.DataFrame, path: Path, note: str) -> None:
    """Write a table as CSV, with a note in the first column of every row.

    Parameters
    ----------
    table : pandas.DataFrame
        At least one row; the index is left out.
    path : pathlib.Path
        File to write.
    note : str
        Which command wrote it, and what it is.
    """
    noted = table.copy()
    noted.insert(0, "note", note, allow_duplicates=True)
    noted.to_csv(path, index=False, lineterminator="\n")


def written_by(path: Path, *, marks: Sequence[str], layers: Sequence[str] = ()) -> bool:
    """Tell whether an earlier run of a command wrote a file.

    Parameters
    ----------
    path : pathlib.Path
        GeoPackage, Parquet, GeoJSON or CSV; its ending says which.
    marks : sequence of str
        How notes of the command begin: titles of a GeoPackage, descriptions of a GeoJSON.
    layers : sequence of str, optional
        Layers of its GeoPackages in order; the last may be absent.

    Returns
    -------
    bool
        False, too, for what is no such file or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "table.csv"
    >>> write_csv(pd.DataFrame({"n": [1]}), path, "arrest-atlas crime: homicide, 2016")
    >>> written_by(path, marks=["arrest-atlas crime"])
    True
    >>> written_by(path, marks=["arrest-atlas incidents"])
    False
    """
    if not path.is_file():
        return False  # a pipe would never answer
    try:
        return _note_of(path, layers).startswith(tuple(mark.encode() for mark in marks))
    except (OSError, ValueError, DataSourceError, DataLayerError, pa.ArrowException):
        return False


def _note_of(path: Path, layers: Sequence[str]) -> bytes:
    """Find the note of a file, or what stands in its place."""
    suffix = path.suffix.lower()
    if suffix == ".gpkg":
        return _title_of(path, layers)
    if suffix == ".parquet":
        note: bytes = (parquet.read_schema(path).metadata or {}).get(NOTE_KEY, b"")
        return note
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if suffix == ".csv":
        first, _, second = head.partition(b"\n")
        return second.lstrip(b'"') if first.startswith(b"note,") else b""
    said = _DESCRIPTION.search(head)
    return head[said.end() :] if said else b""


def _title_of(path: Path, layers: Sequence[str]) -> bytes:
    """Read the title of a GeoPackage, if its layers are those that were written."""
    with gdal_leaves_no_trace():
        found = pyogrio.list_layers(path)[:, 0].tolist()
        if not found or found != list(layers[: len(found)]):
            return b""
        told = pyogrio.read_info(path, layer=found[0])["dataset_metadata"] or {}
    return str(told.get("title", "")).encode()


@contextmanager
def gdal_leaves_no_trace() -> Iterator[None]:
    """Open a file without a file of GDAL's own beside it, and without its remarks.

    Opening a GeoPackage with metadata writes an ``.aux.xml``. What GDAL remarks on
    (measures, open rings) does not touch a test of values.

    Yields
    ------
    None
        For the length of the block.
    """
    option = "GDAL_PAM_ENABLED"
    before = pyogrio.get_gdal_config_option(option)
    pyogrio.set_gdal_config_options({option: False})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        pyogrio.set_gdal_config_options({option: before})
