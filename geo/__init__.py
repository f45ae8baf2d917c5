"""Records to counties: reading, repairing, reconciling and imputing counts."""

from geo._table import Source
from geo.allocation import (
    CountyArrests,
    allocate_proportional,
    impute_counts,
    largest_remainder,
)
from geo.area_totals import GIVEN, IN_DOUBT, NOT_LISTED, AreaTotals, reconcile_totals
from geo.arrest_classes import CRIMINALITY, CUSTODY_CLASSES, ArrestClasses, classify_arrests
from geo.arrest_counts import (
    ArrestCounts,
    read_arrests_by_aor,
    read_arrests_by_county,
    read_arrests_by_state,
)
from geo.arrest_records import ArrestRecords, read_arrests
from geo.arrest_schema import ARREST_COLUMNS, PERSONAL_COLUMNS, ArrestColumn, check_arrests
from geo.county_values import CountyValues, read_county_values, repair_county_codes
from geo.crime import PER, CrimeRates, read_crime_rates, set_aside_implausible_zeros
from geo.duplicates import DuplicateRule, Duplicates, find_duplicates
from geo.errors import InputError, Problem
from geo.imputation import ImputedArrests, impute_arrests
from geo.landmarks import LandmarkKind, LandmarkReader, LandmarkReading
from geo.locating import STATE_OUTSIDE_AREA, SUPPORT_LEVELS, LocatedArrests, locate_arrests
from geo.place_names import read_place_names
from geo.population import POPULATION_YEARS, load_population
from geo.quality import QualityReport, quality_report

__all__ = [
    "ARREST_COLUMNS",
    "CRIMINALITY",
    "CUSTODY_CLASSES",
    "GIVEN",
    "IN_DOUBT",
    "NOT_LISTED",
    "PER",
    "PERSONAL_COLUMNS",
    "POPULATION_YEARS",
    "STATE_OUTSIDE_AREA",
    "SUPPORT_LEVELS",
    "AreaTotals",
    "ArrestClasses",
    "ArrestColumn",
    "ArrestCounts",
    "ArrestRecords",
    "CountyArrests",
    "CountyValues",
    "CrimeRates",
    "DuplicateRule",
    "Duplicates",
    "ImputedArrests",
    "InputError",
    "LandmarkKind",
    "LandmarkReader",
    "LandmarkReading",
    "LocatedArrests",
    "Problem",
    "QualityReport",
    "Source",
    "allocate_proportional",
    "check_arrests",
    "classify_arrests",
    "find_duplicates",
    "impute_arrests",
    "impute_counts",
    "largest_remainder",
    "load_population",
    "locate_arrests",
    "quality_report",
    "read_arrests",
    "read_arrests_by_aor",
    "read_arrests_by_county",
    "read_arrests_by_state",
    "read_county_values",
    "read_crime_rates",
    "read_place_names",
    "reconcile_totals",
    "repair_county_codes",
    "set_aside_implausible_zeros",
]
