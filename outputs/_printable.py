"""Text that somebody else wrote, made fit to be shown."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["EXCERPT", "excerpt", "printable", "visible_json"]

EXCERPT: Final = 100
"""Characters of a text of somebody else's that are shown."""

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


def excerpt(text: object, most: int = EXCERPT) -> str:
    r"""Show the beginning of a text that somebody else wrote, on one line.

    Parameters
    ----------
    text : object
        What is to be shown.
    most : int, default 100
        How many characters of it.

    Returns
    -------
    str
        As `printable` gives it; what is longer ends in an ellipsis.

    Examples
    --------
    >>> excerpt("rate per 100,000", 8) == "rate pe\u2026", excerpt("rate")
    (True, 'rate')
    """
    # What lies far behind is not looked at, letter by letter.
    shown = printable(str(text)[: 2 * most])
    return shown if len(shown) <= most else f"{shown[: most - 1].rstrip()}\u2026"


def visible_json(text: str) -> str:
    r"""Escape what cannot be seen in a JSON document, which keeps its meaning.

    Parameters
    ----------
    text : str
        JSON.

    Returns
    -------
    str
        The same, with such characters in strings as ``\uXXXX``.

    Examples
    --------
    >>> print(visible_json('"turned \u202e round"'))
    "turned \u202e round"
    """
    return "".join(
        _escaped(letter) if letter != "\n" and unicodedata.category(letter) in _UNSEEN else letter
        for letter in text
    )


def _escaped(letter: str) -> str:
    """Write a character as JSON does, beyond the basic plane as two halves."""
    halves = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{halves[at : at + 2].hex()}" for at in range(0, len(halves), 2))
