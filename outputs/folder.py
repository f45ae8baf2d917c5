"""A folder of outputs that appears whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final

from outputs._exchange import exchanged
from outputs._scratch import PREVIOUS, scratch_folder
from outputs.errors import OutputError

__all__ = ["SUMMARY_FILE", "check_folder", "files_below", "whole_folder", "write_text"]

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
    >>> import tempfile
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
        with scratch_folder(existing) as trial:
            (trial / target.name).mkdir()
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
        earlier run's outputs stay as they were. If the process is killed, the folder holds
        the earlier outputs or the new ones, whole, and the next run beside it clears away
        what is left. Only where the file system cannot exchange two folders in one step
        (NFS, Windows) there is a moment without either; then the next run puts the earlier
        ones back.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "new"
    >>> with whole_folder(target) as scratch:
    ...     _ = (scratch / "summary.json").write_text("{}")
    >>> [path.name for path in target.iterdir()]
    ['summary.json']
    """
    target = check_folder(folder)
    made = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with scratch_folder(target.parent) as scratch:
            scratch.chmod(0o755)
            yield scratch
            _keep(scratch)
            _refuse_strange_files(target)  # something may have come in the meantime
            _put_in_place(scratch, target)
    finally:
        for parent in made:  # the innermost first; those in use stay
            with suppress(OSError):
                parent.rmdir()


def files_below(folder: Path) -> list[str]:
    """List the files in a folder and its subfolders.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.

    Returns
    -------
    list of str
        Their names from the folder on, with ``/`` on every system, sorted.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "tables").mkdir()
    >>> (folder / "tables" / "zones.csv").touch()
    >>> files_below(folder)
    ['tables/zones.csv']
    """
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def write_text(path: Path, text: str) -> None:
    r"""Write a text the same way on every system.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    text : str
        UTF-8, its lines ending in ``\n``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "page.html"
    >>> write_text(path, "a\n")
    >>> path.read_bytes()
    b'a\n'
    """
    path.write_text(text, encoding="utf-8", newline="\n")


def _keep(folder: Path) -> None:
    """Have the disk take what was written, so that a power cut costs neither run."""
    for below, _, names in os.walk(folder):
        for name in names:
            with (Path(below) / name).open("r+b") as stream:
                os.fsync(stream.fileno())
        _keep_names(Path(below))


def _keep_names(folder: Path) -> None:
    with suppress(OSError):  # Windows opens no folders, and some file systems sync none
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _put_in_place(new: Path, target: Path) -> None:
    """Put the new folder where the old one is, which is left aside."""
    if not target.exists():
        new.rename(target)
    elif not exchanged(new, target):
        _exchange_in_two_steps(new, target, new.parent / PREVIOUS / target.name)
    _keep_names(target.parent)


def _exchange_in_two_steps(new: Path, target: Path, previous: Path) -> None:
    """Do so where one step is not to be had; put the old folder back if it does not work."""
    previous.parent.mkdir()
    target.rename(previous)
    try:
        new.rename(target)
    except BaseException:  # an interrupt, too, must not cost the earlier outputs
        if not target.exists():
            previous.rename(target)
        raise


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
    written = _written(folder)
    # GDAL and SQLite put files beside those they open, named after them.
    ours = written | {f"{name}{ending}" for name in written for ending in _SIDECARS}
    own_folders = {str(parent) for name in written for parent in PurePosixPath(name).parents}
    strange = []
    for below, folders, names in os.walk(folder):
        place = Path(below)
        for name in [*folders, *names]:
            path = (place / name).relative_to(folder).as_posix()
            is_folder = name in folders and not (place / name).is_symlink()
            if path not in (own_folders if is_folder else ours):
                strange.append(path)
                if is_folder:
                    folders.remove(name)
    return sorted(strange)


def _written(folder: Path) -> set[str]:
    """List what an earlier run says that it wrote."""
    try:
        summary = json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
        return set(map(str, summary["files"])) if summary["software"] == "arrest-atlas" else set()
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return set()
