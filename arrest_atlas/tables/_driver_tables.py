"""Tables of the regressions of arrest rates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, p_value
from arrest_atlas.tables._driver_covariates import Covariate
from arrest_atlas.tables._driver_facts import LEVEL_WORDS, DriverFacts
from arrest_atlas.tables._driver_fits import MODELS, KindFits
from arrest_atlas.tables._driver_places import place_table
from arrest_atlas.tables._driver_units import DriverUnits
from arrest_atlas.tables.published import PublishedTable
from outputs import ColumnWords

__all__ = ["coefficients", "tables_of"]

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
                **{name: row[name] for name in ("estimate", "standard_error", "low", "high")},
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
        made[f"drivers_{several}"] = place_table(level, mine, covariates, facts)
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
    return facts.table(
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
    return facts.table(
        title="Fit of the regressions, and tests of what least squares leaves over",
        frame=frame,
        shown=pd.DataFrame(texts),
        columns=_MODEL_WORDS,
    )


def _p(p: Any) -> str:
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
        **{f"lm_{name}": tests.loc[name, "statistic"] for name in tests.index},
        **{f"lm_{name}_p": tests.loc[name, "p"] for name in tests.index},
    }
