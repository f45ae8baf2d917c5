"""Places where only one of the two maps is hot, ranked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from arrest_atlas.mismatch import BOTH_HOT, DIRECTIONS, both_hot, mismatches
from arrest_atlas.report_parts._material import UNITS, Material, Units
from arrest_atlas.report_parts._wording import capital, count, decimal, listed, percent, rate
from arrest_atlas.support import COUNTY
from geo import PER
from outputs.report import Block, Heading, ReportTable, Section

__all__ = ["places_section"]

_TOP: Final = 10
_TOP_BOTH: Final = 100
"""Places of a list of mismatches, and of those hot in both maps, that are named."""


def places_section(material: Material) -> Section:
    """List where arrests are hot and crime is not, and the other way round."""
    found = mismatches(material.analysis, "all").reset_index()
    named = material.named("all")
    kinds = [material.named(kind) for kind in material.analysis.kinds if kind != "all"]
    both = both_hot(material.analysis, "all").reset_index()
    blocks: list[Block] = [
        Heading(text="Hot in both maps"),
        (
            f"Places where {named} and {material.crime} are both hot, those first whose lower "
            "standard score (Gi*) of the two is highest. The order is no test, and that both are "
            "hot there says nothing about why."
        ),
        *_both(material, both),
        Heading(text="Hot in one map only"),
        (
            f"Places where {named} are hot and {material.crime} is not, or the other way round, "
            "those first whose two standard scores (Gi*) lie farthest apart. The order is no test: "
            "a place that is hot in one map may barely miss being hot in the other, and a rank has "
            "no error bar. Classes are of a place together with its neighbours: its own rate may "
            "be ordinary where these are high. Ordinary means tested and neither hot nor cold at "
            f"the cut of {100 * material.analysis.options.alpha:g}%, not shown to be average. What "
            "stands behind a place's numbers (reporting, jails, how arrests are recorded, who "
            "lives there) is not in them."
        ),
        material.scales,
        (
            f"At most {_TOP} places of each list are shown; the table mismatch of the outputs has "
            f"them all{f', and those of {listed(kinds)}' if kinds else ''}."
        ),
    ]
    for units in UNITS:
        absent = []
        name = COUNTY if units == "county" else material.analysis.level
        several = capital(material.units(units)[1])
        blocks.append(Heading(text=several))
        if material.pair("all", units).arrests is None:
            blocks.append("None is listed: arrests are known for larger areas only.")
            continue
        own = found[found["units"] == name]
        for direction in DIRECTIONS:
            places = own[own["direction"] == direction]
            if places.empty:
                absent.append(_worded(material, direction))
            else:
                blocks.append(_list(material, units, direction, places))
        if absent:
            blocks.append(f"None of these {several.casefold()}: {'; '.join(absent)}.")
    return Section(heading="Where both maps are hot, and where they differ most", blocks=blocks)


def _both(material: Material, found: pd.DataFrame) -> Iterator[Block]:
    """Name the places that are hot in both maps, counties and areas apart."""
    for units in UNITS:
        name = COUNTY if units == "county" else material.analysis.level
        places = found[found["units"] == name]
        several = capital(material.units(units)[1])
        if places.empty:
            yield f"{several}: none."
        else:
            yield _list(material, units, BOTH_HOT, places, top=_TOP_BOTH)


def _worded(material: Material, direction: str) -> str:
    return direction.replace("crime", material.crime)


def _list(
    material: Material, units: Units, direction: str, places: pd.DataFrame, *, top: int = _TOP
) -> ReportTable:
    analysis = material.analysis
    by_county = units == "county"
    heads = [
        material.units(units)[0],
        "rank",
        f"arrests per {PER:,}",
        material.people,
        f"{material.crime} per {PER:,}",
        "residents",
        "class of arrests",
        f"class of {material.crime}",
        "difference",
        *(["P(hot)"] if by_county else ["counties' classes"]),
        "share imputed",
    ]
    beside = (
        f" P(hot): share of {analysis.options.draws:,} draws in which arrests are hot there, given "
        "how arrests are imputed; no probability that a hot spot is real."
        if by_county
        else " Counties' classes: whether enough arrests are located for counties there to have "
        "classes of their own, in the list above."
    )
    return ReportTable(
        caption=f"{capital(_worded(material, direction))}, {material.units(units)[1]}: "
        f"{min(top, len(places)):,} of {len(places):,}. Arrests {material.arrest_period} per "
        f"{PER:,} {material.people}, {material.crime} {material.crime_period} per {PER:,} "
        "residents, as recorded and reported. Share imputed: arrests that no record or total "
        f"places there.{beside}",
        heads=heads,
        rows=[_row(row, by_county=by_county) for row in places.head(top).to_dict("records")],
    )


def _row(row: dict[Any, Any], *, by_county: bool) -> list[str]:
    named = f"{row['name']}, {row['state']}" if by_county else str(row["name"])
    return [
        named,
        count(row["rank"]),
        rate(row["arrest_rate"]),
        count(row["arrest_people"]),
        rate(row["crime_rate"]),
        count(row["crime_people"]),
        str(row["arrest_gi_class"]),
        str(row["crime_gi_class"]),
        decimal(row["difference"]),
        decimal(row["arrest_p_hot"]) if by_county else "yes" if row["support"] == COUNTY else "no",
        percent(row["share_imputed"]),
    ]
