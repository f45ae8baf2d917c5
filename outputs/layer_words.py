"""What is said of a layer and its columns, for those who did not make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ColumnWords", "LayerWords"]


@dataclass(frozen=True, kw_only=True)
class ColumnWords:
    """What a column holds.

    Attributes
    ----------
    meaning : str
        In words.
    unit : str, default ""
        Of its numbers; empty for texts and pure numbers.
    """

    meaning: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.meaning} [{self.unit}]" if self.unit else self.meaning


@dataclass(frozen=True, kw_only=True)
class LayerWords:
    """What a layer is.

    Attributes
    ----------
    title : str
        A few words.
    abstract : str, default ""
        A sentence or two: what a row is, of when, how to read it.
    columns : mapping of str to ColumnWords, optional
        By name of the column, or of the index.
    """

    title: str
    abstract: str = ""
    columns: Mapping[str, ColumnWords] = field(default_factory=dict)
