"""What can go wrong with values and graphs."""


class SpatialError(ValueError):
    """Values or a graph that a statistic cannot be computed on.

    The message names what was found, what was expected and what to do next.
    """


class SpatialWarning(UserWarning):
    """Something about a map that was dealt with, and that its owner should know of."""
