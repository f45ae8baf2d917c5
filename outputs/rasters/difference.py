"""The difference of two surfaces, each as standard scores."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from outputs.errors import OutputError
from outputs.rasters._limits import classify, difference_classes
from outputs.rasters.surface import Band, Floats, Surface

__all__ = ["standardised_difference"]


def standardised_difference(
    first: Surface,
    second: Surface,
    *,
    people: tuple[pd.Series, pd.Series],
    name: str,
    words: tuple[str, str],
) -> Surface:
    """Subtract two rates, each as a standard score.

    Over the cells where both have data, a rate r becomes z = (r - m) / s, where m and s are
    mean and standard deviation with people as weights (of mass-preserving surfaces, m is the
    overall rate). The difference is z of the first less z of the second; 1 means that the
    first rate stands one standard deviation of its own map higher, among all people, than the
    second does in its map. It is a description without a p-value: no test of
    whether two maps differ.

    Give both on the same places: a rate that is known by larger places varies less, and
    the difference would show that.

    Parameters
    ----------
    first, second : Surface
        Of `rate_surface`, on the same grid.
    people : tuple of two pandas.Series
        The denominators by unit: the weights.
    name : str
        For file names.
    words : tuple of two str
        What the two are, ``("arrests", "crime")``.

    Returns
    -------
    Surface
        Nothing but no data where one of the rates is the same everywhere.

    Raises
    ------
    OutputError
        If the grids differ, or no cell has both.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from outputs.rasters import PlaceCases, rate_surface, surface_grid
    >>> units = gpd.GeoDataFrame(
    ...     index=["a", "b"], geometry=[box(0, 0, 1e4, 1e4), box(1e4, 0, 2e4, 1e4)],
    ...     crs="EPSG:5070")
    >>> cells, people = surface_grid(units), pd.Series({"a": 9e4, "b": 9e4})
    >>> def surface(cases):
    ...     return rate_surface(cells, PlaceCases(
    ...         name="rate", title="Rate", cases_word="cases", people_word="residents",
    ...         support="Known by unit.", places=pd.Series({"a": "a", "b": "b"}),
    ...         cases=pd.Series(cases), people=people), method="smoothed", bandwidth=1e3)
    >>> one, other = surface({"a": 8.0, "b": 2.0}), surface({"a": 1.0, "b": 7.0})
    >>> standardised_difference(
    ...     one, other, people=(people, people), name="difference", words=("arrests", "crime")
    ... ).bands[0].numbers.round().tolist()
    [[2.0, 2.0, -2.0, -2.0], [2.0, 2.0, -2.0, -2.0]]
    """
    cells = first.grid
    if cells is not second.grid:
        message = "found surfaces on two grids; expected one grid for both"
        raise OutputError(message)
    rates = (first.bands[0].numbers, second.bands[0].numbers)
    both = np.isfinite(rates[0]) & np.isfinite(rates[1])
    if not both.any():
        message = f"found no cell with both {words[0]} and {words[1]}; expected some"
        raise OutputError(message)
    scores = [
        _standard_scores(rate, cells.raster(cells.spread(weights)), both)
        for rate, weights in zip(rates, people, strict=True)
    ]
    difference = scores[0] - scores[1]
    limits, legend = difference_classes(*words)
    return Surface(
        name=name,
        title=f"Standardised rate of {words[0]} less that of {words[1]}",
        note=(
            f"Descriptive, no test. Both rates as standard scores weighted by people. {first.note} "
            f"{words[1].capitalize()} on the same places."
        ),
        grid=cells,
        bands=(
            Band(
                numbers=difference,
                description="difference of standard scores",
                unit="standard deviations",
            ),
        ),
        limits=limits,
        classes=classify(difference, limits),
        legend=legend,
    )


def _standard_scores(rate: Floats, weights: Floats, both: npt.NDArray[np.bool_]) -> Floats:
    values, weight = rate[both], weights[both]
    mean = np.average(values, weights=weight)
    spread = np.sqrt(np.average((values - mean) ** 2, weights=weight))
    scores = np.full(rate.shape, np.nan)
    # What rounding leaves of a rate that is the same everywhere is no variation.
    if spread > 1e-9 * abs(mean):
        scores[both] = (values - mean) / spread
    return scores
