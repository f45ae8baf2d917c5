"""Tables and layers as files that bear a note, by which a later run knows its own."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError

from geo import Problem

__all__ = [
    "gdal_leaves_no_trace",
    "overwrite_problems",
    "same_file",
    "suffix_problems",
    "without_formulas",
    "write_csv",
    "write_parquet",
    "written_by",
]

_KEY: Final = b"arrest_atlas"
_HEAD: Final = 4_096
"""Bytes of a text file within which the note stands."""

_DESCRIPTION: Final = re.compile(rb'"description"\s*:\s*"')
_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r]")


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
    return one.resolve() == other.resolve()


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Put a quotation mark before texts that a spreadsheet would take for formulas.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table.

    Returns
    -------
    pandas.DataFrame
        The same, save for these texts.

    Examples
    --------
    >>> without_formulas(pd.DataFrame({"name": ["=1+1", "Rusk", None], "n": [-1, 2, 3]}))
          name  n
    0  '=1+1 -1
    1     Rusk  2
    2      NaN  3
    """
    table = table.copy()
    for name in table.select_dtypes(["str", "object", "category"]).columns:
        # A long column holds few distinct texts.
        texts = table[name].dropna().unique()
        safe = {text: f"'{text}" for text in texts if _FORMULA.match(str(text))}
        if safe:
            table[name] = table[name].map({text: text for text in texts} | safe)
    return table


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


def write_parquet(table: pd.DataFrame, path: Path, note: str) -> None:
    """Write a table as Parquet, a layer as GeoParquet, with a note in the metadata.

    Parameters
    ----------
    table : pandas.DataFrame or geopandas.GeoDataFrame
        The index is left out.
    path : pathlib.Path
        File to write.
    note : str
        Which command wrote it, and what it is.
    """
    if isinstance(table, gpd.GeoDataFrame):
        table.to_parquet(path, index=False)
        whole = parquet.read_table(path)
    else:
        whole = pa.Table.from_pandas(table, preserve_index=False)
    metadata = {**(whole.schema.metadata or {}), _KEY: note.encode()}
    parquet.write_table(whole.replace_schema_metadata(metadata), path)


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
        note: bytes = (parquet.read_schema(path).metadata or {}).get(_KEY, b"")
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
