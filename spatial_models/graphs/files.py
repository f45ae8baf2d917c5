"""Files that say who is whose neighbour."""

from __future__ import annotations

import json
import struct
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
import pandas as pd

from spatial_models.errors import SpatialError, SpatialWarning
from spatial_models.graphs._assembly import Floats, id_problems, link, refuse, some

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["read_graph"]

_COLUMNS: Final = ["focal", "neighbor", "weight"]


def read_graph(path: str | Path, *, ids: pd.Index | Sequence[object] | None = None) -> Graph:
    r"""Read a graph that was made by other software.

    Parameters
    ----------
    path : str or pathlib.Path
        ``.gal``, ``.gwt`` or ``.kwt`` (GeoDa, R), ``.swm`` (ArcGIS), or ``.csv`` or
        ``.parquet`` with the columns ``focal``, ``neighbor`` and ``weight``, where a unit
        without neighbours has a row with itself and weight 0 (as libpysal writes it).
    ids : pandas.Index or sequence, optional
        Identifiers of the map, unique. The graph takes them over, with their order. They
        match those of the file if they read the same: 1001 and "1001" do, "01001" is
        another. By default the identifiers and order of the file, as text unless the
        file knows numbers.

    Returns
    -------
    libpysal.graph.Graph
        Weights as given, those on units themselves included; weights of 0 are no links.
        Binary from ``.gal`` and ``.gwt``, whose third column GeoDa fills with distances
        that it does not use (a `SpatialWarning` says so where they differ; ``.kwt`` holds
        weights). A transformation that libpysal noted in ``.parquet`` is kept.

    Raises
    ------
    SpatialError
        If the file is of another kind or malformed, lists a link twice, has weights that
        are negative or no numbers, or is about other units than the map. It names every
        problem of the file.

    Notes
    -----
    ``.gwt`` and ``.kwt`` do not list units without neighbours, only how many units there
    are: give `ids` if there are such units. The other formats list every unit.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "three.gal"
    ...     _ = file.write_text("3\na 1\nb\nb 1\na\nc 0\n")
    ...     graph = read_graph(file)
    >>> graph["a"].index.tolist(), graph.isolates.tolist()
    (['b'], ['c'])
    """
    path = Path(path)
    if path.suffix.lower() not in _READERS:
        _refuse(path, f"a file of kind {path.suffix!r}", f"one of {', '.join(_READERS)}")
    if not path.is_file():
        _refuse(path, "no such file", "a file of weights: correct its path")
    try:
        links = _READERS[path.suffix.lower()](path)
    except UnicodeDecodeError:
        _refuse(path, "bytes that are no text in UTF-8", "text: write the file anew")
    problems = _link_problems(links)
    units, unit_problems = _units(links, ids)
    refuse([f"{path.name}: {problem}" for problem in [*problems, *unit_problems]])
    return _graph(links, units)


@dataclass(frozen=True, kw_only=True)
class _Links:
    """What a file says.

    ``listed`` has every unit that stands on its own in the file, in order; ``complete``
    tells whether those are all, and ``size`` how many there are, if the file says so.
    """

    listed: pd.Index
    focal: pd.Index
    neighbour: pd.Index
    weights: Floats
    complete: bool = True
    size: int | None = None
    transformation: str = "O"


def _refuse(path: Path, found: str, expected: str) -> NoReturn:
    message = f"{path.name}: found {found}; expected {expected}"
    raise SpatialError(message) from None


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the words of each line that has any, and its number."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if words := line.split():
                yield number, words


def _header(path: Path, lines: Iterator[tuple[int, list[str]]]) -> int:
    """Read the number of units from "n" or "0 n map identifier"."""
    _, words = next(lines, (0, []))
    text = words[1] if len(words) > 1 else "".join(words)
    if not text.isdecimal():
        _refuse(path, f"{' '.join(words)[:60]!r} as its first line", "the number of units")
    return int(text)


def _read_gal(path: Path) -> _Links:
    """Read lines of "unit, number of neighbours", each followed by one of neighbours."""
    lines = _lines(path)
    size = _header(path, lines)
    listed: list[str] = []
    focal: list[str] = []
    neighbour: list[str] = []
    for number, words in lines:
        if len(words) != 2 or not words[1].isdecimal():  # noqa: PLR2004  (unit and number)
            _refuse(path, f"{' '.join(words)[:60]!r} in line {number}", "a unit and its neighbours")
        unit, count = words[0], int(words[1])
        others = next(lines, (number, []))[1] if count else []
        if len(others) != count:
            _refuse(
                path,
                f"{len(others)} neighbours of {unit} after line {number}",
                f"{count}, as that line says",
            )
        listed.append(unit)
        focal += [unit] * count
        neighbour += others
    return _Links(
        listed=pd.Index(listed, dtype=str),
        focal=pd.Index(focal, dtype=str),
        neighbour=pd.Index(neighbour, dtype=str),
        weights=np.ones(len(focal)),
        size=size,
        transformation="B",
    )


def _read_gwt(path: Path) -> _Links:
    """Read lines of "unit, neighbour, weight"."""
    lines = _lines(path)
    size = _header(path, lines)
    rows = list(lines)
    for number, words in rows:
        if len(words) != len(_COLUMNS):
            found = f"{' '.join(words)[:60]!r} in line {number}"
            _refuse(path, found, "a unit, a neighbour and a weight")
    focal, neighbour, weights = (
        pd.Index([words[column] for _, words in rows], dtype=str) for column in range(3)
    )
    return _Links(
        listed=focal.append(neighbour).unique(),
        focal=focal,
        neighbour=neighbour,
        weights=_numbers(weights),
        complete=False,
        size=size,
    )


def _read_distances(path: Path) -> _Links:
    """Read a .gwt: GeoDa writes distances into its third column, and weighs all alike."""
    links = _read_gwt(path)
    known = np.isfinite(links.weights)
    if known.any() and np.ptp(links.weights[known]) > 0:
        message = (
            f"{path.name}: its third column is taken for distances, as GeoDa writes them, and "
            "all neighbours weigh the same; name the file .kwt if it holds weights"
        )
        warnings.warn(message, SpatialWarning, stacklevel=3)
    # Nothing between a unit and itself says that it is alone; between two, that they coincide.
    joined = (links.weights > 0) | ((links.weights == 0) & (links.focal != links.neighbour))
    return replace(links, weights=np.where(joined, 1.0, links.weights))


def _read_swm(path: Path) -> _Links:
    """Read the binary format of ArcGIS."""
    from libpysal import io  # noqa: PLC0415  (its import takes two seconds)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # isolates are reported in the graph
            file = io.open(str(path), "r")
            try:
                weights = file.read()
            finally:
                file.close()
    except (struct.error, ValueError, KeyError, OverflowError, MemoryError):
        _refuse(path, "bytes that are no weights of ArcGIS", "a whole file as ArcGIS writes it")
    listed = pd.Index(weights.id_order)
    counts = [len(weights.neighbors[unit]) for unit in listed]
    sums = np.array([sum(weights.weights[unit]) for unit in listed])
    standardised = np.isclose(sums, 1, rtol=1e-9) | (np.array(counts) == 0)
    return _Links(
        listed=listed,
        focal=listed.repeat(counts),
        neighbour=pd.Index([other for unit in listed for other in weights.neighbors[unit]]),
        weights=np.array([w for unit in listed for w in weights.weights[unit]], dtype=np.float64),
        transformation="R" if standardised.all() else "O",
    )


def _read_csv(path: Path) -> _Links:
    """Read a table of text, whose identifiers keep their leading zeros."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        _refuse(path, f"no table ({error})", f"the columns {', '.join(_COLUMNS)}")
    return _table_links(path, table)


def _read_parquet(path: Path) -> _Links:
    """Read a table, or a graph that libpysal wrote."""
    from pyarrow import ArrowException, parquet  # noqa: PLC0415  (only for this format)

    try:
        stored = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        _refuse(path, f"no Parquet table ({error})", f"the columns {', '.join(_COLUMNS)}")
    table = stored.to_pandas()
    if set(table.index.names) & set(_COLUMNS):
        table = table.reset_index()
    try:
        noted = json.loads((stored.schema.metadata or {}).get(b"libpysal", b"{}"))
        transformation = noted.get("transformation", "O")
    except (ValueError, AttributeError):
        transformation = "O"
    known = transformation in {"O", "B", "R", "D", "V", "C"}
    return _table_links(path, table, transformation=transformation if known else "O")


def _table_links(path: Path, table: pd.DataFrame, transformation: str = "O") -> _Links:
    absent = [column for column in _COLUMNS if column not in table.columns]
    if absent:
        found = f"the columns {', '.join(map(str, table.columns))[:200]}"
        _refuse(path, found, f"also {', '.join(absent)}")
    focal = pd.Index(table["focal"])
    return _Links(
        listed=focal.unique(),
        focal=focal,
        neighbour=pd.Index(table["neighbor"]),
        weights=_numbers(table["weight"]),
        transformation=transformation,
    )


def _numbers(weights: Any) -> Floats:
    """Turn weights into numbers, NaN where they are none."""
    numbers = pd.to_numeric(pd.Series(weights), errors="coerce")
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


_READERS: Final[dict[str, Callable[[Path], _Links]]] = {
    ".gal": _read_gal,
    ".gwt": _read_distances,
    ".kwt": _read_gwt,
    ".swm": _read_swm,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}


def _link_problems(links: _Links) -> list[str]:
    """Say what is wrong with units, links and weights."""
    problems = []
    pairs = pd.MultiIndex.from_arrays([links.focal, links.neighbour])
    for what, repeated, expected in (
        ("units", links.listed.duplicated(), "once"),
        ("links", pairs.duplicated(), "one weight each"),
    ):
        if repeated.any():
            twice = (links.listed if what == "units" else pairs)[repeated].unique()
            problems.append(f"found {what} twice: {some(twice)}; expected {expected}")
    blank = (links.focal.isna() | (links.focal == "")) | (
        links.neighbour.isna() | (links.neighbour == "")
    )
    for what, wrong in (
        ("links without unit or neighbour", blank),
        ("weights that are no numbers", ~np.isfinite(links.weights)),
        ("negative weights", links.weights < 0),
    ):
        if wrong.any():
            count = int(wrong.sum())
            problems.append(
                f"found {count:,} {what}, as of {some(pairs[wrong])}; "
                "expected weights of 0 and above between units"
            )
    return problems


def _units(links: _Links, ids: pd.Index | Sequence[object] | None) -> tuple[pd.Index, list[str]]:
    """Say which units the graph has, and what does not fit."""
    if ids is None:
        return links.listed, _unlisted(links)
    own = ids if isinstance(ids, pd.Index) else pd.Index(list(ids))
    problems = id_problems(own)
    on_map = _text(own)
    if not problems and not on_map.is_unique:
        problems.append(f"found identifiers that read the same: {some(own)}; expected one type")
    in_file = _text(links.listed.append(links.neighbour).unique())
    unknown = in_file.difference(on_map, sort=False)
    if len(unknown):
        problems.append(
            f"found {len(unknown):,} units that are not on the map: {some(unknown)}; expected "
            f"identifiers as {some(on_map, 3)}: make the file and the map name units alike"
            + _zeros_hint(unknown, on_map)
        )
    if links.complete:
        absent = on_map.difference(_text(links.listed), sort=False)
        if len(absent):
            problems.append(
                f"found nothing about {len(absent):,} units of the map: {some(absent)}; expected "
                "every unit, also those without neighbours: make the file anew from this map"
            )
    elif links.size not in {0, len(own)}:
        problems.append(
            f"found a file about {links.size:,} units; expected {len(own):,}, as on the map: "
            "make the file anew from this map"
        )
    return own, problems


def _unlisted(links: _Links) -> list[str]:
    """Say which units the file is about and does not list."""
    problems = []
    unlisted = links.neighbour.unique().difference(links.listed, sort=False)
    if len(unlisted):
        problems.append(
            f"found neighbours that are no units of the file: {some(unlisted)}; expected a row "
            "for each, also for units without neighbours"
        )
    if links.size not in {None, 0, len(links.listed)}:
        remedy = "the file is cut off" if links.complete else "give ids, to know the isolates"
        problems.append(
            f"found {len(links.listed):,} units; expected {links.size:,}, as the first line says: "
            + remedy
        )
    return problems


def _text(ids: pd.Index) -> pd.Index:
    """Read identifiers as text; what is no text or whole number matches none."""
    return pd.Index([str(each) for each in ids], dtype=str)


def _zeros_hint(unknown: pd.Index, on_map: pd.Index) -> str:
    """Tell if leading zeros are the difference."""
    alike = unknown.str.lstrip("0").isin(on_map.str.lstrip("0"))
    return " (leading zeros differ: keep identifiers as text)" if alike.any() else ""


def _graph(links: _Links, units: pd.Index) -> Graph:
    names = _text(units)
    weighs = links.weights > 0
    focal = names.get_indexer(_text(links.focal[weighs]))
    neighbour = names.get_indexer(_text(links.neighbour[weighs]))
    order = np.lexsort((neighbour, focal))
    weights = links.weights[weighs][order]
    return link(focal[order], neighbour[order], weights, units, links.transformation)
