"""Counter-based random numbers for kernels.

SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195): the n-th number of a
stream is a mixing function of a start and n. Each chunk of work has a stream of its own,
so that results do not depend on who does which chunk, or when.
"""

from __future__ import annotations

import numpy as np

from spatial_models._kernels.compile import compiled

STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_BY_30, _BY_27, _BY_31, _HALF = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@compiled
def mix(state: np.uint64) -> np.uint64:
    mixed = (state ^ (state >> _BY_30)) * _MIX_1
    mixed = (mixed ^ (mixed >> _BY_27)) * _MIX_2
    return mixed ^ (mixed >> _BY_31)


@compiled
def open_stream(seed: np.uint64, number: int) -> np.uint64:
    """Give the state at which stream `number` of a seed begins."""
    return mix(seed + mix((np.uint64(number) + np.uint64(1)) * STEP))


@compiled
def draw_below(state: np.uint64, bound: np.uint64) -> tuple[np.uint64, np.int64]:
    """Draw an integer from 0 to `bound` - 1, and step the state.

    Without bias (Lemire 2019, doi:10.1145/3230636); `bound` is below 2**32.
    """
    while True:
        state += STEP
        product = (mix(state) >> _HALF) * bound
        low = product & _LOW
        if low >= bound or low >= (_LOW - bound + np.uint64(1)) % bound:
            return state, np.int64(product >> _HALF)
