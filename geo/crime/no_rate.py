"""Why a county has no rate, in the words of its flags."""

from __future__ import annotations

from typing import Final

import pandas as pd

__all__ = ["why_no_rate", "with_reasons"]

BELOW: Final = "covered share too small"

UNKNOWN: Final = "covered share not known"

_NO_FIGURE: Final = "no figure"


def why_no_rate(table: pd.DataFrame, *, least_covered_share: float) -> pd.Series:
    """Say why a county has no rate, in the words of a flag; nothing where it has one.

    Parameters
    ----------
    table : pandas.DataFrame
        ``crimes``, ``residents`` and ``covered_share``. Where no row tells its covered share,
        none is set aside for it.
    least_covered_share : float
        Covered share below which there is no rate.

    Returns
    -------
    pandas.Series of str
        ``"no figure"``, ``"covered share not known"``, ``"covered share too small"`` or empty.

    Examples
    --------
    >>> table = pd.DataFrame({"crimes": [3.0, 3.0, None], "residents": 900.0,
    ...                       "covered_share": [1.0, 0.5, 1.0]})
    >>> why_no_rate(table, least_covered_share=0.8).tolist()
    ['', 'covered share too small', 'no figure']
    """
    share = table["covered_share"]
    reason = pd.Series("", index=table.index, dtype="str")
    if share.notna().any():
        reason = reason.mask(share < least_covered_share, BELOW).mask(share.isna(), UNKNOWN)
    figure = table["crimes"].notna() & (table["residents"] > 0)
    return reason.where(figure, _NO_FIGURE)


def with_reasons(flags: pd.Series, reason: pd.Series) -> pd.Series:
    """Add to flags why there is no rate.

    Parameters
    ----------
    flags, reason : pandas.Series of str
        Texts on the same index, empty where there is nothing to say.

    Returns
    -------
    pandas.Series of str
        Both, parted by a semicolon.

    Examples
    --------
    >>> with_reasons(pd.Series(["nyc split"]), pd.Series(["no figure"])).tolist()
    ['nyc split; no figure']
    """
    return pd.Series(
        ["; ".join(filter(None, both)) for both in zip(flags, reason, strict=True)],
        index=flags.index,
        dtype="str",
    )
