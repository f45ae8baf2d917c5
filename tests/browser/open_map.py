"""What the tests in a browser are given."""

from pathlib import Path
from typing import Any, Protocol


class OpenMap(Protocol):
    """Opens a file and gives the page once the map is drawn."""

    def __call__(self, path: Path, **context: Any) -> Any: ...
