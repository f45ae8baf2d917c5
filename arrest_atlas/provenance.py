"""What a run was asked to do, and what it read: as ``run.json`` and the outputs hold it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from arrest_atlas.options import Inputs, Options
from arrest_atlas.reading import CrimeFile
from geo import InputError, Problem
from outputs import file_digest, software_versions
from outputs.summary import plain

__all__ = [
    "FILE_OPTIONS",
    "FURTHER_CRIME",
    "NOT_RECORDED",
    "RUN_FORMAT",
    "Call",
    "provenance",
    "recorded_name",
]

RUN_FORMAT: Final = 1
"""Of ``run.json``; another one when older files can no longer be run again."""

NOT_RECORDED: Final = frozenset({"out", "progress", "executor"})
"""What outputs do not depend on."""

FILE_OPTIONS: Final = (
    "arrests",
    "aliases",
    "arrests_by_aor",
    "arrests_by_state",
    "arrests_by_county",
    "crime",
    "noncitizens",
    "residents",
    "votes",
    "agreements",
    "policies",
    "series",
    "detainers",
    "city_crime",
    "agencies",
    "county_covariates",
)
"""Options that are files, or sequences of files."""

FURTHER_CRIME: Final = "also_crime"
"""The option whose values are files, each with its own options."""

_OF_SOURCES: Final = ("rows", "filtered_out", "state_totals", "missing")


@dataclass(frozen=True, kw_only=True)
class Call:
    """A command with all its options, whether they were given or are the defaults.

    Attributes
    ----------
    command : str
        Name of the function, which is that of the command.
    options : dict of str to object
        As JSON knows them; a file stands by its name, without its folder.
    inputs : list of dict
        Each file: ``option``, ``file`` (its name), ``sha256``, ``bytes``; in the order of the
        options.
    """

    command: str
    options: dict[str, Any]
    inputs: list[dict[str, Any]]

    @classmethod
    def of(cls, function: Callable[..., object], arguments: Mapping[str, Any]) -> Self:
        """Record a call, as soon as its files were read.

        Parameters
        ----------
        function : callable
            What was called.
        arguments : mapping of str to object
            Its arguments by name, defaults included, such as ``locals()`` at its beginning.

        Returns
        -------
        Call
            The record.

        Raises
        ------
        InputError
            If a further crime file is not written as `CrimeFile.parse` takes it.

        Examples
        --------
        >>> def demo(out, *, seed=0, draws=100): ...
        >>> Call.of(demo, {"out": "atlas", "seed": 7, "draws": 100}).options
        {'seed': 7, 'draws': 100}
        """
        options: dict[str, Any] = {}
        files: list[tuple[str, Path]] = []
        for name in inspect.signature(function).parameters:
            if name in NOT_RECORDED:
                continue
            value = arguments[name]
            if name in FILE_OPTIONS and value is not None:
                paths = [value] if isinstance(value, str | Path) else list(value)
                files += [(name, Path(path)) for path in paths]
                names = [recorded_name(path) for path in paths]
                options[name] = names if name == "arrests" else names[0]
            elif name == FURTHER_CRIME:
                further = [_crime_file(each) for each in value]
                files += [(name, Path(each.file)) for each in further]
                options[name] = [
                    {**_plain(asdict(each)), "file": recorded_name(each.file)} for each in further
                ]
            else:
                options[name] = _plain(value)
        inputs = [
            {"option": name, "file": recorded_name(path), **file_digest(path)}
            for name, path in files
        ]
        return cls(command=function.__name__, options=options, inputs=inputs)


def recorded_name(path: str | Path) -> str:
    """Name a file as ``run.json`` does.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    str
        Its name without its folder, so that neither the user's folders nor where the run
        was made stand in an output; what cannot be printed is replaced.

    Examples
    --------
    >>> recorded_name("/home/me/crime.csv")
    'crime.csv'
    """
    name = Path(path).name.encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def provenance(
    call: Call, inputs: Inputs, options: Options, summary: Mapping[str, Any]
) -> dict[str, Any]:
    """Gather how outputs came about, for ``run.json``, layers, map and report.

    Parameters
    ----------
    call : Call
        What was asked for.
    inputs : Inputs
        What was read.
    options : Options
        Choices of method, with what stands for those that were left to the program.
    summary : mapping of str to object
        What was found, as `arrest_atlas.summary.summarise` gathers it.

    Returns
    -------
    dict of str to object
        What JSON knows, without any clock or folder: versions, command, options, inputs with
        their SHA-256, counts at each step, warnings. The outputs' own digests are added by
        `outputs.run_json`.

    Raises
    ------
    InputError
        If a file was changed while the run was reading.
    """
    _check_unchanged(call, inputs)
    settled = {name: value for name, value in asdict(options).items() if name in call.options}
    return {
        "software": "arrest-atlas",
        "format": RUN_FORMAT,
        "data": summary["data"],
        "question": summary["question"],
        "command": call.command,
        "options": {**call.options, **settled},
        "seed": options.seed,
        "inputs": call.inputs,
        "versions": software_versions(),
        "counts": plain(_counts(summary)),
        "warnings": list(summary["warnings"]),
    }


def _check_unchanged(call: Call, inputs: Inputs) -> None:
    """Compare what was hashed with what was read."""
    if not call.inputs:  # what is simulated was read as well, from files that are gone
        return
    digests = {each["sha256"] for each in call.inputs}
    problems = [
        Problem(
            file=source.file,
            found="other bytes than a moment ago",
            expected="a file that stays as it is while it is read",
            action="run again once it is whole",
        )
        for source in inputs.sources.values()
        if source.sha256 not in digests
    ]
    if problems:
        raise InputError(problems)


def _counts(summary: Mapping[str, Any]) -> dict[str, Any]:
    sources = summary["sources"].items()
    counts = {
        "read": {what: {each: source[each] for each in _OF_SOURCES} for what, source in sources},
        "arrests": summary["arrests"],
        "crime": summary["crime"],
        "support": summary["support"],
    }
    if "kinds" in summary:
        kinds = summary["kinds"].items()
        counts["kinds"] = {
            kind: {"arrests": found["arrests"], "support": found["support"]}
            for kind, found in kinds
        }
    return counts


def _crime_file(given: CrimeFile | str) -> CrimeFile:
    return CrimeFile.parse(given) if isinstance(given, str) else given


def _plain(value: Any) -> Any:
    """Reduce to what JSON knows, with all digits: a run made again needs them."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Path):
        return recorded_name(value)
    return value.item() if hasattr(value, "item") else value
