"""A single file that appears whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from outputs._scratch import scratch_folder
from outputs.errors import OutputError

__all__ = ["check_file", "whole_file"]


def check_file(path: str | Path, *, ours: Callable[[Path], bool], option: str = "--out") -> Path:
    """Make sure that a file can be put somewhere, before any work is done.

    Parameters
    ----------
    path : str or pathlib.Path
        Where the file will stand.
    ours : callable
        Tells whether a file that stands there was written by an earlier run and may be
        replaced.
    option : str, default "--out"
        What names the file, for messages.

    Returns
    -------
    pathlib.Path
        Its absolute path.

    Raises
    ------
    OutputError
        If something else stands there, or its folder does not exist or cannot be written.

    Examples
    --------
    >>> check_file(Path(tempfile.mkdtemp()) / "new.csv", ours=lambda path: False).name
    'new.csv'
    """
    target = Path(path).absolute()
    if target.is_dir() or target.is_symlink():
        kind = "folder" if target.is_dir() else "link"
        message = f"found a {kind} at {path}; expected a file or nothing; choose another {option}"
        raise OutputError(message)
    if target.exists() and not ours(target):
        message = (
            f"found a file at {path} that this command did not write; expected a new file, or one "
            f"that it wrote for {option} before; choose another {option}"
        )
        raise OutputError(message)
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        message = (
            f"found that nothing can be written at {path} ({error.strerror}); expected a folder "
            f"that exists, with write permission; choose another {option}"
        )
        raise OutputError(message) from error
    return target


@contextmanager
def whole_file(
    path: str | Path, *, ours: Callable[[Path], bool], option: str = "--out"
) -> Iterator[Path]:
    """Write a file aside and put it in place once it is whole.

    Parameters
    ----------
    path : str or pathlib.Path
        Where the file will stand; see :func:`check_file`.
    ours : callable
        Tells whether a file that stands there may be replaced.
    option : str, default "--out"
        What names the file, for messages.

    Yields
    ------
    pathlib.Path
        Where to write. If the block raises, nothing is left behind and an earlier file
        stays as it was.

    Raises
    ------
    OutputError
        If something else stands there, or the disk takes no more.

    Examples
    --------
    >>> target = Path(tempfile.mkdtemp()) / "new.csv"
    >>> with whole_file(target, ours=lambda path: False) as scratch:
    ...     _ = scratch.write_text("a,b")
    >>> [file.name for file in target.parent.iterdir()]
    ['new.csv']
    """
    target = check_file(path, ours=ours, option=option)
    try:
        with scratch_folder(target.parent) as folder:
            scratch = folder / target.name
            yield scratch
            check_file(target, ours=ours, option=option)  # something may have come meanwhile
            scratch.chmod(0o644)
            scratch.replace(target)
    except OSError as error:
        message = (
            f"found that {path} cannot be written ({error.strerror or error}); expected space "
            f"and permission for it; make room, or choose another {option}"
        )
        raise OutputError(message) from error
