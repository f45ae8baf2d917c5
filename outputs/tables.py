"""Layers as files for every other program: GeoParquet and CSV."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from outputs.errors import OutputError
from outputs.layer_words import ColumnWords, LayerWords

__all__ = ["NOTE_KEY", "without_formulas", "write_parquet", "write_tables"]

NOTE_KEY: Final = b"arrest_atlas"
"""Key of the note in the metadata of Parquet."""

_FORMULA: Final = re.compile(r"\s*[=+\-@\t\r]")
_FILE_NAME: Final = re.compile(r"\w+")


def write_tables(
    folder: Path,
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    *,
    words: Mapping[str, LayerWords] | None = None,
) -> None:
    r"""Write every layer as CSV and as Parquet, which is GeoParquet where it has geometry.

    Parameters
    ----------
    folder : pathlib.Path
        Folder to write into; made where it does not exist.
    layers : mapping of str to geopandas.GeoDataFrame or pandas.DataFrame
        Layers by name. A named index becomes the first column. CSV has no geometry, is
        UTF-8 with ``\n`` at the end of lines, and in texts that a spreadsheet would take
        for formulas a quotation mark before them.
    words : mapping of str to LayerWords, optional
        By layer; Parquet keeps them in its metadata: title and abstract as
        ``arrest_atlas``, meaning and unit of each column in that of its field.

    Raises
    ------
    OutputError
        If a layer's name is no name for a file, or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "tables"
    >>> write_tables(folder, {"places": pd.DataFrame({"name": ["=1+1"], "n": [1]})})
    >>> sorted(path.name for path in folder.iterdir())
    ['places.csv', 'places.parquet']
    >>> print((folder / "places.csv").read_text(), end="")
    name,n
    '=1+1,1
    """
    if strange := [name for name in layers if not _FILE_NAME.fullmatch(name)]:
        message = f"found a layer {strange[0]!r}; expected letters, digits and _; name it otherwise"
        raise OutputError(message)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, layer in layers.items():
            table = layer if layer.index.name is None else layer.reset_index()
            said = (words or {}).get(name, LayerWords(title=name))
            note = f"{said.title}. {said.abstract}".strip()
            write_parquet(table, folder / f"{name}.parquet", note, columns=said.columns)
            if isinstance(table, gpd.GeoDataFrame):
                table = pd.DataFrame(table.drop(columns=table.geometry.name))
            safe = without_formulas(table)
            safe.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    except OSError as error:
        message = (
            f"found that {folder.name} cannot be written ({error.strerror or error}); expected "
            "space and permission for it; make room, or choose another folder"
        )
        raise OutputError(message) from error


def write_parquet(
    table: pd.DataFrame,
    path: Path,
    note: str,
    *,
    columns: Mapping[str, ColumnWords] | None = None,
) -> None:
    """Write a table as Parquet, a layer as GeoParquet, with a note in the metadata.

    Parameters
    ----------
    table : pandas.DataFrame or geopandas.GeoDataFrame
        The index is left out.
    path : pathlib.Path
        File to write.
    note : str
        What it is, and what wrote it.
    columns : mapping of str to ColumnWords, optional
        What columns hold, for the metadata of their fields.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.parquet"
    >>> area = {"area": ColumnWords(meaning="Land area", unit="km2")}
    >>> write_parquet(pd.DataFrame({"area": [1.5]}), path, "Areas", columns=area)
    >>> parquet.read_schema(path).field("area").metadata[b"unit"]
    b'km2'
    """
    if isinstance(table, gpd.GeoDataFrame):
        file = io.BytesIO()
        table.to_parquet(file, index=False)
        whole = parquet.read_table(file)
    else:
        whole = pa.Table.from_pandas(table, preserve_index=False)
    schema = whole.schema
    for name, words in (columns or {}).items():
        at = schema.get_field_index(name)
        if at >= 0:
            said = {"description": words.meaning} | ({"unit": words.unit} if words.unit else {})
            schema = schema.set(at, schema.field(at).with_metadata(said))
    schema = schema.with_metadata({**(whole.schema.metadata or {}), NOTE_KEY: note.encode()})
    parquet.write_table(whole.cast(schema), path)


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Put a quotation mark before texts that a spreadsheet would take for formulas.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table.

    Returns
    -------
    pandas.DataFrame
        The same, save for these texts, in cells and in names of columns.

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
        safe = {text: _defused(text) for text in texts if _FORMULA.match(str(text))}
        if safe:
            table[name] = table[name].map({text: text for text in texts} | safe)
    return table.set_axis([_defused(name) for name in table.columns], axis="columns")


def _defused(text: object) -> str:
    return f"'{text}" if _FORMULA.match(str(text)) else str(text)
