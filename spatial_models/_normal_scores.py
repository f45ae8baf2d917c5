"""Normal scores: values replaced by what their ranks would be on the normal curve."""

from __future__ import annotations

import pandas as pd
from scipy.special import ndtri

from spatial_models._tested import Floats


def normal_scores(values: Floats) -> Floats:
    """Replace values by the normal quantiles of their ranks (Blom 1958), ties by mean ranks."""
    ranks = pd.Series(values).rank().to_numpy()
    scores: Floats = ndtri((ranks - 0.375) / (values.size + 0.25))
    return scores
