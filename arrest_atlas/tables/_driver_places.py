"""Places of the regressions: rates, covariates, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.report_parts._wording import capital, decimal, rate
from arrest_atlas.tables._driver_covariates import Covariate
from arrest_atlas.tables._driver_facts import LEVEL_WORDS, DriverFacts
from arrest_atlas.tables._driver_fits import KindFits
from arrest_atlas.tables._driver_units import DriverLevel, DriverUnits
from arrest_atlas.tables.published import PublishedTable
from boundaries import load_counties
from geo import PER
from outputs import ColumnWords

__all__ = ["observed_to_expected", "place_table"]


def place_table(
    units: DriverUnits,
    fits: Sequence[KindFits],
    covariates: Sequence[Covariate],
    facts: DriverFacts,
) -> PublishedTable:
    one, several = LEVEL_WORDS[units.level]
    places = units.covariates.index.rename(units.level)
    frame = pd.DataFrame({"residents": units.people.reindex(places)}, index=places)
    words = {
        units.level: ColumnWords(meaning=f"the {one}"),
        "residents": ColumnWords(meaning="residents", unit="people"),
    }
    for covariate in covariates:
        frame[covariate.name] = units.covariates[covariate.name]
        words[covariate.name] = ColumnWords(
            meaning=f"{covariate.words} ({covariate.source})", unit=covariate.unit
        )
    for each in fits:
        prefix = f"{each.kind}_"
        own = each.arrests.where(units.reasons[each.kind].reindex(places) == "")
        frame[f"{prefix}arrests"] = own
        frame[f"{prefix}rate"] = own / frame["residents"] * PER
        frame[f"{prefix}observed_to_expected"] = observed_to_expected(each).reindex(places)
        frame[f"{prefix}left_out"] = each.left_out
        arrests = "arrests" if each.kind == "all" else f"{each.kind} arrests"
        words |= {
            f"{prefix}arrests": ColumnWords(meaning=f"{arrests}, mean over draws"),
            f"{prefix}rate": ColumnWords(meaning=arrests, unit=f"per {PER:,} residents"),
            f"{prefix}observed_to_expected": ColumnWords(
                meaning=f"rate of {arrests} over the one that least squares expects"
            ),
            f"{prefix}left_out": ColumnWords(
                meaning=f"why the {one} takes no part in regressions of {arrests}; empty if it does"
            ),
        }
    return facts.table(
        title=f"{capital(several)}: arrest rates, covariates, and what the regression leaves over",
        frame=frame,
        shown=_shown_places(frame, covariates, units.level),
        columns=words,
    )


def observed_to_expected(fits: KindFits) -> pd.Series:
    """Set each rate beside the one that least squares expects."""
    if "least squares" not in fits.fits:
        return pd.Series(np.nan, index=fits.left_out.index)
    ratio: pd.Series = np.exp(fits.fits["least squares"].residuals)
    return ratio


_MANY: Final = 60
"""Places up to which each has a row that people read; of more, those farthest from what is
expected."""

_FARTHEST: Final = 20


def _shown_places(
    frame: pd.DataFrame, covariates: Sequence[Covariate], level: DriverLevel
) -> pd.DataFrame:
    rows = frame
    if len(frame) > _MANY:
        off = np.log(frame["all_observed_to_expected"]).abs()
        rows = frame.loc[off.dropna().sort_values(ascending=False, kind="stable").index[:_FARTHEST]]
    counties = load_counties()
    names = (
        counties["name"] + ", " + counties["state"]
        if level == "county_fips"
        else pd.Series(rows.index, index=rows.index)
    )
    texts = pd.DataFrame({capital(LEVEL_WORDS[level][0]): names.reindex(rows.index)})
    texts[f"Arrests per {PER:,}"] = rows["all_rate"].map(rate)
    for covariate in covariates:
        texts[capital(covariate.words)] = rows[covariate.name].map(
            rate if covariate.unit.startswith("per ") else decimal
        )
    texts["Observed to expected"] = rows["all_observed_to_expected"].map(decimal)
    texts["Left out"] = rows["all_left_out"]
    return texts
