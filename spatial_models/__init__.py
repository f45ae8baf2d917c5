"""Statistics on any map: graphs, rates, autocorrelation, hot spots, comparison."""

from spatial_models.comparison import HotSpotComparison, cohen_kappa, compare_hotspots, lee
from spatial_models.errors import SpatialError
from spatial_models.getis_ord import SIGNIFICANCE_CLASSES, getis_ord
from spatial_models.graphs import coarsen_graph, contiguity, describe_graph
from spatial_models.hot_spots import RateHotSpots, rate_hot_spots
from spatial_models.moran import local_moran, moran
from spatial_models.multiple_testing import false_discovery_rate
from spatial_models.rates import SmoothedRates, empirical_bayes, residual_scores
from spatial_models.results import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    NOT_SIGNIFICANT,
    GlobalResult,
    LocalResult,
)

__all__ = [
    "NOT_SIGNIFICANT",
    "NO_DATA",
    "NO_NEIGHBOURS",
    "NO_VARIATION",
    "SIGNIFICANCE_CLASSES",
    "GlobalResult",
    "HotSpotComparison",
    "LocalResult",
    "RateHotSpots",
    "SmoothedRates",
    "SpatialError",
    "coarsen_graph",
    "cohen_kappa",
    "compare_hotspots",
    "contiguity",
    "describe_graph",
    "empirical_bayes",
    "false_discovery_rate",
    "getis_ord",
    "lee",
    "local_moran",
    "moran",
    "rate_hot_spots",
    "residual_scores",
]
