"""How often 90 % imputation intervals hold the true number of arrests of a county.

Maps of 550,000 arrests on real residents, each located by county with some chance, else
known by zone, state or office. Counted are counties with at least 20 expected imputed
arrests. First with weights that are right, then with weights that are wrong.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries import load_counties
from geo import ImputedArrests, impute_arrests, load_population, read_county_values

ARRESTS = 550_000
LEAST, SMALL = 20, 50
PRIOR_ARRESTS = 20
COARSE = {"zone": 0.75, "state": 0.05, "aor": 0.20}
"""What is known of the arrests that are not located by county."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How arrests arise, how they are located, and how they are imputed."""

    words: str
    truth: str
    located: str = "half"
    follow: float | None = None


SETTINGS = (
    Setting(words="right: fixed weights", truth="residents"),
    Setting(words="right: fixed weights, a tenth located", truth="residents", located="tenth"),
    Setting(words="right: redrawn, truth of the prior", truth="prior", follow=0),
    Setting(
        words="right: redrawn, truth of the prior, a tenth located",
        truth="prior",
        located="tenth",
        follow=0,
    ),
    Setting(words="right: redrawn, truth is the weights", truth="residents", follow=0),
    Setting(
        words="right: redrawn, truth is the weights, a tenth located",
        truth="residents",
        located="tenth",
        follow=0,
    ),
    Setting(words="wrong by a factor of sd 0.5", truth="noise"),
    Setting(words="wrong by a factor of sd 0.5, redrawn", truth="noise", follow=0),
    Setting(
        words="wrong by a factor of sd 0.5, redrawn, a tenth located",
        truth="noise",
        located="tenth",
        follow=0,
    ),
    Setting(words="truth follows non-citizens", truth="non-citizens"),
    Setting(words="truth follows non-citizens, redrawn", truth="non-citizens", follow=0),
    Setting(words="cities better located, fixed weights", truth="noise", located="steep"),
    Setting(words="cities better located, redrawn", truth="noise", located="steep", follow=0),
    Setting(words="the same at half the slope, redrawn", truth="noise", located="slope", follow=0),
)


def main() -> None:
    """Print coverage by setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=20)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noncitizens", type=Path, help="non-citizens by county, as run takes it")
    parser.add_argument("--noncitizens-column")
    arguments = parser.parse_args()
    counties = load_counties()
    counties = pd.DataFrame(counties.loc[load_population().index, ["zone", "state", "aor"]])
    noncitizens = None
    if arguments.noncitizens is not None:
        table = read_county_values(
            arguments.noncitizens,
            names=["noncitizens"],
            what="non-citizens",
            kind="count",
            column=arguments.noncitizens_column,
        )
        noncitizens = table.by_county.reindex(counties.index).fillna(0.0)
    print(f"{'':58}coverage  worst map  20 to 50  below truth  above truth  counties  error")
    for number, setting in enumerate(SETTINGS):
        if setting.truth == "non-citizens" and noncitizens is None:
            continue
        rng = np.random.default_rng([arguments.seed, number])
        maps = pd.DataFrame(
            coverage(setting, counties, noncitizens, draws=arguments.draws, rng=rng)
            for _ in range(arguments.maps)
        )
        mean = maps.mean()
        print(
            f"{setting.words:58}{mean['coverage']:8.3f}  {maps['coverage'].min():9.3f}  "
            f"{mean['small']:8.3f}  {mean['below']:11.3f}  {mean['above']:11.3f}  "
            f"{mean['counties']:8,.0f}  {mean['error']:5.1%}"
        )
    rng = np.random.default_rng(arguments.seed)
    taken = seconds(counties, draws=arguments.draws, rng=rng)
    print(f"{ARRESTS:,} records, 3 strata, {arguments.draws} draws: {taken:.2f} s")


def coverage(
    setting: Setting,
    counties: pd.DataFrame,
    noncitizens: pd.Series | None,
    *,
    draws: int,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Make a map, impute it by residents, and compare with the truth."""
    people = load_population().reindex(counties.index)
    share = true_shares(setting.truth, people, noncitizens, counties["zone"], rng)
    counts = rng.multinomial(ARRESTS, share)
    chance = located_chance(setting.located, people)
    records = locate(counts, chance, counties, rng)
    arrests = impute_arrests(
        records,
        weights=people,
        follow_located=setting.follow,
        prior_arrests=PRIOR_ARRESTS,
        draws=draws,
        rng=rng,
    )
    return compare(arrests, pd.Series(counts, index=counties.index))


def true_shares(
    truth: str,
    people: pd.Series,
    noncitizens: pd.Series | None,
    zone: pd.Series,
    rng: np.random.Generator,
) -> Floats:
    """Draw the chance of each county that an arrest is there."""
    rate = people.to_numpy(dtype=np.float64)
    if truth == "noise":
        rate = rate * np.exp(rng.normal(0, 0.5, rate.size))
    elif truth == "non-citizens" and noncitizens is not None:
        rate = noncitizens.to_numpy(dtype=np.float64)
    elif truth == "prior":
        by_zone = people.groupby(zone).transform("sum").to_numpy()
        gamma = pd.Series(rng.standard_gamma(PRIOR_ARRESTS * rate / by_zone), index=zone.index)
        rate = (by_zone * gamma / gamma.groupby(zone).transform("sum")).to_numpy()
    share: Floats = rate / rate.sum()
    return share


def located_chance(located: str, people: pd.Series) -> Floats:
    """Tell the chance that an arrest is located by county, 75 % in the larger where steep."""
    flat = {"half": 0.5, "tenth": 0.1}
    if located in flat:
        return np.full(people.size, flat[located])
    size = np.log(people.to_numpy(dtype=np.float64))
    size = (size - size.mean()) / size.std()
    slope = {"steep": 1.0, "slope": 0.5}[located]
    chance: Floats = 1 / (1 + np.exp(-(np.log(3) + slope * (size - 2))))
    return chance


def locate(
    counts: npt.NDArray[np.int64], chance: Floats, counties: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Make records, and choose how finely each is known."""
    known = rng.binomial(counts, chance)
    coarse = rng.multinomial(counts - known, list(COARSE.values())).T
    numbers = np.concatenate([known, *coarse])
    supports = ["county", *COARSE]
    table = pd.concat([counties.rename_axis("county_fips").reset_index()] * len(supports))
    table.insert(0, "support", np.repeat(supports, len(counties)))
    return table.astype("category").iloc[np.repeat(np.arange(len(table)), numbers)]


def seconds(counties: pd.DataFrame, *, draws: int, rng: np.random.Generator) -> float:
    """Time the imputation of three strata."""
    people = load_population().reindex(counties.index)
    counts = rng.multinomial(ARRESTS, people / people.sum())
    records = locate(counts, located_chance("half", people), counties, rng)
    custody = pd.Series(rng.choice(["custodial", "community", "other"], ARRESTS), records.index)
    start = perf_counter()
    impute_arrests(
        records,
        strata=custody.astype("category"),
        weights=people,
        follow_located=0,
        draws=draws,
        rng=rng,
    )
    return perf_counter() - start


def compare(arrests: ImputedArrests, truth: pd.Series) -> dict[str, float]:
    """Count the counties whose true number lies in their interval."""
    table = arrests.to_frame().loc[truth.index]
    imputed = table["arrests_imputed"] - table["arrests_located"]
    table = table[imputed >= LEAST]
    truth = truth[table.index]
    below, above = table["arrests_high"] < truth, table["arrests_low"] > truth
    outside = below | above
    return {
        "coverage": 1 - outside.mean(),
        "small": 1 - outside[imputed[table.index] < SMALL].mean(),
        "below": below.mean(),
        "above": above.mean(),
        "counties": len(table),
        "error": ((table["arrests_imputed"] - truth).abs() / truth.clip(lower=1)).median(),
    }


if __name__ == "__main__":
    main()
