"""Published analyses: what the field has said, as commands on one's own data."""

from arrest_atlas.tables.arrest_rows import STATE_FROM, UNASSIGNED, arrest_rows, within
from arrest_atlas.tables.intervals import (
    LEVEL,
    dispersion,
    pooled_interval,
    rate_interval,
    ratio_interval,
    share_interval,
)
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.pages import analysis_blocks, analysis_page
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from arrest_atlas.tables.publishing import publish
from arrest_atlas.tables.recipes import RECIPES

__all__ = [
    "LEVEL",
    "RECIPES",
    "STATE_FROM",
    "UNASSIGNED",
    "PublishedAnalysis",
    "PublishedTable",
    "Recipe",
    "TableMaterial",
    "analysis_blocks",
    "analysis_page",
    "arrest_rows",
    "dispersion",
    "pooled_interval",
    "publish",
    "rate_interval",
    "ratio_interval",
    "share_interval",
    "within",
]
