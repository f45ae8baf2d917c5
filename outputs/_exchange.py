"""Two folders change places in one step, where the system can."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2  # of Linux's renameat2
_RENAME_SWAP: Final = 2  # of macOS's renamex_np


def exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places: at no moment is there none under either name.

    Parameters
    ----------
    one, other : pathlib.Path
        Absolute paths on one file system.

    Returns
    -------
    bool
        False if the system or the file system cannot, or refuses; nothing has changed then.
    """
    first, second = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "linux":
            rename = ctypes.CDLL(None).renameat2
            return bool(rename(_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE) == 0)
        if sys.platform == "darwin":
            return bool(ctypes.CDLL(None).renamex_np(first, second, _RENAME_SWAP) == 0)
    except AttributeError:  # a C library older than the call
        return False
    return False
