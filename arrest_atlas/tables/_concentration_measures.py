"""Measures of concentration over draws, for several kinds of arrests, places and bases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.counting import KINDS, Kind
from arrest_atlas.tables._bases import BASE_WORDS, Base, Bases
from arrest_atlas.tables._even_draws import even_draws
from arrest_atlas.tables._inequality import gini, places_holding, theil, top_share
from arrest_atlas.tables._place_counts import Level, PlaceCounts
from outputs import ColumnWords

__all__ = ["KIND_WORDS", "Scope", "finest_area", "measure_columns", "measures", "scopes"]

Floats = npt.NDArray[np.float64]

SHARES: Final = (25, 50, 75)
TOP: Final = 10
_OUTER: Final = (0.05, 0.95)
_CHANCES: Final = 20
_FEWEST: Final = 3

KIND_WORDS: Final[Mapping[Kind, str]] = {
    "all": "all arrests",
    "custodial": "custodial arrests",
    "community": "community arrests",
}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Places among which concentration is measured.

    Attributes
    ----------
    name : {"known counties", "all counties", "areas"}
        Which places.
    counts : PlaceCounts
        Their arrests.
    draws : mapping of str to pandas.DataFrame
        By kind, a row a draw and a column a place; of counties those of `even_draws`.
    """

    name: Literal["known counties", "all counties", "areas"]
    counts: PlaceCounts
    draws: Mapping[Kind, pd.DataFrame]

    def among(self, values: pd.Series, kind: Kind) -> Floats:
        """Arrests by draw of the places whose people or crimes are known."""
        if self.name == "areas":
            return self.counts.among(values, kind).to_numpy(dtype=np.float64)
        return self.draws[kind].to_numpy(dtype=np.float64)

    def places(self, kind: Kind) -> npt.NDArray[np.bool_]:
        """Tell which places take part."""
        own: npt.NDArray[np.bool_] = (self.counts.reasons[kind] == "").to_numpy()
        return np.ones_like(own) if self.name == "all counties" else own


def finest_area(counts: Mapping[Level, PlaceCounts]) -> PlaceCounts:
    """Choose the finest level above counties."""
    levels: tuple[Level, ...] = ("zone", "aor", "state")
    return next(counts[level] for level in levels if level in counts)


def scopes(
    counts: Mapping[Level, PlaceCounts], people: pd.Series, *, rng: np.random.Generator
) -> list[Scope]:
    """List the places among which concentration can be measured."""
    area = finest_area(counts)
    areas = Scope(name="areas", counts=area, draws=area.draws)
    if "county_fips" not in counts or (counts["county_fips"].reasons["all"] != "").all():
        return [areas]
    counties = counts["county_fips"]
    draws = {kind: _even(counties, kind, people, rng) for kind in counties.draws}
    return [
        Scope(name="known counties", counts=counties, draws=draws),
        Scope(name="all counties", counts=counties, draws=draws),
        areas,
    ]


def _even(
    counties: PlaceCounts, kind: Kind, people: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    arrests = counties.counted.kinds[kind].arrests
    own = (counties.reasons[kind].reindex(arrests.county_fips) == "").to_numpy()
    draws = even_draws(arrests, own, people, rng=rng)
    return pd.DataFrame(draws, columns=arrests.county_fips)[counties.draws[kind].columns]


def measures(scope: Scope, bases: Bases, *, rng: np.random.Generator) -> pd.DataFrame:
    """Measure concentration, a row a kind, base and measure."""
    rows = []
    for kind in KINDS:
        if kind in scope.counts.draws and scope.places(kind).sum() >= _FEWEST:
            rows += list(_of_kind(scope, kind, bases, rng))
    return pd.DataFrame(rows)


def _of_kind(
    scope: Scope, kind: Kind, bases: Bases, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    counts = scope.counts
    kept = scope.places(kind)
    everything = scope.draws[kind].to_numpy(dtype=np.float64)[:, kept]
    residents = bases.of(counts, "residents").fillna(0.0).to_numpy()[kept]
    head = {"places": scope.name, "kind": kind, "number_of_places": int(kept.sum())}
    if not everything.sum(axis=1).all():
        return
    known = float(counts.draws[kind].mean().sum())
    by_chance = _chance(everything, residents, rng)
    imputed = _vary(everything)
    counted = head | {"against": "places", "arrests_share": everything.sum(axis=1).mean() / known}
    for share in SHARES:
        name = f"places_with_{share}_percent"
        yield counted | _row(
            name,
            [places_holding(draw, share / 100) for draw in everything],
            [places_holding(draw, share / 100) for draw in by_chance],
            imputed=imputed,
        )
    yield counted | _row(
        f"share_of_top_{TOP}",
        [top_share(draw, TOP) for draw in everything],
        [top_share(draw, TOP) for draw in by_chance],
        imputed=imputed,
    )
    yield counted | _row(
        "gini",
        [gini(draw, np.ones(len(draw))) for draw in everything],
        [gini(draw, np.ones(len(draw))) for draw in by_chance],
        imputed=imputed,
    )
    for base in bases.by_county:
        for row in _against(scope, kind, base, bases, rng=rng):
            yield head | row


def _against(
    scope: Scope, kind: Kind, base: Base, bases: Bases, *, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    counts = scope.counts
    values = bases.of(counts, base).to_numpy()
    kept = scope.places(kind) & ~np.isnan(values)
    arrests = scope.among(bases.by_county[base], kind)[:, kept]
    if kept.sum() < _FEWEST or not arrests.sum(axis=1).all() or not values[kept].sum() > 0:
        return
    chance = _chance(arrests, values[kept], rng)
    share = arrests.sum(axis=1).mean() / float(counts.draws[kind].mean().sum())
    own = {"number_of_places": int(kept.sum()), "against": base, "arrests_share": share}
    for name, measure in (("gini", gini), ("theil", theil)):
        yield own | _row(
            name,
            [measure(draw, values[kept]) for draw in arrests],
            [measure(draw, values[kept]) for draw in chance],
            imputed=_vary(arrests),
        )


def _vary(draws: Floats) -> bool:
    """Tell whether anything is imputed."""
    return bool((draws != draws[0]).any())


def _chance(draws: Floats, base: Floats, rng: np.random.Generator) -> Floats:
    """Let as many arrests fall on places by chance, in proportion to a base."""
    total = round(float(draws.sum(axis=1).mean()))
    return rng.multinomial(total, base / base.sum(), size=_CHANCES).astype(np.float64)


def _row(
    measure: str, values: list[float], chance: list[float], *, imputed: bool
) -> dict[str, object]:
    each = np.where(np.isfinite(values), values, np.nan)
    low, high = np.nan, np.nan
    if imputed:
        low, high = np.quantile(each, _OUTER, method="weibull")
    typical = np.median(each) if measure.startswith("places_") else each.mean()
    by_chance = float(np.mean(chance))
    return {
        "measure": measure,
        "value": float(typical),
        "low": float(low),
        "high": float(high),
        "by_chance": by_chance if np.isfinite(by_chance) else np.nan,
    }


def measure_columns() -> dict[str, ColumnWords]:
    """Say in words what the columns hold."""
    bases = ", ".join(BASE_WORDS.values())
    meanings = {
        "places": "Among which places: counties of zones that are known by county; all counties, "
        "the others' arrests imputed; areas, of the finest level above counties",
        "kind": "Which arrests: all, custodial, community",
        "number_of_places": "Places that take part",
        "against": f"Against what: each place alike (places), {bases}",
        "arrests_share": "Share of the arrests of this kind that these places have; 0 to 1",
        "measure": "places_with_50_percent: the fewest places that hold half of the arrests; "
        "share_of_top_10: share of the ten places with most; gini: 0 even, 1 all in one place; "
        "theil: 0 even, without an upper limit",
        "value": "The measure, over the draws its mean (of numbers of places the median); missing "
        "where arrests were made in places without any of the base",
        "low": "5 % of the imputations are below; missing where nothing is imputed",
        "high": "5 % of the imputations are above; missing where nothing is imputed",
        "by_chance": "The same, were as many arrests to fall by chance on what they are held "
        "against (on residents, for places)",
    }
    return {name: ColumnWords(meaning=meaning) for name, meaning in meanings.items()}
