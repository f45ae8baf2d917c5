"""How concentrated arrests are: on how many counties, and against people and crime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.options import ArrestInputs, Denominator, Inputs, Options
from arrest_atlas.period import Period
from arrest_atlas.report_parts._wording import count, decimal, percent
from arrest_atlas.tables._inequality import gini, lorenz, places_holding, theil, top_share
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import (
    Level,
    PlaceCounts,
    areas_of_counties,
    count_places,
    placed_counties,
)
from arrest_atlas.tables._quotients import quotient_table
from arrest_atlas.tables._spans import Span, spans_of
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from outputs import ColumnWords
from outputs.figures.lorenz_curves import lorenz_figure

__all__ = ["RECIPE", "concentration"]

Floats = npt.NDArray[np.float64]

_QUESTION: Final = "On how few counties do arrests concentrate?"
_SHARES: Final = (25, 50, 75)
_TOP: Final = 10
_OUTER: Final = (0.05, 0.95)
_AREA_LEVELS: Final[tuple[Level, ...]] = ("zone", "aor", "state")

_AGAINST: Final = {
    "counties": "as many arrests in every county",
    "residents": "residents",
    "noncitizens": "non-citizens",
    "crimes": "reported violent crimes",
}
_KIND_WORDS: Final[Mapping[Kind, str]] = {
    "all": "all arrests",
    "custodial": "custodial arrests",
    "community": "community arrests",
}
_SCOPE_WORDS: Final = {
    "known": "counties of zones that are known by county",
    "all": "all counties, others' arrests imputed",
    "area": "whole areas",
}
