"""What can go wrong with places."""


class BoundaryError(ValueError):
    """A place that cannot be told: an unknown code, an unknown office, mixed vintages.

    The message names what was found, what was expected and what to do next.
    """


class VintageError(BoundaryError):
    """County codes that no single Census vintage has."""
