"""Statistics on any map: graphs, rates, autocorrelation, hot spots, scans, comparison."""

from spatial_models.agreement import cohen_kappa, cross_table, dice, jaccard, share_inside
from spatial_models.association import Measure, NoPValue, PValue, SurrogateP
from spatial_models.comparison import (
    FEWEST_UNITS,
    HotSpotComparison,
    Support,
    Verdict,
    compare_hotspots,
)
from spatial_models.errors import SpatialError, SpatialWarning
from spatial_models.fuzzy_kappa import CATEGORY_WEIGHTS, FuzzyKappa, fuzzy_kappa
from spatial_models.geary import geary
from spatial_models.getis_ord import SIGNIFICANCE_CLASSES, SIGNIFICANCE_LEVELS, getis_ord
from spatial_models.getis_ord_general import getis_ord_general
from spatial_models.graphs import (
    attach_isolates,
    coarsen_graph,
    contiguity,
    describe_graph,
    distance_band,
    k_nearest,
    kernel_graph,
    read_graph,
)
from spatial_models.hot_spots import HotSpots, RateHotSpots, hot_spots, rate_hot_spots
from spatial_models.join_count import JoinCounts, join_count
from spatial_models.lee import lee
from spatial_models.local_geary import local_geary
from spatial_models.local_join_count import (
    bivariate_local_join_count,
    local_co_location,
    local_join_count,
)
from spatial_models.local_lee import local_lee
from spatial_models.local_moran import bivariate_local_moran, local_moran, local_moran_rate
from spatial_models.modified_t_test import ModifiedTTest, modified_t_test
from spatial_models.moran import bivariate_moran, moran, moran_rate
from spatial_models.multiple_testing import false_discovery_rate
from spatial_models.quantile_lisa import quantile_lisa
from spatial_models.rates import (
    EmpiricalBayesRates,
    LocalEmpiricalBayesRates,
    SmoothedRates,
    empirical_bayes,
    local_empirical_bayes,
    residual_scores,
    spatial_rate,
    standardised_rates,
)
from spatial_models.results import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    NOT_SIGNIFICANT,
    GlobalResult,
    LocalResult,
    LocalTwoMapResult,
    TwoMapResult,
)
from spatial_models.scan import (
    COLD_CLUSTER,
    HOT_CLUSTER,
    ScanCluster,
    ScanResult,
    scan_poisson,
)
from spatial_models.surrogate_maps import FAMILIES, Family, SurrogateMaps, surrogate_maps
from spatial_models.surrogates import Parts, Surrogates, kernel_surrogates, moran_surrogates

__all__ = [
    "CATEGORY_WEIGHTS",
    "COLD_CLUSTER",
    "FAMILIES",
    "FEWEST_UNITS",
    "HOT_CLUSTER",
    "NOT_SIGNIFICANT",
    "NO_DATA",
    "NO_NEIGHBOURS",
    "NO_VARIATION",
    "SIGNIFICANCE_CLASSES",
    "SIGNIFICANCE_LEVELS",
    "EmpiricalBayesRates",
    "Family",
    "FuzzyKappa",
    "GlobalResult",
    "HotSpotComparison",
    "HotSpots",
    "JoinCounts",
    "LocalEmpiricalBayesRates",
    "LocalResult",
    "LocalTwoMapResult",
    "Measure",
    "ModifiedTTest",
    "NoPValue",
    "PValue",
    "Parts",
    "RateHotSpots",
    "ScanCluster",
    "ScanResult",
    "SmoothedRates",
    "SpatialError",
    "SpatialWarning",
    "Support",
    "SurrogateMaps",
    "SurrogateP",
    "Surrogates",
    "TwoMapResult",
    "Verdict",
    "attach_isolates",
    "bivariate_local_join_count",
    "bivariate_local_moran",
    "bivariate_moran",
    "coarsen_graph",
    "cohen_kappa",
    "compare_hotspots",
    "contiguity",
    "cross_table",
    "describe_graph",
    "dice",
    "distance_band",
    "empirical_bayes",
    "false_discovery_rate",
    "fuzzy_kappa",
    "geary",
    "getis_ord",
    "getis_ord_general",
    "hot_spots",
    "jaccard",
    "join_count",
    "k_nearest",
    "kernel_graph",
    "kernel_surrogates",
    "lee",
    "local_co_location",
    "local_empirical_bayes",
    "local_geary",
    "local_join_count",
    "local_lee",
    "local_moran",
    "local_moran_rate",
    "modified_t_test",
    "moran",
    "moran_rate",
    "moran_surrogates",
    "quantile_lisa",
    "rate_hot_spots",
    "read_graph",
    "residual_scores",
    "scan_poisson",
    "share_inside",
    "spatial_rate",
    "standardised_rates",
    "surrogate_maps",
]
