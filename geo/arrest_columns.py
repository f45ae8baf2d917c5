"""What the columns of every release of the arrests are called, and which release that makes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from geo._words import squeeze

__all__ = ["NOT_ARRESTS", "RELEASES", "SOURCE_COLUMNS", "UNRECOGNISED", "name_release"]

SOURCE_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "apprehension_date": ("apprehension_date", "arrest_date"),
    "apprehension_time": (
        "apprehension_date_time",
        "apprehension_date_and_time",
        "arrest_date_time",
    ),
    "state": ("apprehension_state_original", "apprehension_state", "state"),
    "state_filled_in": ("apprehension_state_filled_in",),
    "county": ("county_fips", "apprehension_county", "county"),
    "city": ("apprehension_city", "city"),
    "latitude": ("latitude", "lat", "apprehension_latitude"),
    "longitude": ("longitude", "lon", "lng", "long", "apprehension_longitude"),
    "aor": ("apprehension_aor", "toa_current_duty_aor", "aor", "area_of_responsibility"),
    "landmark": ("apprehension_site_landmark", "apprehension_landmark", "event_landmark"),
    "duty_site": ("toa_current_duty_site", "duty_site"),
    "method": ("apprehension_method", "arrest_method"),
    "criminality": ("apprehension_criminality",),
    "program": ("final_program", "apprehension_final_program"),
    "agency": ("arresting_agency",),
    "apprehension_type": ("apprehension_type", "arrest_type"),
    "operation": ("operation",),
    "case_status": ("case_status",),
    "case_category": ("case_category",),
    "final_order": ("final_order_yes_no", "final_order_yes_no_blank"),
    "identifier": (
        "unique_identifier",
        "anonymized_identifier",
        "anonymized_unique_identifier",
        "sequence_number_unique_identifier",
    ),
    "birth_year": ("birth_year", "numeric_birth_year", "birth_date"),
    "citizenship": ("citizenship_country", "citizenship"),
    "gender": ("gender", "sex"),
    "ddp_duplicate": (
        "duplicate_drop_row",
        "drop_row",
        "duplicate_episode_first",
        "duplicate_likely",
    ),
}
"""Names of a field in the files, the best first; spaces, underscores and case do not matter."""

UNRECOGNISED: Final = "unrecognised columns"

RELEASES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("DDP cleaned, to August 2026 (event_landmark)", ("event_landmark", "duplicate_likely")),
    ("DDP cleaned, 2026", ("apprehension_state_filled_in", "apprehension_site_landmark")),
    ("DDP cleaned, 2012-2023 (without places)", ("arrest_created_by", "duplicate_likely")),
    ("DDP cleaned, 2025", ("apprehension_site_landmark", "duplicate_likely")),
    ("ICE to August 2026 (raw)", ("event_landmark", "aor", "anonymized_unique_identifier")),
    ("ICE 2026 (raw)", ("toa_current_duty_aor", "apprehension_site_landmark")),
    ("ICE 2025 (raw)", ("apprehension_site_landmark", "apprehension_aor")),
    ("ICE 2022-ICFO-22955 (raw)", ("apprehension_date_and_time",)),
    ("ICE 2023 (raw, without places)", ("arrest_created_by",)),
    ("ICE 2023 (raw, without places)", ("arrest_create_by",)),
    ("ICE 2023 (raw, without places)", ("arrested_created_by",)),
    ("UWCHR 2012-2023", ("aor", "apprehension_landmark", "processing_disposition")),
    ("UWCHR 2012-2023", ("aor", "apprehension_landmark", "operation")),
)
"""Names of the releases, and columns that only they have together; the first that fits counts."""

NOT_ARRESTS: Final = {
    "detainer_prepare_date": "detainers",
    "detainer_prepared_date": "detainers",
    "detainer_type": "detainers",
    "stay_book_in_date": "detention stays",
    "stay_book_in_date_time": "detention stays",
    "stint_id": "detention stints",
    "book_in_date": "detentions",
    "book_in_date_time": "detentions",
    "book_in_date_and_time": "detentions",
    "detention_book_in_date": "detentions",
    "detention_book_in_date_and_time": "detentions",
    "detention_facility_code": "detentions",
    "port_of_departure": "removals",
    "removal_date": "removals",
    "event_type": "encounters",
    "encounter_date": "encounters",
}
"""Columns that no table of arrests has, and what the tables that have them are of."""


def name_release(columns: Collection[str]) -> str:
    """Name the release that a table's columns belong to.

    Parameters
    ----------
    columns : collection of str
        Names of the table's columns.

    Returns
    -------
    str
        The release, or ``"unrecognised columns"``.

    Examples
    --------
    >>> name_release(["Apprehension Date", "Arrest Created By", "Subject ID"])
    'ICE 2023 (raw, without places)'
    """
    present = set(map(squeeze, columns))
    for release, marks in RELEASES:
        if present.issuperset(map(squeeze, marks)):
            return release
    return UNRECOGNISED
