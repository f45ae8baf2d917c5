"""The map's colours: told apart by every eye, and in grey by lightness or pattern.

Colour vision is simulated after Machado, Oliveira & Fernandes (2009), A physiologically-based
model for simulation of color vision deficiency, IEEE TVCG 15(6), as colorspacious does it;
distances are Euclidean in CAM02-UCS (Luo, Cui & Li 2006), where about 1 can just be seen.
"""

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from colorspacious import cspace_convert  # type: ignore[import-untyped]

from arrest_atlas.map_legends import (
    GREYS,
    chance_legend,
    cluster_legend,
    hot_legend,
    overlap_legend,
    shade_grid,
    shade_key,
    shade_legend,
)
from outputs import LegendClass, OutputError
from outputs.legends import (
    MOST_CLASSES,
    NO_ANSWER,
    comparison_legend,
    hot_spot_legend,
    legend_of,
    local_legend,
    quadrant_legend,
)


def local_classes(*keys: str) -> list[LegendClass]:
    """Legend of one test: some of its keys are of this test alone."""
    always = {"not significant", *(entry.key for entry in NO_ANSWER)}
    return [entry for entry in local_legend() if entry.key in {*keys, *always}]


LEGENDS = {
    "overlap": overlap_legend("violent crime", ""),
    "hot": hot_legend("arrest rates", ""),
    "chance": chance_legend("zone", ""),
    "arrest circles": cluster_legend("arrest rates", "zone", "#e69f00", ""),
    "crime circles": cluster_legend("crime rates", "zone", "#0072b2", ""),
    "shades": shade_legend("violent crime", "zone", ""),
    "quadrants": [*quadrant_legend(), *NO_ANSWER],
    "local Geary": local_classes("High-High", "Low-Low", "other positive", "negative"),
    "Geary of several": local_classes("positive", "negative"),
    "join counts": local_classes("cluster", "dispersed", "absent"),
    "scan": local_classes("hot cluster", "cold cluster"),
    "any": legend_of([*"abcdef", "no data"], known=[*NO_ANSWER]),
}
EYES = (None, "protanomaly", "deuteranomaly", "tritanomaly")  # of full severity: -opia
LEAST_APART = 10.0
LEAST_IN_GREY = 7.0


def seen(colour: str, eye: str | None) -> Any:
    """Coordinates in CAM02-UCS of a colour as an eye sees it."""
    rgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    if eye is not None:
        space = {"name": "sRGB1+CVD", "cvd_type": eye, "severity": 100}
        rgb = np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)
    return cspace_convert(rgb, "sRGB1", "CAM02-UCS")


def distance(one: LegendClass, other: LegendClass, eye: str | None) -> float:
    return float(np.linalg.norm(seen(one.colour, eye) - seen(other.colour, eye)))


@pytest.mark.parametrize("name", LEGENDS)
@pytest.mark.parametrize("eye", EYES)
def test_colours_are_told_apart_by_every_eye(name: str, eye: str | None) -> None:
    close = [
        (one.key, other.key, distance(one, other, eye))
        for one, other in combinations(LEGENDS[name], 2)
        if one.pattern == other.pattern and distance(one, other, eye) < LEAST_APART
    ]
    assert close == []


@pytest.mark.parametrize("name", LEGENDS)
def test_classes_are_told_apart_in_grey(name: str) -> None:
    close = [
        (one.key, other.key)
        for one, other in combinations(LEGENDS[name], 2)
        if one.pattern == other.pattern
        and abs(seen(one.colour, None)[0] - seen(other.colour, None)[0]) < LEAST_IN_GREY
    ]
    assert close == []


def test_every_class_without_an_answer_has_a_pattern_of_its_own() -> None:
    patterns = [entry.pattern for entry in GREYS]
    assert len(set(patterns)) == len(patterns)
    assert "" not in patterns


def test_classes_without_an_answer_differ_in_lightness_too() -> None:
    greys = [hot_spot_legend("rates")[3], *NO_ANSWER]
    steps = [float(seen(entry.colour, None)[0]) for entry in greys]
    assert all(one - other >= LEAST_IN_GREY for one, other in pairwise(steps))


def test_the_simulation_confuses_what_such_eyes_confuse() -> None:
    red = LegendClass(key="r", label="", colour="#b04a3a")
    green = LegendClass(key="g", label="", colour="#6f7a2a")
    assert distance(red, green, None) > 2 * distance(red, green, "deuteranomaly")


def test_the_grid_holds_all_nine_shades() -> None:
    grid = shade_grid("crime", arrest_breaks=(1, 2), crime_breaks=(3, 4))
    keys = [key for row in grid.keys for key in row]
    assert set(keys) < {entry.key for entry in shade_legend("crime", "zone", "")}
    assert len(set(keys)) == 9
    assert grid.keys[0][2] == shade_key(0, 2) == "crime low, arrests high"
    assert grid.up_steps == ["to 3.0", "3.0 to 4.0", "over 4.0"]


def test_every_class_has_a_short_name_and_no_data_says_what_is_lacking() -> None:
    for name in ("overlap", "hot", "chance", "arrest circles", "shades"):
        assert all(0 < len(entry.short) <= 28 for entry in LEGENDS[name])
    (lacking,) = (entry for entry in hot_legend("rates", "nobody counts") if entry.key == "no data")
    assert (lacking.label, lacking.short) == ("No data: nobody counts", "No data")


def test_every_test_has_its_classes_in_one_legend() -> None:
    keys = [entry.key for entry in local_legend()]
    assert len(set(keys)) == len(keys)
    spots = {entry.key for entry in hot_spot_legend("rates")}
    assert spots | {"High-Low", "other positive", "negative", "cluster", "no data"} < set(keys)


def test_both_maps_of_a_comparison_are_named() -> None:
    legend = comparison_legend("theft", "fire")
    assert [entry.key for entry in legend] == [
        "both hot",
        "theft only",
        "fire only",
        "opposite",
        "neither",
    ]
    assert legend[2].label == "Mismatch: hot spot of fire, none of theft detected"


def test_more_classes_than_colours() -> None:
    keys = [str(number) for number in range(MOST_CLASSES + 1)]
    assert len(legend_of(keys[1:], known=())) == MOST_CLASSES
    with pytest.raises(OutputError, match="found 7 classes, such as '0' and '1'"):
        legend_of(keys, known=())
