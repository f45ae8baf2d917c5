"""Writes outputs as a run does, in processes that are killed on the way.

Started by itself, it is single-threaded and has everything imported, so that each killed
process is a quick fork of it. It takes one order a line, as JSON, and answers each.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from outputs import SUMMARY_FILE, folder, whole_folder

NAMES = ["arrest-atlas.gpkg", "map.html", "figures/scan.svg", "tables/zones.csv", SUMMARY_FILE]
CHARACTERS = 200_000
FILE_EVENTS = ("open", "os.", "fcntl.", "shutil.", "tempfile.", "ctypes.dlsym")


class Writer:
    """The process that writes, and where."""

    def __init__(self, target: Path) -> None:
        self.target = target
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, __file__, str(target)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def write(
        self,
        word: str,
        *,
        seconds: float | None = None,
        event: int | None = None,
        in_two_steps: bool = False,
    ) -> bool:
        """Write a run's outputs, killed after some time or at an event; tell if it lived."""
        order = {"word": word, "seconds": seconds, "event": event, "in_two_steps": in_two_steps}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return bool(json.loads(self._process.stdout.readline()))

    def word(self) -> str | None:
        """Read whose outputs the folder holds, all of them; None if there is no folder."""
        if not self.target.exists():
            return None
        found = {
            path.relative_to(self.target).as_posix(): path
            for path in self.target.rglob("*")
            if path.is_file()
        }
        assert sorted(found) == sorted(NAMES)
        summary = json.loads(found.pop(SUMMARY_FILE).read_text())
        for path in found.values():
            assert path.read_text() == summary["word"] * CHARACTERS
        return str(summary["word"])


def write(target: Path, word: str) -> None:
    """Write what a run writes: files in subfolders, too, the summary last."""
    with whole_folder(target) as scratch:
        for name in NAMES[:-1]:
            (scratch / name).parent.mkdir(exist_ok=True)
            (scratch / name).write_text(word * CHARACTERS)
        summary = {"software": "arrest-atlas", "files": NAMES, "word": word}
        (scratch / SUMMARY_FILE).write_text(json.dumps(summary))


def die_at(event: int) -> None:
    """Kill this process where it touches files for the nth time."""
    count = 0

    def hook(name: str, _: tuple[Any, ...]) -> None:
        nonlocal count
        if name.startswith(FILE_EVENTS):
            count += 1
            if count == event:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def obey(target: Path, order: dict[str, Any]) -> bool:
    """Fork, write there, kill; tell whether the writing came to its end."""
    child = os.fork()
    if child == 0:
        if order["in_two_steps"]:
            setattr(folder, "exchanged", lambda *_: False)  # noqa: B010
        if order["event"] is not None:
            # Slow, and without effect on what a kill leaves.
            setattr(os, "fsync", lambda _: None)  # noqa: B010
            die_at(order["event"])
        write(target, order["word"])
        os._exit(0)
    if order["seconds"] is not None:
        time.sleep(order["seconds"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return status == 0


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(obey(Path(sys.argv[1]), json.loads(line))), flush=True)  # noqa: T201
