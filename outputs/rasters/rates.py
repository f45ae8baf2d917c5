"""Surfaces of a rate, out of cases by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import gaussian_filter

from outputs.errors import NoSurfaceError, OutputError
from outputs.rasters._limits import classify, rate_classes
from outputs.rasters._pycnophylactic import smooth_keeping_cases
from outputs.rasters.grid import CellGrid
from outputs.rasters.surface import Band, Floats, Surface

__all__ = ["BANDWIDTH", "Method", "PlaceCases", "rate_surface"]

Method = Literal["mass_preserving", "smoothed"]

BANDWIDTH: Final = 50_000.0
"""Standard deviation of the Gaussian kernel in metres: about one county and its neighbours."""

_PER: Final = 100_000
_HALF: Final = 0.5
_WHOLE: Final = (
    "A place whose cases are known for the whole of it only has one rate in all its cells, which "
    "neither takes from the rates around nor gives to them."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaceCases:
    """Cases by place, at the support at which they are known, and people by unit.

    Attributes
    ----------
    name : str
        For file names: ``"arrest_rate"``.
    title : str
        In words: ``"ICE arrests per 100,000 residents"``.
    cases_word, people_word : str
        What is counted, and per whom: ``"arrests"``, ``"residents"``.
    support : str
        What the places are, in a sentence.
    places : pandas.Series of str
        Place of each unit of the map: the unit itself where its cases are known; where only
        those of a larger place are, the name of this one, which is no unit's; missing where
        nothing is known.
    cases : pandas.Series of float
        By place; missing is no data.
    people : pandas.Series of float
        By unit, above zero or missing.
    """

    name: str
    title: str
    cases_word: str
    people_word: str
    support: str
    places: pd.Series
    cases: pd.Series
    people: pd.Series

    @property
    def known_as_a_whole(self) -> pd.Series:
        """Tell which units lie in a place whose cases are known for the whole of it only.

        Returns
        -------
        pandas.Series of bool
            By unit.
        """
        larger = self.places[self.places.index != self.places].dropna()
        return self.places.isin(larger)

    def __post_init__(self) -> None:
        for what, numbers in ((self.cases_word, self.cases), (self.people_word, self.people)):
            wrong = numbers[(numbers < 0) | np.isinf(numbers.astype("float64"))]
            if len(wrong):
                message = (
                    f"{self.name}: found {wrong.iloc[0]} {what} in {wrong.index[0]}; expected a "
                    "number of at least zero, or none"
                )
                raise OutputError(message)


def rate_surface(
    cells: CellGrid,
    given: PlaceCases,
    *,
    method: Method,
    bandwidth: float = BANDWIDTH,
) -> Surface:
    """Make a surface of a rate out of cases by place.

    People of a unit are spread evenly over its cells. A place that is larger than a unit has
    one rate, the same in all its cells: nothing is known within it, so it neither takes from
    the rates around nor gives to them. The other places, a unit each, are smoothed among
    themselves, as if nothing else were on the map. ``"mass_preserving"`` is Tobler's
    (1979) pycnophylactic method for rates: they are smoothed step by step, and after each
    step those of a place are shifted and scaled until rate times people, summed over the
    place, are its cases again (in float64 to 1e-12, in the float32 of the file to 1e-6).
    ``"smoothed"`` spreads a place's cases over its people and divides cases by people after
    both went through a Gaussian kernel; other cells count in neither, so that borders and
    coasts do not pull rates down. It keeps no unit's cases.

    Neither is evidence about anything smaller than a unit: what varies within one comes from
    its surroundings. A cell belongs to one unit, whatever borders cut it (`surface_grid`); so
    none is a mixture of two places.

    Parameters
    ----------
    cells : CellGrid
        As `surface_grid` lays it.
    given : PlaceCases
        Cases and people. A unit without people, and a place without people or cases, has no
        data.
    method : {"mass_preserving", "smoothed"}
        Which surface.
    bandwidth : float, default 50,000
        Standard deviation of the kernel in metres, of ``"smoothed"``.

    Returns
    -------
    Surface
        Bands of the first: cases per 100,000 people, cases of the cell, people of the cell;
        of the second: cases per 100,000 people.

    Raises
    ------
    OutputError
        If no place has people and cases, or the bandwidth is not above zero.

    References
    ----------
    Tobler, W. R. (1979). Smooth pycnophylactic interpolation for geographical regions.
    Journal of the American Statistical Association 74, 519-530.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from outputs.rasters import surface_grid
    >>> units = gpd.GeoDataFrame(
    ...     index=["a", "b"], geometry=[box(0, 0, 2e4, 2e4), box(2e4, 0, 3e4, 2e4)],
    ...     crs="EPSG:5070")
    >>> given = PlaceCases(
    ...     name="rate", title="Arrests per 100,000 residents", cases_word="arrests",
    ...     people_word="residents", support="Known by unit.",
    ...     places=pd.Series({"a": "a", "b": "b"}), cases=pd.Series({"a": 8.0, "b": 2.0}),
    ...     people=pd.Series({"a": 10_000.0, "b": 10_000.0}))
    >>> surface = rate_surface(surface_grid(units), given, method="mass_preserving")
    >>> surface.bands[1].numbers[:, :4].sum().round(9)
    np.float64(8.0)
    """
    if not 0 < bandwidth < np.inf:
        message = f"found a bandwidth of {bandwidth} m; expected a positive number"
        raise OutputError(message)
    place, people, cases, whole = _known(cells, given)
    known = place >= 0
    inside = cells.inside.copy()
    inside[cells.inside] = known
    place, people = place[known], people[known]
    rate = (cases / np.bincount(place, people, len(cases)))[place]
    smooth = ~whole[place]
    if smooth.any():
        among = inside.copy()
        among[inside] = smooth
        units = (np.cumsum(~whole) - 1)[place[smooth]], people[smooth], cases[~whole]
        if method == "mass_preserving":
            rate[smooth] = smooth_keeping_cases(among, *units)
        else:
            rate[smooth] = _kernel_rate(among, *units, sigma=bandwidth / cells.cell_size)
    laid = np.full(cells.shape, np.nan)
    laid[inside] = rate
    mass = np.full(cells.shape, np.nan)
    mass[inside] = people
    per = f"{given.cases_word} per {_PER:,} {given.people_word}"
    bands = [Band(numbers=_PER * laid, description=given.title, unit=per)]
    if method == "mass_preserving":
        bands += [
            Band(
                numbers=laid * mass,
                description=f"{given.cases_word} of the cell, rate times people",
                unit=f"{given.cases_word} per cell",
            ),
            Band(
                numbers=mass,
                description=f"{given.people_word} of the cell, spread evenly over each unit",
                unit=f"{given.people_word} per cell",
            ),
        ]
    overall = _PER * cases.sum() / people.sum()
    limits, legend = rate_classes(float(overall))
    return Surface(
        name=f"{given.name}_{method}",
        title=given.title,
        note=" ".join(
            [
                given.support,
                *_how(method, bandwidth, some_smooth=bool(smooth.any())),
                *([_WHOLE] if whole.any() else []),
                *_left_out(given, float(cases.sum())),
            ]
        ),
        grid=cells,
        bands=tuple(bands),
        limits=limits,
        classes=classify(bands[0].numbers, limits),
        legend=legend,
    )


def _how(method: Method, bandwidth: float, *, some_smooth: bool) -> Iterator[str]:
    """Word the method, or that there was nothing to smooth."""
    if not some_smooth:
        yield "Nothing is smoothed: no county's own cases are known."
    elif method == "mass_preserving":
        yield (
            "Pycnophylactic (Tobler 1979): smoothed rates that keep the cases of every place. "
            "Cells are no places of cases: what varies within a county comes from its surroundings."
        )
    else:
        yield (
            f"Smoothed by a Gaussian kernel with a standard deviation of {bandwidth / 1000:g} km; "
            "cases of a county are not kept."
        )


def _known(
    cells: CellGrid, given: PlaceCases
) -> tuple[npt.NDArray[np.intp], Floats, Floats, npt.NDArray[np.bool_]]:
    """Give numbers to the places that have cases and people.

    By cell: the place's number, or -1, and its people. By place: cases, and whether they are
    known for the whole of it only.
    """
    place, names = cells.codes(given.places)
    people = cells.spread(given.people)
    cases = given.cases.reindex(names).to_numpy(dtype="float64")
    place = np.where(np.isnan(people), -1, place)
    total = np.bincount(place[place >= 0], people[place >= 0], len(names))
    usable = np.isfinite(cases) & (total > 0)
    if not usable.any():
        message = (
            f"{given.name}: found no place with {given.cases_word} and {given.people_word}; "
            "expected at least one"
        )
        raise NoSurfaceError(message)
    number = np.where(usable, np.cumsum(usable) - 1, -1)
    renumbered = np.where(place >= 0, number[place], -1)
    whole = names.isin(given.places[given.known_as_a_whole])
    return renumbered, people, cases[usable], whole[usable]


def _left_out(given: PlaceCases, kept: float) -> Iterator[str]:
    """Say what lies on no cell, if anything."""
    lost = float(given.cases.sum()) - kept
    if lost >= _HALF:
        yield (
            f"{lost:,.0f} {given.cases_word} of places without {given.people_word}, or outside "
            "the grid, are on no cell."
        )


def _kernel_rate(
    inside: npt.NDArray[np.bool_],
    place: npt.NDArray[np.intp],
    people: Floats,
    cases: Floats,
    *,
    sigma: float,
) -> Floats:
    total = np.bincount(place, people, len(cases))
    laid = np.zeros((2, *inside.shape))
    laid[:, inside] = people * (cases / total)[place], people
    above, below = (gaussian_filter(each, sigma, mode="constant")[inside] for each in laid)
    # Where nobody lives within reach of the kernel there is no rate.
    rate: Floats = np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
    return rate
