"""What else is known of the counties: covariates, each with its source, period and unit."""

from geo.context.agreement_counts import AgreementCounts, agreements_at
from geo.context.agreements import MODELS, Agreements, read_agreements
from geo.context.county_covariates import CountyCovariates, read_county_covariates
from geo.context.county_table import Column, CountyTable, county_table
from geo.context.distance import county_centers, distance_to_nearest, read_population_centers
from geo.context.facilities import Facilities, read_facilities
from geo.context.facility_names import facility_name_problems
from geo.context.foreign_born import ANNOTATIONS, ForeignBorn, read_foreign_born
from geo.context.policies import Policies, read_policies
from geo.context.votes import PresidentialVotes, read_votes

__all__ = [
    "ANNOTATIONS",
    "MODELS",
    "AgreementCounts",
    "Agreements",
    "Column",
    "CountyCovariates",
    "CountyTable",
    "Facilities",
    "ForeignBorn",
    "Policies",
    "PresidentialVotes",
    "agreements_at",
    "county_centers",
    "county_table",
    "distance_to_nearest",
    "facility_name_problems",
    "read_agreements",
    "read_county_covariates",
    "read_facilities",
    "read_foreign_born",
    "read_policies",
    "read_population_centers",
    "read_votes",
]
