"""Two columns of any map compared, as ``arrest-atlas compare`` does it."""

from arrest_atlas.map_comparison.reading import ComparedColumns
from arrest_atlas.map_comparison.running import (
    MOST_SURROGATES,
    ComparisonOptions,
    MapComparison,
    run_map_comparison,
)
from arrest_atlas.map_comparison.text import comparison_json, comparison_text, comparison_title

__all__ = [
    "MOST_SURROGATES",
    "ComparedColumns",
    "ComparisonOptions",
    "MapComparison",
    "comparison_json",
    "comparison_text",
    "comparison_title",
    "run_map_comparison",
]
