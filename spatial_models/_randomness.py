"""Chance comes in as a seed or a generator."""

from __future__ import annotations

import numpy as np

from spatial_models.errors import SpatialError

Rng = int | np.integer | np.random.Generator | None


def open_rng(rng: Rng) -> tuple[np.random.Generator, int | None]:
    """Make a generator, and tell the seed where there is one to tell."""
    if isinstance(rng, int | np.integer) and rng < 0:
        message = f"found the seed {rng}; expected a whole number from 0"
        raise SpatialError(message)
    return np.random.default_rng(rng), int(rng) if isinstance(rng, int | np.integer) else None


def draw_seed(rng: np.random.Generator) -> int:
    """Draw a seed for streams of a kernel's own."""
    return int(rng.integers(2**63))


def is_whole(number: object, least: int) -> bool:
    """Tell whether something is a whole number from some other on."""
    return isinstance(number, int | np.integer) and int(number) >= least


def check_permutations(permutations: int) -> None:
    """Refuse what is no number of permutations."""
    if not is_whole(permutations, 0):
        message = f"found permutations={permutations!r}; expected a whole number from 0"
        raise SpatialError(message)
