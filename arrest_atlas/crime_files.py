"""The county table and the ledger as files, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.crime_baseline import CrimeRun
from arrest_atlas.table_files import (
    out_problems,
    same_file,
    write_csv,
    written_by,
)
from boundaries import load_counties
from geo import InputError, Problem
from geo.crime import load_definition
from outputs import (
    whole_file,
    without_formulas,
    write_geopackage,
    write_parquet,
)

__all__ = ["check_outs", "write_run"]

_MARK: Final = "arrest-atlas crime:"
_LEDGER_MARK: Final = "arrest-atlas crime, ledger:"
_LAYER: Final = "counties"
_SUFFIXES: Final = (".csv", ".parquet", ".gpkg")
_LEDGER_SUFFIXES: Final = (".csv", ".parquet")

_ours: Final = partial(written_by, marks=[_MARK], layers=[_LAYER])
"""Recognises a county table that an earlier run of this command wrote."""

_our_ledger: Final = partial(written_by, marks=[_LEDGER_MARK])
"""Recognises a ledger that it wrote: the one never replaces the other."""


def check_outs(
    out: Path, ledger: Path | None, *, agencies: bool, inputs: Sequence[Path] = ()
) -> None:
    """Make sure that the files can be written, before any work is done.

    Parameters
    ----------
    out : pathlib.Path
        File of the county table.
    ledger : pathlib.Path or None
        File of the ledger.
    agencies : bool
        Whether there are agencies to list in a ledger.
    inputs : sequence of pathlib.Path, optional
        Files that are read, which must stay as they are.

    Raises
    ------
    InputError
        With every problem at once: a file is of another type, both are the same or one that
        is read, there is nothing for a ledger, something else stands there, or nothing can
        be written.
    """
    problems = out_problems(out, _SUFFIXES, inputs, ours=_ours)
    if ledger is not None:
        problems += out_problems(
            ledger, _LEDGER_SUFFIXES, inputs, ours=_our_ledger, option="--ledger"
        )
    if ledger is not None and same_file(ledger, out):
        problems.append(_ledger_problem("the file of --out", "another file"))
    if ledger is not None and not agencies:
        problems.append(_ledger_problem("no list of agencies", "one, with --agencies"))
    if problems:
        raise InputError(problems)


def _ledger_problem(found: str, expected: str) -> Problem:
    return Problem(
        file="--ledger", found=found, expected=expected, action="change or leave out the option"
    )


def write_run(run: CrimeRun, out: Path, ledger: Path | None) -> None:
    """Write the county table and, if asked for, the ledger of agencies.

    Parameters
    ----------
    run : CrimeRun
        What was made.
    out : pathlib.Path
        ``.csv`` or ``.parquet`` (a table) or ``.gpkg`` (the counties, too).
    ledger : pathlib.Path or None
        ``.csv`` or ``.parquet``: every agency and year, its counties, and what became of
        its crimes.

    Raises
    ------
    OutputError
        If nothing can be written.
    """
    note = _note(run)
    with ExitStack() as files:
        if ledger is not None and run.sums is not None:
            whole = whole_file(ledger, ours=_our_ledger, option="--ledger")
            scratch = files.enter_context(whole)
            _WRITERS[ledger.suffix.lower()](run.sums.ledger, scratch, f"{_LEDGER_MARK} {note}")
        scratch = files.enter_context(whole_file(out, ours=_ours))
        _WRITERS[out.suffix.lower()](run.table, scratch, f"{_MARK} {note}")


def _note(run: CrimeRun) -> str:
    title = load_definition(run.baseline.crimes.definition).title
    files = ", ".join(dict.fromkeys(source.file for source in run.sources))
    return f"{title}, {run.baseline.period}; from {files}"


def _write_csv(table: pd.DataFrame, path: Path, note: str) -> None:
    write_csv(without_formulas(table), path, note)


def _write_gpkg(table: pd.DataFrame, path: Path, note: str) -> None:
    places = load_counties().geometry
    layer = gpd.GeoDataFrame(
        table.set_index("county_fips"),
        geometry=places.reindex(table["county_fips"]).to_numpy(),
        crs=places.crs,
    )
    write_geopackage(path, {_LAYER: layer}, title=note, metadata={"note": note})


_WRITERS: Final[dict[str, Callable[[pd.DataFrame, Path, str], None]]] = {
    ".csv": _write_csv,
    ".parquet": write_parquet,
    ".gpkg": _write_gpkg,
}
