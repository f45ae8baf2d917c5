"""Tables of the regressions of arrest rates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, p_value, rate
from arrest_atlas.tables._driver_fits import HALF, MODELS, KindFits
from arrest_atlas.tables._driver_units import Covariate, DriverLevel, DriverUnits
from arrest_atlas.tables.published import PublishedTable
from boundaries import load_counties
from geo import PER
from outputs import ColumnWords

__all__ = ["LEVEL_WORDS", "DriverFacts", "coefficients", "tables_of"]

LEVEL_WORDS: Final[dict[DriverLevel, tuple[str, str]]] = {
    "state": ("state", "states"),
    "county_fips": ("county", "counties"),
}
"""One and several."""

_RATIO: Final = "ratio of arrest rates for one standard deviation more of the covariate"

_COEFFICIENT_WORDS: Final = {
    "level": ColumnWords(meaning="what a unit of the regression is"),
    "kind": ColumnWords(meaning="which arrests: all, custodial or community"),
    "model": ColumnWords(meaning="the regression"),
    "term": ColumnWords(meaning="covariate, intercept, or a parameter of the model"),
    "places": ColumnWords(meaning="units that take part"),
    "estimate": ColumnWords(
        meaning="difference of the natural logarithm of the arrest rate for one unit of the "
        "covariate; of lambda, rho and alpha the parameter itself"
    ),
    "standard_error": ColumnWords(meaning="standard error of the estimate, pooled over draws"),
    "low": ColumnWords(meaning="lower end of the 90 % interval of the estimate"),
    "high": ColumnWords(meaning="upper end of the 90 % interval of the estimate"),
    "standard_deviation": ColumnWords(meaning="of the covariate among the units"),
    "ratio": ColumnWords(meaning=_RATIO),
    "ratio_low": ColumnWords(meaning=f"lower end of the 90 % interval of the {_RATIO}"),
    "ratio_high": ColumnWords(meaning=f"upper end of the 90 % interval of the {_RATIO}"),
    "standardised": ColumnWords(
        meaning="difference in standard deviations of the log rate for one standard deviation of "
        "the covariate; none for models of counts"
    ),
    "partial_r2": ColumnWords(
        meaning="share of what the other covariates leave over that this one explains; of least "
        "squares only"
    ),
    "reason": ColumnWords(meaning="why there is no estimate"),
}

_MODEL_WORDS: Final = {
    **{name: _COEFFICIENT_WORDS[name] for name in ("level", "kind", "model", "places", "reason")},
    "draws": ColumnWords(meaning="different imputations that were fitted and pooled"),
    "isolates": ColumnWords(meaning="units without a neighbour among those that take part"),
    "r2": ColumnWords(meaning="share of the variance of the log rate that is explained"),
    "adjusted_r2": ColumnWords(meaning="the same, less what chance explains"),
    "condition_number": ColumnWords(meaning="of the correlation of the covariates"),
    "largest_vif": ColumnWords(meaning="largest variance inflation factor of a covariate"),
    "log_likelihood": ColumnWords(meaning="of the model, where it is fitted by it"),
    "lambda": ColumnWords(meaning="autocorrelation of the error"),
    "rho": ColumnWords(meaning="weight of the neighbours' outcome"),
    "total": ColumnWords(meaning="1 / (1 - rho): a coefficient times this is the total difference"),
    "alpha": ColumnWords(meaning="overdispersion of the negative binomial"),
    "dispersion": ColumnWords(meaning="Pearson's chi-squared over its degrees of freedom"),
    "eigenvectors": ColumnWords(meaning="Moran eigenvectors beside the covariates, mean of draws"),
    "moran_i": ColumnWords(meaning="Moran's I of the residuals of least squares"),
    "moran_expected": ColumnWords(meaning="what it is expected to be where errors are independent"),
    "moran_z": ColumnWords(meaning="its standard score, mean over draws"),
    "moran_p": ColumnWords(meaning="two-sided p-value of that"),
    "lm_error": ColumnWords(meaning="Lagrange multiplier for a spatial error"),
    "lm_error_p": ColumnWords(meaning="p-value of that"),
    "lm_lag": ColumnWords(meaning="Lagrange multiplier for a spatial lag"),
    "lm_lag_p": ColumnWords(meaning="p-value of that"),
    "lm_robust_error": ColumnWords(meaning="the same for an error, whether or not there is a lag"),
    "lm_robust_error_p": ColumnWords(meaning="p-value of that"),
    "lm_robust_lag": ColumnWords(meaning="the same for a lag, whether or not there is an error"),
    "lm_robust_lag_p": ColumnWords(meaning="p-value of that"),
}


@dataclass(frozen=True, kw_only=True)
class DriverFacts:
    """What is said of every table.

    Attributes
    ----------
    period : str
        Days of the arrests.
    source : str
        Where arrests and covariates come from.
    support : str
        How finely the arrests are known.
    """

    period: str
    source: str
    support: str

    @property
    def denominator(self) -> str:
        """Say to what rates refer.

        Returns
        -------
        str
            In words.
        """
        return (
            f"residents; regressions of the logarithm of (arrests + {HALF:g}) / residents, or of "
            "arrests with residents as the exposure"
        )


def coefficients(fits: Sequence[KindFits], covariates: Sequence[Covariate]) -> pd.DataFrame:
    """List every coefficient, and every model that has none with its reason."""
    return pd.DataFrame(
        [row for each in fits for row in _rows(each, covariates)],
        columns=list(_COEFFICIENT_WORDS),
    )


def _rows(fits: KindFits, covariates: Sequence[Covariate]) -> Iterator[dict[str, Any]]:
    for model in MODELS:
        named = {"level": fits.level, "kind": fits.kind, "model": model}
        if model not in fits.fits:
            for covariate in covariates:
                yield {**named, "term": covariate.name, "reason": fits.failed[model]}
            continue
        fit = fits.fits[model]
        for term, row in fit.to_frame().iterrows():
            of_covariate = term in fits.explained.index
            yield {
                **named,
                "term": term,
                "places": fit.n,
                **row[["estimate", "standard_error", "low", "high"]].to_dict(),
                "standard_deviation": fit.spreads.get(str(term), np.nan),
                "ratio": np.exp(row["per_sd"]),
                "ratio_low": np.exp(row["per_sd_low"]),
                "ratio_high": np.exp(row["per_sd_high"]),
                "standardised": row["standardised"],
                "partial_r2": fits.explained.get(str(term), np.nan)
                if of_covariate and model == "least squares"
                else np.nan,
                "reason": "",
            }


def tables_of(
    fits: Sequence[KindFits],
    units: Sequence[DriverUnits],
    covariates: Sequence[Covariate],
    facts: DriverFacts,
) -> dict[str, PublishedTable]:
    """Make every table, the coefficients first."""
    made = {
        "drivers_coefficients": _coefficient_table(fits, covariates, facts),
        "drivers_models": _model_table(fits, facts),
    }
    for level in units:
        mine = [each for each in fits if each.level == level.level]
        _, several = LEVEL_WORDS[level.level]
        made[f"drivers_{several}"] = _place_table(level, mine, covariates, facts)
    return made


def _coefficient_table(
    fits: Sequence[KindFits], covariates: Sequence[Covariate], facts: DriverFacts
) -> PublishedTable:
    frame = coefficients(fits, covariates)
    words = {each.name: each.words for each in covariates}
    shown = frame[
        frame["term"].isin(list(words))
        & ((frame["kind"] == "all") | (frame["model"] == "least squares"))
    ]
    texts = [
        {
            "Covariate": capital(words[str(row.term)]),
            "Units": LEVEL_WORDS[row.level][1],  # type: ignore[index]
            "Arrests": row.kind,
            "Model": row.model,
            "Places": count(row.places),
            "Rate ratio per SD (90% interval)": ratio_text(row),
            "Standardised": decimal(row.standardised),
            "Partial R\u00b2": decimal(row.partial_r2),
        }
        for row in shown.itertuples()
    ]
    return _table(
        facts,
        title="Coefficients of the regressions of arrest rates",
        frame=frame,
        shown=pd.DataFrame(texts),
        columns=_COEFFICIENT_WORDS,
    )


def ratio_text(row: Any) -> str:
    """Write a rate ratio with its interval, or why there is none."""
    if pd.isna(row.ratio):
        return f"none: {row.reason}"
    return f"{decimal(row.ratio)} ({decimal(row.ratio_low)} to {decimal(row.ratio_high)})"


def _model_table(fits: Sequence[KindFits], facts: DriverFacts) -> PublishedTable:
    frame = pd.DataFrame(
        [_model_row(each, model) for each in fits for model in MODELS], columns=list(_MODEL_WORDS)
    )
    told = frame[frame["model"] == "least squares"]
    texts = [
        {
            "Units": LEVEL_WORDS[row.level][1],  # type: ignore[index]
            "Arrests": row.kind,
            "Places": count(row.places),
            "Without neighbours": count(row.isolates),
            "Draws": count(row.draws),
            "R\u00b2": decimal(row.r2),
            "Largest VIF": decimal(row.largest_vif),
            "Moran's I of residuals": f"{decimal(row.moran_i)} (p {_p(row.moran_p)})",
            "LM error": f"{decimal(row.lm_error)} (p {_p(row.lm_error_p)})",
            "LM lag": f"{decimal(row.lm_lag)} (p {_p(row.lm_lag_p)})",
            "Robust LM error": f"{decimal(row.lm_robust_error)} (p {_p(row.lm_robust_error_p)})",
            "Robust LM lag": f"{decimal(row.lm_robust_lag)} (p {_p(row.lm_robust_lag_p)})",
        }
        for row in told.itertuples()
    ]
    return _table(
        facts,
        title="Fit of the regressions, and tests of what least squares leaves over",
        frame=frame,
        shown=pd.DataFrame(texts),
        columns=_MODEL_WORDS,
    )


def _p(p: float) -> str:
    said = p_value(p)
    return said if said.startswith(("<", NONE)) else f"= {said}"


def _model_row(fits: KindFits, model: str) -> dict[str, Any]:
    row: dict[str, Any] = {"level": fits.level, "kind": fits.kind, "model": model}
    fit = fits.fits.get(model)  # type: ignore[call-overload]
    if fit is None:
        return {**row, "reason": fits.failed[model]}  # type: ignore[index]
    row |= {"places": fit.n, "draws": fits.draws, **fit.summary, "reason": ""}
    found = fits.diagnostics
    if model != "least squares" or found is None:
        return row
    tests = found.multipliers.to_frame()
    return {
        **row,
        "isolates": found.moran.isolates,
        "moran_i": found.moran.statistic,
        "moran_expected": found.moran.expected,
        "moran_z": found.moran.z,
        "moran_p": found.moran.p,
        **{f"lm_{name}": tests.at[name, "statistic"] for name in tests.index},
        **{f"lm_{name}_p": tests.at[name, "p"] for name in tests.index},
    }


def _place_table(
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
    return _table(
        facts,
        title=f"{capital(several)}: arrest rates, covariates, and what the regression leaves over",
        frame=frame,
        shown=_shown_places(frame, covariates, units.level),
        columns=words,
    )


def observed_to_expected(fits: KindFits) -> pd.Series:
    """Set each rate beside the one that least squares expects."""
    if "least squares" not in fits.fits:
        return pd.Series(np.nan, index=fits.left_out.index)
    return np.exp(fits.fits["least squares"].residuals)


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


def _table(facts: DriverFacts, **content: Any) -> PublishedTable:
    return PublishedTable(
        period=facts.period,
        denominator=facts.denominator,
        support=facts.support,
        source=facts.source,
        **content,
    )
