"""Tables of the American Community Survey, in the forms in which the Census Bureau gives them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from geo._sheets import file_error, label, listing
from geo._table import Source, Table, read_table
from geo.errors import InputError

_MESSAGE_BYTES: Final = 4_096
_SHOWN: Final = 200
_LABELS: Final = frozenset({"geography", "id"})
_SUMMARY_COLUMN: Final = re.compile(r"^(B\d{5}[A-Z]*)_([EM])(\d{3})$")


def read_census_table(path: str | Path) -> tuple[Table, int]:
    """Read a table in whatever form, and count the rows of other areas that were passed over."""
    path = Path(path)
    if not path.is_file():
        return read_table(path), 0  # which says so
    if path.suffix.casefold() == ".dat":
        return _summary_file(path)
    with path.open("rb") as stream:
        start = stream.read(_MESSAGE_BYTES).lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"["):
        return _answer(path), 0
    if start.startswith((b"{", b"<")) or path.suffix.casefold() == ".json":
        raise _no_rows(path, start)
    return _without_labels(read_table(path)), 0


def _no_rows(path: Path, start: bytes) -> InputError:
    """Say what the server answered in place of rows: what is lacking of a key, say."""
    words = re.sub(
        r"<(script|style).*?</\1>|<[^>]*>", " ", start.decode("utf-8", "replace"), flags=re.DOTALL
    )
    said = " ".join(words.split())
    return file_error(
        path,
        f"a message of the server, not rows: {said[:_SHOWN]!r}" if said else "an empty file",
        "rows of a table",
        "fetch it again; the Census API may ask for a key",
    )


def _summary_file(path: Path) -> tuple[Table, int]:
    """Read the counties of a table-based summary file, which holds all areas down to blocks."""
    content = path.read_bytes()
    names = content.partition(b"\n")[0].decode("utf-8-sig", errors="replace").strip().split("|")
    try:
        rows = arrow_csv.read_csv(
            pa.py_buffer(content),
            parse_options=arrow_csv.ParseOptions(delimiter="|"),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        found = f"content that cannot be read ({error})"
        raise file_error(path, found, "columns parted by |", "fetch it again") from error
    if "GEO_ID" not in names:
        found = f"the columns {listing(names)}"
        raise file_error(path, found, "GEO_ID among them", "give the file of one table (.dat)")
    county = compute.match_substring_regex(rows["GEO_ID"], r"^050\d{4}US")
    places = np.flatnonzero(county.to_numpy())
    if not len(places):
        expected = "codes such as 0500000US01001"
        raise file_error(path, "no row of a county", expected, "fetch it again")
    names = [_SUMMARY_COLUMN.sub(r"\1_\3\2", name) for name in names]
    frame = rows.take(places).rename_columns(names).to_pandas().astype("str")
    digest = hashlib.sha256(content).hexdigest()
    source = Source(file=label(path), sha256=digest, rows=len(rows))
    return Table(rows=frame.set_axis(places + 2), source=source), len(rows) - len(places)


def _answer(path: Path) -> Table:
    """Read the answer of the Census API."""
    content = path.read_bytes()
    rows = _rows(path, content)
    width = len(rows[0])
    odd = [number for number, row in enumerate(rows, start=1) if len(row) != width]
    if odd:
        raise file_error(path, f"row {odd[0]} of {len(rows[odd[0] - 1])} values", f"{width} values")
    names = [str(name) for name in rows[0]]
    texts = [["" if value is None else str(value).strip() for value in row] for row in rows[1:]]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated == ["NAME"]:  # asked for by name and with a group of columns
        first = names.index("NAME")
        kept = [place for place, name in enumerate(names) if name != "NAME" or place == first]
        names = [names[place] for place in kept]
        texts = [[row[place] for place in kept] for row in texts]
    elif repeated:
        raise file_error(path, f"the columns {', '.join(repeated)} twice", "each column once")
    frame = pd.DataFrame(texts, columns=names, index=pd.RangeIndex(2, len(rows) + 1)).astype("str")
    digest = hashlib.sha256(content).hexdigest()
    return Table(rows=frame, source=Source(file=label(path), sha256=digest, rows=len(frame)))


def _rows(path: Path, content: bytes) -> list[list[Any]]:
    expected = "an array of rows, the first of them the names of columns"
    try:
        answer: list[Any] = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        found = "content that cannot be read as JSON"
        raise file_error(path, found, expected, "fetch it again") from error
    if not all(isinstance(row, list) for row in answer):
        raise file_error(path, "JSON of another shape", expected, "fetch it again")
    if len(answer) < 2:  # noqa: PLR2004
        raise file_error(path, "no rows below the header", "at least one")
    return answer


def _without_labels(table: Table) -> Table:
    """Drop the second header row of data.census.gov."""
    first = table.rows.iloc[:, 0].str.casefold()
    rows = table.rows[~first.isin(_LABELS)]
    if rows.empty:
        raise table.error(
            found="no rows below the two headers", expected="at least one", action="check the file"
        )
    return replace(table, rows=rows)
