"""What can go wrong with places."""


class BoundaryError(ValueError):
    """A place that cannot be told: an unknown code, an unknown office, mixed vintages.

    The message names what was found, what was expected and what to do next.
    """


class VintageError(BoundaryError):
    """County codes that no single Census vintage has.

    Parameters
    ----------
    found, expected, action : str
        What is there, what should be, and what to do next.
    """

    def __init__(self, *, found: str, expected: str, action: str) -> None:
        self.found, self.expected, self.action = found, expected, action
        super().__init__(f"found {found}; expected {expected}; {action}")
