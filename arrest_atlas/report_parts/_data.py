"""What the data are, and how good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from arrest_atlas.map_layers import KIND_WORDS
from arrest_atlas.quality import published_quality
from arrest_atlas.records import CUSTODY_WORDS, Records
from arrest_atlas.report_parts._material import Material
from arrest_atlas.report_parts._wording import NONE, capital, count, percent
from arrest_atlas.words import records_sentence
from outputs.report import Block, Heading, Points, ReportTable, Section

__all__ = ["data_section"]

_LEVELS: Final = {
    "county": "by county",
    "zone": "by zone only",
    "state": "by state only",
    "aor": "by office only",
    "none": "not at all",
}
_FIELDS: Final = ("apprehension_date", "state", "aor", "landmark", "method", "identifier")
_LARGEST: Final = 10


def data_section(material: Material) -> Section:
    """Tell what was read, left out, located, covered."""
    blocks: list[Block] = [*_planted(material), Heading(text="Arrests")]
    records = material.analysis.inputs.records
    if records is not None:
        blocks += _records(material, records)
    else:
        blocks += _totals(material)
    blocks += [
        Heading(text=capital(material.crime)),
        *_crime(material),
        Heading(text="People"),
        *_people(material),
    ]
    notes = list(material.analysis.inputs.notes)
    if notes:
        blocks += [Heading(text="What the readers of the files noted"), Points(items=notes)]
    return Section(heading="What the data are", blocks=blocks)


def _planted(material: Material) -> Iterator[Block]:
    """Tell what was put into made-up data, and what of it was found."""
    if not material.planted:
        return
    kinds = list(material.analysis.kinds)
    yield Heading(text="SIMULATED: what was planted")
    yield (
        "The data are made up, and clusters were put into them, so that it can be seen what the "
        "method finds. The class expected is that of a county in the maps of overlap."
    )
    yield ReportTable(
        caption="Planted clusters (SIMULATED), and for each kind of arrests the class expected of "
        "their counties, with the share of them that has it.",
        heads=[
            "cluster",
            "planted",
            "in arrests",
            "known by",
            "counties",
            *map(material.named, kinds),
        ],
        rows=[
            [
                str(each["name"]),
                str(each["planted"]),
                KIND_WORDS[each["in_arrests"]],
                str(each["known_by"]),
                count(each["counties"]),
                *(_found(each["found"][kind]) for kind in kinds),
            ]
            for each in material.planted
        ],
    )


def _found(answer: Mapping[str, Any]) -> str:
    share = percent(answer["share_with_that_class"])
    return f"{answer['expected']}: {share}, {answer['verdict']}"


def _records(material: Material, records: Records) -> Iterator[Block]:
    yield records_sentence(records, imputed=material.analysis.options.treatment == "imputed")
    yield (
        "The tables of this part are about all rows of the files that were read; the maps are of "
        f"arrests {material.arrest_period} that have a place. So shares can differ from those of "
        "part 1. No row of a person stands in any output."
    )
    quality = published_quality(records.quality)
    tables = {str(name): table for name, table in quality.groupby("section", sort=False)}
    read = int(records.quality.rows["rows"]["read"])
    yield _counted(
        tables["rows"],
        heads=("step", "rows", "share of those read"),
        caption="Rows of the files.",
        whole=read,
        column="rows",
    )
    yield _duplicates(records, read)
    yield _support(material, records)
    missing = records.quality.missing_by_field.reindex(list(_FIELDS)).dropna()
    yield ReportTable(
        caption="Rows in which a field is missing, of all rows read, duplicates included.",
        heads=["field", "rows", "share"],
        rows=[
            [str(field).replace("_", " "), count(row["missing"]), percent(row["share"])]
            for field, row in missing.iterrows()
        ],
    )
    if "conflicts" in tables:
        yield _counted(
            tables["conflicts"],
            heads=("conflict", "rows", "share of those kept"),
            caption="Arrests whose evidence disagrees with itself.",
            whole=int(records.quality.rows["rows"]["kept"]),
            column="rows",
        )
    else:
        yield "No arrest has evidence of its place that contradicts itself."


def _counted(
    table: pd.DataFrame, *, heads: tuple[str, str, str], caption: str, whole: int, column: str
) -> ReportTable:
    counts = table[table["measure"] == column]
    return ReportTable(
        caption=caption,
        heads=heads,
        rows=[
            [str(item), count(value), percent(value / max(whole, 1))]
            for item, value in zip(counts["item"], counts["value"], strict=True)
        ],
    )


def _duplicates(records: Records, read: int) -> ReportTable:
    rules = records.quality.duplicates
    return ReportTable(
        caption=f"Duplicates: what each rule would leave out, of {count(read)} rows read. The rule "
        f"{records.duplicates.rule!r} was applied. Rows without an identifier or a date "
        f"({count(rules['no_identifier'].iloc[0] + rules['no_date'].iloc[0])}) are never left out.",
        heads=["rule", "rows left out", "share"],
        rows=[
            [str(rule), count(row["removed"]), percent(row["share"])]
            for rule, row in rules.iterrows()
        ],
    )


def _support(material: Material, records: Records) -> ReportTable:
    table = records.quality.support_by_custody
    whole = table.sum().rename("all")
    named = pd.concat([whole.to_frame().T, table])
    rows = [
        [
            capital(CUSTODY_WORDS.get(str(custody), f"{custody} arrests")),
            count(row["rows"]),
            *(
                percent(row[level] / row["rows"], decimals=1)
                if row["rows"] and level in row
                else NONE
                for level in _LEVELS
            ),
        ]
        for custody, row in named.iterrows()
    ]
    return ReportTable(
        caption="The finest place that the evidence of an arrest supports, as a share of the "
        "arrests of each kind. Only where at least "
        f"{percent(material.analysis.options.located_share)} of a zone's arrests are known by "
        "county do its counties get classes of their own.",
        heads=["arrests", "number", *_LEVELS.values()],
        rows=rows,
    )


def _totals(material: Material) -> Iterator[Block]:
    analysis = material.analysis
    inputs = analysis.inputs
    yield (
        "Published counts, not records: custodial and community arrests cannot be told apart, and "
        "duplicates cannot be looked for."
    )
    given = {
        "arrests by field office": inputs.arrests_by_aor,
        "arrests by state": inputs.arrests_by_state,
        "arrests by county": inputs.arrests_by_county,
    }
    yield ReportTable(
        caption=f"Counts given, {material.arrest_period}.",
        heads=["table", "places", "arrests"],
        rows=[
            [name, count(len(table)), count(table.sum())]
            for name, table in given.items()
            if table is not None
        ],
    )
    changes = analysis.reconciliation
    if changes is None:
        return
    differing = changes[changes["difference"] != 0]
    if differing.empty:
        yield "Every total that was given is kept to the last arrest."
        return
    order = differing["difference"].abs().sort_values(ascending=False, kind="stable").index
    yield ReportTable(
        caption="Totals that had to be changed, since those of offices and of states disagree: "
        f"the {min(_LARGEST, len(differing))} largest differences of {len(differing):,}, in "
        f"arrests; the layer reconciliation has them all. {len(changes) - len(differing):,} totals "
        "are kept.",
        heads=["place", "level", "given", "assigned", "difference", "rule"],
        rows=[
            [
                str(row["area"]),
                str(row["level"]),
                count(row["given"]),
                count(row["assigned"]),
                count(row["difference"]).replace("-", "\u2212"),
                str(row["rule"]),
            ]
            for row in differing.loc[order[:_LARGEST]].to_dict("records")
        ],
    )


def _crime(material: Material) -> Iterator[Block]:
    analysis = material.analysis
    inputs, crime = analysis.inputs, analysis.inputs.crime
    counted = crime.definition_title or "not stated by the file"
    yield (
        f"What is counted: {counted}. Years: {material.crime_period}. Crimes are those reported to "
        "and by police; what is not reported is not in them, and agencies differ in what they "
        "report."
    )
    counties = analysis.geometry.index
    known = crime.rate.reindex(counties).notna()
    residents = inputs.crime_residents.reindex(counties)
    covered = residents[known].sum() / max(residents.sum(), 1.0)
    others = int((~known).sum())
    implausible = len(crime.implausible_zeros)
    uncovered = min(crime.uncovered, others - implausible)
    yield ReportTable(
        caption=f"Counties by whether they have a rate of {material.crime}, "
        f"{material.crime_period}; all {len(counties):,} counties of the states and territories "
        f"with a field office. Those with one hold {percent(covered)} of the residents.",
        heads=["counties", "number", "share"],
        rows=[
            [name, count(number), percent(number / len(counties))]
            for name, number in (
                ("with a rate", int(known.sum())),
                ("set aside: too few of the residents live where police reported", uncovered),
                (
                    f"set aside: no {material.crime}, where ten or more were to be expected",
                    implausible,
                ),
                (
                    "no figure in the file, or none that can be used",
                    others - uncovered - implausible,
                ),
            )
        ],
    )
    if crime.zeros:
        yield f"{crime.zeros:,} counties report exactly zero; those that are plausible are kept."


def _people(material: Material) -> Iterator[Block]:
    analysis = material.analysis
    options = analysis.options
    people = analysis.inputs.people(options.denominator).reindex(analysis.geometry.index)
    yield (
        f"Arrest rates refer to {material.people} ({count(people.sum())} in "
        f"{people.notna().sum():,} counties), rates of {material.crime} to residents. With another "
        "denominator, other places can be hot."
    )
