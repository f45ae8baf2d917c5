"""How a result changes with each choice of method."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from outputs.figures._dot_rows import DotRows

__all__ = ["sensitivity_figure"]


def sensitivity_figure(
    table: pd.DataFrame,
    *,
    title: str,
    axis: str,
    notes: Sequence[str] = (),
    level: float = 0.05,
    simulated: bool = False,
    name: str = "sensitivity",
) -> str:
    """Draw how a result changes with each choice: a dot and its interval a row.

    The first row of the table is the baseline; a line through it shows how far the others
    lie from it. A filled mark has a p-value of at most `level`, an empty one a larger one,
    a cross none; a square marks what is left once the broad trend is removed. Nothing is
    told by colour alone.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a choice, the baseline first: ``variation``, ``group``, ``units``,
        ``estimate``, ``low``, ``high``, ``p`` (missing where there is none), ``reason``
        (why there is no estimate or no p; else empty) and ``verdict``; optionally
        ``trend_removed`` (bool) and ``note`` (what else is to be known, as small print).
    title : str
        Said above the figure and to screen readers.
    axis : str
        What the dots are.
    notes : sequence of str, optional
        Small print beneath.
    level : float, default 0.05
        The level of p from which on a mark is empty.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.
    name : str, default "sensitivity"
        Name of the figure, by which its elements are told from those of others on a page.

    Returns
    -------
    str
        An SVG document; the same table gives the same text.

    Raises
    ------
    ValueError
        If columns are missing or there is no row.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "variation": ["baseline"], "group": ["baseline"], "units": [1_400],
    ...     "estimate": [0.21], "low": [0.15], "high": [0.27], "p": [0.004],
    ...     "reason": [""], "verdict": ["association"],
    ... })
    >>> figure = sensitivity_figure(table, title="One change at a time", axis="Cohen's kappa")
    >>> figure.count("<title"), "baseline: 0.21" in figure
    (1, True)
    """
    rows = DotRows(
        table=table,
        title=title,
        axis=axis,
        notes=notes,
        level=level,
        baseline=True,
        simulated=simulated,
    )
    return rows.to_svg(name)
