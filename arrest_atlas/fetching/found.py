"""What a run can use of what was fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from arrest_atlas.fetching.cached import Fetched, fetched_file, problem_of
from arrest_atlas.fetching.errors import FetchError, Trouble
from arrest_atlas.fetching.places import open_places
from arrest_atlas.fetching.registry import DataSource, Role, load_registry

__all__ = ["fetched_inputs", "with_fetched"]

_ARRESTS: Final = ("arrests", "arrests_by_aor", "arrests_by_state", "arrests_by_county")


def fetched_inputs(
    roles: Iterable[Role] = ("arrests", "crime"),
    *,
    registry: Mapping[str, DataSource] | None = None,
    cache: str | Path | None = None,
) -> dict[Role, Fetched]:
    """Take the inputs of a run from the cache; nothing is downloaded.

    Parameters
    ----------
    roles : iterable of {"arrests", "crime"}, default ("arrests", "crime")
        Which inputs.
    registry : mapping of str to DataSource, optional
        Another register than that of the package.
    cache : str or pathlib.Path, optional
        Cache folder; else what ``ARREST_ATLAS_CACHE`` names, else the user's.

    Returns
    -------
    dict of str to Fetched
        The files by what they are used as, their bytes those that were recorded; without
        those that were never fetched.

    Raises
    ------
    FetchError
        For every file that was changed since it was recorded.

    Examples
    --------
    >>> import tempfile
    >>> fetched_inputs(cache=tempfile.mkdtemp())
    {}
    """
    sources = (load_registry() if registry is None else registry).values()
    places = open_places(cache)
    found: dict[Role, Fetched] = {}
    problems = []
    for role in roles:
        for source in (each for each in sources if each.used_as == role):
            try:
                fetched = fetched_file(source, places)
            except Trouble as trouble:
                problems.append(problem_of(source.name, "", trouble))
                continue
            if fetched is not None:
                found[role] = fetched
    if problems:
        raise FetchError(problems)
    return found


def with_fetched(
    options: Mapping[str, Any], *, cache: str | Path | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Complete the options of a run by what was fetched, as far as it was.

    Parameters
    ----------
    options : mapping of str to object
        Options of `arrest_atlas.run`. Arrests are missing if no option gives any; crime,
        if ``crime`` is None.
    cache : str or pathlib.Path, optional
        Cache folder; else what ``ARREST_ATLAS_CACHE`` names, else the user's.

    Returns
    -------
    dict of str to object
        The same, with the files in the cache where inputs were missing. A layout
        that the user stated stays.
    list of str
        A sentence for each file that was put in.

    Raises
    ------
    FetchError
        For every file that was changed since it was recorded.

    Examples
    --------
    >>> with_fetched({"arrests": ["a.csv"], "crime": "b.csv"})
    ({'arrests': ['a.csv'], 'crime': 'b.csv'}, [])
    """
    missing: list[Role] = []
    if not any(options.get(name) for name in _ARRESTS):
        missing.append("arrests")
    if options.get("crime") is None:
        missing.append("crime")
    completed = dict(options)
    said = []
    for role, fetched in fetched_inputs(missing, cache=cache).items():
        source = fetched.source
        if role == "arrests":
            completed["arrests"] = [fetched.path]
        else:
            completed["crime"] = fetched.path
            completed["crime_layout"] = options.get("crime_layout") or source.layout or None
        day = fetched.entry.fetched[:10]
        said.append(f"Using {source.title} ({source.publisher}), as recorded on {day}.")
    return completed, said
