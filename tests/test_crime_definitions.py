"""Definitions of crime: what each counts, and that two are never mixed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crime import DEFINITIONS, OFFENCES, check_violent, load_definition, same_definition
from geo.errors import InputError


def test_part1_violent_crime_as_the_fbi_defines_it() -> None:
    # FBI, Crime in the United States 2013, Violent Crime: murder and nonnegligent
    # manslaughter, rape, robbery, aggravated assault; rape revised from 2013 on.
    revised, legacy = (
        DEFINITIONS["ucr_part1_violent"],
        DEFINITIONS["ucr_part1_violent_legacy_rape"],
    )
    assert revised.components == ("murder", "rape_revised", "robbery", "aggravated_assault")
    assert legacy.components == ("murder", "rape_legacy", "robbery", "aggravated_assault")
    assert (revised.first_year, revised.last_year) == (2013, None)
    assert (legacy.first_year, legacy.last_year) == (None, 2016)


def test_nibrs_persons_count_simple_assault_but_not_robbery() -> None:
    # FBI, NIBRS User Manual 2021.1: robbery is a crime against property.
    parts = load_definition("nibrs_violent").components
    assert {"simple_assault", "intimidation"} <= set(parts)
    assert "robbery" not in parts


@pytest.mark.parametrize("name", list(DEFINITIONS))
def test_every_definition_is_whole(name: str) -> None:
    one = load_definition(name)
    assert one.name == name
    assert set(one.components) <= set(OFFENCES)
    assert len(set(one.components)) == len(one.components) > 0
    assert one.title
    assert one.noun in one.title or one.noun == "crime against persons"
    assert one.note
    assert one.source
    assert one.system in {"summary", "nibrs", "estimate"}
    assert (one.first_year or 0) < (one.last_year or 9999)


def test_property_crime_alone_is_not_violent() -> None:
    others = [name for name, one in DEFINITIONS.items() if not one.violent]
    assert others == ["property_part1"]
    for name in (*DEFINITIONS, "gun crime", None):
        if name not in others:
            check_violent(name, file="crime.csv")
    with pytest.raises(InputError) as caught:
        check_violent("property_part1", file="crime.csv")
    (problem,) = caught.value.problems
    assert problem.found.startswith("figures of the definition property_part1: property crime")
    assert "one of ucr_part1_violent, " in problem.expected
    assert "property_part1" not in problem.expected
    assert "arrest-atlas compare" in problem.action


def test_no_two_definitions_are_the_same() -> None:
    kinds = {(one.components, one.system) for one in DEFINITIONS.values()}
    assert len(kinds) == len(DEFINITIONS)


def test_an_unknown_definition_lists_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        load_definition("violent")
    (problem,) = caught.value.problems
    assert problem.found == "'violent'"
    assert "ucr_part1_violent" in problem.expected
    assert problem.action == "choose one of these names"


def test_a_mixture_names_both_and_whose_they_are() -> None:
    with pytest.raises(InputError) as caught:
        same_definition(
            ["ucr_part1_violent", "nibrs_violent", "ucr_part1_violent"],
            labels=["2017.csv", "2022.csv", "2018.csv"],
        )
    message = str(caught.value)
    assert "ucr_part1_violent (2017.csv, 2018.csv) and nibrs_violent (2022.csv)" in message
    assert "figures of one definition" in message


def test_a_definition_that_is_not_stated_mixes_with_none() -> None:
    with pytest.raises(InputError, match=r"homicide .* and no stated definition"):
        same_definition(["homicide", None])
    assert same_definition([None, None]) is None
    assert same_definition([]) is None


@given(st.lists(st.sampled_from([*DEFINITIONS, None]), min_size=1, max_size=6))
def test_one_definition_or_an_error(names: list[str | None]) -> None:
    if len(set(names)) == 1:
        assert same_definition(names) == names[0]
    else:
        with pytest.raises(InputError):
            same_definition(names)
