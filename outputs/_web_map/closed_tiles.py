"""Tiles that xyzservices lists as if anybody could have them, and nobody without leave can."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import xyzservices  # type: ignore[import-untyped]

from outputs.errors import OutputError

_CLOSED: Final = {
    # https://docs.stadiamaps.com/authentication
    "stadiamaps.com": "asks for a key, or for the address of a website registered with it",
    # https://docs.openaip.net, Tiles API; the address that xyzservices has is given up
    "openaip.net": "asks for a key",
    # https://github.com/zekefarwell/josm-strava-heatmap/issues/19
    "strava.com": "shows its tiles to members who are logged in",
}
"""By the domain that tiles come from, why they do not: what xyzservices does not say itself."""


def check_open(provider: xyzservices.TileProvider) -> None:
    """Refuse tiles that would not load.

    Parameters
    ----------
    provider : xyzservices.TileProvider
        Who gives them.

    Raises
    ------
    OutputError
        If the provider gives them with leave only, or xyzservices calls them broken.
    """
    host = urlsplit(provider.url).netloc
    reason = next(
        (why for domain, why in _CLOSED.items() if f".{host}".endswith(f".{domain}")),
        "is marked as broken by xyzservices" if provider.get("status") == "broken" else None,
    )
    if reason is not None:
        message = (
            f"tiles: {provider.name!r} {reason}, so that none would load; expected tiles that "
            "anybody can have, such as Esri.WorldGrayCanvas"
        )
        raise OutputError(message)
