"""What can go wrong on the way from a publisher to the cache."""

from __future__ import annotations

from geo import InputError

__all__ = ["FetchError", "Trouble"]


class FetchError(InputError):
    """Something cannot be fetched or is not in the cache; every problem is reported at once.

    Of its problems, `file` names the source and `where` the address.
    """


class Trouble(Exception):  # noqa: N818  (it never leaves this package)
    """One attempt failed.

    Parameters
    ----------
    found, expected, action : str
        The words of a Problem.
    passing : bool, default False
        Whether another attempt may succeed.
    wait : float, default 0
        Seconds that the server asks to wait before that.
    """

    def __init__(
        self, *, found: str, expected: str, action: str, passing: bool = False, wait: float = 0
    ) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.action = action
        self.passing = passing
        self.wait = wait
