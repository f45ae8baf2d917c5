"""Choices of method, one change at a time: which there are, and which the inputs allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from arrest_atlas.counting import Kind
from arrest_atlas.map_layers import KIND_WORDS
from arrest_atlas.map_units import NEAREST, RADIUS_KM
from arrest_atlas.options import Denominator, Extent, GraphKind, Inputs, Options, Treatment
from arrest_atlas.period import Period
from arrest_atlas.reading import CrimeMeasure
from arrest_atlas.records import Programme287g
from geo import classify_arrests

__all__ = ["NotPossible", "Variation", "describe", "not_possible", "plan", "variations"]

_BASELINE: Final = "baseline"

_ALPHAS: Final = (0.01, 0.05, 0.10)
_LOCATED_SHARES: Final = (0.4, 0.5, 0.6)
_LENGTHS: Final = (200.0, 500.0, 1000.0)
"""Kilometres."""

_GRAPHS: Final[dict[GraphKind, str]] = {
    "queen": "counties that touch",
    "nearest": f"the {NEAREST} nearest counties",
    "distance": f"counties up to {RADIUS_KM} km apart",
}
_RATES: Final[dict[Denominator, str]] = {
    "residents": "arrests per resident",
    "noncitizens": "arrests per non-citizen",
}
_WEIGHTS: Final[dict[Denominator, str]] = {
    "residents": "imputed by residents",
    "noncitizens": "imputed by non-citizens",
}
_TREATMENTS: Final[dict[Treatment, str]] = {
    "imputed": "drawn into counties, many times",
    "located": "left out (located arrests only)",
    "proportional": "shared out in proportion",
}
_EXTENTS: Final[dict[Extent, str]] = {
    "conterminous": "the 48 states and DC",
    "states": "with Alaska and Hawaii",
}
_PROGRAMME: Final[dict[Programme287g, str]] = {
    "custodial": "custodial arrests, those of 287(g) among them",
    "other": "custodial arrests, those of 287(g) not among them",
}

_NO_NONCITIZENS: Final = "no table of non-citizens was given (--noncitizens)"
_NO_RECORDS: Final = "tables of counts do not tell custodial from community arrests"


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Variation:
    """The baseline, or one change to it.

    Attributes
    ----------
    name, group : str
        What is chosen, and of what.
    inputs : Inputs
        Of the run, with the change where it is one of inputs.
    options : Options
        Of the run, with the change where it is one of options.
    kind : {"all", "custodial", "community"}
        Which arrests.
    trend_removed : bool
        Whether a quadratic trend is taken out of both maps.
    note : str
        What else is to be known.
    """

    name: str
    group: str
    inputs: Inputs
    options: Options
    kind: Kind = "all"
    trend_removed: bool = False
    note: str = ""

    def __repr__(self) -> str:
        return f"{self.group}: {self.name}"


@dataclass(frozen=True, kw_only=True)
class NotPossible:
    """A change that the inputs do not allow.

    Attributes
    ----------
    name, group : str
        What would be chosen, and of what.
    reason : str
        Why it cannot be.
    """

    name: str
    group: str
    reason: str


def describe(options: Options) -> str:
    """Say what was chosen.

    Parameters
    ----------
    options : Options
        Of the baseline.

    Returns
    -------
    str
        Every choice that is varied, without a full stop.

    Examples
    --------
    >>> describe(Options())[:50]
    'all arrests; neighbours are counties that touch; f'
    """
    return (
        f"all arrests; neighbours are {_GRAPHS[options.graph]}; false discovery rate "
        f"{_percent(options.alpha)}; {_RATES[options.denominator]}; arrests without a county are "
        f"{_TREATMENTS[options.treatment]}, {_WEIGHTS[options.weights]}; counties are tested where "
        f"{_percent(options.located_share)} of the arrests are located; "
        f"{_EXTENTS[options.extent]}; kernel of {options.kernel_length:,g} km"
    )


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def variations(
    inputs: Inputs, options: Options, *, also_crime: Sequence[CrimeMeasure] = ()
) -> tuple[Variation, ...]:
    """List the baseline and every change that the inputs allow.

    Parameters
    ----------
    inputs : Inputs
        What the run was given.
    options : Options
        Of the baseline.
    also_crime : sequence of CrimeMeasure, optional
        Other measures or periods of crime.

    Returns
    -------
    tuple of Variation
        The baseline first.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> inputs = simulate(seed=1, arrests=10_000).inputs
    >>> variations(inputs, Options())[:3]
    (baseline: baseline, neighbours: the 6 nearest counties,
    neighbours: counties up to 100 km apart)
    """
    return tuple(
        each for each in plan(inputs, options, also_crime=also_crime) if isinstance(each, Variation)
    )


def not_possible(
    inputs: Inputs, options: Options, *, also_crime: Sequence[CrimeMeasure] = ()
) -> tuple[NotPossible, ...]:
    """List the changes that the inputs do not allow, and why.

    Parameters
    ----------
    inputs : Inputs
        What the run was given.
    options : Options
        Of the baseline.
    also_crime : sequence of CrimeMeasure, optional
        Other measures or periods of crime.

    Returns
    -------
    tuple of NotPossible
        In the order of the table.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> inputs = simulate(seed=1, arrests=10_000).inputs
    >>> [each.group for each in not_possible(inputs, Options())]
    ['denominator', 'imputation weights', 'crime']
    """
    return tuple(
        each
        for each in plan(inputs, options, also_crime=also_crime)
        if isinstance(each, NotPossible)
    )


def plan(
    inputs: Inputs, options: Options, *, also_crime: Sequence[CrimeMeasure] = ()
) -> tuple[Variation | NotPossible, ...]:
    """List every choice, possible or not, in the order of the table.

    Parameters
    ----------
    inputs : Inputs
        What the run was given.
    options : Options
        Of the baseline.
    also_crime : sequence of CrimeMeasure, optional
        Other measures or periods of crime.

    Returns
    -------
    tuple of Variation and NotPossible
        The baseline first.
    """
    baseline = Variation(name=_BASELINE, group=_BASELINE, inputs=inputs, options=options)
    return (
        baseline,
        *_tests(baseline),
        *_kinds(baseline),
        *_imputations(baseline),
        *_located_shares(baseline),
        *_extents(baseline),
        *_crimes(baseline, also_crime),
        *_nulls(baseline),
    )


def _tests(baseline: Variation) -> Iterator[Variation | NotPossible]:
    """Choose other neighbours, another level, other people."""
    options = baseline.options
    for graph, name in _GRAPHS.items():
        if graph != options.graph:
            yield _with(baseline, "neighbours", name, replace(options, graph=graph))
    for alpha in _ALPHAS:
        if alpha != options.alpha:
            name = f"false discovery rate {_percent(alpha)}"
            yield _with(baseline, "level of hot spots", name, replace(options, alpha=alpha))
    for people, name in _RATES.items():
        if people != options.denominator:
            changed = replace(options, denominator=people)
            yield _of_people(baseline, "denominator", name, changed, people)


def _located_shares(baseline: Variation) -> Iterator[Variation | NotPossible]:
    """Test the counties of more areas, or of fewer: the threshold of rule M1."""
    group = "located share"
    located, _ = _known_by_county(baseline.inputs)
    for share in _LOCATED_SHARES:
        name = f"counties tested from {_percent(share)} located"
        if share == baseline.options.located_share:
            continue
        if not located:
            yield NotPossible(group=group, name=name, reason="no arrests are located by county")
            continue
        yield _with(baseline, group, name, replace(baseline.options, located_share=share))


def _extents(baseline: Variation) -> Iterator[Variation]:
    for extent, name in _EXTENTS.items():
        if extent != baseline.options.extent:
            yield _with(baseline, "extent", name, replace(baseline.options, extent=extent))


def _nulls(baseline: Variation) -> Iterator[Variation]:
    """Draw surrogate maps of other kernels, and take the trend out of both maps."""
    for length in _LENGTHS:
        if length != baseline.options.kernel_length:
            changed = replace(baseline.options, kernel_length=length)
            yield _with(baseline, "surrogate maps", f"kernel of {length:,g} km", changed)
    yield replace(
        baseline,
        name="quadratic trend removed from both maps",
        group="broad trend",
        trend_removed=True,
    )


def _with(baseline: Variation, group: str, name: str, options: Options) -> Variation:
    return replace(baseline, group=group, name=name, options=options)


def _of_people(
    baseline: Variation, group: str, name: str, options: Options, people: Denominator
) -> Variation | NotPossible:
    if people == "noncitizens" and baseline.inputs.noncitizens is None:
        return NotPossible(group=group, name=name, reason=_NO_NONCITIZENS)
    return _with(baseline, group, name, options)


def _kinds(baseline: Variation) -> Iterator[Variation | NotPossible]:
    """Tell custodial from community arrests, and count those of 287(g) either way."""
    group = "arrests"
    records = baseline.inputs.records
    kinds: tuple[Kind, ...] = ("custodial", "community")
    for kind in kinds:
        name = KIND_WORDS[kind]
        if records is None:
            yield NotPossible(group=group, name=name, reason=_NO_RECORDS)
        elif not (records.classes.custody[records.counted] == kind).any():
            yield NotPossible(group=group, name=name, reason=f"the records have no {name}")
        else:
            yield replace(baseline, group=group, name=name, kind=kind)
    programme: Programme287g = "custodial"
    if records is not None and records.programme_287g == "custodial":
        programme = "other"
    name = _PROGRAMME[programme]
    if records is None:
        yield NotPossible(group=group, name=name, reason=_NO_RECORDS)
        return
    classes = classify_arrests(records.arrests.table, programme_287g=programme)
    differ = classes.custody.astype("object") != records.classes.custody.astype("object")
    if not differ[records.counted].any():
        reason = "the records have no arrests of the programme 287(g)"
        yield NotPossible(group=group, name=name, reason=reason)
        return
    if not (classes.custody[records.counted] == "custodial").any():
        yield NotPossible(group=group, name=name, reason="no custodial arrests are left")
        return
    changed = replace(records, classes=classes, programme_287g=programme)
    yield replace(
        baseline,
        group=group,
        name=name,
        kind="custodial",
        inputs=replace(baseline.inputs, records=changed),
        note="to be compared with the row of custodial arrests",
    )


def _imputations(baseline: Variation) -> Iterator[Variation | NotPossible]:
    """Treat the arrests whose county is not known in other ways."""
    options = baseline.options
    located, others = _known_by_county(baseline.inputs)
    for people, name in _WEIGHTS.items():
        if people != options.weights:
            group = "imputation weights"
            changed = replace(options, weights=people)
            if others:
                yield _of_people(baseline, group, name, changed, people)
            else:
                yield NotPossible(group=group, name=name, reason="every arrest has its county")
    for treatment, name in _TREATMENTS.items():
        if treatment == options.treatment:
            continue
        group = "arrests without a county"
        if not others:
            yield NotPossible(group=group, name=name, reason="every arrest has its county")
        elif treatment == "located" and not located:
            reason = "no arrest is located by county"
            yield NotPossible(group=group, name=name, reason=reason)
        else:
            yield _with(baseline, group, name, replace(options, treatment=treatment))


def _known_by_county(inputs: Inputs) -> tuple[bool, bool]:
    """Tell whether any arrest's county is known, and whether any is not."""
    if inputs.records is None:
        by_county = inputs.arrests_by_county
        rest = [
            table for table in (inputs.arrests_by_aor, inputs.arrests_by_state) if table is not None
        ]
        return (
            by_county is not None and bool(by_county.any()),
            any(bool(table.any()) for table in rest),
        )
    support = inputs.records.located.table.loc[inputs.records.counted, "support"]
    return bool((support == "county").any()), bool((~support.isin(["county", "none"])).any())


def _crimes(
    baseline: Variation, also_crime: Sequence[CrimeMeasure]
) -> Iterator[Variation | NotPossible]:
    group = "crime"
    arrested = baseline.inputs.arrest_period
    if not also_crime:
        reason = "no other crime table was given (--also-crime)"
        yield NotPossible(group=group, name="another measure or period", reason=reason)
    for measure in also_crime:
        yield replace(
            baseline,
            group=group,
            name=f"crime: {measure.name}",
            inputs=measure.put_into(baseline.inputs),
            note="; ".join(filter(None, (_what(measure), _when(measure.period, arrested)))),
        )


def _what(measure: CrimeMeasure) -> str:
    """Say what this crime is, if its file does."""
    title = measure.crime.definition_title
    return "" if title is None else f"counts {title}"


def _when(crime: Period | None, arrests: Period | None) -> str:
    """Say so where this crime may not have come before the arrests (M9)."""
    if crime is None or arrests is None:
        return "whether this crime came before the arrests is not known: no period is stated"
    if crime.last >= arrests.first:
        return f"this crime ({crime}) does not end before the arrests begin"
    return ""
