"""Files of a surface: GeoTIFF with the styles of QGIS beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from outputs.rasters import _geotiff, _styles
from outputs.rasters.surface import Surface
from outputs.summary import plain

__all__ = ["write_surface"]


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
    >>> import geopandas as gpd, pandas as pd
    >>> from shapely.geometry import box
    >>> from outputs import LegendClass
    >>> from outputs.rasters import class_surface, surface_grid
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
    _geotiff.write_classes(
        folder / f"{classes}.tif",
        surface.grid,
        surface.classes,
        description=f"{mark}{surface.title}, in classes",
        colours=[entry.colour for entry in surface.legend],
        tags=tags | {"CLASSES": json.dumps(words)},
    )
    texts = {f"{classes}.qml": _styles.class_style(surface.legend)}
    if surface.bands:
        _geotiff.write_values(
            folder / f"{surface.name}.tif",
            surface.grid,
            [band.numbers for band in surface.bands],
            descriptions=[mark + band.description for band in surface.bands],
            units=[band.unit for band in surface.bands],
            tags=tags,
        )
        texts[f"{surface.name}.qml"] = _styles.value_style(surface.limits, surface.legend)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return sorted([*texts, *(f"{Path(name).stem}.tif" for name in texts)])
