"""One call from files to a folder of outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from arrest_atlas.analysis import Progress, analyse, silent
from arrest_atlas.demo import simulate
from arrest_atlas.options import (
    Denominator,
    Extent,
    GraphKind,
    Options,
    Treatment,
    idle_options,
)
from arrest_atlas.output_folder import write_outputs
from arrest_atlas.provenance import Call
from arrest_atlas.reading import (
    Attempts,
    CrimeFile,
    Files,
    read_crime_measures,
    read_inputs,
)
from arrest_atlas.records import Programme287g
from arrest_atlas.sensitivity import sensitivity as change_one_at_a_time
from arrest_atlas.summary import Summary
from arrest_atlas.tables.context import read_context
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tables.of_a_run import make_analyses
from geo import DuplicateRule, InputError, Problem
from outputs import check_folder, check_tiles

__all__ = ["demo", "run"]


def run(
    out: str | Path,
    *,
    crime: str | Path | None = None,
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
    crime_layout: str | None = None,
    crime_column: str | None = None,
    crime_filter: Mapping[str, Sequence[str]] | None = None,
    crime_covered_share: str | None = None,
    arrest_period: str | None = None,
    crime_period: str | None = None,
    denominator: Denominator | None = None,
    weights: Denominator | None = None,
    draws: int = 100,
    seed: int = 0,
    alpha: float = 0.05,
    located_share: float = 0.5,
    graph: GraphKind = "queen",
    treatment: Treatment = "imputed",
    extent: Extent = "conterminous",
    surrogates: int = 999,
    kernel_length: float = 500.0,
    sensitivity: bool = False,
    also_crime: Sequence[CrimeFile | str] = (),
    tables: bool = False,
    votes: str | Path | None = None,
    agreements: str | Path | None = None,
    policies: str | Path | None = None,
    series: str | Path | None = None,
    detainers: str | Path | None = None,
    city_crime: str | Path | None = None,
    agencies: str | Path | None = None,
    county_covariates: str | Path | None = None,
    as_of: str | None = None,
    tiles: str | None = None,
    progress: Progress = silent,
    executor: Executor | None = None,
) -> Summary:
    r"""Read, locate, test, compare and write: the whole way in one call.

    Parameters
    ----------
    out : str or pathlib.Path
        Folder for the outputs: new, empty, or that of an earlier run. It receives
        ``map.html``, ``report.html``, ``arrest-atlas.gpkg``, ``summary.json``, ``run.json``
        and the folders ``tables``, ``rasters`` and ``figures``, all or none.
    crime : str or pathlib.Path, optional
        Violent crime per 100,000 residents by county. It must be given, and so must
        arrests: only the command line takes them from what was fetched
        (`arrest_atlas.fetching.fetched_inputs`).
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
    crime_layout : str, optional
        Known layout of the crime file (``geo.crime.known_layouts``), such as
        ``county_health_rankings``; its years are pooled. Not together with `crime_column`
        and `crime_covered_share`.
    crime_column : str, optional
        Column of the crime rate, if it bears none of the usual names.
    crime_filter : mapping of str to sequence of str, optional
        Rows of the crime file to keep, ``{"year": ["2021"]}``.
    crime_covered_share : str, optional
        Column of the share of residents whose police reported; below 0.8 is no data.
    arrest_period, crime_period : str, optional
        ``2025-01-20/2026-08-06``, ``2014/2016``, ``2021``. Of records, those of the
        arrest period are counted; where it is not given, all are, and it is theirs. A crime
        file that tells its years (a column ``years``, or its layout) gives the crime period.
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
    graph : {"queen", "nearest", "distance"}, default "queen"
        Which counties are neighbours: those that touch, the six nearest, or those up to
        100 km apart.
    treatment : {"imputed", "located", "proportional"}, default "imputed"
        What counts as a county's arrests: draws of the located and the imputed ones, the
        located ones alone, or the others shared out in proportion to the weights.
    extent : {"conterminous", "states"}, default "conterminous"
        Where tests are made: the 48 states and DC, or Alaska and Hawaii, too.
    surrogates : int, default 999
        Surrogate maps of each family behind the p-values of association; 0 for none.
    kernel_length : float, default 500
        Length of the kernel of the surrogates of family K, in kilometres.
    sensitivity : bool, default False
        Whether to change one choice of method at a time, too (see
        `arrest_atlas.sensitivity.sensitivity`): a table, and a figure.
    also_crime : sequence of CrimeFile or str, optional
        Other measures or periods of crime, each a row of the sensitivity table; texts as
        `CrimeFile.parse` takes them.
    tables : bool, default False
        Whether to make the published analyses, too, as far as the inputs allow: a part of the
        report, tables and figures (see `arrest_atlas.tables`).
    votes, agreements, policies, series : str or pathlib.Path, optional
        Files for these analyses, as `arrest_atlas.tables.publish` takes them.
    detainers, city_crime, agencies, county_covariates : str or pathlib.Path, optional
        Further ones.
    as_of : str, optional
        Day on which agreements are to be in force; that of the list by default.
    tiles : str, optional
        Base map below the counties, by its name in xyzservices (``"Esri.WorldGrayCanvas"``).
        By default there is none, and the map needs no network.
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
    given = dict(locals())
    check_folder(out)
    if tiles is not None:
        check_tiles(tiles)
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
            graph=graph,
            treatment=treatment,
            extent=extent,
            surrogates=surrogates,
            kernel_length=kernel_length,
        )
    )
    if also_crime and not sensitivity:
        attempts.make(_without_sensitivity)
    attempts.make(
        lambda: _refuse_idle_tables(
            tables=tables,
            votes=votes,
            agreements=agreements,
            policies=policies,
            series=series,
            detainers=detainers,
            city_crime=city_crime,
            agencies=agencies,
            county_covariates=county_covariates,
            as_of=as_of,
        )
    )
    context = attempts.make(
        lambda: read_context(
            votes=votes,
            agreements=agreements,
            policies=policies,
            series=series,
            detainers=detainers,
            city_crime=city_crime,
            agencies=agencies,
            county_covariates=county_covariates,
            as_of=as_of,
        )
    )
    files = Files(
        crime=crime,
        crime_layout=crime_layout,
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
        crime_covered_share=crime_covered_share,
        arrest_period=arrest_period,
        crime_period=crime_period,
    )
    inputs = attempts.make(lambda: read_inputs(files))
    measures = attempts.make(lambda: read_crime_measures(also_crime))
    attempts.check()
    further = {f"{each.crime.noun}: {each.name}": each.crime.source for each in measures}
    inputs = replace(inputs, sources=inputs.sources | further | context.sources)
    call = Call.of(run, given)
    analysis = analyse(inputs, options, progress=progress, executor=executor)
    changed = None
    if sensitivity:
        changed = change_one_at_a_time(
            inputs, options, also_crime=measures, progress=progress, executor=executor
        )
    published = None
    if tables:
        material = context.material(
            inputs,
            periods=() if arrest_period is None else (inputs.arrest_period,),
            weights=options.weights,
            draws=draws,
            seed=seed,
            located_share=located_share,
        )
        published = make_analyses(material, progress=progress)
    return write_outputs(
        analysis,
        out,
        call=call,
        changed=changed,
        published=published,
        tiles=tiles,
        progress=progress,
    )


def _refuse_idle_tables(*, tables: bool, **files: str | Path | None) -> None:
    """Refuse files of published analyses where none are asked for."""
    asked = True if tables else None
    problems = idle_options(
        {f"--{name.replace('_', '-')}": (file, "--tables", asked) for name, file in files.items()}
    )
    if problems:
        raise InputError(problems)


def _without_sensitivity() -> NoReturn:
    problem = Problem(
        file="--also-crime",
        found="a further crime file without --sensitivity",
        expected="both, since it is a row of the table of --sensitivity",
        action="add --sensitivity, or leave --also-crime out",
    )
    raise InputError([problem])


def demo(
    out: str | Path,
    *,
    seed: int = 0,
    draws: int = 100,
    sensitivity: bool = False,
    tables: bool = False,
    tiles: str | None = None,
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
    sensitivity : bool, default False
        Whether to change one choice of method at a time, as in :func:`run`.
    tables : bool, default False
        Whether to make published analyses, too, as in :func:`run`.
    tiles : str, optional
        Base map below the counties, as in :func:`run`.
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
    call = Call.of(demo, locals())
    check_folder(out)
    if tiles is not None:
        check_tiles(tiles)
    options = Options(draws=draws, seed=seed)
    progress("simulating")
    simulation = simulate(seed=seed)
    analysis = analyse(simulation.inputs, options, progress=progress, executor=executor)
    changed = None
    if sensitivity:
        changed = change_one_at_a_time(
            simulation.inputs, options, progress=progress, executor=executor
        )
    published = None
    if tables:
        material = TableMaterial(inputs=simulation.inputs, draws=draws, seed=seed)
        published = make_analyses(material, progress=progress)
    return write_outputs(
        analysis,
        out,
        call=call,
        planted=simulation.planted,
        changed=changed,
        published=published,
        tiles=tiles,
        progress=progress,
    )
