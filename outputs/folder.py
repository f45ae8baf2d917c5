"""A folder of outputs that appears whole or not at all."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from outputs.errors import OutputError

__all__ = ["SUMMARY_FILE", "check_folder", "whole_folder"]

_SCRATCH: Final = ".arrest-atlas-"
_SIDECARS: Final = (".aux.xml", "-journal", "-shm", "-wal")

SUMMARY_FILE: Final = "summary.json"
"""The file by which an earlier run's folder is recognised."""


def check_folder(folder: str | Path) -> Path:
    """Make sure that outputs can be put somewhere, before any work is done.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where the outputs will stand: a new folder, an empty one, or that of an earlier
        run, which will be replaced.

    Returns
    -------
    pathlib.Path
        The folder's absolute path.

    Raises
    ------
    OutputError
        If something else is there, or its parent cannot be written to.

    Examples
    --------
    >>> check_folder(Path(tempfile.mkdtemp()) / "new").name
    'new'
    """
    target = Path(folder).absolute()
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        message = f"found a file at {folder}; expected a folder; choose another --out"
        raise OutputError(message)
    _refuse_strange_files(target)
    if target == Path.cwd() or target in Path.cwd().parents:
        message = (
            f"found that {folder} is the folder you are in, or holds it; expected another one, "
            "since it would be replaced; choose a folder inside it"
        )
        raise OutputError(message)
    existing = next(parent for parent in target.parents if parent.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=existing) as trial:
            (Path(trial) / target.name).mkdir()
    except OSError as error:
        message = (
            f"found that nothing can be written at {folder} ({error.strerror}); expected a "
            "folder with write permission; choose another --out"
        )
        raise OutputError(message) from error
    return target


@contextmanager
def whole_folder(folder: str | Path) -> Iterator[Path]:
    """Collect outputs aside and put them in place once all are written.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where the outputs will stand; see :func:`check_folder`.

    Yields
    ------
    pathlib.Path
        An empty folder to write to. If the block raises, nothing is left behind and an
        earlier run's outputs stay as they were.

    Examples
    --------
    >>> target = Path(tempfile.mkdtemp()) / "new"
    >>> with whole_folder(target) as scratch:
    ...     _ = (scratch / "summary.json").write_text("{}")
    >>> [path.name for path in target.iterdir()]
    ['summary.json']
    """
    target = check_folder(folder)
    made = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=target.parent))
    try:
        scratch.chmod(0o755)
        yield scratch
        _refuse_strange_files(target)  # something may have come in the meantime
        _exchange(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        for parent in made:  # the innermost first; those in use stay
            with suppress(OSError):
                parent.rmdir()


def _exchange(scratch: Path, target: Path) -> None:
    """Put the new folder where the old one is; put that back if it does not work."""
    if not target.exists():
        scratch.rename(target)
        return
    retired = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=target.parent))
    target.rename(retired / "previous")
    try:
        scratch.rename(target)
    except BaseException:  # an interrupt, too, must not cost the earlier outputs
        if not target.exists():
            (retired / "previous").rename(target)
        raise
    finally:
        if target.exists():
            shutil.rmtree(retired, ignore_errors=True)


def _refuse_strange_files(folder: Path) -> None:
    """Refuse a folder that holds what no earlier run wrote."""
    strange = _strange_files(folder)
    if strange:
        message = (
            f"found other files in {folder} ({', '.join(strange[:5])}); expected a new or empty "
            "folder, or that of an earlier run; choose another --out"
        )
        raise OutputError(message)


def _strange_files(folder: Path) -> list[str]:
    """List what stands in a folder and was not written by an earlier run."""
    if not folder.is_dir():
        return []
    present = sorted(path.name for path in folder.iterdir())
    try:
        summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
        written = list(summary["files"]) if summary["software"] == "arrest-atlas" else []
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        written = []
    # GDAL and SQLite put files beside those they open, named after them.
    beside = [f"{name}{ending}" for name in written for ending in _SIDECARS]
    return [name for name in present if name not in written and name not in beside]
