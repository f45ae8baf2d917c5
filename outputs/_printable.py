"""Text that somebody else wrote, made fit to be shown."""

from __future__ import annotations

import unicodedata

__all__ = ["printable"]

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Categories of Unicode: controls, marks that turn the direction of writing, half characters."""


def printable(text: object) -> str:
    r"""Show what cannot be seen as a sign of its own.

    Controls break XML, and marks of direction turn round the words that follow them.

    Parameters
    ----------
    text : object
        What is to be shown.

    Returns
    -------
    str
        The text, with every such character replaced by U+FFFD; tabs and ends of lines become
        spaces.

    Examples
    --------
    >>> printable("two\nlines, \u202eturned"), printable(3)
    ('two lines, \ufffdturned', '3')
    """
    return "".join(
        " "
        if letter in "\t\n\r"
        else "\ufffd"
        if unicodedata.category(letter) in _UNSEEN
        else letter
        for letter in str(text)
    )
