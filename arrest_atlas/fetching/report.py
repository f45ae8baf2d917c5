"""What was fetched, and what can be, in words and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal, NamedTuple

from arrest_atlas.fetching.cached import Fetched, fetched_file, problem_of
from arrest_atlas.fetching.downloading import megabytes
from arrest_atlas.fetching.errors import FetchError, Trouble
from arrest_atlas.fetching.fetcher import chosen_sources
from arrest_atlas.fetching.lock_file import read_lock_file
from arrest_atlas.fetching.places import open_places
from arrest_atlas.fetching.registry import DataSource
from outputs import summary_json

__all__ = ["State", "fetched_json", "fetched_text", "listed_json", "listed_text", "states_of"]


class State(NamedTuple):
    """A source, and what the cache has of it.

    Attributes
    ----------
    source : DataSource
        The source.
    word : {"fetched", "not fetched", "changed", "by hand"}
        ``changed``: the file in the cache is not the one that was recorded.
    fetched : Fetched or None
        The file, where there is one that stands.
    """

    source: DataSource
    word: Literal["fetched", "not fetched", "changed", "by hand"]
    fetched: Fetched | None


def states_of(
    names: Iterable[str], registry: Mapping[str, DataSource], cache: str | Path | None
) -> list[State]:
    """Look what the cache has of some sources.

    Parameters
    ----------
    names : iterable of str
        Sources.
    registry : mapping of str to DataSource
        The register.
    cache : str or pathlib.Path or None
        The cache folder.

    Returns
    -------
    list of State
        One a source.

    Raises
    ------
    FetchError
        If a name is unknown, or the lock file cannot be read.
    """
    places = open_places(cache)
    sources = chosen_sources(names, registry)
    try:
        read_lock_file(places.lock_file)
    except Trouble as trouble:
        raise FetchError([problem_of(places.lock_file.name, "", trouble)]) from trouble
    states = []
    for source in sources:
        try:
            fetched = fetched_file(source, places)
        except Trouble:
            states.append(State(source, "changed", None))
            continue
        if fetched is not None:
            states.append(State(source, "fetched", fetched))
        else:
            states.append(State(source, "by hand" if source.by_hand else "not fetched", None))
    return states


def listed_text(states: Sequence[State]) -> str:
    """List sources for a terminal.

    Parameters
    ----------
    states : sequence of State
        The sources.

    Returns
    -------
    str
        A paragraph a source.
    """
    return "\n".join(_paragraph(state) for state in states)


def _paragraph(state: State) -> str:
    source = state.source
    used = f", used by arrest-atlas run as {source.used_as}" if source.used_as else ""
    when = f" on {state.fetched.entry.fetched[:10]}" if state.fetched else ""
    lines = [f"{source.name} ({state.word}{when}{used})", f"{source.title}. {source.publisher}."]
    lines += [f"For {source.used_for}."]
    if source.size:
        lines += [f"{megabytes(source.size)} when last seen."]
    lines += [f"Licence: {source.licence}.", f"Page: {source.page}"]
    if source.urls and source.seen:
        lines += [f"Its address was last reported as working on {source.seen}."]
    lines += [f"{text[0].upper()}{text[1:]}" for text in (source.by_hand, source.note) if text]
    return "\n  ".join(lines) + "\n"


def listed_json(states: Sequence[State]) -> str:
    """List sources for scripts.

    Parameters
    ----------
    states : sequence of State
        The sources.

    Returns
    -------
    str
        JSON: ``sources``, each with what the register knows, ``state``, and ``in_cache``.
    """
    return summary_json(
        {
            "sources": [
                {
                    **_plain(state.source),
                    "state": state.word,
                    "in_cache": _recorded(state.fetched) if state.fetched else None,
                }
                for state in states
            ]
        }
    )


def fetched_text(fetched: Sequence[Fetched]) -> str:
    """Say what was fetched, how to cite it, and where it is.

    Parameters
    ----------
    fetched : sequence of Fetched
        The files.

    Returns
    -------
    str
        A paragraph a file.
    """
    return "\n".join(_receipt(each) for each in fetched)


def _receipt(each: Fetched) -> str:
    source, entry = each.source, each.entry
    how = "downloaded" if each.downloaded else "in the cache"
    return "\n  ".join(
        [
            f"{source.name}: {megabytes(entry.size)}, {how}",
            f"{each.path}",
            f"SHA-256 {entry.sha256}, recorded {entry.fetched}",
            f"From {entry.url}",
            f"Cite: {source.citation}. Licence: {source.licence}.\n",
        ]
    )


def fetched_json(fetched: Sequence[Fetched]) -> str:
    """Say the same for scripts.

    Parameters
    ----------
    fetched : sequence of Fetched
        The files.

    Returns
    -------
    str
        JSON: ``fetched``, each with ``name``, ``path``, ``sha256``, ``size``, ``url``, ...
    """
    return summary_json(
        {
            "fetched": [
                {
                    "name": each.source.name,
                    **_recorded(each),
                    "downloaded": each.downloaded,
                    "licence": each.source.licence,
                    "citation": each.source.citation,
                }
                for each in fetched
            ]
        }
    )


def _recorded(each: Fetched) -> dict[str, object]:
    entry = asdict(each.entry)
    return {"path": str(each.path), **{key: entry[key] for key in entry if key != "asked"}}


def _plain(source: DataSource) -> dict[str, object]:
    return {**asdict(source), "seen": str(source.seen) if source.seen else None}
