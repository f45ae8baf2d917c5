"""Where things are: counties, states, field offices, areas of responsibility, zones."""

from boundaries.counties import load_counties, load_states
from boundaries.county_changes import ShareBasis, load_county_changes, load_county_shares
from boundaries.errors import BoundaryError, VintageError
from boundaries.field_offices import (
    HEADQUARTERS,
    load_areas_of_responsibility,
    load_field_offices,
    office_codes,
)
from boundaries.gazetteer import (
    Gazetteer,
    Place,
    PlaceKind,
    load_gazetteer,
    normalise_name,
    plain_capitals,
    squash_name,
)
from boundaries.projection import (
    CONTERMINOUS_CRS,
    GEOGRAPHIC_CRS,
    OUTLYING,
    analysis_crs,
    project_for_analysis,
)
from boundaries.states import state_codes
from boundaries.vintage import (
    CANONICAL_VINTAGE,
    VINTAGES,
    Vintage,
    county_codes,
)
from boundaries.zones import dissolve_counties, load_zones

__all__ = [
    "CANONICAL_VINTAGE",
    "CONTERMINOUS_CRS",
    "GEOGRAPHIC_CRS",
    "HEADQUARTERS",
    "OUTLYING",
    "VINTAGES",
    "BoundaryError",
    "Gazetteer",
    "Place",
    "PlaceKind",
    "ShareBasis",
    "Vintage",
    "VintageError",
    "analysis_crs",
    "county_codes",
    "dissolve_counties",
    "load_areas_of_responsibility",
    "load_counties",
    "load_county_changes",
    "load_county_shares",
    "load_field_offices",
    "load_gazetteer",
    "load_states",
    "load_zones",
    "normalise_name",
    "office_codes",
    "plain_capitals",
    "project_for_analysis",
    "squash_name",
    "state_codes",
]
