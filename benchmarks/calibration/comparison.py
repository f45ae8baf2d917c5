"""How often two unrelated maps are called associated at 0.05, and related ones found.

Pairs of maps of the 3,108 counties that are autocorrelated and have nothing to do with each
other are tested and compared as a run does it, with 199 surrogate maps a family. The bar
for each p-value that is printed, max(p_W, p_K), is a size of 0.07. A cell above it is drawn
again on 1,000 fresh pairs, and fails if it is above it again. Each family alone stands
beside, and the same maps with their trend removed. Maps that share a broad gradient are
known to defeat the test of the maps as they are: this is shown and held to no bar.

Every pair has a random stream of its own: the tables are the same for any number of workers.
With `--out`, pairs are kept scenario by scenario and not drawn again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal
from zlib import crc32

import numpy as np
import pandas as pd
from _fields import (
    REAL,
    SOME_STATES,
    Country,
    Field,
    Gradient,
    Pair,
    RealCrime,
    counts,
    counts_on_real,
    given_density,
    partly_located,
    values,
    zone_known,
    zone_rates,
)
from threadpoolctl import threadpool_limits

from spatial_models import (
    HotSpotComparison,
    SurrogateP,
    compare_hotspots,
    modified_t_test,
    surrogate_maps,
)

LEVEL: Final = 0.05
BAR: Final = 0.07
SURROGATES: Final = 199  # a family; 10 of 200 are a size that can be had
KILOMETRE: Final = 1_000.0
LENGTHS: Final = (200.0, 500.0, 1_000.0)
USUAL_LENGTH: Final = 500.0
PAIRS_A_PIECE: Final = 10
OFFERED: Final = 0.25  # share of pairs that have a p-value below which it is not judged
AS_IS, REMOVED, GIVEN = "as it is", "trend removed", "given density"
MODIFIED_T: Final = "modified t"
COLUMNS: Final = (
    *("scenario", "stage", "pair", "support", "length", "statistic", "maps"),
    *("estimate", "p", "p_w", "p_k"),
)
TESTED: Final = {"county": ("kappa", "lee"), "zone": ("lee", "pearson")}
LABELS: Final = {"kappa": "kappa, one-sided", "lee": "Lee's L", "pearson": "Pearson's r"}
SUPPORTS: Final = {"county": "counties", "zone": "zones"}
Part = Literal["size", "gradient", "covariate", "power", "length"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A kind of pair, and how it is drawn."""

    name: str
    part: Part
    draw: Callable[[Country, np.random.Generator], list[Pair]]
    crime: RealCrime | None = None  # real map that it needs

    @property
    def bars(self) -> tuple[str, ...]:
        """Which maps of it are held to the bar."""
        held = {"size": (AS_IS, REMOVED), "gradient": (REMOVED,), "covariate": (GIVEN,)}
        return held.get(self.part, ())


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Pairs of a scenario: the main ones, those drawn again, those for other lengths."""

    scenario: Scenario
    stage: str
    pairs: int
    lengths: tuple[float, ...] = (USUAL_LENGTH,)


def scenarios() -> list[Scenario]:
    """List what is drawn, in the order of the tables."""
    return [*sizes(), *gradients(), *covariates(), *powers()]


def sizes() -> Iterator[Scenario]:
    """List pairs of unrelated maps."""
    size = partial(Scenario, part="size")
    few = partial(counts, arrests=20_000)
    fewer_crimes = partial(counts, crime=150 / 100_000)  # near the limit of `MOST_CHANCE`
    few_of_both = partial(fewer_crimes, arrests=3_000)
    here = partial(counts, states=SOME_STATES)
    ways: list[tuple[str, Callable[..., list[Pair]], tuple[Field, ...]]] = [
        ("zone sums", zone_known, ("300 km", "1,000 km", "SAR 0.9")),
        ("counts, 550,000 arrests", counts, ("300 km", "1,000 km", "SAR 0.9")),
        ("counts, 20,000 arrests", few, ("300 km", "SAR 0.9")),
        ("counts, 150 crimes per 100,000", fewer_crimes, ("300 km", "SAR 0.9")),
        ("counts, 3,000 arrests, 150 crimes per 100,000", few_of_both, ("300 km",)),
        ("counts, 50-70 % located", partly_located, ("1,000 km", "SAR 0.9")),
        ("counts, six states only", here, ("300 km", "1,000 km", "SAR 0.9")),
        ("values", values, ("300 km", "1,000 km", "SAR 0.9", "SAR 0.98")),
    ]
    real_ways: list[tuple[str, Callable[..., list[Pair]], RealCrime, tuple[Field, ...]]] = [
        ("zone rates", zone_rates, "homicide 1990", ("300 km", "1,000 km", "SAR 0.9")),
        ("zone rates", zone_rates, "violent crime 2014/16", ("300 km", "1,000 km", "SAR 0.9")),
        ("counts", counts_on_real, "violent crime 2014/16", ("300 km", "1,000 km")),
    ]
    for words, way, crime, fields in real_ways:
        for field in fields:
            draw = partial(way, field=field, crime=crime)
            yield size(name=f"{words}, {field}, {crime}", draw=draw, crime=crime)
    for words, way, fields in ways:
        for field in fields:
            yield size(name=f"{words}, {field}", draw=partial(way, fields=(field, field)))
    mixed = ("1,000 km", "SAR 0.9")
    yield size(name="values, 1,000 km and SAR 0.9", draw=partial(values, fields=mixed))


def gradients() -> Iterator[Scenario]:
    """List pairs of maps that share a broad gradient and nothing else."""
    shared = partial(Scenario, part="gradient")
    listed: list[tuple[str, Callable[..., list[Pair]], Gradient, Field]] = [
        ("counts", counts, "linear", "SAR 0.9"),
        ("counts", counts, "quadratic", "300 km"),
        ("zone sums", zone_known, "linear", "SAR 0.9"),
        ("zone sums", zone_known, "quadratic", "300 km"),
    ]
    for words, way, gradient, field in listed:
        draw = partial(way, fields=(field, field), gradient=gradient)
        yield shared(name=f"{words}, {gradient} gradient, {field}", draw=draw)


def covariates() -> Iterator[Scenario]:
    """List pairs of maps that share a covariate and nothing else, compared given it."""
    ways: dict[str, Callable[..., list[Pair]]] = {"values": values, "zone sums": zone_known}
    fields: tuple[Field, ...] = ("SAR 0.9", "300 km")
    for (words, way), field in product(ways.items(), fields):
        draw = partial(given_density, way=way, fields=(field, field))
        yield Scenario(name=f"{words}, shared density, {field}", part="covariate", draw=draw)


def powers() -> Iterator[Scenario]:
    """List pairs of maps whose fields are correlated, and a gradient that no square removes."""
    power = partial(Scenario, part="power")
    ways: dict[str, Callable[..., list[Pair]]] = {"counts": counts, "zone sums": zone_known}
    fields: tuple[Field, ...] = ("SAR 0.9", "300 km")
    for (words, way), field, correlation in product(ways.items(), fields, (0.2, 0.4, 0.6)):
        draw = partial(way, fields=(field, field), correlation=correlation)
        yield power(name=f"{words}, {field}, correlation {correlation}", draw=draw)
    for words, way in ways.items():
        draw = partial(way, fields=("300 km", "300 km"), gradient="step")
        yield power(name=f"{words}, a shared step, 300 km", draw=draw)


def lengths(listed: list[Scenario]) -> list[Scenario]:
    """Choose scenarios that tell how the length of the kernel matters."""
    chosen = (
        "values, SAR 0.9",
        "values, 300 km",
        "values, 1,000 km",
        "zone sums, 1,000 km",
        "zone rates, 1,000 km, homicide 1990",
        "zone sums, 300 km, correlation 0.6",
    )
    return [scenario for scenario in listed if scenario.name in chosen]


@cache
def country(folder: Path, shared: Path) -> Country:
    """Set the country up, once for each process."""
    return Country(folder, shared)


def compare(
    where: Country, pair: Pair, length: float, rng: np.random.Generator
) -> dict[str, HotSpotComparison]:
    """Compare a pair as a run does, the maps as they are and without trend."""
    graph, places = where.graph_of(pair.support), where.places_of(pair.support)
    null = surrogate_maps(
        pair.second,
        graph,
        places,
        surrogates=SURROGATES,
        length=length * KILOMETRE,
        parts=where.parts if pair.support == "zone" else None,
        overlap=pair.support == "county",
        covariates=pair.covariates,
        rng=rng,
        cache=where.cache,
    )
    found = compare_hotspots(
        pair.first,
        pair.second,
        graph.transform("R"),
        labels=("arrests", "crime"),
        support="unit" if pair.support == "county" else "area",
        null=null,
        tested_only=True,
    )
    if pair.covariates is not None:
        assert found.partial is not None  # noqa: S101  (there are surrogates)
        return {AS_IS: found, GIVEN: found.partial}
    assert found.trend_removed is not None  # noqa: S101
    return {AS_IS: found, REMOVED: found.trend_removed}


def test_pair(
    where: Country, pair: Pair, batch: Batch, rng: np.random.Generator
) -> Iterator[dict[str, Any]]:
    """Test a pair: what is told of each statistic."""
    if batch.stage == MODIFIED_T:
        places = where.places_of(pair.support)
        secondary = modified_t_test(pair.first.scores, pair.second.scores, places)
        yield {
            "length": np.nan,
            "statistic": MODIFIED_T,
            "maps": AS_IS,
            "estimate": secondary.correlation,
            "p": secondary.p_modified_t,
        }
        return
    for length in batch.lengths:
        for maps, found in compare(where, pair, length, rng).items():
            for name in TESTED[pair.support]:
                tested = found.measures[name]
                if not isinstance(tested.p, SurrogateP):  # not offered (few events, shared trend)
                    continue
                yield {
                    "length": length,
                    "statistic": name,
                    "maps": maps,
                    "estimate": tested.estimate,
                    "p": tested.p.p,
                    "p_w": tested.p.moran,
                    "p_k": tested.p.kernel,
                }


def draw_pairs(
    numbers: range, *, batch: Batch, seed: int, folder: Path, shared: Path
) -> list[dict[str, Any]]:
    """Draw a few pairs of a batch and test them: a row for each statistic."""
    where = country(folder, shared)
    rows = []
    for number in numbers:
        stream = [seed, crc32(batch.scenario.name.encode()), crc32(batch.stage.encode()), number]
        rng = np.random.default_rng(stream)
        with threadpool_limits(1):
            rows += [
                {
                    "scenario": batch.scenario.name,
                    "stage": batch.stage,
                    "pair": number,
                    "support": pair.support,
                    **row,
                }
                for pair in batch.scenario.draw(where, rng)
                for row in test_pair(where, pair, batch, rng)
            ]
    return rows


class Drawn:
    """Pairs that were drawn, in memory and, where a file is given, on disk."""

    def __init__(self, out: Path | None) -> None:
        self.out = out
        self.rows = pd.DataFrame()
        if out is not None and out.exists():
            self.rows = pd.read_csv(out)

    def of(self, batch: Batch) -> pd.DataFrame:
        """Give the pairs of a batch, none where it was not drawn."""
        if self.rows.empty:
            return self.rows
        rows = self.rows
        wanted = (rows["scenario"] == batch.scenario.name) & (rows["stage"] == batch.stage)
        return rows[wanted & (rows["pair"] < batch.pairs)]

    def lacking(self, batch: Batch) -> range:
        """Tell which pairs of a batch are still to be drawn."""
        rows = self.of(batch)
        return range(0 if rows.empty else int(rows["pair"].max()) + 1, batch.pairs)

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Keep the rows of a batch."""
        table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
        self.rows = pd.concat([self.rows, table], ignore_index=True)
        if self.out is not None:
            table.to_csv(self.out, mode="a", header=not self.out.exists(), index=False)


def draw_batch(
    batch: Batch, drawn: Drawn, executor: Executor, *, seed: int, folder: Path, shared: Path
) -> None:
    """Draw what a batch lacks."""
    lacking = drawn.lacking(batch)
    if not lacking:
        return
    start = time.perf_counter()
    pieces = [
        range(first, min(first + PAIRS_A_PIECE, lacking.stop))
        for first in range(lacking.start, lacking.stop, PAIRS_A_PIECE)
    ]
    work = partial(draw_pairs, batch=batch, seed=seed, folder=folder, shared=shared)
    drawn.add([row for piece in executor.map(work, pieces) for row in piece])
    seconds = time.perf_counter() - start
    print(f"{batch.scenario.name}, {batch.stage}: {seconds:.0f} s", file=sys.stderr, flush=True)


def either(rows: pd.DataFrame) -> dict[tuple[Any, ...], float]:
    """Give the share of pairs that are at 0.05 or below in one answer or the other."""
    keys = ["support", "length", "statistic"]
    least = rows.groupby([*keys, "pair"], sort=False)["p"].min()
    below: dict[Any, float] = (
        least.le(LEVEL).astype(float).groupby(keys, sort=False).mean().to_dict()
    )
    return below


def shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the share of pairs at 0.05 or below, by cell and p-value, and their number."""
    keys = ["support", "length", "statistic", "maps"]
    below = rows[["p", "p_w", "p_k"]].le(LEVEL).where(rows[["p", "p_w", "p_k"]].notna())
    cells = below.astype("float64").join(rows[keys]).groupby(keys, sort=False)
    return cells.mean().assign(pairs=cells.size())


def above(batch: Batch, drawn: Drawn) -> set[tuple[Any, ...]]:
    """Tell which cells of a batch are above the bar."""
    found = shares(drawn.of(batch))
    held = found.index.get_level_values("maps").isin(batch.scenario.bars)
    offered = found["pairs"] >= OFFERED * batch.pairs
    return set(found.index[held & offered & (found["p"] > BAR + 1e-9)])


def print_table(
    title: str, batches: list[Batch], drawn: Drawn, *, bar: bool, other: str = REMOVED
) -> None:
    """Print shares by scenario and statistic, as maps are and without trend."""
    if not batches:
        return
    head = ["maps", "statistic", "p", "p_W", "p_K", f"p, {other}", "p_W", "p_K", "either"]
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for batch in batches:
        found = shares(drawn.of(batch))
        any_of_two = either(drawn.of(batch))
        number: dict[Any, int] = found["pairs"].to_dict()
        for support, length, statistic in dict.fromkeys(cell[:3] for cell in number):
            words = [batch.scenario.name, f"{LABELS[statistic]}, {SUPPORTS[support]}"]
            if len(batch.lengths) > 1:
                words[0] += f"; {length:,.0f} km"
            for maps in (AS_IS, other):
                cell = (support, length, statistic, maps)
                pairs = number.get(cell, 0)
                if pairs < OFFERED * batch.pairs:
                    words += [f"offered in {pairs} of {batch.pairs:,}", "", ""]
                    continue
                for p in ("p", "p_w", "p_k"):
                    held = bar and p == "p" and maps in batch.scenario.bars
                    words.append(share_text(found[p].to_dict()[cell], pairs, bar=held))
            least = any_of_two[support, length, statistic]
            words.append(share_text(least, batch.pairs, bar=False))
            print(f"| {' | '.join(words)} |")


def print_modified_t(batches: list[Batch], drawn: Drawn) -> None:
    """Print how often the secondary test rejects, maps as they are."""
    if not batches:
        return
    print("\nModified t-test of Pearson's r, maps as they are\n\n| maps | p |\n| --- | --- |")
    for batch in batches:
        p = drawn.of(batch)["p"]
        print(f"| {batch.scenario.name} | {share_text((p <= LEVEL).mean(), len(p), bar=False)} |")


def share_text(share: float, pairs: int, *, bar: bool) -> str:
    """Write a share with its standard error, and a mark where it is above the bar."""
    if np.isnan(share):
        return ""
    error = np.sqrt(share * (1 - share) / pairs)
    return f"{share:.3f} ± {error:.3f}{' !' if bar and share > BAR + 1e-9 else ''}"


def main() -> None:
    """Print the tables; exit with 1 where a size is above the bar twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=400, help="of unrelated maps")
    parser.add_argument("--again", type=int, default=1_000, help="for cells above the bar")
    parser.add_argument("--power-pairs", type=int, default=200)
    parser.add_argument(
        "--side-pairs", type=int, default=200, help="for kernel lengths and the modified t-test"
    )
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="CSV of all pairs; those in it are not drawn")
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "arrest-atlas-calibration"
    )
    parser.add_argument(
        "--shared",
        type=Path,
        default=Path(__file__).resolve().parents[3] / "shared" / "data",
        help="folder of the real crime maps",
    )
    arguments = parser.parse_args()
    listed = [one for one in scenarios() if arguments.only in one.name]
    absent = [
        one
        for one in listed
        if one.crime and not (arguments.shared / "real" / "crime" / REAL[one.crime]).exists()
    ]
    if absent:
        print(f"skipped, for want of the real map: {', '.join(one.name for one in absent)}")
    listed = [one for one in listed if one not in absent]
    drawn = Drawn(arguments.out)
    number = dict.fromkeys(("size", "gradient", "covariate"), arguments.pairs)
    number["power"] = arguments.power_pairs
    batches = [Batch(scenario=one, stage="first", pairs=number[one.part]) for one in listed]
    by_length = [
        Batch(scenario=one, stage="length", pairs=arguments.side_pairs, lengths=LENGTHS)
        for one in lengths(listed)
    ]
    secondary = [
        Batch(scenario=batch.scenario, stage=MODIFIED_T, pairs=arguments.side_pairs)
        for batch in batches
        if batch.scenario.part in {"size", "gradient"}
    ]
    repeated, failed = [], []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.workers, mp_context=context) as executor:
        draw = partial(
            draw_batch,
            drawn=drawn,
            executor=executor,
            seed=arguments.seed,
            folder=arguments.cache,
            shared=arguments.shared,
        )
        held = [batch for batch in batches if batch.scenario.bars]
        for batch in held:
            draw(batch)
        for batch in held:
            if (suspect := above(batch, drawn)) and arguments.again:
                again = Batch(scenario=batch.scenario, stage="again", pairs=arguments.again)
                draw(again)
                repeated.append(again)
                failed += [(batch.scenario.name, *cell) for cell in suspect & above(again, drawn)]
        for batch in (*batches, *by_length, *secondary):
            draw(batch)
    print(f"Shares of p <= {LEVEL}, {SURROGATES} surrogates a family, seed {arguments.seed}")

    def of(*parts: Part) -> list[Batch]:
        return [batch for batch in batches if batch.scenario.part in parts]

    print_table("Size, unrelated maps", of("size"), drawn, bar=True)
    print_table("Maps that share a gradient", of("gradient"), drawn, bar=True)
    given = of("covariate")
    print_table("Maps that share a covariate", given, drawn, bar=True, other=GIVEN)
    print_table("Cells above the bar, on fresh pairs", repeated, drawn, bar=True)
    print_table("Power", of("power"), drawn, bar=False)
    print_table("Length of the kernel", by_length, drawn, bar=False)
    print_modified_t(secondary, drawn)
    print(f"\n{len(failed)} cells are above {BAR} twice")
    for cell in failed:
        print(f"  {cell}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
