"""Whether arrests go with crime, at four scales side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.counting import KINDS, Kind
from arrest_atlas.options import Denominator, Inputs, Options
from arrest_atlas.period import Period
from arrest_atlas.tables._bases import Bases, bases_of
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import Level, PlaceCounts, count_places
from arrest_atlas.tables._scale_pairs import (
    Association,
    Extent,
    Pairs,
    associate,
    pairs_everywhere,
    pairs_of_same,
)
from arrest_atlas.tables._scale_texts import (
    pair_table,
    scale_figures,
    scale_findings,
    scale_limits,
    scale_table,
)
from arrest_atlas.tables._spans import spans_of
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable

__all__ = ["RECIPE", "scales"]

_QUESTION: Final = "Do arrests go with crime, and at which scale?"
_FINE_TO_COARSE: Final[tuple[Level, ...]] = ("county_fips", "zone", "aor", "state")


def scales(
    inputs: Inputs,
    *,
    periods: Sequence[Period] = (),
    weights: Denominator = "residents",
    draws: int = 100,
    located_share: float = 0.5,
    rng: int | np.random.Generator,
) -> PublishedAnalysis:
    """Correlate arrest rates with crime rates over states, offices, zones and counties.

    The same arrests and crimes give other correlations when other units are drawn around
    them: the modifiable areal unit problem (Openshaw 1984).

    Parameters
    ----------
    inputs : Inputs
        Arrests, people and crime.
    periods : sequence of Period, optional
        Days to tell apart, where records have them.
    weights : {"residents", "noncitizens"}, default "residents"
        People by whom arrests known only for a larger area are imputed.
    draws : int, default 100
        Imputations.
    located_share : float, default 0.5
        Located share of a zone's arrests from which on its counties take part.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    PublishedAnalysis
        Correlations by scale, and the two rates of every place; the last period first.

    Raises
    ------
    InputError
        If there is no arrest in any of the periods.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> made = scales(simulate(seed=0, arrests=20_000).inputs, draws=5, rng=0)
    >>> made.to_frame().query("kind == 'all'")["level"].tolist()[:4]
    ['county_fips', 'zone', 'aor', 'state']
    """
    generator = np.random.default_rng(rng)
    options = Options(weights=weights, draws=draws, located_share=located_share)
    spans, notes = spans_of(inputs, periods)
    given = inputs.people_by_area
    tables: dict[str, PublishedTable] = {}
    latest: tuple[pd.DataFrame, Mapping[Level, Pairs]] | None = None
    for span in reversed(spans):
        bases = bases_of(inputs, county_people(inputs, span))
        counts = count_places(inputs, options, span.covered, rng=generator)
        frame = _correlations(counts, bases, inputs.crime_residents, given)
        end = "" if latest is None else f"_{span.key}"
        tables[f"scales{end}"] = scale_table(inputs, span, frame)
        pairs = {
            level: pairs_everywhere(
                counts[level], "all", bases, inputs.crime_residents, given.get(level)
            )
            for level in _FINE_TO_COARSE
            if level in counts
        }
        for level, each in pairs.items():
            name = f"scales_{level.removesuffix('_fips')}{end}"
            tables[name] = pair_table(inputs, span, each)
        latest = latest or (frame, pairs)
    assert latest is not None  # noqa: S101  (there is one period at least)
    last_frame, last_pairs = latest
    figures, captions = scale_figures(last_frame, simulated=inputs.simulated)
    return PublishedAnalysis(
        name="scales",
        question=_QUESTION,
        findings=tuple(scale_findings(inputs, spans[-1], last_frame)),
        limits=(*notes, *scale_limits(last_pairs), *inputs.notes),
        tables=tables,
        figures=figures,
        captions=captions,
        simulated=inputs.simulated,
    )


def _correlations(
    counts: Mapping[Level, PlaceCounts],
    bases: Bases,
    crime_residents: pd.Series,
    given: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    rows = []
    for extent, kind, pairs in _all_pairs(counts, bases, crime_residents, given):
        left_out = int((pairs.reason != "").sum())
        head = {"extent": extent, "kind": kind, "level": pairs.level}
        rows.append(head | _numbers(associate(pairs)) | {"places_left_out": left_out})
    return pd.DataFrame(rows)


def _all_pairs(
    counts: Mapping[Level, PlaceCounts],
    bases: Bases,
    crime_residents: pd.Series,
    given: Mapping[str, pd.DataFrame],
) -> Iterator[tuple[Extent, Kind, Pairs]]:
    levels = [level for level in _FINE_TO_COARSE if level in counts]
    for kind in KINDS:
        for level in levels:
            if kind in counts[level].draws:
                pairs = pairs_everywhere(
                    counts[level], kind, bases, crime_residents, given.get(level)
                )
                yield "everywhere", kind, pairs
    counties = counts.get("county_fips")
    if counties is None:
        return
    for kind in counties.draws:
        if (counties.reasons[kind] == "").any():
            for level in _FINE_TO_COARSE:
                pairs = pairs_of_same(counties, kind, level, bases, crime_residents)
                yield "same counties", kind, pairs


def _numbers(found: Association | None) -> dict[str, float]:
    if found is None:
        return {"places": 0, "effective_places": np.nan} | dict.fromkeys(
            (f"{name}{end}" for name in ("spearman", "pearson") for end in ("", "_low", "_high")),
            np.nan,
        )
    each = {"spearman": found.spearman, "pearson": found.pearson}
    return {"places": found.places, "effective_places": found.effective_places} | {
        f"{name}{end}": number
        for name, numbers in each.items()
        for end, number in zip(("", "_low", "_high"), numbers, strict=True)
    }


def _make(material: TableMaterial) -> PublishedAnalysis:
    inputs = material.inputs
    assert isinstance(inputs, Inputs)  # noqa: S101  (the recipe needs crime)
    return scales(
        inputs,
        periods=material.periods,
        weights=material.weights,
        draws=material.draws,
        located_share=material.located_share,
        rng=material.rng("scales"),
    )


RECIPE: Final = Recipe(
    name="scales",
    help="correlation of arrests with crime over states, offices, zones and counties",
    make=_make,
    needs=("crime",),
    counts=True,
    people=True,
    imputes=True,
)
