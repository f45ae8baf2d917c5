"""Maps to open: the whole country with made-up classes, and one full of hostile text."""

import base64
import struct
import zlib
from collections.abc import Mapping, Sequence

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries import GEOGRAPHIC_CRS, dissolve_counties, load_counties, load_states
from outputs import ClassGrid, ClassLayer, ImageOverlay, LegendClass, build_map

HOT = "#b2182b"
RIGHT_TO_LEFT = "\u202etxet desrever"
HOSTILE = "</script><script>alert(1)</script>\"'&{{ 7*7 }}{% raw %}<img src=x onerror=alert(2)>"
LONG = "Interminable" * 850
FORMULA = "=cmd|' /C calc'!A0"

SPOTS = [
    LegendClass(key="hot", label="Hot: high rates", short="Hot", colour=HOT),
    LegendClass(key="not significant", label="Not significant", colour="#f4f1ea"),
    LegendClass(key="cold", label="Cold: low rates", colour="#2166ac", pattern="upright"),
    LegendClass(key="no data", label="No data", colour="#b5b5b5", pattern="dots"),
]


def png(colour: tuple[int, int, int]) -> str:
    """One pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" + bytes(colour))
    image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(image).decode()


def spots(
    counties: gpd.GeoDataFrame, title: str, hot: Sequence[str], *, group: str, variant: str = ""
) -> ClassLayer:
    """Counties of some states are hot; the West is known by area; some have no data."""
    state = counties["state"]
    classes = pd.Series("not significant", index=counties.index)
    classes[state.isin(hot)] = "hot"
    classes[state.isin(["ME", "VT"])] = "cold"
    classes[state.isin(["IA"])] = "no data"
    return ClassLayer(
        title=title,
        note=f"Made up: {title}.",
        classes=classes,
        hatched=state.isin(["WA", "OR", "CA", "NV", "ID"]),
        legend=SPOTS,
        hatched_label="Hatched: the area's class",
        partly=state.isin(["FL", "GA"]),
        partly_label="Broken hatching: partly shared out",
        areas=counties["zone"],
        area_unit=("zone", "zones"),
        group=group,
        variant=variant,
    )


def shades(counties: gpd.GeoDataFrame) -> ClassLayer:
    colours = ["#f3f0e8", "#e7be88", "#a7bccd", "#97888b"]
    keys = [["ll", "lh"], ["hl", "hh"]]
    names = [key for row in keys for key in row]
    taken = np.array(names)[np.arange(len(counties)) % 4]
    return ClassLayer(
        title="Both rates",
        group="Comparison",
        note="Made up.",
        classes=pd.Series(taken, index=counties.index),
        hatched=pd.Series(data=False, index=counties.index),
        legend=[
            LegendClass(key=key, label=f"Shade {key}", colour=colour)
            for key, colour in zip(names, colours, strict=True)
        ],
        hatched_label="",
        grid=ClassGrid(
            across="arrests",
            up="crime",
            across_steps=["low", "high"],
            up_steps=["low", "high"],
            keys=keys,
        ),
    )


def chance(counties: gpd.GeoDataFrame) -> ClassLayer:
    return ClassLayer(
        title="Chance",
        group="Arrests",
        note="Made up.",
        classes=pd.Series("hot", index=counties.index),
        hatched=pd.Series(data=False, index=counties.index),
        legend=SPOTS,
        hatched_label="",
        opacity=pd.Series(np.linspace(0, 1, len(counties)), index=counties.index),
        opacity_label="Chance to be hot",
        figures=pd.Series(np.linspace(0, 1, len(counties)), index=counties.index).map(
            "chance {:.2f}".format
        ),
    )


def country(
    *, tiles: str | None = None, details: Mapping[str, Sequence[str]] | None = None
) -> folium.Map:
    """Every county of the country."""
    counties = load_counties()
    counties = counties[counties["zone"].notna()]
    numbers = pd.Series(np.arange(len(counties)), index=counties.index)
    popups = pd.DataFrame(
        {
            "Arrests": numbers.map("{:,}".format),
            "Per 100,000 residents": (numbers / 7).map("{:.1f}".format),
            "Periods": "arrests 2025, crime 2023",
            # So many that the figures scroll.
            **{f"Figure {row}": "a made-up figure" for row in range(12)},
        }
    )
    table = pd.DataFrame(
        {"Office": counties["aor"], "Arrests": numbers, "Rate": (numbers / 7).round(1)}
    )
    table.loc[numbers % 10 == 0, "Rate"] = np.nan
    # As long as those of a run, with whose figure it is behind the number.
    long = "Custodial arrests per 100,000 residents over the whole 19 months, imputed included"
    of_area = counties["state"].isin(["WA", "OR"]).map({True: "(zone)", False: ""})
    of_custody = table.drop(columns="Arrests").assign(**{long: numbers // 2})
    offices = gpd.GeoDataFrame(
        {"name": ["Chicago", "Harlingen"]},
        geometry=gpd.points_from_xy([-87.63, -97.70], [41.88, 26.19]),
        crs=GEOGRAPHIC_CRS,
    )
    variants = [
        spots(counties, "Overlap", hot, group="Comparison", variant=variant)
        for variant, hot in (("all", ["OH", "KS"]), ("custodial", ["OH"]))
    ]
    return build_map(
        counties,
        [
            *variants,
            shades(counties),
            spots(counties, "Arrest hot spots", ["TX", "KS"], group="Arrests"),
            chance(counties),
            spots(counties, "Crime hot spots", ["LA"], group="Crime"),
        ],
        popups=popups,
        outlines={"Offices": dissolve_counties(counties, by="aor"), "States": load_states()},
        title="Do the two maps agree?",
        notes=["They do not. " * 20, "Warning: all of this is made up."],
        facts={"Period": "2025", "Sources": "made up", "Support": "counties and areas"},
        details=details or {"Limits": ["No cause."], "Sources": ["None."]},
        table={"all": table, "custodial": of_custody},
        marks={long: of_area},
        periods="arrests 2025, crime 2023",
        keywords=counties["state"].map(load_states()["name"]).fillna(""),
        places={"Field offices": offices},
        overlays=[
            ImageOverlay(
                label="Surface",
                image=png((0, 170, 0)),
                bounds=((30, -110), (45, -80)),
                note="A made-up surface.",
                legend=[LegendClass(key="1", label="Green", colour="#00aa00")],
                variant="all",
                figures=numbers.map("about {:,}".format),
            ),
            ImageOverlay(
                label="Another surface, with a title that is longer than half a map is wide",
                image=png((0, 0, 170)),
                bounds=((30, -110), (45, -80)),
            ),
        ],
        beside=("Arrest hot spots", "Crime hot spots"),
        tiles=tiles,
        variants="Which arrests",
        simulated=True,
    )


def hostile() -> folium.Map:
    """Three counties whose every text is an attack."""
    fips = pd.Index(["20001", "20003", "20005"], name="county_fips")
    names = [HOSTILE, LONG, RIGHT_TO_LEFT]
    counties = gpd.GeoDataFrame(
        {"legal_name": names, "state": ["KS"] * 3},
        geometry=[shapely.box(west, 37, west + 1, 38) for west in (-97, -96, -95)],
        index=fips,
        crs=GEOGRAPHIC_CRS,
    )
    layer = ClassLayer(
        title=HOSTILE,
        group=LONG,
        note=HOSTILE,
        classes=pd.Series([FORMULA, "b", "b"], index=fips),
        hatched=pd.Series([True, False, False], index=fips),
        legend=[
            LegendClass(key=FORMULA, label=HOSTILE, colour=HOT),
            LegendClass(key="b", label=LONG, colour="#eeeeee"),
        ],
        hatched_label=HOSTILE,
    )
    return build_map(
        counties,
        [layer],
        popups=pd.DataFrame({HOSTILE: [HOSTILE, LONG, RIGHT_TO_LEFT]}, index=fips),
        outlines={HOSTILE: counties},
        title=HOSTILE,
        notes=[HOSTILE, LONG],
        facts={HOSTILE: HOSTILE},
        details={HOSTILE: [HOSTILE]},
        table={"": pd.DataFrame({HOSTILE: [FORMULA, LONG, "+1"], "n": [-1.5, 2, 3]}, index=fips)},
        places={
            HOSTILE: gpd.GeoDataFrame(
                {"name": [HOSTILE]}, geometry=[shapely.Point(-96, 37.5)], crs=GEOGRAPHIC_CRS
            )
        },
    )
