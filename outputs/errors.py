"""Errors of this room."""


class OutputError(ValueError):
    """Something cannot be written as asked."""


class NoSurfaceError(OutputError):
    """There is nothing to make a surface of."""
