"""Chance comes in as a seed or a generator."""

from __future__ import annotations

import numpy as np

Rng = int | np.random.Generator | None


def open_rng(rng: Rng) -> tuple[np.random.Generator, int | None]:
    """Make a generator, and tell the seed where there is one to tell."""
    return np.random.default_rng(rng), rng if isinstance(rng, int) else None
