"""What a comparison comes to, in sentences that take no side."""

from __future__ import annotations

import math

from spatial_models import NO_VARIATION, HotSpotComparison, NoPValue

__all__ = ["limits", "verdict_sentence"]


def verdict_sentence(comparison: HotSpotComparison) -> str:
    """Say what a comparison comes to.

    Parameters
    ----------
    comparison : HotSpotComparison
        Two compared maps.

    Returns
    -------
    str
        What goes with what, and not why; a second sentence where covariates were given.
    """
    return _verdict(comparison) + _given_covariates(comparison)


def _given_covariates(comparison: HotSpotComparison) -> str:
    if comparison.partial is None or comparison.verdict == "not tested":
        return ""
    headline = comparison.partial.headline
    if isinstance(headline.p, NoPValue):
        return f" Given the covariates: not tested, {headline.p.reason}."
    if headline.p.p <= comparison.level:
        return f" Given the covariates: {_alike(comparison.partial)} than on unrelated maps."
    return " Given the covariates, they are not told apart from unrelated maps."


def _verdict(comparison: HotSpotComparison) -> str:
    first, second = comparison.labels
    match comparison.verdict:
        case "association":
            return (
                f"{_alike(comparison)} than on unrelated maps that are as clustered, also once a "
                "broad trend is removed from both."
            )
        case "broad gradient only":
            return (
                f"{first} and {second} share a broad gradient across the map; once it is removed "
                "from both, they are not told apart from unrelated maps that are as clustered."
            )
        case "beneath the gradient only":
            return (
                f"As they are, {first} and {second} are not told apart from unrelated maps that "
                "are as clustered. Once a broad trend is removed from both: "
                f"{_alike(comparison.trend_removed or comparison)} than on unrelated maps."
            )
        case "contradictory":
            return (
                f"The answers contradict each other: {_alike(comparison)} than on unrelated maps "
                "that are as clustered; but once a broad trend is removed from both, the reverse."
            )
        case "no association":
            return _no_association(comparison)
    return _not_tested(comparison)


def _alike(comparison: HotSpotComparison) -> str:
    first, second = comparison.labels
    if comparison.headline.name == "kappa":
        return f"Hot spots of {first} and {second} coincide more"
    if comparison.headline.estimate < 0:
        return f"Where {first} is high {second} is low, and the reverse, more"
    return f"{first} and {second} are high together and low together more"


def _no_association(comparison: HotSpotComparison) -> str:
    first, second = comparison.labels
    if math.isnan(comparison.headline.estimate):
        return (
            f"There is nothing that could coincide: {first} or {second} has no hot spots among "
            f"the units tested on both maps."
        )
    return (
        f"{first} and {second} are not told apart from unrelated maps that are as clustered: no "
        "association was found."
    )


def _not_tested(comparison: HotSpotComparison) -> str:
    p = comparison.headline.p
    reason = p.reason if isinstance(p, NoPValue) else "too few units"
    if (comparison.classes == NO_VARIATION).any():
        first, second = comparison.labels
        reason = f"no variation in {first} or {second}"
    return f"Not tested: {reason}."


def limits(comparison: HotSpotComparison) -> list[str]:
    """List what a comparison leaves open.

    Parameters
    ----------
    comparison : HotSpotComparison
        Two compared maps.

    Returns
    -------
    list of str
        Sentences.
    """
    first, second = comparison.labels
    why = (
        f"Why {first} and {second} are alike or not, or which came first: something else may lie "
        "behind both."
    )
    people = (
        "Anything about a single person or place: units are compared, and units of another size "
        "or shape may give another answer."
    )
    none = (
        "That there is no association where none was found: with few units, even a strong one may "
        "go unseen."
    )
    within = (
        f"Where within an area {first} is high or low: areas were tested, and each unit was given "
        "what was found of its area. Overlap with them describes, and has no p-value."
    )
    return [why, people, none, *([within] if comparison.support == "area" else [])]
