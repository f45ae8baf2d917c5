"""Reading ``run.json``, which anyone may have written."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, Final, Literal, NoReturn, get_args, get_origin, get_type_hints

from arrest_atlas.provenance import (
    FILE_OPTIONS,
    FURTHER_CRIME,
    NOT_RECORDED,
    RUN_FORMAT,
    recorded_name,
)
from arrest_atlas.reading import CrimeFile
from geo import InputError, Problem

__all__ = ["RunFile", "read_run_file"]

_MOST_BYTES: Final = 16_000_000
_SHOWN_CHARACTERS: Final = 60
_SHA256: Final = re.compile("[0-9a-f]{64}")
_ACTION: Final = "give a run.json as arrest-atlas wrote it"

Found = tuple[str, str, str]
"""Where something is wrong, what is there, what should be there."""


@dataclass(frozen=True, kw_only=True)
class RunFile:
    """A ``run.json`` in which everything that is used has the right type.

    Attributes
    ----------
    text : str
        As it stands in the file.
    content : dict of str to object
        ``command``, ``options``, ``inputs``, ``versions``, ``outputs``, ...
    """

    text: str
    content: dict[str, Any]

    @property
    def command(self) -> str:
        """Name the command.

        Returns
        -------
        str
            One of those that were asked for.
        """
        return str(self.content["command"])


def read_run_file(path: Path, commands: Mapping[str, Callable[..., object]]) -> RunFile:
    """Read ``run.json``.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    commands : mapping of str to callable
        Commands that can be run again; their parameters say which options there are.

    Returns
    -------
    RunFile
        What it holds.

    Raises
    ------
    InputError
        With everything that is wrong with it at once.
    """
    name = recorded_name(path)
    text = _text(path, name)
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
        text.encode()
        json.dumps(content, ensure_ascii=False).encode()  # no halves of characters
    except (ValueError, RecursionError) as error:
        _refuse(name, [("", f"no JSON ({_shown(str(error))})", "what arrest-atlas wrote")])
    wrong = list(_wrong_head(content, commands))
    if not wrong:
        wrong = [
            *_wrong_options(content, commands[content["command"]]),
            *_wrong_inputs(content["inputs"]),
            *_wrong_versions(content["versions"]),
            *_wrong_outputs(content["outputs"]),
        ]
    if not wrong:
        wrong = [
            *_unmatched_files(content),
            *_other_seed(content, commands[content["command"]]),
        ]
    if wrong:
        _refuse(name, wrong)
    return RunFile(text=text, content=content)


def _text(path: Path, name: str) -> str:
    if not path.is_file():
        there = "a folder" if path.is_dir() else "no such file" if not path.exists() else "no file"
        _refuse(name, [("", there, "the run.json of an earlier run")])
    with path.open("rb") as stream:
        content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        _refuse(name, [("", f"more than {_MOST_BYTES:,} bytes", "a file of some thousand")])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(name, [("", f"no text ({error.reason})", "JSON in UTF-8")])


def _refuse(name: str, wrong: Sequence[Found]) -> NoReturn:
    raise InputError(
        Problem(file=name, where=where, found=found, expected=expected, action=_ACTION)
        for where, found, expected in wrong
    )


def _refuse_constant(word: str) -> NoReturn:
    message = f"the number {word}"
    raise ValueError(message)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."


def _wrong_head(content: object, commands: Mapping[str, object]) -> Iterator[Found]:
    if not isinstance(content, dict):
        yield "", _shown(content), "an object"
        return
    if content.get("software") != "arrest-atlas":
        yield "software", _shown(content.get("software")), "'arrest-atlas'"
    if content.get("format") != RUN_FORMAT:
        yield "format", _shown(content.get("format")), f"{RUN_FORMAT}, which this version reads"
    command = content.get("command")
    if not isinstance(command, str) or command not in commands:
        yield "command", _shown(command), " or ".join(map(repr, commands))
    kinds: dict[str, type] = {"options": dict, "inputs": list, "versions": dict, "outputs": dict}
    for part, kind in kinds.items():
        if not isinstance(content.get(part), kind):
            what = "an object" if kind is dict else "a list"
            yield part, _shown(content.get(part)), what


def _wrong_options(content: Mapping[str, Any], function: Callable[..., object]) -> Iterator[Found]:
    hints = get_type_hints(function)
    known = [name for name in inspect.signature(function).parameters if name not in NOT_RECORDED]
    for name, value in content["options"].items():
        where = f"options, {_shown(name)}"
        if name not in known:
            yield where, "an option that this version does not know", ", ".join(known)
        elif name == FURTHER_CRIME:
            yield from _wrong_further_crime(value, where)
        elif not _fits(value, hints[name]):
            yield where, _shown(value), _worded(hints[name])


def _wrong_further_crime(value: object, where: str) -> Iterator[Found]:
    hints = get_type_hints(CrimeFile)
    for each in value if isinstance(value, list) else [value]:
        if (
            not isinstance(each, dict)
            or {*each} != {*hints}
            or not all(_fits(each[name], hint) for name, hint in hints.items())
        ):
            yield where, _shown(each), f"objects of {', '.join(hints)}"


def _fits(value: object, hint: Any) -> bool:
    """Tell whether what JSON gave is of a type that a function asks for."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return value in parts
    if hint in {int, str, bool, NoneType}:
        return type(value) is hint  # True is no number
    if hint is float:
        return type(value) in {int, float}
    if origin is Sequence:
        return isinstance(value, list) and all(_fits(each, parts[0]) for each in value)
    if origin is Mapping:
        return isinstance(value, dict) and all(_fits(each, parts[1]) for each in value.values())
    return any(_fits(value, part) for part in parts)


def _worded(hint: Any) -> str:
    """Word a type for those who know JSON."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(map(repr, parts))
    plain = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
    if hint in plain:
        return plain[hint]
    if origin in {Sequence, Mapping}:
        kind = "a list of which each is" if origin is Sequence else "an object of which each is"
        return f"{kind} {_worded(parts[-1])}"
    wanted = [_worded(part) for part in parts if part not in {NoneType, Path}]
    return " or ".join([*wanted, *(["null"] if NoneType in parts else [])])


def _wrong_inputs(inputs: Sequence[object]) -> Iterator[Found]:
    for number, each in enumerate(inputs, start=1):
        where = f"inputs, number {number}"
        if not isinstance(each, dict):
            yield where, _shown(each), "an object"
            continue
        file = each.get("file")
        if not isinstance(file, str) or file in {"", ".", ".."} or re.search(r"[/\\\0]", file):
            yield f"{where}, file", _shown(file), "the name of a file, without a folder"
        option = each.get("option")
        if option not in [*FILE_OPTIONS, FURTHER_CRIME]:
            yield f"{where}, option", _shown(option), "an option that takes a file"
        yield from _wrong_digest(each, where)


def _wrong_digest(each: Mapping[str, object], where: str) -> Iterator[Found]:
    digest, size = each.get("sha256"), each.get("bytes")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        yield f"{where}, sha256", _shown(digest), "64 hexadecimal digits"
    if type(size) is not int or size < 0:
        yield f"{where}, bytes", _shown(size), "a whole number"


def _wrong_versions(versions: Mapping[str, object]) -> Iterator[Found]:
    for name, number in versions.items():
        if not isinstance(number, str):
            yield f"versions, {_shown(name)}", _shown(number), "a text"


def _wrong_outputs(outputs: Mapping[str, object]) -> Iterator[Found]:
    for name, each in outputs.items():
        where = f"outputs, {_shown(name)}"
        if isinstance(each, dict):
            yield from _wrong_digest(each, where)
        else:
            yield where, _shown(each), "an object of sha256 and bytes"


def _unmatched_files(content: Mapping[str, Any]) -> Iterator[Found]:
    """Compare the files that options name with those whose digests are recorded."""
    options = content["options"]
    for name in [*FILE_OPTIONS, FURTHER_CRIME]:
        value = options.get(name)
        named = [] if value is None else value if isinstance(value, list) else [value]
        named = [each["file"] if isinstance(each, dict) else each for each in named]
        listed = [each["file"] for each in content["inputs"] if each["option"] == name]
        if named != listed:
            yield f"inputs of the option {name}", _shown(listed), f"those it names, {_shown(named)}"


def _other_seed(content: Mapping[str, Any], function: Callable[..., object]) -> Iterator[Found]:
    """Compare the seed that readers are shown with the one that a run is given."""
    default = inspect.signature(function).parameters["seed"].default
    seed = content["options"].get("seed", default)
    if type(content.get("seed")) is not int or content["seed"] != seed:
        yield "seed", _shown(content.get("seed")), f"{seed}, the seed of the options"
