"""The errors that the command line turns into messages."""

from boundaries import BoundaryError
from geo import InputError
from outputs.errors import OutputError
from spatial_models import SpatialError

__all__ = ["USER_ERRORS", "InputError", "OutputError"]

USER_ERRORS = (InputError, BoundaryError, OutputError, SpatialError)
"""What a user can mend; everything else is a defect of ours."""
