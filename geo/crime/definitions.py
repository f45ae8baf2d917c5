"""What a crime figure counts: a catalogue of definitions, which are never mixed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest
from types import MappingProxyType
from typing import Any, Final

from geo.errors import InputError, Problem

__all__ = [
    "DEFINITIONS",
    "OFFENCES",
    "SYSTEMS",
    "Definition",
    "check_system",
    "check_violent",
    "load_definition",
    "same_definition",
]

SYSTEMS: Final = ("summary", "nibrs", "estimate", "vital")
"""Where figures may come from (:attr:`Definition.system`)."""

_INCIDENTS: Final = "nibrs"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a crime figure counts.

    Attributes
    ----------
    name : str
        Name in the catalogue, such as ``"ucr_part1_violent"``.
    title : str
        Words for maps and reports.
    noun : str
        The crimes in the singular, for sentences: ``"violent crime"``, ``"homicide"``.
    violent : bool
        Whether they are violent crimes, which ``arrest-atlas run`` asks about.
    components : tuple of str
        Offences that are added up, names of :data:`OFFENCES`.
    first_year, last_year : int or None
        Years for which figures of this definition exist; None where there is no limit.
    system : str
        Where the figures come from: ``"summary"`` (the FBI's summary reporting system),
        ``"nibrs"`` (incident-based reports), ``"estimate"`` (gaps filled by a model) or
        ``"vital"`` (death certificates).
    note : str
        What one should know before using it.
    source : str
        Who says so.
    """

    name: str
    title: str
    noun: str
    violent: bool
    components: tuple[str, ...]
    first_year: int | None
    last_year: int | None
    system: str
    note: str
    source: str


def _catalogue() -> Mapping[str, Any]:
    text = files("geo").joinpath("data/crime_definitions.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _definition(name: str, entry: Mapping[str, Any]) -> Definition:
    return Definition(
        name=name,
        title=entry["title"],
        noun=entry["noun"],
        violent=entry["violent"],
        components=tuple(entry["components"]),
        first_year=entry.get("first_year"),
        last_year=entry.get("last_year"),
        system=entry["system"],
        note=entry["note"],
        source=entry["source"],
    )


_CATALOGUE: Final = _catalogue()

OFFENCES: Final[Mapping[str, str]] = MappingProxyType(_CATALOGUE["offences"])
"""Offences and what they are called in words."""

DEFINITIONS: Final[Mapping[str, Definition]] = MappingProxyType(
    {name: _definition(name, entry) for name, entry in _CATALOGUE["definitions"].items()}
)
"""Every definition by its name."""


def load_definition(name: str) -> Definition:
    """Look a definition up.

    Parameters
    ----------
    name : str
        Its name in the catalogue.

    Returns
    -------
    Definition
        What it counts.

    Raises
    ------
    InputError
        If the catalogue has no such name; the message lists those there are.

    Examples
    --------
    >>> load_definition("ucr_part1_violent").components
    ('murder', 'rape_revised', 'robbery', 'aggravated_assault')
    """
    if name in DEFINITIONS:
        return DEFINITIONS[name]
    problem = Problem(
        file="definition of crime",
        found=repr(name),
        expected=f"one of {', '.join(DEFINITIONS)}",
        action="choose one of these names",
    )
    raise InputError([problem])


def check_system(system: str, definition: str, *, file: str) -> None:
    """Make sure that figures of one system are not called by a definition of another.

    The same four offences give other figures where incidents are counted offence by
    offence (NIBRS) than where only the gravest offence of an incident counts (the summary
    system, and estimates made from it).

    Parameters
    ----------
    system : str
        System of the figures, one of :data:`SYSTEMS`; empty where it is not known.
    definition : str
        Name in the catalogue.
    file : str
        The file, for the message.

    Raises
    ------
    InputError
        If one is incident-based and the other is not.

    Examples
    --------
    >>> check_system("summary", "ucr_part1_violent", file="crime.csv")
    """
    other = load_definition(definition).system
    if not system or (system == _INCIDENTS) == (other == _INCIDENTS):
        return
    problem = Problem(
        file=file,
        found=f"figures of the system {system!r}, and the definition {definition} of {other!r}",
        expected="a definition of the system of the figures",
        action="choose another definition; if the figures are of that system, say so in a "
        "mapping (the key system)",
    )
    raise InputError([problem])


def check_violent(definition: str | None, *, file: str) -> None:
    """Make sure that figures are of violent crime, as far as the catalogue knows them.

    Parameters
    ----------
    definition : str or None
        Name in the catalogue, or as the file says it; None where it does not.
    file : str
        The file, for the message.

    Raises
    ------
    InputError
        If the definition is one of other crimes; the message lists those of violent crime.

    Examples
    --------
    >>> check_violent("homicide", file="crime.csv")
    """
    known = DEFINITIONS.get(definition or "")
    if known is None or known.violent:
        return
    accepted = ", ".join(name for name, one in DEFINITIONS.items() if one.violent)
    problem = Problem(
        file=file,
        found=f"figures of the definition {known.name}: {known.title}",
        expected=f"violent crime, which a run asks about, by one of {accepted}",
        action="give such a file; arrest-atlas compare compares any two maps",
    )
    raise InputError([problem])


def same_definition(
    definitions: Iterable[str | None], *, labels: Iterable[str] = (), file: str = ""
) -> str | None:
    """Make sure that figures which meet are of one definition.

    Parameters
    ----------
    definitions : iterable of str or None
        Names in the catalogue; None where a file does not tell.
    labels : iterable of str, optional
        What each belongs to, for the message: a file, a year. In the same order.
    file : str, optional
        The file that all are of; without it the labels stand in its place.

    Returns
    -------
    str or None
        The one definition; None if none was told of any, or there are no figures.

    Raises
    ------
    InputError
        If there are two or more, or some are told and others are not.

    Examples
    --------
    >>> same_definition(["homicide", "homicide"])
    'homicide'
    >>> same_definition(["homicide", "robbery"], labels=["2014", "2016"])
    Traceback (most recent call last):
    ...
    geo.errors.InputError: 2014, 2016: found homicide (2014) and robbery (2016); expected ...
    """
    members: dict[str | None, list[str]] = {}
    for number, (name, label) in enumerate(zip_longest(definitions, labels), start=1):
        members.setdefault(name, []).append(label or f"figures {number}")
    if len(members) <= 1:
        return next(iter(members), None)
    found = " and ".join(
        f"{name or 'no stated definition'} ({', '.join(named)})" for name, named in members.items()
    )
    problem = Problem(
        file=file or ", ".join(label for named in members.values() for label in named),
        found=found,
        expected="figures of one definition: two definitions count different crimes",
        action="keep one of them apart, or state the definition of each file",
    )
    raise InputError([problem])
