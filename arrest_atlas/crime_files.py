"""The county table and the ledger as files, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.crime_baseline import CrimeRun
from arrest_atlas.table_files import (
    suffix_problems,
    without_formulas,
    write_csv,
    write_parquet,
    written_by,
)
from boundaries import load_counties
from geo import InputError, Problem
from geo.crime import load_definition
from outputs import check_file, whole_file, write_geopackage

__all__ = ["check_outs", "write_run"]

_MARK: Final = "arrest-atlas crime"
_LAYER: Final = "counties"
_SUFFIXES: Final = (".csv", ".parquet", ".gpkg")
_LEDGER_SUFFIXES: Final = (".csv", ".parquet")

_ours: Final = partial(written_by, marks=[_MARK], layers=[_LAYER])
"""Recognises a file that an earlier run of this command wrote."""


def check_outs(out: Path, ledger: Path | None, *, agencies: bool) -> None:
    """Make sure that the files can be written, before any work is done.

    Parameters
    ----------
    out : pathlib.Path
        File of the county table.
    ledger : pathlib.Path or None
        File of the ledger.
    agencies : bool
        Whether there are agencies to list in a ledger.

    Raises
    ------
    InputError
        If a file is of another type, both are the same, or there is nothing for a ledger.
    OutputError
        If something else stands there, or nothing can be written.
    """
    problems = [
        *suffix_problems(out, _SUFFIXES),
        *(suffix_problems(ledger, _LEDGER_SUFFIXES, option="--ledger") if ledger else []),
    ]
    if ledger is not None and ledger.absolute() == out.absolute():
        problems.append(_ledger_problem("the file of --out", "another file"))
    if ledger is not None and not agencies:
        problems.append(_ledger_problem("no list of agencies", "one, with --agencies"))
    if problems:
        raise InputError(problems)
    for path in filter(None, (out, ledger)):
        check_file(path, ours=_ours)


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
            scratch = files.enter_context(whole_file(ledger, ours=_ours))
            _WRITERS[ledger.suffix.lower()](run.sums.ledger, scratch, note)
        scratch = files.enter_context(whole_file(out, ours=_ours))
        _WRITERS[out.suffix.lower()](run.table, scratch, note)


def _note(run: CrimeRun) -> str:
    title = load_definition(run.baseline.crimes.definition).title
    files = ", ".join(dict.fromkeys(source.file for source in run.sources))
    return f"{_MARK}: {title}, {run.baseline.period}; from {files}"


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
