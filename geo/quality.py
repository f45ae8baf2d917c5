"""How good the records are: what was read, left out, missing, and how well it is located."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pandas as pd

from geo._quality_text import by_year, count, grid, heading, paragraph, percent, shares
from geo._words import strike_personal
from geo.arrest_classes import ArrestClasses
from geo.arrest_records import ArrestRecords
from geo.arrest_schema import ARREST_COLUMNS
from geo.duplicates import Duplicates
from geo.locating import SUPPORT_LEVELS, LocatedArrests

__all__ = ["QualityReport", "quality_report"]

_NO_DATE: Final = "(no date)"
_NO_STATE: Final = "(no state)"
_LARGEST: Final = 50
_PRINTED: Final = 20
"""Values without a class that are printed; the table has them all."""

_NO_FIELDS: Final = ("file", "sheet", "row", "apprehension_time", "ddp_duplicate")
_FIELDS: Final = [column.name for column in ARREST_COLUMNS if column.name not in _NO_FIELDS]
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")


_PRINTED_FIELDS: Final = ("state", "aor", "landmark", "method", "criminality", "identifier")
_LEVELS_EXPLAINED: Final = (
    "The finest place that the evidence of an arrest supports: its county; its zone (a state "
    "within one field office's area); its state alone; its field office (aor) alone; or none "
    "(headquarters, or nothing known)."
)


@dataclass(frozen=True, kw_only=True, repr=False)
class QualityReport:
    """What stands in the records, in counts.

    Every table is indexed by what it counts and holds aggregates only. Numbers as long as
    a telephone number, and identifiers, are struck out of the texts that it quotes.

    Attributes
    ----------
    release : str
        Release of the records, as far as it is recognised.
    period : tuple of str or None
        First and last day of the arrests kept.
    notes : tuple of str
        What the reader of the files remarked.
    rows : pandas.DataFrame
        ``rows`` and ``share`` read, ``left out on reading``, ``duplicates`` and ``kept``.
    repairs : pandas.DataFrame
        What was set to missing or left out on reading, and why: ``rows``.
    missing_by_field : pandas.DataFrame
        By field: ``missing`` and ``share`` of the rows read, duplicates included.
    missing_by_month : pandas.DataFrame
        By month: ``rows`` and, for each field, rows in which it is missing.
    support_by_state : pandas.DataFrame
        By state of the arrest: ``rows`` kept, and how many are known by ``county``,
        ``zone``, ``state``, ``aor`` or not at all (``none``).
    support_by_custody : pandas.DataFrame
        The same by custody class.
    support_by_month : pandas.DataFrame
        The same by month.
    duplicates : pandas.DataFrame
        What each rule would remove, as in :attr:`Duplicates.rules`, and ``applied``: 1 for
        the rule that was.
    against_ddp : pandas.DataFrame or None
        Our answer against the flag in the file, as in :attr:`Duplicates.against_ddp`.
    conflicts : pandas.DataFrame
        By conflict in words: ``rows``.
    unknown : pandas.DataFrame
        By value without a class of its own: ``rows`` of those that were classed.
    unmatched : pandas.DataFrame
        The 50 most frequent landmark texts that gave no county and are not known as
        non-places: ``rows`` of those that were located.
    not_understood : pandas.DataFrame
        How many of both there are, without quoting any. By field: ``texts`` and ``rows``.
    """

    release: str
    period: tuple[str, str] | None
    notes: tuple[str, ...]
    rows: pd.DataFrame
    repairs: pd.DataFrame
    missing_by_field: pd.DataFrame
    missing_by_month: pd.DataFrame
    support_by_state: pd.DataFrame
    support_by_custody: pd.DataFrame
    support_by_month: pd.DataFrame
    duplicates: pd.DataFrame
    against_ddp: pd.DataFrame | None
    conflicts: pd.DataFrame
    unknown: pd.DataFrame
    unmatched: pd.DataFrame
    not_understood: pd.DataFrame

    def __repr__(self) -> str:
        rows = self.rows["rows"]
        return f"<QualityReport: {rows['kept']:,} arrests of {rows['read']:,} rows read>"

    def to_frame(self) -> pd.DataFrame:
        """Lay all tables out as one.

        Returns
        -------
        pandas.DataFrame
            Long form: ``section`` (name of the table), ``item``, ``measure``, ``value``.
        """
        tables = {field.name: getattr(self, field.name) for field in fields(self)}
        parts = [
            _long(name, table) for name, table in tables.items() if isinstance(table, pd.DataFrame)
        ]
        return pd.concat(parts, ignore_index=True)

    def text(self) -> str:
        """Write the report as plain text.

        Returns
        -------
        str
            At most 100 columns wide, for a terminal.
        """
        return "\n".join(_report(self)) + "\n"


def quality_report(
    records: ArrestRecords,
    duplicates: Duplicates,
    classes: ArrestClasses,
    located: LocatedArrests,
) -> QualityReport:
    r"""Report how good the records are.

    Parameters
    ----------
    records : ArrestRecords
        Records as read.
    duplicates : Duplicates
        Rows of `records` to leave out.
    classes : ArrestClasses
        Classes of all rows of `records`, or of those kept.
    located : LocatedArrests
        Places of all rows of `records`, or of those kept.

    Returns
    -------
    QualityReport
        Counts of what was read, left out, missing, classed and located.

    Raises
    ------
    ValueError
        If a row that is kept has no class or no place: the arguments belong to different
        tables.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import classify_arrests, find_duplicates, locate_arrests, read_arrests
    >>> path = Path(tempfile.mkdtemp()) / "arrests.csv"
    >>> _ = path.write_text(
    ...     "Apprehension Date,Apprehension State,Apprehension Method,Unique Identifier\n"
    ...     "2025-01-20 18:30,TEXAS,Located,a\n"
    ...     "2025-01-21 09:00,TEXAS,ERO Reprocessed Arrest,a\n"
    ... )
    >>> records = read_arrests(path)
    >>> duplicates = find_duplicates(records.table)
    >>> kept = records.table[~duplicates.drop]
    >>> report = quality_report(
    ...     records, duplicates, classify_arrests(kept), locate_arrests(kept)
    ... )
    >>> report
    <QualityReport: 1 arrests of 2 rows read>
    >>> report.support_by_state
           rows  county  zone  state  aor  none
    state
    TX        1       0     0      1    0     0
    """
    table = records.table
    kept = table.index[~duplicates.drop.reindex(table.index, fill_value=False)]
    _check_index(kept, classes.custody.index, "a class")
    _check_index(kept, located.table.index, "a place")
    placed = located.table.loc[kept]
    months = _months(table["apprehension_date"])
    state = placed["state"].astype("str").fillna(_NO_STATE)
    days = table.loc[kept, "apprehension_date"].dropna()
    period = (f"{days.min():%Y-%m-%d}", f"{days.max():%Y-%m-%d}") if len(days) else None
    return QualityReport(
        release=records.release,
        period=period,
        notes=records.notes,
        rows=_rows(records, kept=len(kept)),
        repairs=_repairs(records.repairs),
        missing_by_field=_missing_by_field(table),
        missing_by_month=_missing_by_month(table, months),
        support_by_state=_support(placed["support"], state, "state"),
        support_by_custody=_support(placed["support"], classes.custody.loc[kept], "custody"),
        support_by_month=_support(placed["support"], months.loc[kept], "month"),
        duplicates=duplicates.rules.assign(
            applied=(duplicates.rules.index == duplicates.rule).astype(int)
        ),
        against_ddp=duplicates.against_ddp,
        conflicts=_counted(placed["conflict"].value_counts(), "conflict"),
        unknown=_unknown(classes.unknown),
        unmatched=_unmatched(located.unmatched),
        not_understood=_not_understood(classes.unknown, located.unmatched),
    )


def _check_index(kept: pd.Index, index: pd.Index, what: str) -> None:
    without = len(kept.difference(index))
    if without:
        message = f"found {without:,} rows without {what}; expected tables of the same records"
        raise ValueError(message)


def _months(dates: pd.Series) -> pd.Series:
    """Name the month of each date, such as 2025-07."""
    months = dates.to_numpy(dtype="datetime64[M]")
    codes, names = pd.factorize(months, sort=True)
    texts = pd.Index([*map(str, names), _NO_DATE])
    return pd.Series(pd.Categorical.from_codes(codes % len(texts), texts), index=dates.index)


def _rows(records: ArrestRecords, *, kept: int) -> pd.DataFrame:
    whole_rows = records.repairs["column"].fillna("") == ""
    left_out = int(records.repairs.loc[whole_rows, "rows"].sum())
    rows = {
        "read": len(records.table) + left_out,
        "left out on reading": left_out,
        "duplicates": len(records.table) - kept,
        "kept": kept,
    }
    table = pd.DataFrame({"rows": rows}).rename_axis(index="step")
    return table.assign(share=table["rows"] / max(rows["read"], 1))


def _repairs(repairs: pd.DataFrame) -> pd.DataFrame:
    texts = [
        f"{file}, {column}: {what}" if column else f"{file}: {what}"
        for file, column, what in zip(
            repairs["file"], repairs["column"].fillna(""), repairs["what"], strict=True
        )
    ]
    return _counted(repairs["rows"].set_axis(pd.Index(texts, dtype="str")), "repair")


def _missing_by_field(table: pd.DataFrame) -> pd.DataFrame:
    missing = table[_FIELDS].isna().sum().rename_axis("field")
    return pd.DataFrame({"missing": missing, "share": missing / max(len(table), 1)})


def _missing_by_month(table: pd.DataFrame, months: pd.Series) -> pd.DataFrame:
    by_month = table[_FIELDS].isna().groupby(months, observed=True)
    counts = by_month.sum()
    counts.insert(0, "rows", by_month.size())
    return _named(counts, "month")


def _support(support: pd.Series, group: pd.Series, name: str) -> pd.DataFrame:
    counts = pd.crosstab(group, support, dropna=False)
    counts = counts.loc[counts.sum(axis="columns") > 0].rename_axis(columns=None)
    counts.columns = pd.Index(counts.columns.astype("str"))
    counts.insert(0, "rows", counts.sum(axis="columns"))
    return _named(counts, name)


def _unknown(unknown: pd.DataFrame) -> pd.DataFrame:
    texts = unknown["column"].astype("str") + ": " + unknown["value"].astype("str")
    return _quoted(unknown["rows"].set_axis(pd.Index(texts, dtype="str")), "value")


def _unmatched(unmatched: pd.DataFrame) -> pd.DataFrame:
    rows = unmatched.groupby("landmark", observed=True)["rows"].sum()
    return _quoted(rows, "landmark").head(_LARGEST)


def _not_understood(unknown: pd.DataFrame, unmatched: pd.DataFrame) -> pd.DataFrame:
    by_field = unknown.groupby(unknown["column"].astype("str"))["rows"].agg(["size", "sum"])
    by_field.loc["landmark"] = unmatched["landmark"].nunique(), unmatched["rows"].sum()
    counts = by_field.set_axis(["texts", "rows"], axis="columns").astype("int64")
    return _named(counts, "field")


def _quoted(counts: pd.Series, name: str) -> pd.DataFrame:
    """Count texts as recorded, without what could point at a person."""
    texts = [strike_personal(str(text)) for text in counts.index]
    return _counted(counts.set_axis(pd.Index(texts, dtype="str")), name)


def _counted(counts: pd.Series, name: str) -> pd.DataFrame:
    """Make a table of counted texts, the most frequent first."""
    texts = pd.Index([_CONTROL.sub(" ", str(text)) for text in counts.index], dtype="str")
    counted = counts.astype("int64").groupby(texts, sort=False).sum().to_frame("rows")
    largest_first = counted.sort_values("rows", ascending=False, kind="stable")
    return _named(largest_first[largest_first["rows"] > 0], name)


def _named(counts: pd.DataFrame, name: str) -> pd.DataFrame:
    return counts.set_axis(pd.Index(counts.index.astype("str"), name=name), axis="index")


def _long(section: str, table: pd.DataFrame) -> pd.DataFrame:
    """Lay a table out with one number a row."""
    return pd.DataFrame(
        {
            "section": section,
            "item": np.repeat(table.index.astype("str"), len(table.columns)),
            "measure": np.tile(table.columns.astype("str"), len(table)),
            "value": table.to_numpy(dtype="float64").ravel(),
        }
    )


def _report(report: QualityReport) -> Iterator[str]:
    yield "QUALITY OF THE RECORDS"
    yield from paragraph(f"Release: {report.release}")
    if report.period:
        yield f"Arrests kept: {report.period[0]} to {report.period[1]}"
    for note in report.notes:
        yield from paragraph(f"- {note}", indent="  ")
    yield from heading("Rows")
    read = report.rows["rows"]["read"]
    yield from grid(
        ["", "rows", "share"],
        [
            [str(step), count(rows), percent(rows, read)]
            for step, rows in report.rows["rows"].items()
        ],
    )
    yield from _listed(
        "Repairs on reading", "What was set to missing or left out, and why.", report.repairs
    )
    yield from _duplicates(report)
    yield from _listed(
        "Values without a class",
        "Methods count as 'other', criminality as missing.",
        report.unknown,
        printed=_PRINTED,
    )
    yield from _missing(report)
    yield from heading("How far arrests are located", _LEVELS_EXPLAINED)
    everyone = report.support_by_custody.sum().to_frame("all").T.rename_axis("custody")
    yield from shares(pd.concat([everyone, report.support_by_custody]), SUPPORT_LEVELS)
    yield ""
    yield from shares(report.support_by_state, SUPPORT_LEVELS)
    yield ""
    yield from shares(by_year(report.support_by_month), SUPPORT_LEVELS)
    yield from _listed("Conflicts", "Evidence within a record that disagrees.", report.conflicts)
    yield from _listed(
        "Landmarks without a county",
        f"The {_LARGEST} most frequent texts that gave no county, because they fit several or are "
        "not understood. Texts known to name no place are left out.",
        report.unmatched,
    )


def _duplicates(report: QualityReport) -> Iterator[str]:
    rules = report.duplicates
    rows = report.rows["rows"]["read"] - report.rows["rows"]["left out on reading"]
    yield from heading("Duplicates", "What each rule leaves out; * marks the rule applied.")
    yield from grid(
        ["rule", "rows", "share", "persons"],
        [
            [
                f"{rule} *" if row["applied"] else str(rule),
                count(row["removed"]),
                percent(row["removed"], rows),
                count(row["persons"]),
            ]
            for rule, row in rules.iterrows()
        ],
    )
    yield from paragraph(
        f"Never left out, since nothing shows whether they are duplicates: "
        f"{count(rules['no_identifier'].iloc[0])} rows without an identifier and "
        f"{count(rules['no_date'].iloc[0])} others without a date."
    )
    if report.against_ddp is not None:
        yield ""
        yield "Against the flag that the Deportation Data Project put into the file:"
        yield from grid(
            ["ours", *(f"flag: {answer}" for answer in report.against_ddp.columns)],
            [[str(ours), *map(count, row)] for ours, row in report.against_ddp.iterrows()],
        )


def _missing(report: QualityReport) -> Iterator[str]:
    rows = int(report.missing_by_month["rows"].sum())
    yield from heading("Missing", "Of the rows read, duplicates included.")
    yield from grid(
        ["field", "missing", "share"],
        [
            [str(field), count(missing), percent(missing, rows)]
            for field, missing in report.missing_by_field["missing"].items()
        ],
    )
    yield ""
    yield from shares(by_year(report.missing_by_month), _PRINTED_FIELDS)


def _listed(
    title: str, explanation: str, table: pd.DataFrame, *, printed: int = _LARGEST
) -> Iterator[str]:
    yield from heading(title, explanation)
    if table.empty:
        yield "  None."
        return
    yield from grid(
        [str(table.index.name), "rows"],
        [[str(text), count(rows)] for text, rows in table["rows"].head(printed).items()],
    )
    if len(table) > printed:
        yield f"  ... and {len(table) - printed:,} more"
