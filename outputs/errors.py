"""Errors of this room."""


class OutputError(ValueError):
    """Something cannot be written as asked."""
