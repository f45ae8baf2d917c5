"""Where things are kept between runs: the user's own cache folder."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

__all__ = ["cache_folder", "cache_parent"]

_FOLDER_VARIABLE: Final = "ARREST_ATLAS_CACHE"


def cache_parent() -> Path:
    """Name the folder in which everything is kept, whether it exists or not.

    Returns
    -------
    Path
        What the environment variable ``ARREST_ATLAS_CACHE`` names, else the user's cache
        folder of this program.

    Raises
    ------
    RuntimeError
        If the user has no home to look for the folder in.

    Examples
    --------
    >>> import os
    >>> os.environ["ARREST_ATLAS_CACHE"] = "/data/atlas"
    >>> cache_parent().name
    'atlas'
    >>> del os.environ["ARREST_ATLAS_CACHE"]
    """
    named = os.environ.get(_FOLDER_VARIABLE, "")
    return Path(named).expanduser() if named else user_cache_path("arrest-atlas")


def cache_folder() -> Path | None:
    """Return the folder in which eigenbases are kept, made where it is missing.

    An eigenbasis depends on the graph or the places alone, takes seconds to minutes, and is
    therefore worth keeping. It is never needed: a folder that cannot be written to means that
    nothing is kept, not that a run ends.

    Returns
    -------
    Path or None
        ``eigenbases`` in the user's cache folder, or in the folder that the environment variable
        ``ARREST_ATLAS_CACHE`` names; None where it cannot be written to.

    Examples
    --------
    >>> import os, tempfile
    >>> os.environ["ARREST_ATLAS_CACHE"] = tempfile.mkdtemp()
    >>> cache_folder().name
    'eigenbases'
    >>> del os.environ["ARREST_ATLAS_CACHE"]
    """
    try:
        folder = cache_parent() / "eigenbases"
        folder.mkdir(parents=True, exist_ok=True)
        # Permissions alone do not tell: a full or read-only disk refuses only the writing.
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"1")
    except (OSError, RuntimeError):  # RuntimeError: no home to look for the folder in
        return None
    return folder
