"""From located arrests to counties: those known less finely are drawn, several times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from boundaries import load_counties
from geo._multinomial import Floats, Integers, draw_parts, expected_shares, shares_within
from geo.allocation import CountyArrests, allocate_proportional, largest_remainder
from geo.errors import InputError, Problem

__all__ = ["ImputedArrests", "impute_arrests"]

_PLACE_COLUMNS: Final = {"county": "county_fips", "zone": "zone", "state": "state", "aor": "aor"}
"""Column that names the place of an arrest, for each support, the finest first."""

_NOWHERE: Final = "none"
_SHOWN: Final = 5

_Stratum = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class ImputedArrests(CountyArrests):
    """Arrests by county, three ways side by side, over all strata and in each.

    Beside what :class:`CountyArrests` holds (its ``area`` is the zone; ``proportional``
    shares out what each zone has, of states and offices as many as are expected there):

    Attributes
    ----------
    by_support : pandas.DataFrame of float
        By zone: arrests known by ``county``, by ``zone``, by ``state`` and by ``aor``, the
        last two as many as are expected in the zone.
    unlocated : int
        Arrests that nothing locates; they are in no other number.
    strata : mapping of str to ImputedArrests
        The same for each class of the first column of the strata, which holds those of
        the next; empty where there are none.
    """

    by_support: pd.DataFrame
    unlocated: int
    strata: Mapping[str, ImputedArrests]

    @property
    def zone(self) -> pd.Series:
        """Tell the zone of each county.

        Returns
        -------
        pandas.Series of str
            By ``county_fips``.
        """
        return self.area.rename("zone")

    @property
    def support_share(self) -> pd.DataFrame:
        """Tell how finely the arrests of each zone are known.

        Returns
        -------
        pandas.DataFrame of float
            By zone, the share known by ``county``, ``zone``, ``state`` and ``aor``;
            missing where there are no arrests.
        """
        return self.by_support.div(self.by_support.sum(axis=1).replace(0, np.nan), axis=0)

    def to_frame(self) -> pd.DataFrame:
        """Lay the counts out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``county_fips``: ``zone``, the columns of
            :meth:`CountyArrests.to_frame`, and the same for each stratum
            (``custodial_located``, ...).
        """
        apart = []
        for name, stratum in self.strata.items():
            counts = CountyArrests.to_frame(stratum)
            apart.append(counts.set_axis(counts.columns.str.replace("arrests", name), axis=1))
        return pd.concat([self.zone, super().to_frame(), *apart], axis=1)

    def __repr__(self) -> str:
        arrests = self.by_support.sum()
        known = ", ".join(
            f"{level} {count / max(arrests.sum(), 1):.1%}" for level, count in arrests.items()
        )
        strata = f"; apart: {', '.join(self.strata)}" if self.strata else ""
        return (
            f"<ImputedArrests: {arrests.sum():,.0f} arrests in {len(self.county_fips):,} counties, "
            f"{len(self.draws):,} draws; known by {known}; "
            f"{self.unlocated:,} not located{strata}>"
        )


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """How the arrests of a place are drawn, the same for every stratum and place."""

    follow_located: float | None
    prior_arrests: float
    draws: int
    root: tuple[int, ...]

    def stream(self, stratum: _Stratum, place: str) -> np.random.Generator:
        """Open the random numbers of a place: no other place or stratum can shift them."""
        name = "\x1f".join((place, *stratum))
        return np.random.default_rng([*self.root, int.from_bytes(name.encode(), "big")])


@dataclass(frozen=True, kw_only=True)
class _Zones:
    """Arrests of a stratum by zone.

    Those to be drawn (draws, zones); the same as expected, in whole numbers that keep the
    arrests of every place; and all of them, as expected, by how finely they are known.
    """

    totals: Integers
    whole: pd.Series
    by_support: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Pool:
    """All strata together: located arrests by county, and zones in which these lead."""

    located: Integers
    follows: pd.Series


@dataclass(frozen=True, kw_only=True)
class _Weighted:
    """Weights, and what they say of each place.

    For each level and place: its parts, as positions (counties of a zone, zones of a state
    or an office), and their shares of the place's weight.
    """

    weights: pd.Series
    parts: Mapping[str, Mapping[str, tuple[Integers, Floats]]]


def impute_arrests(
    located: pd.DataFrame,
    *,
    strata: pd.Series | pd.DataFrame | None = None,
    weights: pd.Series | Mapping[str, pd.Series],
    follow_located: float | None = None,
    prior_arrests: float = 20,
    draws: int,
    rng: int | np.random.Generator,
) -> ImputedArrests:
    """Draw arrests that are known to a zone, state or office into its counties.

    Each stratum is drawn apart. Arrests whose county is known stay there. Those of a state
    or an office fall first on one of its zones, then all those of a zone on its counties,
    by chance and in proportion to the weights (multinomial), so that every draw keeps
    every place's arrests exactly. Where no county of a place has a weight, its counties
    weigh the same; where some have none, these receive none.

    With `follow_located`, probabilities follow the arrests of the same stratum that are
    known more finely, and are drawn anew for every draw from a Dirichlet distribution
    around them, to which the weights add the evidence of `prior_arrests` arrests: those of
    a state or an office follow the arrests known by zone or county; those of a zone follow
    its arrests known by county, if these are a large enough share.

    The draws carry the doubt of location, not the doubt whether the weights are right.

    Parameters
    ----------
    located : pandas.DataFrame
        One row an arrest, with ``support`` (``"county"``, ``"zone"``, ``"state"``,
        ``"aor"`` or ``"none"``) and the place's code in the column ``county_fips``,
        ``zone``, ``state`` or ``aor``.
    strata : pandas.Series or pandas.DataFrame, optional
        Class of each arrest (custody; or columns custody, period, ...), on the index of
        `located`. Every category gets a stratum, also one without arrests.
    weights : pandas.Series of float, or mapping of str to pandas.Series
        Weight of each county, indexed by ``county_fips``; missing counts as zero. Or
        such weights for each class of the first column of `strata`.
    follow_located : float, optional
        Share of the arrests in a zone, expected ones of its state and office included,
        that must be known by county for the others to follow them (0: everywhere): of
        those of the stratum, or of all strata together, since what is tested is either.
        Where only the latter is reached and the stratum has fewer than `prior_arrests`
        located arrests of its own, its others follow those of all strata. If missing,
        the others always go by the weights.
    prior_arrests : float, default 20
        How many arrests the weights count for beside those that are followed, at least 1.
    draws : int
        Number of draws, at least 1.
    rng : int or numpy.random.Generator
        Source of randomness. Each place and stratum has a stream of its own, by name:
        the order of rows, other places and other strata do not change its draws.

    Returns
    -------
    ImputedArrests
        Draws, located arrests and proportional allocation side by side, for the 3,228
        counties that have a field office.

    Raises
    ------
    InputError
        If a support or place is unknown, missing or has no field office.
    ValueError
        If an option is out of range, or strata or weights do not fit.

    Examples
    --------
    >>> located = pd.DataFrame({
    ...     "support": ["county", "zone", "zone", "aor", "none"],
    ...     "county_fips": ["24510", None, None, None, None],
    ...     "zone": ["MD-BAL", "MD-BAL", "NJ-NEW", None, None],
    ...     "state": ["MD", "MD", "NJ", None, None],
    ...     "aor": ["BAL", "BAL", "NEW", "BAL", None],
    ... })
    >>> from geo import load_population
    >>> arrests = impute_arrests(located, weights=load_population(), draws=100, rng=1)
    >>> arrests
    <ImputedArrests: 4 arrests in 3,228 counties, 100 draws;
    known by county 25.0%, zone 50.0%, state 0.0%, aor 25.0%; 1 not located>
    >>> arrests.area_totals[["MD-BAL", "NJ-NEW"]].tolist()
    [3.0, 1.0]
    """
    _check_options(draws=draws, follow_located=follow_located, prior_arrests=prior_arrests)
    counties = pd.DataFrame(load_counties()[["zone", "state", "aor"]]).dropna(subset=["zone"])
    _check_places(located, counties)
    names, stratum = _stratify(strata, located.index)
    weighted = _weigh_strata(weights, names, counties, stratified=strata is not None)
    counts = {
        level: _count(located, level, stratum, len(names), _places(counties, level))
        for level in _PLACE_COLUMNS
    }
    nowhere = stratum[(located["support"] == _NOWHERE).to_numpy()]
    unlocated = np.bincount(nowhere, minlength=len(names))
    root = np.random.default_rng(rng).integers(2**63, size=2).tolist()
    rule = _Rule(
        follow_located=follow_located,
        prior_arrests=prior_arrests,
        draws=draws,
        root=tuple(root),
    )
    by_name = {
        name: {level: table.iloc[number] for level, table in counts.items()}
        for number, name in enumerate(names)
    }
    zones = {
        name: _draw_zones(name, by_name[name], counties["zone"], weighted[name], rule)
        for name in names
    }
    pooled = sum((zone.by_support for zone in zones.values()), start=0 * zones[names[0]].by_support)
    together = _Pool(
        located=counts["county"].sum().to_numpy(), follows=_follows(pooled, follow_located)
    )
    leaves = {
        name: _impute_stratum(
            name,
            by_name[name],
            zones[name],
            together,
            counties=counties,
            weighted=weighted[name],
            unlocated=int(unlocated[number]),
            rule=rule,
        )
        for number, name in enumerate(names)
    }
    return _nest(leaves)


def _impute_stratum(
    name: _Stratum,
    counts: Mapping[str, pd.Series],
    zones: _Zones,
    together: _Pool,
    *,
    counties: pd.DataFrame,
    weighted: _Weighted,
    unlocated: int,
    rule: _Rule,
) -> ImputedArrests:
    located = counts["county"].to_numpy()
    imputed = np.zeros((rule.draws, len(counties)), dtype=np.int64)
    own = _follows(zones.by_support, rule.follow_located)
    for number, zone in enumerate(zones.by_support.index):
        total = zones.totals[:, number]
        if not total.any():
            continue
        here, shares = weighted.parts["zone"][zone]
        evidence = None
        if own[zone] or together.follows[zone]:
            # Few of its own would be a noisy lead.
            enough = own[zone] or located[here].sum() >= rule.prior_arrests
            evidence = located[here] if enough else together.located[here]
        imputed[:, here] = draw_parts(
            total,
            shares,
            evidence=evidence,
            prior_arrests=rule.prior_arrests,
            draws=rule.draws,
            rng=rule.stream(name, f"zone {zone}"),
        )
    in_proportion = allocate_proportional(
        zones.whole, area=counties["zone"], weights=weighted.weights
    )
    return ImputedArrests(
        county_fips=counties.index,
        area=counties["zone"],
        located=located,
        draws=imputed + located,
        proportional=located + in_proportion.to_numpy(),
        by_support=zones.by_support,
        unlocated=unlocated,
        strata=MappingProxyType({}),
    )


def _draw_zones(
    name: _Stratum,
    counts: Mapping[str, pd.Series],
    zone: pd.Series,
    weighted: _Weighted,
    rule: _Rule,
) -> _Zones:
    """Bring arrests of states and offices to zones."""
    by_county = counts["county"].groupby(zone).sum()
    evidence = (by_county + counts["zone"]).to_numpy(dtype=np.int64)
    expected = {level: np.zeros(len(by_county)) for level in ("state", "aor")}
    whole = counts["zone"].copy()
    totals = np.tile(whole.to_numpy(), (rule.draws, 1))
    for level, in_zones in expected.items():
        for place, arrests in counts[level][counts[level] > 0].items():
            here, shares = weighted.parts[level][str(place)]
            followed = None if rule.follow_located is None else evidence[here]
            mean = expected_shares(shares, evidence=followed, prior_arrests=rule.prior_arrests)
            in_zones[here] += arrests * mean
            whole.iloc[here] += largest_remainder(pd.Series(mean), int(arrests)).to_numpy()
            totals[:, here] += draw_parts(
                arrests,
                shares,
                evidence=followed,
                prior_arrests=rule.prior_arrests,
                draws=rule.draws,
                rng=rule.stream(name, f"{level} {place}"),
            )
    by_support = pd.DataFrame({"county": by_county, "zone": counts["zone"], **expected})
    return _Zones(totals=totals, whole=whole, by_support=by_support.astype(np.float64))


def _follows(by_support: pd.DataFrame, least: float | None) -> pd.Series:
    """Tell in which zones the located arrests show where the others are."""
    if least is None:
        return pd.Series(False, index=by_support.index)  # noqa: FBT003
    share: pd.Series = by_support["county"] / by_support.sum(axis=1)
    return share >= least


def _nest(leaves: Mapping[_Stratum, ImputedArrests]) -> ImputedArrests:
    """Gather strata under the class of their first column, and pool them."""
    if set(leaves) == {()}:
        return leaves[()]
    parts: dict[str, dict[_Stratum, ImputedArrests]] = {}
    for (first, *others), leaf in leaves.items():
        parts.setdefault(first, {})[tuple(others)] = leaf
    strata = {first: _nest(part) for first, part in parts.items()}
    pooled = list(strata.values())
    return ImputedArrests(
        county_fips=pooled[0].county_fips,
        area=pooled[0].area,
        located=np.sum([one.located for one in pooled], axis=0),
        draws=np.sum([one.draws for one in pooled], axis=0),
        proportional=np.sum([one.proportional for one in pooled], axis=0),
        by_support=sum((one.by_support for one in pooled[1:]), pooled[0].by_support),
        unlocated=sum(one.unlocated for one in pooled),
        strata=MappingProxyType(strata),
    )


def _stratify(
    strata: pd.Series | pd.DataFrame | None, index: pd.Index
) -> tuple[list[_Stratum], Integers]:
    """List the strata, every combination of classes, and the number of each arrest's."""
    if strata is None:
        return [()], np.zeros(len(index), dtype=np.int64)
    if not strata.index.equals(index):
        message = (
            f"found strata of {len(strata):,} rows with another index than the {len(index):,} "
            "located arrests; expected one for each arrest; give them on the index of `located`"
        )
        raise ValueError(message)
    columns = [strata] if isinstance(strata, pd.Series) else [strata[name] for name in strata]
    missing = sum(int(column.isna().sum()) for column in columns)
    if missing or not columns:
        message = (
            f"found {missing:,} missing strata in {len(columns)} columns; expected a class for "
            "each arrest; leave these arrests out, or give them a class of their own"
        )
        raise ValueError(message)
    classes = [column.astype("category").cat for column in columns]
    names = list(product(*([str(one) for one in of.categories] for of in classes)))
    codes = tuple(of.codes.to_numpy(dtype=np.int64) for of in classes)
    return names, np.ravel_multi_index(codes, tuple(len(of.categories) for of in classes))


def _count(
    located: pd.DataFrame, level: str, stratum: Integers, strata: int, places: pd.Index
) -> pd.DataFrame:
    """Count the arrests known at one level, by stratum (rows) and place (columns)."""
    rows = (located["support"] == level).to_numpy()
    codes, found = pd.factorize(located.loc[rows, _PLACE_COLUMNS[level]])
    cell = stratum[rows] * len(places) + places.get_indexer(found)[codes]
    counts = np.bincount(cell, minlength=strata * len(places)).reshape(strata, len(places))
    return pd.DataFrame(counts, columns=places)


def _places(counties: pd.DataFrame, level: str) -> pd.Index:
    return counties.index if level == "county" else pd.Index(sorted(counties[level].unique()))


def _weigh_strata(
    weights: pd.Series | Mapping[str, pd.Series],
    names: list[_Stratum],
    counties: pd.DataFrame,
    *,
    stratified: bool,
) -> dict[_Stratum, _Weighted]:
    if isinstance(weights, pd.Series):
        return dict.fromkeys(names, _weigh(weights, counties, "weights"))
    lacking = sorted({name[0] for name in names if name} - set(weights))
    if lacking or not stratified:
        given = ", ".join(weights) or "no class"
        wanted = ", ".join(lacking) or "one Series, as there are no strata"
        message = (
            f"found weights for {given}; expected those of each class of the strata; give {wanted}"
        )
        raise ValueError(message)
    weighted = {name: _weigh(one, counties, f"weights of {name}") for name, one in weights.items()}
    return {name: weighted[name[0]] for name in names}


def _weigh(weights: pd.Series, counties: pd.DataFrame, what: str) -> _Weighted:
    _check_weights(weights, counties.index, what)
    zone = pd.factorize(counties["zone"], sort=True)[0]
    parts = {}
    for level in ("zone", "state", "aor"):
        part = np.arange(len(counties)) if level == "zone" else zone
        by_county = pd.Series(shares_within(counties[level], weights))
        by_part = by_county.groupby([counties[level].to_numpy(), part]).sum()
        place = by_part.index.get_level_values(0)
        position = by_part.index.get_level_values(1).to_numpy(np.int64)
        # No share may exceed one, not by a rounding error either.
        share = (by_part / by_part.groupby(place).transform("sum")).to_numpy(np.float64)
        parts[level] = {
            str(name): (position[rows], share[rows])
            for name, rows in by_part.groupby(place).indices.items()
        }
    return _Weighted(weights=weights, parts=parts)


def _check_weights(weights: pd.Series, counties: pd.Index, what: str) -> None:
    if not pd.api.types.is_numeric_dtype(weights):
        found, action = "text", "read them as numbers"
    elif not weights.index.is_unique:
        found, action = "a county twice", "give one weight for each county"
    elif not weights.index.isin(counties).any():
        found, action = "no county's code", "index them by county_fips, five digits as text"
    elif not weights.dropna().between(0, np.inf, inclusive="left").all():
        found, action = "a negative or infinite weight", "use numbers of people, say"
    else:
        return
    message = f"found {found} in the {what}; expected weights by county, zero or more; {action}"
    raise ValueError(message)


def _check_options(*, draws: int, follow_located: float | None, prior_arrests: float) -> None:
    problems = []
    if draws < 1:
        problems.append(f"found draws={draws}; expected at least 1")
    if follow_located is not None and not 0 <= follow_located <= 1:
        problems.append(f"found follow_located={follow_located}; expected a share, 0 to 1, or None")
    if not 1 <= prior_arrests < np.inf:
        problems.append(f"found prior_arrests={prior_arrests}; expected at least 1")
    if problems:
        raise ValueError("\n".join(problems))


def _check_places(located: pd.DataFrame, counties: pd.DataFrame) -> None:
    """Refuse arrests whose place is not one that can be drawn into; all problems at once."""
    if located.empty:
        problem = Problem(
            file="located arrests",
            found="no arrest",
            expected="at least one",
            action="check what was left out before",
        )
        raise InputError([problem])
    lacking = [name for name in ("support", *_PLACE_COLUMNS.values()) if name not in located]
    if lacking:
        problem = Problem(
            file="located arrests",
            found=f"no column {', '.join(lacking)}",
            expected="support, county_fips, zone, state and aor",
            action="give the table that locate_arrests makes",
        )
        raise InputError([problem])
    strange = located.loc[~located["support"].isin([*_PLACE_COLUMNS, _NOWHERE]), "support"]
    problems = [
        Problem(
            file="located arrests",
            where="column support",
            found=f"{_listed(strange)} ({len(strange):,} arrests)",
            expected=f"{', '.join(_PLACE_COLUMNS)} or {_NOWHERE}",
            action="give the table that locate_arrests makes",
        )
    ] * (len(strange) > 0)
    for level, column in _PLACE_COLUMNS.items():
        places = located.loc[(located["support"] == level).to_numpy(), column]
        unknown = places[~places.isin(_places(counties, level))]
        if len(unknown):
            problems.append(
                Problem(
                    file="located arrests",
                    where=f"column {column}",
                    found=f"{_listed(unknown)} ({len(unknown):,} arrests known by {level})",
                    expected="the code of a place that has a field office",
                    action=f"correct it, or set support to {_NOWHERE}",
                )
            )
    if problems:
        raise InputError(problems)


def _listed(values: pd.Series) -> str:
    distinct = sorted({"nothing" if pd.isna(value) else repr(value) for value in values.unique()})
    more = ", ..." if len(distinct) > _SHOWN else ""
    return ", ".join(distinct[:_SHOWN]) + more
