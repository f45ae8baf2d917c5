"""What outputs were made of, with what, and how to make them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any, Final

import pyogrio
import pyproj
import rasterio
import shapely

from outputs._printable import excerpt, visible_json
from outputs.folder import files_below

__all__ = [
    "RUN_FILE",
    "file_digest",
    "provenance_lines",
    "provenance_tag",
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
    return visible_json(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


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
        f"{excerpt(each['file'])} ({each['option'].replace('_', ' ')}; {each['bytes']:,} bytes, "
        f"SHA-256 {each['sha256'][:_SHOWN_DIGITS]}...)"
        for each in provenance["inputs"]
    ]
    return [
        f"Made by: {versions}.",
        f"Command: arrest-atlas {provenance['command']}, with {', '.join(chosen)}.",
        *([f"Inputs: {', '.join(given)}."] if given else []),
        "To make it again: arrest-atlas rerun run.json --out FOLDER (with the run.json beside it).",
    ]


def provenance_tag(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Shorten the provenance of a run to what a single file of its outputs can carry.

    Parameters
    ----------
    provenance : mapping of str to object
        As ``run.json`` holds it.

    Returns
    -------
    dict of str to object
        What was asked, whether of data made up, the program's own version, the command with
        the options that say something, and each input with the beginning of its SHA-256.
        Versions of libraries are left to ``run.json``: another one would change every file,
        whether or not a number in it differs.

    Examples
    --------
    >>> provenance = {"question": "Where?", "data": "SIMULATED", "command": "demo",
    ...               "options": {"seed": 0, "sensitivity": False}, "inputs": [],
    ...               "versions": {"arrest-atlas": "0.1.0", "Python": "3.11.9"}}
    >>> provenance_tag(provenance)["software"], provenance_tag(provenance)["options"]
    ('arrest-atlas 0.1.0', {'seed': 0})
    """
    files = [each["file"] for each in provenance["inputs"]]
    return {
        "question": provenance["question"],
        "data": provenance["data"],
        "software": f"arrest-atlas {provenance['versions']['arrest-atlas']}",
        "command": provenance["command"],
        "options": {
            name: _shortly(value)
            for name, value in provenance["options"].items()
            if _says_something(value) and not _names_files(value, files)
        },
        "inputs": [
            f"{excerpt(each['file'])} ({each['option'].replace('_', ' ')}; SHA-256 "
            f"{each['sha256'][:_SHOWN_DIGITS]}...)"
            for each in provenance["inputs"]
        ],
    }


def _names_files(value: object, files: Sequence[str]) -> bool:
    """Tell whether an option is but names of files, which are told with their digests."""
    names = value if isinstance(value, list) else [value]
    return all(isinstance(name, str) and name in files for name in names)


def _shortly(value: object) -> object:
    """Cut texts, wherever they stand."""
    if isinstance(value, Mapping):
        return {excerpt(name): _shortly(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shortly(each) for each in value]
    return excerpt(value) if isinstance(value, str) else value


def _says_something(value: object) -> bool:
    return value is not None and value is not False and value not in ([], {}, "")


def _worded(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{name}: {_worded(each)}" for name, each in value.items() if each)
        return "; ".join(pairs)
    if isinstance(value, list):
        return " + ".join(map(_worded, value))
    return "yes" if value is True else excerpt(value)
