"""The errors that the command line turns into messages."""

from typing import Final

from boundaries import BoundaryError
from geo import InputError
from outputs import OutputError
from spatial_models import SpatialError

__all__ = ["USER_ERRORS"]

USER_ERRORS: Final = (InputError, BoundaryError, OutputError, SpatialError)
"""What a user can mend; everything else is a defect of ours."""
