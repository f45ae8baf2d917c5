"""What tells the state of arrests, and what the arrests without one could change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from arrest_atlas.records import Records
from arrest_atlas.report_parts._wording import count, percent
from arrest_atlas.tables._class_shares import ENDS
from arrest_atlas.tables._class_tables import Cut
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from boundaries import load_zones
from outputs import ColumnWords

__all__ = [
    "DOUBT_COLUMNS",
    "SPREAD_COLUMNS",
    "assignment_cut",
    "assignment_limits",
    "doubt_by_state",
    "spread_shares",
    "told_by",
]

_OFFICE_SPANS, _NOTHING = "office of several states", "nothing"
_WORDS: Final = {
    "record": "the record, or the place it names",
    "publisher": "the publisher, who filled it in",
    "landmark": "the landmark",
    "office": "the office, all of whose area lies in it",
    _OFFICE_SPANS: "not assigned: the area of the office spans states",
    _NOTHING: "not assigned: neither place nor office",
}

DOUBT_COLUMNS: Final = {
    "state_inferred": ColumnWords(
        meaning="Arrests whose state is inferred from an office of one state", unit="arrests"
    ),
    "unassigned_nearby": ColumnWords(
        meaning="Arrests without a state, of offices whose area reaches into this one",
        unit="arrests",
    ),
    "custodial_least": ColumnWords(
        meaning="Share in jails and prisons if, of unassigned_nearby, only those that were not in "
        "jails belonged to this state"
    ),
    "custodial_most": ColumnWords(
        meaning="Share in jails and prisons if, of unassigned_nearby, only those in jails belonged "
        "to this state"
    ),
}
SPREAD_COLUMNS: Final = {
    "custodial_if_spread": ColumnWords(
        meaning="Share in jails and prisons if arrests without a state were spread over the states "
        "of their office as its other arrests of the same class are"
    ),
    "custodial_if_spread_low": ColumnWords(meaning="Lower end of its 90 % interval"),
    "custodial_if_spread_high": ColumnWords(meaning="Upper end of its 90 % interval"),
}


def told_by(rows: pd.DataFrame) -> pd.Series:
    """Tell by what the state of each arrest is known, or why it is not."""
    told = rows["state_from"].astype("object")
    unknown = rows["state"] == UNASSIGNED
    return told.mask(unknown, _NOTHING).mask(unknown & (rows["aor"] != UNASSIGNED), _OFFICE_SPANS)


def assignment_cut() -> Cut:
    """Cut by what tells the state."""
    return Cut(
        name="state_from",
        head="The state is told by",
        groups=_WORDS,
        of="what tells the state",
        meaning="What tells the state of the arrest, or why nothing does",
        support="all arrests; a state is inferred from an office only where all of the office's "
        "area lies in it",
    )


def doubt_by_state(rows: pd.DataFrame) -> pd.DataFrame:
    """Bound the custodial share of each state by the arrests that may be its own."""
    assigned = rows[rows["state"] != UNASSIGNED]
    loose = rows[(rows["state"] == UNASSIGNED) & (rows["aor"] != UNASSIGNED)]
    zones = load_zones()
    jail = loose["custody"] == "custodial"
    of_office = pd.DataFrame(
        {"all": loose.groupby("aor").size(), "jail": loose[jail].groupby("aor").size()}
    )
    nearby = of_office.reindex(zones["aor"]).fillna(0).set_axis(zones.index)
    nearby = nearby.groupby(zones["state"]).sum()
    own = assigned.groupby("state").size().reindex(nearby.index, fill_value=0)
    custodial = assigned[assigned["custody"] == "custodial"].groupby("state").size()
    custodial = custodial.reindex(nearby.index, fill_value=0)
    inferred = assigned[assigned["state_from"] == "office"].groupby("state").size()
    least = own + nearby["all"] - nearby["jail"]
    most = own + nearby["jail"]
    return pd.DataFrame(
        {
            "state_inferred": inferred.reindex(nearby.index, fill_value=0),
            "unassigned_nearby": nearby["all"].astype("int64"),
            "custodial_least": custodial / least.where(least > 0),
            "custodial_most": (custodial + nearby["jail"]) / most.where(most > 0),
        }
    )


def spread_shares(rows: pd.DataFrame, by: pd.Series, shares: pd.DataFrame) -> pd.DataFrame:
    """Estimate custodial shares were the arrests without a state spread over their office.

    Landmarks of jails tell their state more often than those of streets, so that the share among
    arrests with a state is a little too high. Each of them counts for those of its office and
    class that have none, as where answers are missing at random within classes (Little and Rubin
    2020, 3.3). The interval is that of the plain share in `shares`, moved, and widened by Kish's
    factor of unequal weights.
    """
    assigned = rows[rows["state"] != UNASSIGNED]
    loose = rows[(rows["state"] == UNASSIGNED) & (rows["aor"] != UNASSIGNED)]
    cell = pd.MultiIndex.from_arrays([assigned["aor"], assigned["custody"].astype("object")])
    known = pd.Series(1, index=cell).groupby(level=[0, 1]).sum()
    missing = loose.groupby([loose["aor"], loose["custody"].astype("object")]).size()
    weight = 1 + missing.reindex(known.index, fill_value=0) / known
    # An arrest whose place tells no office stands for itself.
    weight[weight.index.get_level_values(0) == UNASSIGNED] = 1.0
    each = pd.Series(weight.reindex(cell).to_numpy(), index=assigned.index, dtype="float64")
    group = by[assigned.index]
    whole = each.groupby(group).sum()
    share = each.where(assigned["custody"] == "custodial", 0.0).groupby(group).sum() / whole
    wider = (each.groupby(group).size() * (each**2).groupby(group).sum()) ** 0.5 / whole
    plain, low, high = (shares[f"custodial_{end}"].reindex(share.index) for end in ENDS)
    return pd.DataFrame(
        {
            "custodial_if_spread": share,
            "custodial_if_spread_low": (share - (plain - low) * wider).clip(lower=0.0),
            "custodial_if_spread_high": (share + (high - plain) * wider).clip(upper=1.0),
        }
    )


def assignment_limits(rows: pd.DataFrame, records: Records) -> Iterator[str]:
    """Say by which rule states are inferred, and how often that rule is right."""
    yield (
        "Where a record tells no state, it is inferred from the field office only if all of the "
        "office's area lies in one state; arrests of other offices stay without a state. State "
        "shares are of the arrests with a state, and their intervals do not carry that jails tell "
        "their state more often than streets do: custodial_if_spread does, custodial_least and "
        "custodial_most are the ends, all as far as the office is known."
    )
    table = records.arrests.table.loc[rows.index, ["state", "aor"]].astype("object")
    states = load_zones().groupby("aor")["state"].unique()
    single = {office: own[0] for office, own in states.items() if len(own) == 1}
    expected = table["aor"].map(single)
    both = expected.notna() & table["state"].notna()
    if both.any():
        right = float((expected == table["state"])[both].mean())
        yield (
            f"Of the {count(both.sum())} arrests that record both a state and an office of one "
            f"state, {percent(right, decimals=1)} were in that state. So often is the inference "
            "right, if arrests without a state are like them: the office is one of duty."
        )
