"""What kind of arrest a record is: in custody or in the community; convicted or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo._words import as_categories, look_up, squeeze

__all__ = ["CRIMINALITY", "CUSTODY_CLASSES", "MISSING_VALUE", "ArrestClasses", "classify_arrests"]

CUSTODY_CLASSES: Final = ("custodial", "community", "other")
CRIMINALITY: Final = ("convicted", "pending", "none")
MISSING_VALUE: Final = "(missing)"
"""How a table of values names a value that is not there."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ArrestClasses:
    """The kind of each arrest.

    Attributes
    ----------
    custody : pandas.Series of category
        ``custodial`` (taken over from a jail or prison), ``community`` or ``other``, on
        the table's index; never missing.
    criminality : pandas.Series of category
        ``convicted``, ``pending`` (charges) or ``none``, on the table's index; missing
        where the record does not say.
    unknown : pandas.DataFrame
        Values without a class of their own: ``column`` (method, criminality), ``value``
        (``(missing)`` for blanks) and ``rows``, the most frequent first within a column.
    """

    custody: pd.Series
    criminality: pd.Series
    unknown: pd.DataFrame

    def __repr__(self) -> str:
        counts = self.custody.value_counts()
        parts = ", ".join(f"{counts[name]:,} {name}" for name in CUSTODY_CLASSES)
        return f"<ArrestClasses: {parts}; {len(self.unknown)} values without a class>"

    def to_frame(self) -> pd.DataFrame:
        """Lay the classes out as a table.

        Returns
        -------
        pandas.DataFrame
            One row an arrest, on the table's index: ``custody`` and ``criminality``.
        """
        return pd.DataFrame({"custody": self.custody, "criminality": self.criminality})


def classify_arrests(
    table: pd.DataFrame, *, programme_287g: Literal["other", "custodial"] = "other"
) -> ArrestClasses:
    """Class arrests by the method of arrest, and people by their criminal record.

    The classes stand in two tables of this package, ``arrest_methods.csv`` and
    ``criminality.csv``, each value with its source. Letters' case, spaces and punctuation
    do not matter. A method that is missing or not in the table counts as ``other``, a
    criminality that is missing or not in the table as missing; both are listed.

    Parameters
    ----------
    table : pandas.DataFrame
        Arrests as :func:`read_arrests` gives them: ``method`` and ``criminality``.
    programme_287g : {"other", "custodial"}, default "other"
        Class of arrests under agreements by section 287(g). Most are made in jails, but
        task forces make them on the street, and records do not tell which.

    Returns
    -------
    ArrestClasses
        Custody class and criminality of each arrest, and what could not be classed.

    Raises
    ------
    ValueError
        If `programme_287g` is neither.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "method": ["CAP Local Incarceration", "non custodial arrest", "287(g) Program", None],
    ...     "criminality": ["1 Convicted Criminal", "Pending", "4 Felon", "3"],
    ... })
    >>> classes = classify_arrests(table)
    >>> classes.custody.tolist()
    ['custodial', 'community', 'other', 'other']
    >>> classes.unknown
            column      value  rows
    0       method  (missing)     1
    1  criminality    4 Felon     1
    """
    if programme_287g not in ("other", "custodial"):
        message = f"found programme_287g={programme_287g!r}; expected 'other' or 'custodial'"
        raise ValueError(message)
    column = "custody_class" if programme_287g == "other" else "custody_class_287g"
    methods = as_categories(table["method"])
    custody = look_up(methods, _codes("arrest_methods.csv", "method", column, CUSTODY_CLASSES))
    records = as_categories(table["criminality"])
    criminality = look_up(records, _codes("criminality.csv", "value", "criminality", CRIMINALITY))
    other = CUSTODY_CLASSES.index("other")
    return ArrestClasses(
        custody=_classes(np.where(custody < 0, other, custody), CUSTODY_CLASSES, table.index),
        criminality=_classes(criminality, CRIMINALITY, table.index),
        unknown=pd.concat(
            [
                _unknown("method", methods[custody < 0]),
                _unknown("criminality", records[criminality < 0]),
            ],
            ignore_index=True,
        ),
    )


@cache
def _codes(file: str, value: str, column: str, classes: tuple[str, ...]) -> dict[str, int]:
    """Read the number of the class of each squeezed value from one of our tables."""
    with (files("geo") / "data" / file).open(encoding="utf-8") as opened:
        table = pd.read_csv(opened, dtype=str, keep_default_na=False)
    return {
        squeeze(text): classes.index(name)
        for text, name in zip(table[value], table[column], strict=True)
    }


def _classes(codes: npt.NDArray[np.int8], names: tuple[str, ...], index: pd.Index) -> pd.Series:
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(names)), index=index)


def _unknown(column: str, values: pd.Categorical) -> pd.DataFrame:
    counts = pd.Series(values).astype("str").fillna(MISSING_VALUE).value_counts().sort_index()
    ordered = counts.sort_values(ascending=False, kind="stable")
    return pd.DataFrame({"column": column, "value": ordered.index, "rows": ordered.to_numpy()})
