"""Surfaces of rates on an equal-area grid, as GeoTIFF and as images for a map."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import gaussian_filter

from outputs._rasters import files, grid, overlay, styles
from outputs._rasters.classes import classify, difference_classes, rate_classes
from outputs._rasters.grid import CellGrid
from outputs._rasters.pycnophylactic import smooth_keeping_cases
from outputs.classes import ImageOverlay, LegendClass
from outputs.errors import NoSurfaceError, OutputError
from outputs.summary import plain

__all__ = [
    "BANDWIDTH",
    "CELL_SIZE",
    "Band",
    "CellGrid",
    "Method",
    "PlaceCases",
    "Surface",
    "class_surface",
    "draw_overlay",
    "rate_surface",
    "standardised_difference",
    "surface_grid",
    "write_surface",
]

Method = Literal["mass_preserving", "smoothed"]
Floats = npt.NDArray[np.float64]

CELL_SIZE: Final = 5_000.0
"""Side of a cell in metres. The median county then has 65 cells, and only five of 3,108 hold no
cell's centre (at 10 km, 14, Hudson County of New Jersey with 670,000 residents among them)."""

BANDWIDTH: Final = 50_000.0
"""Standard deviation of the Gaussian kernel in metres: about one county and its neighbours."""

_PER: Final = 100_000
_HALF: Final = 0.5


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
        Place of each unit of the map: the unit itself where its cases are known, a larger
        place where only this one's are; missing where nothing is known.
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

    def __post_init__(self) -> None:
        for what, numbers in ((self.cases_word, self.cases), (self.people_word, self.people)):
            wrong = numbers[(numbers < 0) | np.isinf(numbers.astype("float64"))]
            if len(wrong):
                message = (
                    f"{self.name}: found {wrong.iloc[0]} {what} in {wrong.index[0]}; expected a "
                    "number of at least zero, or none"
                )
                raise OutputError(message)


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """One band of numbers.

    Attributes
    ----------
    numbers : numpy.ndarray of float
        Rows and columns of the grid; NaN for no data.
    description : str
        What they are.
    unit : str
        In what they are measured.
    """

    numbers: Floats
    description: str
    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """Values on a grid, in numbers and in classes.

    Attributes
    ----------
    name : str
        For file names.
    title : str
        What it shows.
    note : str
        How it was made and what it does not show.
    grid : CellGrid
        Its cells.
    bands : tuple of Band
        The numbers, those that the classes are of first; none where there are but classes.
    limits : tuple of float
        Upper limits of the classes but the last.
    classes : numpy.ndarray of uint8
        Class by row and column, from 1; 0 for no data.
    legend : tuple of LegendClass
        The classes in order.
    """

    name: str
    title: str
    note: str
    grid: CellGrid
    bands: tuple[Band, ...]
    limits: tuple[float, ...]
    classes: npt.NDArray[np.uint8]
    legend: tuple[LegendClass, ...]


def surface_grid(units: gpd.GeoDataFrame, *, cell_size: float = CELL_SIZE) -> CellGrid:
    """Lay a grid of square cells over a map.

    A cell belongs to the unit that holds its centre. A unit too small to hold one is given
    the nearest cell whose own unit has others, so that no unit's cases are lost; it then
    lies up to a few cells away from its place (``grid.moved`` names it).

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        Polygons of an equal-area projection in metres, such as EPSG:5070.
    cell_size : float, default 5,000
        Side of a cell in metres.

    Returns
    -------
    CellGrid
        The cells.

    Raises
    ------
    OutputError
        If the projection is another, a unit stands twice, or cells are too many or too
        large for each unit to have one.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> units = gpd.GeoDataFrame(
    ...     index=["a", "b"], geometry=[box(0, 0, 2e4, 2e4), box(2e4, 0, 3e4, 2e4)],
    ...     crs="EPSG:5070")
    >>> surface_grid(units).shape
    (4, 6)
    """
    return grid.cell_grid(units, cell_size=cell_size)


def rate_surface(
    cells: CellGrid,
    given: PlaceCases,
    *,
    method: Method,
    bandwidth: float = BANDWIDTH,
) -> Surface:
    """Make a surface of a rate out of cases by place.

    People of a unit are spread evenly over its cells. ``"mass_preserving"`` is Tobler's
    (1979) pycnophylactic method for rates: they are smoothed step by step, and after each
    step those of a place are shifted and scaled until rate times people, summed over the
    place, are its cases again (in float64 to 1e-12, in the float32 of the file to 1e-6).
    ``"smoothed"`` spreads a place's cases over its people and divides cases by people after
    both went through a Gaussian kernel; cells without data count in neither, so that borders
    and coasts do not pull rates down. It keeps no place's cases.

    Neither is evidence about anything smaller than a place: what varies within a place comes
    from its surroundings.

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
    >>> from shapely.geometry import box
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
    place, people, cases = _known(cells, given)
    known = place >= 0
    inside = cells.inside.copy()
    inside[cells.inside] = known
    if method == "mass_preserving":
        rate = smooth_keeping_cases(inside, place[known], people[known], cases)
        note = (
            "Pycnophylactic (Tobler 1979): smoothed rates that keep the cases of every place. "
            "Cells are no places of cases: what varies within a place comes from its surroundings."
        )
    else:
        rate = _kernel_rate(
            inside, place[known], people[known], cases, sigma=bandwidth / cells.cell_size
        )
        note = (
            f"Smoothed by a Gaussian kernel with a standard deviation of {bandwidth / 1000:g} km; "
            "cases of a place are not kept."
        )
    laid = np.full(cells.shape, np.nan)
    laid[inside] = rate
    mass = np.full(cells.shape, np.nan)
    mass[inside] = people[known]
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
    overall = _PER * cases.sum() / people[known].sum()
    limits, legend = rate_classes(float(overall))
    return Surface(
        name=f"{given.name}_{method}",
        title=given.title,
        note=f"{given.support} {note}{_left_out(given, float(cases.sum()))}",
        grid=cells,
        bands=tuple(bands),
        limits=limits,
        classes=classify(bands[0].numbers, limits),
        legend=legend,
    )


def _known(cells: CellGrid, given: PlaceCases) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """Give numbers to the places that have cases and people; tell the people of each cell."""
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
    return renumbered, people, cases[usable]


def _left_out(given: PlaceCases, kept: float) -> str:
    """Say what lies on no cell, if anything."""
    lost = float(given.cases.sum()) - kept
    if lost < _HALF:
        return ""
    return (
        f" {lost:,.0f} {given.cases_word} of places without {given.people_word}, or outside the "
        "grid, are on no cell."
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
    >>> from shapely.geometry import box
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


def class_surface(
    cells: CellGrid,
    classes: pd.Series,
    legend: Sequence[LegendClass],
    *,
    name: str,
    title: str,
    note: str,
) -> Surface:
    """Lay classes of units out on a grid.

    Parameters
    ----------
    cells : CellGrid
        As `surface_grid` lays it.
    classes : pandas.Series of str
        Key of the class by unit; what is not in the legend is no data.
    legend : sequence of LegendClass
        The classes in order.
    name : str
        For file names.
    title, note : str
        What the classes are.

    Returns
    -------
    Surface
        Without bands of numbers.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 1e4, 5e3)], crs="EPSG:5070")
    >>> legend = [LegendClass(key="county", label="Known by county", colour="#0072b2")]
    >>> class_surface(surface_grid(units), pd.Series({"a": "county"}), legend,
    ...               name="support", title="Support", note="").classes.tolist()
    [[1, 1]]
    """
    numbers = {entry.key: number for number, entry in enumerate(legend, start=1)}
    by_unit = classes.reindex(cells.units).map(numbers).fillna(0).to_numpy(dtype=np.uint8)
    laid = np.zeros(cells.shape, dtype=np.uint8)
    laid[cells.inside] = by_unit[cells.unit]
    return Surface(
        name=name,
        title=title,
        note=note,
        grid=cells,
        bands=(),
        limits=(),
        classes=laid,
        legend=tuple(legend),
    )


def write_surface(
    folder: Path,
    surface: Surface,
    *,
    metadata: Mapping[str, object],
    simulated: bool,
) -> list[str]:
    """Write a surface as Cloud-Optimised GeoTIFF, with styles that QGIS finds by itself.

    ``NAME.tif`` holds the numbers (float32, NaN for no data, unit and description of each
    band), ``NAME_classes.tif`` the classes of the first band (bytes, 0 for no data, a colour
    table, the words of each class in the tag ``CLASSES``), each with a ``.qml`` beside. A
    surface that has but classes is written as ``NAME.tif`` alone. The same bytes for the
    same surface.

    Parameters
    ----------
    folder : pathlib.Path
        Where to.
    surface : Surface
        What.
    metadata : mapping of str to object
        What is known of the run, as JSON in the tag ``RUN``.
    simulated : bool
        Whether the data are made up; then tags and descriptions say SIMULATED.

    Returns
    -------
    list of str
        Names of the files, sorted.

    Raises
    ------
    OutputError
        If a file is there already or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from shapely.geometry import box
    >>> units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 1e4, 5e3)], crs="EPSG:5070")
    >>> legend = [LegendClass(key="county", label="Known by county", colour="#0072b2")]
    >>> support = class_surface(surface_grid(units), pd.Series({"a": "county"}), legend,
    ...                         name="support", title="Support", note="")
    >>> write_surface(Path(tempfile.mkdtemp()), support, metadata={}, simulated=False)
    ['support.qml', 'support.tif']
    """
    mark = "SIMULATED: " if simulated else ""
    tags = {
        "TIFFTAG_SOFTWARE": "arrest-atlas",
        "TIFFTAG_IMAGEDESCRIPTION": f"{mark}{surface.title}",
        "NOTE": f"{mark}{surface.note}",
        "RUN": json.dumps(plain(metadata), sort_keys=True),
    }
    if simulated:
        tags["DATA"] = "SIMULATED"
    classes = f"{surface.name}_classes" if surface.bands else surface.name
    words = {number: entry.label for number, entry in enumerate(surface.legend, start=1)}
    files.write_classes(
        folder / f"{classes}.tif",
        surface.grid,
        surface.classes,
        description=f"{mark}{surface.title}, in classes",
        colours=[entry.colour for entry in surface.legend],
        tags=tags | {"CLASSES": json.dumps(words)},
    )
    texts = {f"{classes}.qml": styles.class_style(surface.legend)}
    if surface.bands:
        files.write_values(
            folder / f"{surface.name}.tif",
            surface.grid,
            [band.numbers for band in surface.bands],
            descriptions=[mark + band.description for band in surface.bands],
            units=[band.unit for band in surface.bands],
            tags=tags,
        )
        texts[f"{surface.name}.qml"] = styles.value_style(surface.limits, surface.legend)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return sorted([*texts, *(f"{Path(name).stem}.tif" for name in texts)])


def draw_overlay(surface: Surface) -> ImageOverlay:
    """Draw the classes of a surface as an image for a web map.

    Parameters
    ----------
    surface : Surface
        What.

    Returns
    -------
    ImageOverlay
        The image (EPSG:3857, transparent where there is no data), its bounds and the classes
        in it.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 2e6, 1e4, 2.01e6)],
    ...                          crs="EPSG:5070")
    >>> legend = [LegendClass(key="county", label="Known by county", colour="#0072b2")]
    >>> image = draw_overlay(class_surface(
    ...     surface_grid(units), pd.Series({"a": "county"}), legend, name="support",
    ...     title="Support", note=""))
    >>> image.image[:22], [round(degrees) for degrees in image.bounds[0]]
    ('data:image/png;base64,', [41, -96])
    """
    png, bounds = overlay.draw_classes(
        surface.grid, surface.classes, [entry.colour for entry in surface.legend]
    )
    seen = set(np.unique(surface.classes).tolist())
    return ImageOverlay(
        label=surface.title,
        image=f"data:image/png;base64,{b64encode(png).decode('ascii')}",
        bounds=bounds,
        legend=tuple(
            entry for number, entry in enumerate(surface.legend, start=1) if number in seen
        ),
        note=surface.note,
    )
