"""Records to counties: reading, repairing, reconciling and imputing counts."""

from geo._table import Source
from geo.allocation import (
    CountyArrests,
    allocate_proportional,
    impute_counts,
    largest_remainder,
)
from geo.area_totals import GIVEN, IN_DOUBT, NOT_LISTED, AreaTotals, reconcile_totals
from geo.arrest_counts import (
    ArrestCounts,
    read_arrests_by_aor,
    read_arrests_by_county,
    read_arrests_by_state,
)
from geo.county_values import CountyValues, read_county_values, repair_county_codes
from geo.crime import PER, CrimeRates, read_crime_rates, set_aside_implausible_zeros
from geo.errors import InputError, Problem
from geo.population import POPULATION_YEARS, load_population

__all__ = [
    "GIVEN",
    "IN_DOUBT",
    "NOT_LISTED",
    "PER",
    "POPULATION_YEARS",
    "AreaTotals",
    "ArrestCounts",
    "CountyArrests",
    "CountyValues",
    "CrimeRates",
    "InputError",
    "Problem",
    "Source",
    "allocate_proportional",
    "impute_counts",
    "largest_remainder",
    "load_population",
    "read_arrests_by_aor",
    "read_arrests_by_county",
    "read_arrests_by_state",
    "read_county_values",
    "read_crime_rates",
    "reconcile_totals",
    "repair_county_codes",
    "set_aside_implausible_zeros",
]
