"""One call from files to a folder of outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Final, TypeVar

import pandas as pd

from arrest_atlas.analysis import Analysis, Progress, analyse, silent
from arrest_atlas.demo import Planted, simulate
from arrest_atlas.layers import output_layers
from arrest_atlas.map_layers import map_layers, map_popups
from arrest_atlas.options import Denominator, Inputs, Options
from arrest_atlas.period import Period
from arrest_atlas.summary import Summary, summarise
from arrest_atlas.words import QUESTION, strip_notes
from boundaries import load_states
from geo import (
    POPULATION_YEARS,
    CountyValues,
    InputError,
    Problem,
    Source,
    load_population,
    read_arrests_by_aor,
    read_arrests_by_county,
    read_arrests_by_state,
    read_county_values,
    read_crime_rates,
    set_aside_implausible_zeros,
)
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

_NONCITIZEN_COLUMNS: Final = ("noncitizens", "non_citizens", "noncitizen", "immigrant_noncitizen")
_RESIDENT_COLUMNS: Final = ("residents", "population", "pop", "total_population")

T = TypeVar("T")


def run(
    out: str | Path,
    *,
    crime: str | Path,
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
        ``2025-01-20/2026-08-06``, ``2014/2016``, ``2021``.
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
    trial = _Attempts()
    options = trial.make(
        lambda: Options(
            denominator=denominator or kind,
            weights=weights or kind,
            draws=draws,
            seed=seed,
            alpha=alpha,
            located_share=located_share,
        )
    )
    arrested = trial.maybe(arrest_period, lambda text: Period.parse(text, option="--arrest-period"))
    baseline = trial.maybe(crime_period, lambda text: Period.parse(text, option="--crime-period"))
    by_aor = trial.maybe(arrests_by_aor, read_arrests_by_aor)
    by_state = trial.maybe(arrests_by_state, read_arrests_by_state)
    by_county = trial.maybe(arrests_by_county, read_arrests_by_county)
    people = trial.maybe(
        noncitizens,
        lambda path: read_county_values(
            path, names=_NONCITIZEN_COLUMNS, what="non-citizens", column=noncitizens_column
        ),
    )
    inhabitants = trial.maybe(
        residents,
        lambda path: read_county_values(
            path, names=_RESIDENT_COLUMNS, what="residents", column=residents_column
        ),
    )
    rates = trial.make(
        lambda: read_crime_rates(
            crime, column=crime_column, where=crime_filter, coverage=crime_coverage
        )
    )
    if arrests_by_aor is None and arrests_by_state is None and arrests_by_county is None:
        trial.problems.append(_no_arrests())
    trial.check()
    assert options is not None  # noqa: S101  (trial.check raised otherwise)
    assert rates is not None  # noqa: S101
    named = {
        "arrests by office": by_aor,
        "arrests by state": by_state,
        "arrests by county": by_county,
        "violent crime": rates,
        "non-citizens": people,
        "residents": inhabitants,
    }
    sources: dict[str, Source] = {what: each.source for what, each in named.items() if each}
    crime_residents, note = _residents_of(baseline, inhabitants)
    inputs = Inputs(
        arrests_by_aor=by_aor.counts if by_aor else None,
        arrests_by_state=by_state.counts if by_state else None,
        arrests_by_county=by_county.by_county.dropna().astype("int64") if by_county else None,
        crime=set_aside_implausible_zeros(rates, crime_residents),
        residents=inhabitants.by_county if inhabitants else load_population(),
        crime_residents=crime_residents,
        noncitizens=people.by_county if people else None,
        arrest_period=arrested,
        crime_period=baseline,
        unlocated=by_aor.unlocated if by_aor else by_state.unlocated if by_state else 0,
        sources=sources,
        notes=(note,),
    )
    analysis = analyse(inputs, options, progress=progress, executor=executor)
    return _write(analysis, out, progress=progress)


def demo(
    out: str | Path, *, seed: int = 0, draws: int = 100, progress: Progress = silent
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
    analysis = analyse(simulation.inputs, options, progress=progress)
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
    summary = {**summarise(analysis, planted=planted), "files": files}
    layers = output_layers(analysis)
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
            simulated=analysis.inputs.simulated,
        )
        (folder / MAP_FILE).write_text(render_map(web_map), encoding="utf-8", newline="\n")
        text = summary_json(summary)
        (folder / SUMMARY_FILE).write_text(text, encoding="utf-8", newline="\n")
    return summary


class _Attempts:
    """Read everything there is to read, then report every problem at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def make(self, action: Callable[[], T]) -> T | None:
        try:
            return action()
        except InputError as error:
            self.problems += error.problems
            return None

    def maybe(self, given: str | Path | None, action: Callable[..., T]) -> T | None:
        return None if given is None else self.make(lambda: action(given))

    def check(self) -> None:
        if self.problems:
            raise InputError(self.problems)


def _no_arrests() -> Problem:
    return Problem(
        file="arrests",
        found="no file",
        expected="arrests by office, by state or by county",
        action="give at least one of --arrests-by-aor, --arrests-by-state, --arrests-by-county",
    )


def _residents_of(
    baseline: Period | None, inhabitants: CountyValues | None
) -> tuple[pd.Series, str]:
    """Choose the residents that crime rates refer to, and say which."""
    if inhabitants is not None:
        return inhabitants.by_county, f"Residents: {inhabitants.source.file}."
    first, last = POPULATION_YEARS
    if baseline is None:
        return load_population(), f"Residents of {last} for arrests and for crime."
    start = min(max(baseline.first.year, first), last)
    stop = min(max(baseline.last.year, start), last)
    years = f"{start}" if start == stop else f"{start} to {stop}"
    nearest = (
        ""
        if first <= baseline.first.year and baseline.last.year <= last
        else (" (the nearest there are)")
    )
    return load_population(start, stop), (
        f"Residents of {last} for arrests, of {years}{nearest} for crime (Census estimates)."
    )
