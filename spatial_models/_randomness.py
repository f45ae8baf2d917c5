"""Chance comes in as a seed or a generator."""

from __future__ import annotations

import numpy as np

from spatial_models.errors import SpatialError

Rng = int | np.random.Generator | None


def open_rng(rng: Rng) -> tuple[np.random.Generator, int | None]:
    """Make a generator, and tell the seed where there is one to tell."""
    return np.random.default_rng(rng), rng if isinstance(rng, int) else None


def draw_seed(rng: np.random.Generator) -> int:
    """Draw a seed for streams of a kernel's own."""
    return int(rng.integers(2**63))


def check_permutations(permutations: int) -> None:
    """Refuse a negative number of permutations."""
    if permutations < 0:
        message = f"found permutations={permutations}; expected 0 (analytic) or more"
        raise SpatialError(message)
