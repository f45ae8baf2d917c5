"""A command of ``arrest-atlas``, called as from a shell."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner, Result

from arrest_atlas.cli import main


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command by name, and what its report must never say."""

    name: str
    banned: re.Pattern[str] | None = None

    def call(self, *words: object) -> Result:
        result = CliRunner().invoke(main, [self.name, *map(str, words)])
        unexpected = result.exception
        assert unexpected is None or isinstance(unexpected, SystemExit), unexpected
        return result

    def report(self, *words: object) -> str:
        result = self.call(*words)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        if self.banned is not None:
            assert not self.banned.search(result.stdout), self.banned.search(result.stdout)
        return result.stdout

    def as_json(self, *words: object) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.report(*words, "--json"))
        return answer

    def refusal(self, *words: object) -> str:
        result = self.call(*words)
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.stderr
