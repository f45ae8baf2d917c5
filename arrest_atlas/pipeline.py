"""One call from files to a folder of outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from arrest_atlas.analysis import Analysis, Progress, analyse, silent
from arrest_atlas.demo import Planted, simulate
from arrest_atlas.layers import output_layers
from arrest_atlas.map_layers import map_layers, map_popups
from arrest_atlas.options import Denominator, Options
from arrest_atlas.reading import Attempts, Files, read_inputs
from arrest_atlas.records import Programme287g
from arrest_atlas.summary import Summary, summarise
from arrest_atlas.words import QUESTION, strip_details, strip_notes
from boundaries import load_states
from geo import DuplicateRule
from outputs import (
    SUMMARY_FILE,
    build_map,
    check_folder,
    render_map,
    summary_json,
    whole_folder,
    write_geopackage,
)

__all__ = ["demo", "run"]

MAP_FILE: Final = "map.html"
GEOPACKAGE_FILE: Final = "arrest-atlas.gpkg"


def run(
    out: str | Path,
    *,
    crime: str | Path,
    arrests: str | Path | Sequence[str | Path] = (),
    sheets: Sequence[str] = (),
    duplicates: DuplicateRule = "episode",
    programme_287g: Programme287g = "other",
    aliases: str | Path | None = None,
    arrests_by_aor: str | Path | None = None,
    arrests_by_state: str | Path | None = None,
    arrests_by_county: str | Path | None = None,
    noncitizens: str | Path | None = None,
    noncitizens_column: str | None = None,
    residents: str | Path | None = None,
    residents_column: str | None = None,
    crime_column: str | None = None,
    crime_filter: Mapping[str, Sequence[str]] | None = None,
    crime_coverage: str | None = None,
    arrest_period: str | None = None,
    crime_period: str | None = None,
    denominator: Denominator | None = None,
    weights: Denominator | None = None,
    draws: int = 100,
    seed: int = 0,
    alpha: float = 0.05,
    located_share: float = 0.5,
    progress: Progress = silent,
    executor: Executor | None = None,
) -> Summary:
    r"""Read, locate, test, compare and write: the whole way in one call.

    Parameters
    ----------
    out : str or pathlib.Path
        Folder for the outputs: new, empty, or that of an earlier run. It receives
        ``map.html``, ``arrest-atlas.gpkg`` and ``summary.json``, all or none.
    crime : str or pathlib.Path
        Violent crime per 100,000 residents by county.
    arrests : str or pathlib.Path, or sequence of these, optional
        Records of arrests, one row an arrest, as the Deportation Data Project or ICE give
        them. Then custodial and community arrests are told apart. Not together with the
        counts below.
    sheets : sequence of str, optional
        Sheets of workbooks to read; else every sheet that holds arrests.
    duplicates : {"episode", "same-day", "identifier-and-time", "none"}, default "episode"
        When a record repeats another; repetitions are left out (see
        ``geo.find_duplicates``).
    programme_287g : {"other", "custodial"}, default "other"
        Whether arrests of the programme 287(g) count as custodial.
    aliases : str or pathlib.Path, optional
        CSV of further names of places.
    arrests_by_aor, arrests_by_state : str or pathlib.Path, optional
        Arrests known by field office and by state; office totals are kept, state totals
        split offices that span states.
    arrests_by_county : str or pathlib.Path, optional
        Arrests located by county. They are not to be counted again in the other two.
    noncitizens : str or pathlib.Path, optional
        Non-citizens by county.
    noncitizens_column : str, optional
        Their column, if not named ``noncitizens``.
    residents : str or pathlib.Path, optional
        Residents by county, in place of the packaged Census estimates (2010-2019).
    residents_column : str, optional
        Their column, if not named ``residents`` or ``population``.
    crime_column : str, optional
        Column of the crime rate, if it bears none of the usual names.
    crime_filter : mapping of str to sequence of str, optional
        Rows of the crime file to keep, ``{"year": ["2021"]}``.
    crime_coverage : str, optional
        Column of the share of residents whose police reported; below 0.8 is no data.
    arrest_period, crime_period : str, optional
        ``2025-01-20/2026-08-06``, ``2014/2016``, ``2021``. Of records, those of the
        arrest period are counted; where it is not given, all are, and it is theirs.
    denominator, weights : {"residents", "noncitizens"}, optional
        People to whom arrest rates refer, and in proportion to whom arrests are imputed
        within their area. Non-citizens where their file is given, else residents.
    draws : int, default 100
        Imputations.
    seed : int, default 0
        Seed of every random number.
    alpha : float, default 0.05
        Level of the false discovery rate that makes a place hot or cold.
    located_share : float, default 0.5
        Share of an area's arrests that must be located by county before its counties
        get classes of their own.
    progress : callable, optional
        Receives a few words at each step.
    executor : concurrent.futures.Executor, optional
        Where the draws are tested (threads, processes, a Dask cluster's
        ``Client.get_executor()``); the outputs do not depend on it.

    Returns
    -------
    dict
        The summary, as ``summary.json`` holds it.

    Raises
    ------
    InputError
        With every problem of every input at once; nothing is written.
    OutputError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "crime.csv").write_text("fips,crime_rate\n1001,300\n1003,200\n")
    >>> run(folder / "out", crime=folder / "crime.csv")
    Traceback (most recent call last):
    geo.errors.InputError: arrests: found no file; expected ...
    """
    check_folder(out)
    progress("reading")
    kind: Denominator = "residents" if noncitizens is None else "noncitizens"
    attempts = Attempts()
    options = attempts.make(
        lambda: Options(
            denominator=denominator or kind,
            weights=weights or kind,
            draws=draws,
            seed=seed,
            alpha=alpha,
            located_share=located_share,
        )
    )
    files = Files(
        crime=crime,
        arrests=[arrests] if isinstance(arrests, str | Path) else list(arrests),
        sheets=sheets,
        duplicates=duplicates,
        programme_287g=programme_287g,
        aliases=aliases,
        arrests_by_aor=arrests_by_aor,
        arrests_by_state=arrests_by_state,
        arrests_by_county=arrests_by_county,
        noncitizens=noncitizens,
        noncitizens_column=noncitizens_column,
        residents=residents,
        residents_column=residents_column,
        crime_column=crime_column,
        crime_filter=crime_filter,
        crime_coverage=crime_coverage,
        arrest_period=arrest_period,
        crime_period=crime_period,
    )
    inputs = attempts.make(lambda: read_inputs(files))
    attempts.check()
    analysis = analyse(inputs, options, progress=progress, executor=executor)
    return _write(analysis, out, progress=progress)


def demo(
    out: str | Path,
    *,
    seed: int = 0,
    draws: int = 100,
    progress: Progress = silent,
    executor: Executor | None = None,
) -> Summary:
    """Run the whole way on simulated arrests and crime with planted clusters.

    Parameters
    ----------
    out : str or pathlib.Path
        Folder for the outputs, as in :func:`run`.
    seed : int, default 0
        Seed of the simulation and of the run.
    draws : int, default 100
        Imputations.
    progress : callable, optional
        Receives a few words at each step.
    executor : concurrent.futures.Executor, optional
        Where the draws are tested, as in :func:`run`.

    Returns
    -------
    dict
        The summary; ``planted_clusters`` tells which were found.

    Raises
    ------
    OutputError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> demo(Path(tempfile.mkdtemp()) / "demo", draws=2)["data"]
    'SIMULATED'
    """
    check_folder(out)
    options = Options(draws=draws, seed=seed)
    progress("simulating")
    simulation = simulate(seed=seed)
    analysis = analyse(simulation.inputs, options, progress=progress, executor=executor)
    return _write(analysis, out, planted=simulation.planted, progress=progress)


def _write(
    analysis: Analysis,
    out: str | Path,
    *,
    planted: Sequence[Planted] = (),
    progress: Progress,
) -> Summary:
    progress("writing layers")
    files = [GEOPACKAGE_FILE, MAP_FILE, SUMMARY_FILE]
    layers = output_layers(analysis)
    summary = {**summarise(analysis, layers["counties"], planted=planted), "files": files}
    title = f"{QUESTION} SIMULATED" if analysis.inputs.simulated else QUESTION
    with whole_folder(out) as folder:
        write_geopackage(folder / GEOPACKAGE_FILE, layers, title=title, metadata=summary)
        progress("drawing the map")
        table = layers["counties"]
        web_map = build_map(
            table[["name", "legal_name", "state", "geometry"]],
            map_layers(analysis, table),
            popups=map_popups(analysis, table),
            outlines={
                "Areas of responsibility of ICE field offices": layers["areas_of_responsibility"],
                "States": load_states(),
            },
            title=QUESTION,
            notes=strip_notes(analysis),
            details=strip_details(analysis),
            variants="Which arrests",
            simulated=analysis.inputs.simulated,
        )
        (folder / MAP_FILE).write_text(render_map(web_map), encoding="utf-8", newline="\n")
        text = summary_json(summary)
        (folder / SUMMARY_FILE).write_text(text, encoding="utf-8", newline="\n")
    return summary
