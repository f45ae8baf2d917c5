"""Make the outputs of an earlier run again, and tell whether they are the same."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, Final

from arrest_atlas._run_file import RunFile, read_run_file
from arrest_atlas.analysis import Progress, silent
from arrest_atlas.fetching.places import open_places
from arrest_atlas.pipeline import demo, run
from arrest_atlas.provenance import FILE_OPTIONS, FURTHER_CRIME, recorded_name
from arrest_atlas.reading import CrimeFile
from arrest_atlas.tables import publish
from geo import InputError, Problem
from outputs import RUN_FILE, OutputError, check_folder, file_digest, software_versions

__all__ = ["Rerun", "rerun"]

_COMMANDS: Final[dict[str, Callable[..., object]]] = {"demo": demo, "run": run, "publish": publish}
_SHOWN: Final = 20
_SHOWN_CHARACTERS: Final = 80


@dataclass(frozen=True, kw_only=True)
class Rerun:
    """What came of making outputs again.

    Attributes
    ----------
    versions : tuple of str
        Software whose version is another one now.
    files : dict of str to str
        ``equal``, ``differs``, ``missing`` (not made again) or ``new``, by file.
    differences : tuple of str
        What differs between the two ``run.json``: counts, warnings, versions, ...
    """

    versions: tuple[str, ...]
    files: dict[str, str]
    differences: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Tell whether every file is the same, byte for byte.

        Returns
        -------
        bool
            Whether nothing differs.
        """
        return set(self.files.values()) <= {"equal"}

    def lines(self) -> list[str]:
        """Say in lines what is equal and what differs.

        Returns
        -------
        list of str
            Plain text; names are those of the file that was read.
        """
        width = max(map(len, self.files.values()))
        said = [f"{verdict:{width}}  {name}" for name, verdict in self.files.items()]
        if self.differences:
            said += [f"{RUN_FILE} differs in:", *(f"  {each}" for each in self.differences)]
        differing = sum(verdict != "equal" for verdict in self.files.values())
        if self.equal:
            return [*said, f"Reproduced: {len(self.files)} files are equal, byte for byte."]
        return [*said, f"Not reproduced: {differing} of {len(self.files)} files differ."]


def rerun(
    path: str | Path,
    out: str | Path,
    *,
    inputs: str | Path = ".",
    progress: Progress = silent,
    executor: Executor | None = None,
    told: Callable[[str], None] = silent,
) -> Rerun:
    """Make the outputs of an earlier run again from its ``run.json``, and compare.

    Parameters
    ----------
    path : str or pathlib.Path
        The ``run.json`` of the earlier run.
    out : str or pathlib.Path
        Folder for the new outputs, as `arrest_atlas.run` takes it; not the earlier run's.
    inputs : str or pathlib.Path, default "."
        Folder in which, or below which, the files are that the earlier run read; those
        that ``arrest-atlas fetch`` keeps are found as well. A file is taken if name and
        SHA-256 are those recorded.
    progress : callable, optional
        Receives a few words at each step.
    executor : concurrent.futures.Executor, optional
        As in `arrest_atlas.run`.
    told : callable, optional
        Receives a sentence on each piece of software whose version is another one now,
        before anything is computed.

    Returns
    -------
    Rerun
        What is equal and what differs.

    Raises
    ------
    InputError
        If ``run.json`` is none, or a file that was read is missing or has other bytes;
        nothing is written.
    OutputError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> rerun(Path(tempfile.mkdtemp()) / "run.json", "again")
    Traceback (most recent call last):
    geo.errors.InputError: run.json: found no such file; expected ...
    """
    earlier = Path(path)
    target = check_folder(out)
    if target.resolve() == earlier.resolve().parent:
        message = (
            f"found that {out} holds the outputs to be compared with; expected another folder, "
            "since they would be replaced; choose another --out"
        )
        raise OutputError(message)
    progress(f"reading {RUN_FILE}")
    record = read_run_file(earlier, _COMMANDS)
    versions = tuple(_other_versions(record.content["versions"], software_versions()))
    for sentence in versions:
        told(sentence)
    progress("looking for the inputs")
    options = _with_files(record, _found(record, Path(inputs)))
    command = _COMMANDS[record.command]
    by_whom = {"executor": executor} if "executor" in signature(command).parameters else {}
    command(target, **options, **by_whom, progress=progress)
    text = (target / RUN_FILE).read_text(encoding="utf-8")
    made = json.loads(text)
    files = _verdicts(record.content["outputs"], made["outputs"])
    files[RUN_FILE] = "equal" if text == record.text else "differs"
    differences = list(_differences(record.content, made, "")) if text != record.text else []
    if len(differences) > _SHOWN:
        differences[_SHOWN:] = [f"... and {len(differences) - _SHOWN:,} more places"]
    return Rerun(versions=versions, files=files, differences=tuple(differences))


def _other_versions(then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in dict.fromkeys([*then, *now]):
        before, after = then.get(name, "none"), now.get(name, "none")
        if before != after:
            yield f"{name}: {after} now, {before} then"


def _found(record: RunFile, folder: Path) -> list[Path]:
    """Find the files that the earlier run read, in the order in which it records them."""
    wanted = record.content["inputs"]
    if not wanted:
        return []
    if not folder.is_dir():
        problem = Problem(
            file="--inputs",
            found=f"no folder {folder}",
            expected="the folder of the files that the earlier run read",
            action="give another one",
        )
        raise InputError([problem])
    named: dict[str, list[Path]] = {each["file"]: [] for each in wanted}
    for path in _files_in(folder, open_places(None).root):
        if (name := recorded_name(path)) in named:
            named[name].append(path)
    found, problems = [], []
    for each in wanted:
        digests = {path: file_digest(path) for path in named[each["file"]]}
        same = [path for path, has in digests.items() if has["sha256"] == each["sha256"]]
        found += same[:1]
        if not same:
            problems.append(_not_found(each, digests))
    if problems:
        raise InputError(problems)
    return found


def _files_in(*folders: Path) -> Iterator[Path]:
    """Walk over files, those in hidden folders aside, always in the same order."""
    for folder in folders:
        for below, folders_in_it, names in os.walk(folder):
            folders_in_it[:] = sorted(name for name in folders_in_it if not name.startswith("."))
            yield from (path for name in sorted(names) if (path := Path(below) / name).is_file())


def _not_found(wanted: Mapping[str, Any], digests: Mapping[Path, Mapping[str, Any]]) -> Problem:
    others = [f"SHA-256 {has['sha256']}, {has['bytes']:,} bytes" for has in digests.values()]
    return Problem(
        file=wanted["file"],
        found=f"other bytes ({'; '.join(others[:3])})" if others else "no such file",
        expected=f"the file that was read (SHA-256 {wanted['sha256']}, {wanted['bytes']:,} bytes)",
        action="name the folder that holds it, --inputs FOLDER; or, for an answer on other data, "
        "use arrest-atlas run",
    )


def _with_files(record: RunFile, paths: Sequence[Path]) -> dict[str, Any]:
    """Put the files that were found in the place of their names."""
    options = dict(record.content["options"])
    by_option: dict[str, list[Path]] = {}
    for each, path in zip(record.content["inputs"], paths, strict=True):
        by_option.setdefault(each["option"], []).append(path)
    for name in FILE_OPTIONS:
        if name in by_option:
            options[name] = by_option[name] if name == "arrests" else by_option[name][0]
    if FURTHER_CRIME in by_option:
        given = zip(options[FURTHER_CRIME], by_option[FURTHER_CRIME], strict=True)
        options[FURTHER_CRIME] = [CrimeFile(**{**each, "file": path}) for each, path in given]
    return options


def _verdicts(then: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    verdicts = {}
    for name in sorted({*then, *now}):
        if name not in now:
            verdicts[name] = "missing"
        elif name not in then:
            verdicts[name] = "new"
        else:
            verdicts[name] = "equal" if then[name] == now[name] else "differs"
    return verdicts


def _differences(then: object, now: object, place: str) -> Iterator[str]:
    """Name the places where two records differ, the outputs' own digests aside."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*then, *now]):
            inner = f"{place}.{name}" if place else str(name)
            if inner != "outputs":
                yield from _differences(then.get(name), now.get(name), inner)
    elif then != now:
        yield f"{place}: {_short(now)} now, {_short(then)} then"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
