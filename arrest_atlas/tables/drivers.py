"""What goes with arrest rates: votes, non-citizens, violent crime, policies.

After "State Variations in ICE Arrests Following the 2024 Election" (UCLA Center for
Neighborhood Knowledge, July 2025).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from arrest_atlas.counting import Kind
from arrest_atlas.report_parts._wording import capital
from arrest_atlas.tables._driver_covariates import Covariate
from arrest_atlas.tables._driver_facts import LEVEL_WORDS, DriverFacts
from arrest_atlas.tables._driver_figures import figures_of
from arrest_atlas.tables._driver_fits import KindFits, fit_kinds
from arrest_atlas.tables._driver_tables import tables_of
from arrest_atlas.tables._driver_units import DriverUnits, gather
from arrest_atlas.tables._driver_words import findings_of, limits_of
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis
from geo import InputError, Problem

__all__ = ["RECIPE", "Covariate", "DriverUnits", "drivers", "drivers_of"]

QUESTION: Final = "What goes with arrest rates: votes, non-citizens, violent crime, policies?"


def drivers(
    units: Sequence[DriverUnits],
    covariates: Sequence[Covariate],
    *,
    period: str,
    source: str,
    support: str = "",
    unassigned: Mapping[Kind, int] | None = None,
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> PublishedAnalysis:
    """Regress arrest rates on what is known of the places.

    Parameters
    ----------
    units : sequence of DriverUnits
        States, and counties if there are any.
    covariates : sequence of Covariate
        What is set beside the rates, columns of each level's covariates.
    period : str
        Days of the arrests.
    source : str
        Where arrests come from.
    support : str, optional
        How finely they are known.
    unassigned : mapping of str to int, optional
        Arrests of no state, by kind.
    notes : sequence of str, optional
        What else is to be said of the inputs.
    simulated : bool, default False
        Whether the data are made up.

    Returns
    -------
    PublishedAnalysis
        Least squares with robust errors (HC3; by state, for counties), spatial error and lag,
        Moran eigenvector filter, Poisson and negative binomial, pooled over imputations;
        nothing causal.

    Raises
    ------
    InputError
        If no regression can be fitted.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from libpysal.graph import Graph
    >>> places = pd.Index(["AL", "AR", "AZ", "CO", "CT", "DE", "FL", "GA"], name="state")
    >>> units = DriverUnits(
    ...     level="state", people=pd.Series(1e6, index=places),
    ...     arrests={"all": pd.DataFrame([[10, 21, 40, 79, 11, 19, 41, 80]], columns=places)},
    ...     covariates=pd.DataFrame({"x": [1.0, 2, 3, 4, 1, 2, 3, 4]}, index=places),
    ...     reasons={"all": pd.Series("", index=places)},
    ...     graph=Graph.from_arrays(places, np.roll(places, 1), [1] * 8))
    >>> about = Covariate(name="x", words="a score", unit="points", source="made up")
    >>> drivers([units], [about], period="2025", source="made up").findings[0]
    'Across 8 states, a difference of one standard deviation in a score (SD 1.20) goes with...'
    """
    fits = list(fit_kinds(units, covariates))
    if not any(each.fits for each in fits):
        raise InputError([_nothing(each) for each in fits])
    facts = DriverFacts(
        period=period,
        source=f"Arrests: {source}. "
        + "; ".join(f"{capital(each.words)}: {each.source}" for each in covariates),
        support=support or "known for each place that takes part",
    )
    figures, captions = figures_of(fits, units, covariates, facts, simulated=simulated)
    return PublishedAnalysis(
        name="drivers",
        question=QUESTION,
        findings=tuple(findings_of(fits, covariates)),
        limits=tuple(limits_of(fits, unassigned or {}, notes)),
        tables=tables_of(fits, units, covariates, facts),
        figures=figures,
        captions=captions,
        simulated=simulated,
    )


def drivers_of(material: TableMaterial) -> PublishedAnalysis:
    """Make the analysis from what the user gave.

    Parameters
    ----------
    material : TableMaterial
        Arrests, people, crime, votes, and policies where there are any.

    Returns
    -------
    PublishedAnalysis
        As `drivers`.

    Raises
    ------
    InputError
        If arrests are known by office alone, or no regression can be fitted.

    Examples
    --------
    >>> RECIPE.needs
    ('crime', 'noncitizens', 'votes')
    """
    gathered = gather(material, material.policies)
    inputs = material.arrests
    files = sorted({each.file for what, each in inputs.sources.items() if "arrest" in what})
    return drivers(
        gathered.levels,
        gathered.covariates,
        period=str(gathered.span),
        source=", ".join(files) or "not stated",
        support=_support(gathered.levels),
        unassigned=gathered.unassigned,
        notes=[*gathered.notes, *inputs.notes],
        simulated=inputs.simulated,
    )


RECIPE: Final = Recipe(
    name="drivers",
    help="what goes with arrest rates: votes, non-citizens, violent crime, policies",
    make=drivers_of,
    needs=("crime", "noncitizens", "votes"),
    takes=("policies",),
    counts=True,
    people=True,
    imputes=True,
)


def _support(units: Sequence[DriverUnits]) -> str:
    said = "states: known by the record, or drawn where only the office is known"
    if any(each.level == "county_fips" for each in units):
        said += (
            "; counties: only those of zones of whose arrests enough are located by county, the "
            "others drawn"
        )
    return said


def _nothing(fits: KindFits) -> Problem:
    return Problem(
        file="drivers",
        where=f"{LEVEL_WORDS[fits.level][1]}, {fits.kind} arrests",
        found=str(fits.failed["least squares"]),
        expected="places of which arrests and every covariate are known",
        action="check the files, or give others",
    )
