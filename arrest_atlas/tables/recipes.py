"""Every published analysis, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from arrest_atlas.tables import (
    agreements,
    cities,
    completeness,
    concentration,
    criminality,
    custody,
    detainers,
    drivers,
    rates,
    scales,
    surges,
)
from arrest_atlas.tables.material import Recipe

__all__ = ["RECIPES"]

_ALL: Final[tuple[Recipe, ...]] = (
    custody.RECIPE,
    detainers.RECIPE,
    criminality.RECIPE,
    rates.RECIPE,
    concentration.RECIPE,
    drivers.RECIPE,
    agreements.RECIPE,
    cities.RECIPE,
    scales.RECIPE,
    surges.RECIPE,
    completeness.RECIPE,
)

RECIPES: Final[Mapping[str, Recipe]] = MappingProxyType({each.name: each for each in _ALL})
"""In the order of the report."""
