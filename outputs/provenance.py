"""What outputs were made of, with what, and how to make them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any, Final

import pyogrio
import pyproj
import rasterio
import shapely

from outputs.folder import files_below

__all__ = [
    "RUN_FILE",
    "file_digest",
    "provenance_lines",
    "run_json",
    "software_versions",
]

RUN_FILE: Final = "run.json"
"""The file from which ``arrest-atlas rerun`` makes the outputs again."""

_COMPUTING: Final = (
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "numba",
    "geopandas",
    "shapely",
    "pyproj",
    "pyogrio",
    "libpysal",
    "rapidfuzz",
    "python-calamine",
    "pyreadstat",
    "rasterio",
    "matplotlib",
    "folium",
    "folium-offline",
)
"""Libraries that numbers, layers and drawings depend on; some are installed only if wanted."""

_SHOWN_DIGITS: Final = 12


def software_versions() -> dict[str, str]:
    """List the versions of what computes, draws and writes.

    Returns
    -------
    dict of str to str
        By name: arrest-atlas, Python, GEOS, GDAL (layers and rasters are written by one each),
        PROJ, and the libraries that are installed.

    Examples
    --------
    >>> list(software_versions())[:5]
    ['arrest-atlas', 'Python', 'GEOS', 'GDAL', 'PROJ']
    """
    versions = {
        "arrest-atlas": version("arrest-atlas"),
        "Python": python_version(),
        "GEOS": shapely.geos_version_string,
        "GDAL": str(pyogrio.__gdal_version_string__),
        "PROJ": pyproj.proj_version_str,
        "GDAL of rasterio": str(rasterio.__gdal_version__),
    }
    for name in _COMPUTING:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def file_digest(path: Path) -> dict[str, Any]:
    """Tell the bytes of a file from those of any other.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    dict of str to str or int
        ``sha256`` (64 hexadecimal digits) and ``bytes``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty"
    >>> path.touch()
    >>> file_digest(path)["bytes"]
    0
    """
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"sha256": digest, "bytes": stream.tell()}


def run_json(provenance: Mapping[str, object], folder: Path) -> str:
    """Write down the provenance of a folder of outputs, and the digest of each of them.

    Parameters
    ----------
    provenance : mapping of str to object
        What is known of the run, in plain Python.
    folder : pathlib.Path
        The outputs, all of them but ``run.json``.

    Returns
    -------
    str
        Indented JSON with a newline at its end; numbers with all their digits.

    Examples
    --------
    >>> import tempfile
    >>> print(run_json({"command": "demo"}, Path(tempfile.mkdtemp())), end="")
    {
      "command": "demo",
      "outputs": {}
    }
    """
    outputs = {name: file_digest(folder / name) for name in files_below(folder) if name != RUN_FILE}
    record = {**provenance, "outputs": outputs}
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def provenance_lines(provenance: Mapping[str, Any]) -> list[str]:
    """Say in a few lines what the outputs were made of and with what.

    Parameters
    ----------
    provenance : mapping of str to object
        As ``run.json`` holds it: ``command``, ``options``, ``inputs``, ``versions``.

    Returns
    -------
    list of str
        Plain text, to be escaped where it is shown. Options that say nothing (none, empty,
        off) are left out.

    Examples
    --------
    >>> provenance = {"command": "demo", "options": {"seed": 0, "sensitivity": False},
    ...               "inputs": [], "versions": {"arrest-atlas": "0.1.0", "Python": "3.11.9"}}
    >>> for line in provenance_lines(provenance):
    ...     print(line)
    Made by: arrest-atlas 0.1.0, Python 3.11.9.
    Command: arrest-atlas demo, with seed = 0.
    To make it again: arrest-atlas rerun run.json --out FOLDER (with the run.json beside it).
    """
    versions = ", ".join(f"{name} {number}" for name, number in provenance["versions"].items())
    chosen = [
        f"{name.replace('_', ' ')} = {_worded(value)}"
        for name, value in provenance["options"].items()
        if _says_something(value)
    ]
    given = [
        f"{each['file']} ({each['option'].replace('_', ' ')}; {each['bytes']:,} bytes, SHA-256 "
        f"{each['sha256'][:_SHOWN_DIGITS]}...)"
        for each in provenance["inputs"]
    ]
    return [
        f"Made by: {versions}.",
        f"Command: arrest-atlas {provenance['command']}, with {', '.join(chosen)}.",
        *([f"Inputs: {', '.join(given)}."] if given else []),
        "To make it again: arrest-atlas rerun run.json --out FOLDER (with the run.json beside it).",
    ]


def _says_something(value: object) -> bool:
    return value is not None and value is not False and value not in ([], {}, "")


def _worded(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{name}: {_worded(each)}" for name, each in value.items() if each)
        return "; ".join(pairs)
    if isinstance(value, list):
        return " + ".join(map(_worded, value))
    return "yes" if value is True else str(value)
