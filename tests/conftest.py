"""What several tests share."""

from pathlib import Path

import pytest
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


# The same examples in every run, and no failures because a machine is busy.
settings.register_profile("arrest-atlas", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("arrest-atlas")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real input data, which is no part of the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the real input data in ../shared/data, beside the repository's folder")
    return SHARED_DATA
