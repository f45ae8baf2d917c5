"""From files to the folder of one published analysis, in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from arrest_atlas.analysis import Progress, silent
from arrest_atlas.options import Denominator, idle_options
from arrest_atlas.period import Period
from arrest_atlas.provenance import RUN_FORMAT, Call
from arrest_atlas.reading import Attempts, Files, read_arrest_inputs, read_inputs
from arrest_atlas.records import Programme287g
from arrest_atlas.tables.context import read_context
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.published import PublishedAnalysis
from arrest_atlas.tables.recipes import RECIPES
from geo import DuplicateRule, InputError, Problem
from outputs import (
    RUN_FILE,
    SUMMARY_FILE,
    check_folder,
    provenance_lines,
    render_report,
    run_json,
    software_versions,
    summary_json,
    whole_folder,
    write_geopackage,
    write_tables,
    write_text,
)

__all__ = ["publish"]

_TABLES: Final = "tables"
_FIGURES: Final = "figures"


def publish(
    out: str | Path,
    *,
    name: str,
    arrests: str | Path | Sequence[str | Path] = (),
    sheets: Sequence[str] = (),
    duplicates: DuplicateRule = "episode",
    programme_287g: Programme287g = "other",
    aliases: str | Path | None = None,
    arrests_by_aor: str | Path | None = None,
    arrests_by_state: str | Path | None = None,
    arrests_by_county: str | Path | None = None,
    arrest_period: str | None = None,
    periods: Sequence[str] = (),
    noncitizens: str | Path | None = None,
    noncitizens_column: str | None = None,
    residents: str | Path | None = None,
    residents_column: str | None = None,
    crime: str | Path | None = None,
    crime_layout: str | None = None,
    crime_column: str | None = None,
    crime_filter: Mapping[str, Sequence[str]] | None = None,
    crime_covered_share: str | None = None,
    crime_period: str | None = None,
    votes: str | Path | None = None,
    agreements: str | Path | None = None,
    policies: str | Path | None = None,
    series: str | Path | None = None,
    detainers: str | Path | None = None,
    city_crime: str | Path | None = None,
    agencies: str | Path | None = None,
    county_covariates: str | Path | None = None,
    as_of: str | None = None,
    weights: Denominator | None = None,
    draws: int = 100,
    seed: int = 0,
    located_share: float = 0.5,
    progress: Progress = silent,
) -> PublishedAnalysis:
    """Make a published analysis on one's own files, and write it.

    Parameters
    ----------
    out : str or pathlib.Path
        Folder for the outputs: new, empty, or that of an earlier run. It receives a page
        (``rates.html``), a GeoPackage (``rates.gpkg``), ``summary.json``, ``run.json`` and
        the folders ``tables`` and ``figures``, all or none.
    name : str
        Which: a key of `RECIPES`.
    arrests : str or pathlib.Path, or sequence of these, optional
        Records of arrests, as `arrest_atlas.run` takes them.
    sheets : sequence of str, optional
        Sheets of workbooks to read.
    duplicates : {"episode", "same-day", "identifier-and-time", "none"}, default "episode"
        When a record repeats another.
    programme_287g : {"other", "custodial"}, default "other"
        Class of arrests of the programme 287(g).
    aliases : str or pathlib.Path, optional
        CSV of further names of places.
    arrests_by_aor, arrests_by_state, arrests_by_county : str or pathlib.Path, optional
        Published counts in place of records.
    arrest_period : str, optional
        When the counts are of; of records, the days to count.
    periods : sequence of str, optional
        Days to tell apart, such as ``2024`` and ``2025-01-20/2026-08-06``. By default 2024
        and the days from 2025-01-20 on, as far as records have them.
    noncitizens : str or pathlib.Path, optional
        Non-citizens by county, as `arrest_atlas.run` takes them.
    noncitizens_column : str, optional
        Their column.
    residents : str or pathlib.Path, optional
        Residents by county, as `arrest_atlas.run` takes them.
    residents_column : str, optional
        Their column.
    crime : str or pathlib.Path, optional
        Violent crime by county, as `arrest_atlas.run` takes it.
    crime_layout, crime_column : str, optional
        How to read it.
    crime_filter : mapping of str to sequence of str, optional
        Rows of it to keep.
    crime_covered_share, crime_period : str, optional
        Its column of the share of residents whose police reported, and its period.
    votes : str or pathlib.Path, optional
        Votes for president by county, as `geo.context.read_votes` reads them.
    agreements : str or pathlib.Path, optional
        ICE's list of 287(g) agreements, as `geo.context.read_agreements` reads it.
    policies : str or pathlib.Path, optional
        Policies of states or counties, as `geo.context.read_policies` reads them.
    series : str or pathlib.Path, optional
        Arrests by day or week, as `geo.arrest_series.read_arrest_series` reads them.
    detainers : str or pathlib.Path, optional
        Records of detainers, as `geo.detainers.read_detainers` reads them.
    city_crime : str or pathlib.Path, optional
        Crimes by police agency and year, as `geo.crime.read_agency_offenses` reads them.
    agencies : str or pathlib.Path, optional
        A list of police agencies, as `geo.crime.read_agencies` reads it.
    county_covariates : str or pathlib.Path, optional
        Columns by county, as `geo.context.read_county_covariates` reads them.
    as_of : str, optional
        Day on which agreements are to be in force; that of the list by default.
    weights : {"residents", "noncitizens"}, optional
        People by whom arrests are imputed: non-citizens where their file is given.
    draws : int, default 100
        Imputations.
    seed : int, default 0
        Seed of every random number.
    located_share : float, default 0.5
        Located share of a zone's arrests from which on its counties have figures of their own.
    progress : callable, optional
        Receives a few words at each step.

    Returns
    -------
    PublishedAnalysis
        What was written.

    Raises
    ------
    InputError
        With every problem of every input at once; nothing is written.
    OutputError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> publish(Path(tempfile.mkdtemp()) / "out", name="rates")
    Traceback (most recent call last):
    geo.errors.InputError: arrests: found no file; expected ...
    """
    given = dict(locals())
    recipe = _recipe(name)
    check_folder(out)
    progress("reading")
    attempts = Attempts()
    files = Files(
        arrests=[arrests] if isinstance(arrests, str | Path) else list(arrests),
        sheets=sheets,
        duplicates=duplicates,
        programme_287g=programme_287g,
        aliases=aliases,
        arrests_by_aor=arrests_by_aor,
        arrests_by_state=arrests_by_state,
        arrests_by_county=arrests_by_county,
        arrest_period=arrest_period,
        noncitizens=noncitizens,
        noncitizens_column=noncitizens_column,
        residents=residents,
        residents_column=residents_column,
        crime=crime,
        crime_layout=crime_layout,
        crime_column=crime_column,
        crime_filter=crime_filter,
        crime_covered_share=crime_covered_share,
        crime_period=crime_period,
    )
    attempts.make(lambda: _refuse_idle(files))
    read = read_arrest_inputs if crime is None else read_inputs
    inputs = None
    if series is None or files.arrests:  # a series stands for itself
        inputs = attempts.make(lambda: read(files))
    spans = [attempts.make(partial(Period.parse, text, option="--period")) for text in periods]
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
    attempts.check()
    material = context.material(
        inputs,
        periods=tuple(spans),
        weights=weights or ("residents" if noncitizens is None else "noncitizens"),
        draws=draws,
        seed=seed,
        located_share=located_share,
    )
    _refuse_what_lacks(recipe, material)
    recorded = Call.of(publish, given)
    progress(f"making {name}")
    analysis = recipe.make(material)
    progress("writing")
    _write(analysis, out, recorded)
    return analysis


def _recipe(name: str) -> Recipe:
    if name in RECIPES:
        return RECIPES[name]
    problem = Problem(
        file="table", found=repr(name), expected=", ".join(RECIPES), action="choose one of these"
    )
    raise InputError([problem])


def _refuse_idle(files: Files) -> None:
    """Refuse options that say something of crime where no crime is given."""
    options = {
        "--crime-layout": files.crime_layout,
        "--crime-column": files.crime_column,
        "--crime-filter": files.crime_filter or None,
        "--crime-covered-share": files.crime_covered_share,
        "--crime-period": files.crime_period,
    }
    problems = idle_options(
        {option: (value, "--crime", files.crime) for option, value in options.items()}
    )
    if problems:
        raise InputError(problems)


def _refuse_what_lacks(recipe: Recipe, material: TableMaterial) -> None:
    problems = [
        Problem(
            file=f"table {recipe.name}",
            found="no file",
            expected=lacking,
            action="give the file",
        )
        for lacking in recipe.lacks(material)
    ]
    if problems:
        raise InputError(problems)


def _write(analysis: PublishedAnalysis, out: str | Path, call: Call) -> None:
    layers = {name: table.to_layer() for name, table in analysis.tables.items()}
    words = {name: table.words for name, table in analysis.tables.items()}
    made_by = _provenance(analysis, call)
    page = analysis_page(
        analysis,
        made_by=provenance_lines(made_by),
        version=made_by["versions"]["arrest-atlas"],
    )
    title = f"{analysis.question}{' SIMULATED' if analysis.simulated else ''}"
    with whole_folder(out) as folder:
        write_geopackage(
            folder / f"{analysis.name}.gpkg",
            layers,
            title=title,
            metadata={"provenance": made_by},
            words=words,
        )
        write_tables(folder / _TABLES, layers, words=words)
        write_text(folder / f"{analysis.name}.html", render_report(page))
        (folder / _FIGURES).mkdir()
        for name, svg in analysis.figures.items():
            write_text(folder / _FIGURES / f"{name}.svg", svg)
        write_text(folder / SUMMARY_FILE, summary_json(_summary(analysis)))
        write_text(folder / RUN_FILE, run_json(made_by, folder))


def _summary(analysis: PublishedAnalysis) -> dict[str, Any]:
    return {
        "data": "SIMULATED" if analysis.simulated else "as given",
        "table": analysis.name,
        "question": analysis.question,
        "findings": list(analysis.findings),
        "limits": list(analysis.limits),
        "tables": {
            name: {"rows": len(table.frame), **table.facts}
            for name, table in analysis.tables.items()
        },
    }


def _provenance(analysis: PublishedAnalysis, call: Call) -> dict[str, Any]:
    return {
        "software": "arrest-atlas",
        "format": RUN_FORMAT,
        "data": "SIMULATED" if analysis.simulated else "as given",
        "question": analysis.question,
        "command": call.command,
        "options": call.options,
        "seed": call.options["seed"],
        "inputs": call.inputs,
        "versions": software_versions(),
        "counts": {name: len(table.frame) for name, table in analysis.tables.items()},
        "warnings": [],
    }
