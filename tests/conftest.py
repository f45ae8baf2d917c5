"""What several tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from https_server import Server, serving
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


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Found an authority whose certificates only these tests trust."""
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the authority's certificate down."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def running_server(authority: trustme.CA) -> Iterator[Server]:
    """Run a server with HTTPS on this machine."""
    with serving(authority) as server:
        yield server


@pytest.fixture
def server(
    running_server: Server, authority_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> Server:
    """Give the server, trusted as a user would have it: by the environment, not by the code."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority_bundle))
    monkeypatch.setenv("NO_PROXY", "localhost")
    running_server.answers.clear()
    running_server.requests.clear()
    return running_server
