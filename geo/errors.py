"""What can go wrong with a user's files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with an input.

    Attributes
    ----------
    file : str
        Name of the file, without its folder.
    where : str
        Row, county, column or office; empty for the file as a whole.
    found : str
        What is there.
    expected : str
        What should be there.
    action : str
        What to do next.
    """

    file: str
    where: str = ""
    found: str
    expected: str
    action: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.where}" if self.where else self.file
        return f"{place}: found {self.found}; expected {self.expected}; {self.action}"


class InputError(ValueError):
    """A user's input cannot be used; every problem is reported at once.

    Parameters
    ----------
    problems : iterable of Problem
        What is wrong, at least one thing.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(f"... and {len(self.problems) - _SHOWN:,} more of the same kinds")
        super().__init__("\n".join(lines))
