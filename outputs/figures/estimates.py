"""Estimates of one kind beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from outputs.figures._dot_rows import DotRows

__all__ = ["estimates_figure"]


def estimates_figure(
    table: pd.DataFrame,
    *,
    name: str,
    title: str,
    axis: str,
    notes: Sequence[str] = (),
    level: float = 0.05,
    simulated: bool = False,
) -> str:
    r"""Draw estimates under each other, in groups: a dot and its interval a row.

    A filled mark has a p-value of at most `level`, an empty one a larger one, a cross none;
    a square marks what is left once the broad trend is removed.

    Parameters
    ----------
    table : pandas.DataFrame
        A row an estimate, with the columns of `sensitivity_figure` but ``verdict``; each
        ``group`` stands under its heading.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the figure and to screen readers.
    axis : str
        What the dots are, the same statistic in every row.
    notes : sequence of str, optional
        Small print beneath.
    level : float, default 0.05
        The level of p from which on a mark is empty.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

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
    ...     "variation": ["custodial", "community"], "group": "as the maps are", "units": 900,
    ...     "estimate": [0.21, 0.02], "low": [0.15, -0.02], "high": [0.27, 0.06],
    ...     "p": [0.004, 0.4], "reason": "",
    ... })
    >>> figure = estimates_figure(table, name="kinds", title="Two kinds", axis="Cohen's kappa")
    >>> "as the maps are, community: 0.02 (\u22120.02 to 0.06), p = 0.400" in figure
    True
    """
    rows = DotRows(
        table=table,
        title=title,
        axis=axis,
        notes=notes,
        level=level,
        baseline=False,
        simulated=simulated,
    )
    return rows.to_svg(name)
