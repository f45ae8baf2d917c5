"""Tiles that would not load are refused before any work is done, with the reason."""

import pytest
import xyzservices  # type: ignore[import-untyped]
from click.testing import CliRunner

from arrest_atlas.cli import main
from outputs import OutputError, check_tiles


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Stadia.AlidadeSmooth", "asks for a key, or for the address of a website"),
        ("Stadia.StamenTonerLite", "asks for a key, or for the address of a website"),
        ("OpenAIP", "asks for a key"),
        ("Strava.All", "logged in"),
        ("JusticeMap.income", "marked as broken"),
        ("CartoDB.Positron", "asks for a key"),
    ],
)
def test_tiles_that_would_not_load_are_refused(name: str, reason: str) -> None:
    with pytest.raises(OutputError, match=f"tiles: '{name}' .*{reason}.*Esri.WorldGrayCanvas"):
        check_tiles(name)


def test_no_tiles_of_these_providers_pass() -> None:
    providers = xyzservices.providers.flatten()
    closed = [name for name in providers if name.startswith(("Stadia", "Strava", "OpenAIP"))]
    assert len(closed) > 15
    for name in closed:
        with pytest.raises(OutputError):
            check_tiles(name)


@pytest.mark.parametrize("name", ["OpenStreetMap.Mapnik", "Esri.WorldGrayCanvas", "USGS.USTopo"])
def test_open_tiles_pass(name: str) -> None:
    check_tiles(name)


def test_the_command_says_why() -> None:
    result = CliRunner().invoke(main, ["demo", "--tiles", "Stadia.OSMBright", "--out", "nowhere"])
    assert result.exit_code == 2
    assert "tiles: 'Stadia.OSMBright' asks for a key" in result.output
    assert "Traceback" not in result.output
