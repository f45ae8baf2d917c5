"""Crime by county: what was reported, for how many residents, by which definition."""

from geo.crime._incidents.units import unit_problems
from geo.crime.agencies import read_agencies
from geo.crime.agency_counties import AgencyShares, ShareRule, Statewide, share_agencies
from geo.crime.agency_files import read_agency_offenses
from geo.crime.agency_matching import (
    AGGREGATE,
    AMBIGUOUS,
    NOT_LISTED,
    AgencyMatches,
    match_agencies,
)
from geo.crime.combining import combine_offenses, combine_years
from geo.crime.county_files import read_county_crimes
from geo.crime.county_sums import LEDGER_COLUMNS, CountySums, sum_by_county
from geo.crime.coverage import COUNTED, COVERED, check_months, covered_share, judge_reports
from geo.crime.definitions import (
    DEFINITIONS,
    OFFENCES,
    Definition,
    check_violent,
    load_definition,
    same_definition,
)
from geo.crime.incidents import IncidentCounts, count_incidents, incident_problems
from geo.crime.mapping import TableMapping, known_layouts, read_mapping
from geo.crime.no_rate import why_no_rate, with_reasons
from geo.crime.offenses import (
    AGENCY_KINDS,
    PROPERTY_TOTAL,
    VIOLENT_TOTAL,
    Agencies,
    AgencyOffenses,
    CountyCrimes,
)
from geo.crime.ori import repair_ori
from geo.crime.pooling import CrimeBaseline, check_least_covered_share, pool_years
from geo.crime.rates import PER, CrimeRates, read_crime_rates, set_aside_implausible_zeros
from geo.crime.recognition import recognise_layout
from geo.crime.zeros import implausible_zeros

__all__ = [
    "AGENCY_KINDS",
    "AGGREGATE",
    "AMBIGUOUS",
    "COUNTED",
    "COVERED",
    "DEFINITIONS",
    "LEDGER_COLUMNS",
    "NOT_LISTED",
    "OFFENCES",
    "PER",
    "PROPERTY_TOTAL",
    "VIOLENT_TOTAL",
    "Agencies",
    "AgencyMatches",
    "AgencyOffenses",
    "AgencyShares",
    "CountyCrimes",
    "CountySums",
    "CrimeBaseline",
    "CrimeRates",
    "Definition",
    "IncidentCounts",
    "ShareRule",
    "Statewide",
    "TableMapping",
    "check_least_covered_share",
    "check_months",
    "check_violent",
    "combine_offenses",
    "combine_years",
    "count_incidents",
    "covered_share",
    "implausible_zeros",
    "incident_problems",
    "judge_reports",
    "known_layouts",
    "load_definition",
    "match_agencies",
    "pool_years",
    "read_agencies",
    "read_agency_offenses",
    "read_county_crimes",
    "read_crime_rates",
    "read_mapping",
    "recognise_layout",
    "repair_ori",
    "same_definition",
    "set_aside_implausible_zeros",
    "share_agencies",
    "sum_by_county",
    "unit_problems",
    "why_no_rate",
    "with_reasons",
]
