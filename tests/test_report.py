"""The report: whole, self-contained, the same every time, and nothing that it must not say."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

import arrest_atlas
from arrest_atlas.layers import county_table
from arrest_atlas.map_layers import map_layers
from arrest_atlas.mismatch import DIRECTIONS, both_hot, mismatches
from arrest_atlas.report_parts import build_report
from arrest_atlas.report_parts._method import REFERENCES
from arrest_atlas.report_parts._wording import decimal, p_value, percent, rate
from arrest_atlas.sensitivity import Sensitivity, SensitivityRow
from boundaries import load_field_offices
from outputs import OutputError
from outputs.report import (
    Heading,
    Points,
    Report,
    ReportFigure,
    ReportTable,
    Section,
    render_report,
)

if TYPE_CHECKING:
    from arrest_atlas import Analysis

HOSTILE: Final = "</td></style><script>alert(1)</script> \"'& {{ 7*7 }} {% raw %} =cmd()"
MADE_BY: Final[dict[str, Any]] = {
    "command": "run",
    "options": {"seed": 0},
    "inputs": [{"option": "crime", "file": "crime.csv", "bytes": 12_345, "sha256": "0a" * 32}],
    "versions": {"arrest-atlas": "0.1.0", "Python": "3.11.9"},
}
OPTIONS: Final = arrest_atlas.Options(draws=2, surrogates=39)
SVG: Final = '<?xml version="1.0"?>\n<svg width="540pt"><title>t</title><desc>d</desc></svg>'

CAUSAL: Final = re.compile(
    r"\b(cause[sd]?|causing|because|lead(s|ing)? to|drive[sn]?|driving|due to|results? (from|in)"
    r"|explain(s|ed)?|responsible for|impact|proves?|proof)\b",
    re.IGNORECASE,
)


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def small(*blocks: Any, **options: Any) -> str:
    section = Section(heading="Part", blocks=list(blocks))
    return render_report(Report(title="Where?", lead=["Here."], sections=[section], **options))


def body(page: str) -> str:
    return page.split("<body>")[1]


def test_every_text_is_shown_as_text() -> None:
    table = ReportTable(caption=HOSTILE, heads=[HOSTILE, "n"], rows=[[HOSTILE, HOSTILE]])
    figure = ReportFigure(name="f", svg=SVG, caption=HOSTILE)
    section = Section(
        heading=HOSTILE,
        blocks=[HOSTILE, Heading(text=HOSTILE), Points(items=[HOSTILE]), table, figure],
    )
    page = render_report(
        Report(title=HOSTILE, lead=[HOSTILE], sections=[section], footer=[HOSTILE], simulated=True)
    )
    read = Page(page.replace("<wbr>", ""))
    assert not read.all("script")
    # title, h1, lead, contents, heading, paragraph, sub-heading, point, caption, three cells,
    # caption of the figure, footer; the label of the table's region stands in an attribute.
    assert read.text.count(HOSTILE) == 14
    assert read.all("div")[-1]["aria-label"] == HOSTILE
    assert "49" not in read.text


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\x00", "\x1b", "\ud800", "\u2028"])
def test_what_cannot_be_seen_is_shown_as_a_sign(mark: str) -> None:
    page = small(f"a{mark}b", Points(items=[f"a{mark}b"]))
    assert mark not in page
    assert Page(page).text.count("a\ufffdb") == 2
    page.encode()


def test_a_word_of_ten_kilobytes_can_break() -> None:
    table = ReportTable(caption="c", heads=["place", "n"], rows=[["<b>" * 4_000, "1"]])
    page = small(table)
    assert max(map(len, re.findall(r">([^<]*)<", page.split("<tbody>")[1]))) <= 20 * len("&lt;")
    assert not Page(page).all("b")


def test_the_page_is_closed_to_the_network_and_to_scripts() -> None:
    page = small(ReportFigure(name="f", svg=SVG, caption="c"))
    (policy,) = [
        meta["content"]
        for meta in Page(page).all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert "<?xml" not in page


def test_tables_have_captions_and_scopes_and_numbers_on_the_right() -> None:
    rows = [["Cook", "1,234", "12 (1 to 3)"], ["<1%", "\u2013", "none: descriptive"]]
    table = ReportTable(caption="People", heads=["county", "people", "other"], rows=rows)
    page = Page(small(table))
    heads = page.all("th")
    assert [head["scope"] for head in heads] == ["col"] * 3 + ["row"] * 2
    assert [head.get("class") for head in heads[:3]] == [None, "number", None]
    assert [cell.get("class") for cell in page.all("td")] == ["number", None] * 2
    with pytest.raises(OutputError, match="found 1 cells in a row; expected 2"):
        ReportTable(caption="c", heads=["a", "b"], rows=[["1"]])


def test_figures_are_named_apart_and_told_in_words() -> None:
    figure = ReportFigure(name="f", svg=SVG, caption="c")
    with pytest.raises(OutputError, match=r"(?s)'f': there are several.*g.svg: found no title"):
        small(figure, figure, replace(figure, name="g", svg="<svg></svg>"))
    broad = replace(figure, name="broad", svg=SVG.replace("540", "792"))
    classes = [each.get("class") for each in Page(small(figure, broad)).all("figure")]
    assert classes == [None, "broad"]


def test_simulated_stands_on_every_page_figure_and_table_or_nowhere() -> None:
    blocks = (
        ReportTable(caption="c", heads=["a"], rows=[["b"]]),
        ReportFigure(name="f", svg=SVG, caption="c"),
    )
    page = small(*blocks, simulated=True)
    assert '@top-center { content: "SIMULATED DATA"' in page
    assert '<div class="watermark" aria-hidden="true">SIMULATED</div>' in page
    for part in ("<h1>", "<caption>", "<figcaption>"):
        assert page.split(part)[1].startswith('<strong class="simulated">SIMULATED')
    assert "SIMULATED" not in small(*blocks)


def test_numbers_have_no_more_digits_than_they_are_worth() -> None:
    assert [rate(value) for value in (0, 0.123, 12.34, 123.4, 12_345.6, np.nan)] == [
        *("0", "0.12", "12.3", "123", "12,346", "\u2013")
    ]
    assert [percent(value) for value in (0, 0.001, 0.5, 0.999, 1)] == [
        *("0%", "<1%", "50%", ">99%", "100%")
    ]
    assert [p_value(value) for value in (0.0001, 0.012, 0.25, None)] == [
        *("<0.001", "0.012", "0.250", "\u2013")
    ]
    assert [decimal(value) for value in (-0.001, -0.25, np.inf)] == ["0.00", "\u22120.25", "\u2013"]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Analyse a small simulation."""
    return arrest_atlas.analyse(arrest_atlas.simulate(seed=2, arrests=150_000).inputs, OPTIONS)


@pytest.fixture(scope="module")
def of_areas(analysis: Analysis) -> Analysis:
    """Analyse totals by office, which say nothing of counties; take them as given."""
    offices = load_field_offices().index
    arrests = np.random.default_rng(4).integers(2_000, 30_000, len(offices))
    by_office = pd.Series(arrests, index=offices)
    inputs = replace(
        analysis.inputs,
        records=None,
        arrests_by_aor=by_office,
        sources={},
        unlocated=0,
        notes=(HOSTILE, "\u202eturned"),
        simulated=False,
    )
    return arrest_atlas.analyse(inputs, OPTIONS)


def report_of(analysis: Analysis, **options: Any) -> Report:
    table = county_table(analysis)
    arguments = {"made_by": MADE_BY} | options
    return build_report(analysis, table, map_layers(analysis, table), **arguments)


@pytest.fixture(scope="module")
def report(analysis: Analysis) -> Report:
    return report_of(analysis)


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return render_report(report)


@pytest.fixture(scope="module")
def area_report(of_areas: Analysis) -> Report:
    return report_of(of_areas)


@pytest.fixture(scope="module")
def area_page(area_report: Report) -> str:
    return render_report(area_report)


def section(report: Report, heading: str) -> Section:
    (found,) = [each for each in report.sections if heading in each.heading]
    return found


def tables(report: Report, heading: str) -> list[ReportTable]:
    blocks = section(report, heading).blocks
    return [block for block in blocks if isinstance(block, ReportTable)]


def test_the_report_is_whole_and_in_order(report: Report, page: str) -> None:
    read = Page(page)
    assert read.all("html") == [{"lang": "en"}]
    for landmark in ("header", "nav", "main", "footer"):
        assert len(read.all(landmark)) == 1
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(np.diff(levels)) == 1
    names = [str(attributes["id"]) for _, attributes in read.tags if "id" in attributes]
    assert len(set(names)) == len(names)
    links = {str(link["href"]) for link in read.all("a")}
    assert all(link.startswith("#") and link[1:] in names for link in links)
    assert read.tags[[tag for tag, _ in read.tags].index("a")][1]["class"] == "skip"
    assert len(report.sections) == 12


def test_the_report_is_light_and_asks_for_nothing(page: str) -> None:
    assert len(page.encode()) <= 8_000_000
    read = Page(page)
    for tag in ("script", "img", "link", "iframe", "object", "image", "base", "form"):
        assert not read.all(tag), tag
    for _, attributes in read.tags:
        for name in ("src", "href", "xlink:href", "action", "data"):
            assert (attributes.get(name) or "#").startswith("#")
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"url\((?!#)|@import", page)


def test_every_figure_can_be_read_without_eyes(report: Report, page: str) -> None:
    figures = report.figures
    assert len(figures) > 15
    for name, svg in figures.items():
        root = ET.fromstring(svg)  # noqa: S314
        parts = [root.find(f"{{http://www.w3.org/2000/svg}}{tag}") for tag in ("title", "desc")]
        title, description = (part.text if part is not None else None for part in parts)
        assert title, name
        assert description, name
        assert len(description) > 100, name
        assert "SIMULATED" in title
        assert "SIMULATED" in description
        assert len(svg.encode()) <= 500_000, name
    assert len(Page(page).all("figure")) == len(figures)
    assert body(page).count('role="img"') == len(figures)


def test_simulated_stands_on_everything_only_where_it_is(
    report: Report, page: str, area_page: str
) -> None:
    captions = len(Page(page).all("caption")) + len(Page(page).all("figcaption"))
    assert page.count('<strong class="simulated">SIMULATED.</strong>') == captions
    assert "SIMULATED" not in area_page
    assert report.lead[0].startswith("SIMULATED data")


def test_the_same_analysis_gives_the_same_bytes(of_areas: Analysis, area_page: str) -> None:
    assert render_report(report_of(of_areas)) == area_page
    assert not re.search(r"/home/|/tmp/|/root/", area_page)


def test_hostile_notes_and_files_are_shown_as_text(of_areas: Analysis, area_page: str) -> None:
    assert "\u202e" not in area_page
    assert "\ufffdturned" in area_page
    assert HOSTILE in Page(area_page).text
    named = {"option": "crime", "file": HOSTILE, "bytes": 1, "sha256": "0" * 64}
    hostile = render_report(report_of(of_areas, made_by=MADE_BY | {"inputs": [named]}))
    assert not Page(hostile).all("script")
    assert Page(hostile.replace("<wbr>", "")).text.count(HOSTILE) == 2


def test_nothing_is_said_of_causes(page: str, area_page: str) -> None:
    for each in (page, area_page):
        said = [found[0] for found in CAUSAL.finditer(Page(each).text)]
        assert said == []
        assert "significant overlap" not in Page(each).text.casefold()
        assert "says nothing about why" in Page(each).text


def test_areas_have_no_p_of_overlap(report: Report, area_report: Report) -> None:
    for each, number in ((report, 2), (area_report, 1)):
        measures = [
            table for table in tables(each, "coincide") if table.caption.startswith("All measures")
        ]
        assert len(measures) == number
        rows = {row[0]: row for row in measures[-1].rows}
        kappa = rows["Cohen's kappa of the hot spots"]
        assert kappa[3] == "none\u00a0(a)"
        assert kappa[5].startswith("none\u00a0(")
        assert re.fullmatch(r"\d\.\d+", rows["Pearson's r"][3])
        assert rows["Jaccard index of the hot spots"][3].startswith("none\u00a0(")
        blocks = section(each, "coincide").blocks
        note = blocks[blocks.index(measures[-1]) + 1]
        assert isinstance(note, str)
        assert note.startswith("No p-value: (a) among larger areas")
        assert note.count("no test of it is known") == 1  # once, not in every row


def test_p_random_labelling_is_nowhere(page: str, area_page: str) -> None:
    for each in (page, area_page):
        assert "random labelling" not in each
        assert "random_labelling" not in each


def test_county_and_area_answers_stand_apart(
    report: Report, area_report: Report, analysis: Analysis
) -> None:
    names = set(report.figures)
    assert {"overlap-all.svg", "area-overlap-all.svg", "lisa-counties-all.svg"} <= names
    assert {"lisa-areas-all.svg", "moran-areas-crime.svg", "kinds-counties.svg"} <= names
    of_areas = set(area_report.figures)
    assert "lisa-counties-all.svg" not in of_areas
    assert "moran-counties-all.svg" not in of_areas
    assert {"lisa-counties-crime.svg", "lisa-areas-all.svg"} <= of_areas
    svg = report.figures["lisa-counties-all.svg"]
    coarse = analysis.county_support("all") == analysis.level
    tested = analysis.kinds["all"].county.crime.spots.test.ids
    number = int(coarse.reindex(tested).sum())
    assert f"Not tested: arrests are known for the whole zone only: {number:,} counties" in svg


def test_places_are_listed_with_their_figures(report: Report, analysis: Analysis) -> None:
    found = mismatches(analysis, "all").reset_index()
    listed = tables(report, "differ most")
    for units in ("county", "zone"):
        for direction in DIRECTIONS:
            places = found[(found["units"] == units) & (found["direction"] == direction)]
            if places.empty:
                continue
            said = direction.replace("crime", "violent crime")
            plural = "counties" if units == "county" else "zones"
            (table,) = [
                each for each in listed if each.caption.casefold().startswith(f"{said}, {plural}")
            ]
            assert f"of {len(places):,}." in table.caption
            assert "2025" in table.caption
            assert "residents" in table.caption
            first = table.rows[0]
            assert first[0].startswith(places.iloc[0]["name"])
            assert first[2] == rate(places.iloc[0]["arrest_rate"])
            assert ("P(hot)" in table.heads) == (units == "county")


def test_moran_stands_for_every_map_with_its_p(report: Report, analysis: Analysis) -> None:
    (table,) = tables(report, "clustering")
    assert len(table.rows) == 8  # three kinds and crime, by county and by zone
    rows = {row[0]: row for row in table.rows}
    result = analysis.kinds["all"].county.crime.moran
    row = rows["Violent crime, counties"]
    assert row[1:3] == [f"{result.n:,}", decimal(result.statistic)]
    assert row[4] == p_value(result.p)
    assert "two-sided" in table.caption


def captions(report: Report) -> dict[str, str]:
    blocks = [block for each in report.sections for block in each.blocks]
    return {each.name: each.caption for each in blocks if isinstance(each, ReportFigure)}


def test_maps_of_classes_are_not_called_rates(report: Report, area_report: Report) -> None:
    for each in (report, area_report):
        for name, caption in captions(each).items():
            if "hot-spots" in name:
                assert "classes, not the rates" in caption, name
            assert not re.match(r"(\w+ as units\. )?Rates of", caption), name


def test_figures_of_one_map_name_its_period_only(report: Report) -> None:
    arrests = re.compile(r"Arrests 20\d\d-.* all \d+ months together")
    crime = re.compile(r"[Vv]iolent crime 20\d\d, per")
    named = captions(report)
    found = [name for name in named if name.startswith(("moran", "lisa")) or "hot-spots" in name]
    assert len(found) > 15
    for name in found:
        svg = report.figures[f"{name}.svg"] if not name.startswith("moran") else ""
        of_crime = "crime" in name
        for text in (named[name], svg or named[name]):
            assert bool(crime.search(text)) == of_crime, name
            assert bool(arrests.search(text)) != of_crime, name
    assert arrests.search(named["overlap-all"])
    assert re.search(r"violent crime 20\d\d", named["overlap-all"])


def test_places_hot_in_both_maps_are_named(report: Report, analysis: Analysis) -> None:
    found = both_hot(analysis, "all").reset_index()
    counties = found[found["units"] == "county"]
    pair = analysis.kinds["all"].county.comparison
    assert pair is not None
    assert set(counties["place"]) == set(pair.ids[pair.classes == "both hot"])
    assert counties[["arrest_gi_z", "crime_gi_z"]].min(axis=1).is_monotonic_decreasing
    (table,) = [
        each for each in tables(report, "differ most") if each.caption.startswith("Both hot, count")
    ]
    assert len(table.rows) == len(counties) > 1
    first = counties.iloc[0]
    assert table.rows[0][0] == f"{first['name']}, {first['state']}"


def test_a_demonstration_tells_what_was_planted(report: Report, analysis: Analysis) -> None:
    assert not any("Planted" in each.caption for each in tables(report, "What the data are"))
    planted = {
        "name": "Central Iowa",
        "planted": "arrests only",
        "in_arrests": "community",
        "known_by": "county",
        "counties": 40,
        "found": {
            kind: {"expected": "neither", "share_with_that_class": 0.5, "verdict": "found"}
            for kind in analysis.kinds
        },
    }
    (table,) = [
        each
        for each in tables(report_of(analysis, planted=[planted]), "What the data are")
        if "Planted clusters (SIMULATED)" in each.caption
    ]
    assert table.rows[0][:5] == [
        "Central Iowa",
        "arrests only",
        "community arrests",
        "county",
        "40",
    ]
    assert table.rows[0][5] == "neither: 50%, found"


def test_local_moran_tells_no_neighbours_from_no_data(report: Report, analysis: Analysis) -> None:
    test = analysis.kinds["all"].county.crime.spots.test
    alone, lost = ((test.classes == key).sum() for key in ("no neighbours", "no data"))
    assert alone > 1
    svg = report.figures["lisa-counties-crime.svg"]
    assert f"No neighbours: an island, or all neighbours lack data: {alone} counties" in svg
    assert f"No data: no rate of violent crime is given: {lost:,} counties" in svg
    zones = report.figures["area-crime-hot-spots.svg"]
    assert "or only for under 80% of a zone&apos;s" in zones or "80% of a zone's" in zones


def test_maps_count_counties_and_zones_apart(report: Report, analysis: Analysis) -> None:
    tested = analysis.kinds["all"].county.crime.spots.test.ids
    coarse = analysis.county_support("all").reindex(tested) == "zone"
    zones = analysis.geometry["zone"].reindex(tested)[coarse].nunique()
    assert zones > 1
    for name in ("overlap-all", "arrest-hot-spots-all"):
        assert f" Hatched: {zones:,} zones, each with one class" in captions(report)[name]
        svg = report.figures[f"{name}.svg"]
        assert f"{zones:,} zones (" in svg
        assert "of them hatched" not in svg


def test_local_moran_says_why_its_own_map_has_no_data(report: Report) -> None:
    for places in ("counties", "areas"):
        svg = report.figures[f"lisa-{places}-crime.svg"]
        lacking = re.findall(r"No data: [^:]*", svg)
        assert lacking
        assert not any("arrests" in reason for reason in lacking)


def test_the_cut_and_the_span_of_the_rates_are_told(report: Report, analysis: Analysis) -> None:
    said = " ".join(block for block in section(report, "The maps").blocks if isinstance(block, str))
    assert "the cut is 5% (hot at 99% and 95%)" in said
    assert "also show what is hot or cold at 90%" in said
    assert "have maps by county in part 6" in said
    period = analysis.inputs.arrest_period
    assert period is not None
    for heading in ("The maps", "differ most"):
        told = [block for block in section(report, heading).blocks if isinstance(block, str)]
        assert any(f"of the whole {period.length}, not of one year" in each for each in told)
    yearly = replace(analysis, options=replace(OPTIONS, alpha=0.01))
    strict = " ".join(map(str, section(report_of(yearly), "The maps").blocks[:1]))
    assert "the cut is 1% (hot at 99%)" in strict
    assert "at 95% and 90%" in strict


def test_only_what_was_used_is_cited(report: Report, area_report: Report) -> None:
    def cited(each: Report) -> set[str]:
        (points,) = [block for block in section(each, "Method").blocks if isinstance(block, Points)]
        return set(points.items)

    assert REFERENCES["Deming and Stephan 1940"] not in cited(report)
    assert REFERENCES["Deming and Stephan 1940"] in cited(area_report)
    assert REFERENCES["Wagner and Dray 2015"] in cited(report)
    assert all("https://doi.org/10." in each for each in REFERENCES.values())
    assert cited(report) | cited(area_report) == set(REFERENCES.values())


def test_no_references_to_tests_that_were_not_made(analysis: Analysis) -> None:
    inputs = replace(analysis.inputs, simulated=False)
    bare = replace(analysis, inputs=inputs, options=replace(OPTIONS, surrogates=0))
    said = " ".join(
        block for block in section(report_of(bare), "coincide").blocks if isinstance(block, str)
    )
    assert "described, not tested" in said


def test_inputs_are_named_with_their_whole_digest(report: Report) -> None:
    (inputs, choices) = tables(report, "comes from")
    assert inputs.rows == [["crime.csv", "crime", "12,345", "0a" * 32]]
    assert ["seed of every random number", "0"] in choices.rows
    blocks = section(report, "comes from").blocks
    assert any(isinstance(each, Points) and "rerun" in each.items[0] for each in blocks)


def test_the_quality_of_records_is_told_without_any_record(
    report: Report, analysis: Analysis, page: str
) -> None:
    captions = " ".join(table.caption for table in tables(report, "data are"))
    for part in ("Rows of the files", "Duplicates", "finest place", "missing", "rate of violent"):
        assert part in captions
    assert analysis.inputs.records is not None
    identifiers = analysis.inputs.records.arrests.table["identifier"].dropna().unique()[:2_000]
    assert not any(str(each) in page for each in identifiers)
    (crime,) = [
        table for table in tables(report, "data are") if table.caption.startswith("Counties by")
    ]
    assert sum(int(row[1].replace(",", "")) for row in crime.rows) == len(analysis.geometry)


def test_counts_are_told_without_records(area_report: Report, area_page: str) -> None:
    captions = [table.caption for table in tables(area_report, "data are")]
    assert any(caption.startswith("Counts given") for caption in captions)
    text = Page(area_page).text
    assert "custodial and community arrests cannot be told apart" in text
    assert "Arrests out of jails sit where jails are" in text
    assert "nowhere are enough arrests located by county" in text


def test_sensitivity_stands_there_if_it_was_made(area_report: Report, of_areas: Analysis) -> None:
    absent = section(area_report, "depends on").blocks
    assert len(absent) == 1
    assert "Not computed in this run" in str(absent[0])
    row = SensitivityRow(
        variation="baseline",
        group="baseline",
        support="aor",
        statistic="Pearson's r",
        units=24,
        estimate=0.2,
        p=0.3,
        surrogates=39,
        verdict="no association",
    )
    rows = (row, replace(row, variation=HOSTILE, group="neighbours", estimate=float("nan")))
    changed = Sensitivity(rows=rows, options=OPTIONS, level=0.05, simulated=False)
    made = report_of(of_areas, changed=changed)
    assert made.figures["sensitivity.svg"] == changed.to_svg()
    (table,) = tables(made, "depends on")
    assert [each[0] for each in table.rows] == ["baseline", HOSTILE]
    assert not Page(render_report(made)).all("script")


def test_a_missing_layer_is_named(of_areas: Analysis) -> None:
    table = county_table(of_areas)
    layers = map_layers(of_areas, table)[1:]
    with pytest.raises(LookupError, match="found no layer 'Overlap and mismatch' of all arrests"):
        build_report(of_areas, table, layers, made_by=MADE_BY)
