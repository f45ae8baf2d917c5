"""What a comparison comes to, in sentences that take no side."""

from __future__ import annotations

import math

from spatial_models import NO_VARIATION, HotSpotComparison, Measure, NoPValue, SurrogateP

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
    taken_out = " With the covariates and a broad trend taken out of both"
    not_tested = _untested(headline)
    if not_tested:
        return f"{taken_out}: not tested, {not_tested}."
    if isinstance(headline.p, SurrogateP) and headline.p.p <= comparison.level:
        return f"{taken_out}: {_alike(comparison.partial)} than on unrelated maps."
    return f"{taken_out}, they are not told apart from unrelated maps."


def _untested(headline: Measure) -> str | None:
    """Tell why maps of which something was taken out have no answer, where they have none."""
    if isinstance(headline.p, NoPValue):
        return headline.p.reason
    return "no hot spots are left that could coincide" if math.isnan(headline.estimate) else None


def _verdict(comparison: HotSpotComparison) -> str:
    first, second = comparison.labels
    alike = f"{_alike(comparison)} than on unrelated maps that are as clustered"
    twin = comparison.trend_removed or comparison
    match comparison.verdict:
        case "association":
            rest = ", also once a broad trend is removed from both."
        case "broad gradient only":
            rest = (
                "; but no more than a broad gradient is shown to be shared: once it is removed "
                "from both, they are not told apart from unrelated maps."
            )
        case "not tested beneath the gradient":
            rest = (
                "; whether more than a broad gradient is shared could not be tested "
                f"({_untested(twin.headline)} once it is removed from both)."
            )
        case "contradictory":
            rest = (
                "; but once a broad trend is removed from both, the reverse: the answers "
                "contradict each other."
            )
        case "beneath the gradient only":
            return (
                f"As they are, {first} and {second} are not told apart from unrelated maps that "
                f"are as clustered. Only once a broad trend is removed from both: {_alike(twin)} "
                "than on unrelated maps. With two answers looked at, one p-value is small by "
                f"chance more often than in {100 * comparison.level:g} of 100."
            )
        case "no association":
            return _no_association(comparison)
        case _:
            return _not_tested(comparison)
    return f"{alike}{rest}"


def _alike(comparison: HotSpotComparison) -> str:
    first, second = comparison.labels
    if comparison.headline.name == "kappa":
        return f"Hot spots of {first} and {second} coincide more"
    among = "Among the areas, " if comparison.support == "area" else ""
    if comparison.headline.estimate < 0:
        where = "where" if among else "Where"
        return f"{among}{where} {first} is high {second} is low, and the reverse, more"
    return f"{among}{first} and {second} are high together and low together more"


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
    units = "units" if comparison.support == "unit" else "areas"
    people = (
        f"Anything about a single person or place: {units} are compared, and {units} of another "
        "size or shape may give another answer."
    )
    none = (
        "That there is no association where none was found: with few "
        f"{units}, even a strong one may go unseen."
    )
    within = (
        f"How {first} and {second} lie within an area: the answer is about areas, and says nothing "
        "about the units within them. Overlap of their hot spots describes, and has no p-value."
    )
    return [why, people, none, *([within] if comparison.support == "area" else [])]
