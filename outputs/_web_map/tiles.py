"""A base map of tiles, only where it is asked for: the one thing that a page may fetch."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from urllib.parse import urlsplit

import folium
import xyzservices  # type: ignore[import-untyped]

from outputs._web_map.closed_tiles import check_open
from outputs.errors import OutputError

_LIKE = 3


def tile_layer(name: str) -> folium.TileLayer:
    """Make the tiles of a provider by the name that xyzservices gives it.

    Parameters
    ----------
    name : str
        ``"Esri.WorldGrayCanvas"`` and so on.

    Returns
    -------
    folium.TileLayer
        With its attribution.

    Raises
    ------
    OutputError
        If there is no such provider, if it asks for a key, gives tiles with leave only, is
        broken, or does not use https.
    """
    try:
        provider = xyzservices.providers.query_name(name)
    except ValueError:
        known = list(xyzservices.providers.flatten())
        like = get_close_matches(name, known, n=_LIKE, cutoff=0) or known[:_LIKE]
        message = (
            f"tiles: found {name!r}, which xyzservices does not know; expected a name such as "
            f"{', '.join(like)}; or leave the tiles out, and the map needs no network"
        )
        raise OutputError(message) from None
    if provider.requires_token():
        message = (
            f"tiles: {name!r} asks for a key, which would stand open in the page; expected tiles "
            "without one, such as Esri.WorldGrayCanvas"
        )
        raise OutputError(message)
    check_open(provider)
    layer = folium.TileLayer(provider, control=False)
    image_hosts([layer])
    return layer


def image_hosts(layers: Sequence[folium.TileLayer]) -> list[str]:
    """List the addresses of the servers that the tiles come from.

    Parameters
    ----------
    layers : sequence of folium.TileLayer
        Tiles of a map.

    Returns
    -------
    list of str
        ``https://a.example.org`` and so on, each once.

    Raises
    ------
    OutputError
        If tiles come otherwise than by https.
    """
    hosts = []
    for layer in layers:
        parts = urlsplit(layer.tiles)
        if parts.scheme != "https":
            message = f"tiles: {layer.tiles} does not come by https; take others"
            raise OutputError(message)
        given = layer.options.get("subdomains")
        servers = given if isinstance(given, str | list) else "abc"
        hosts += [f"https://{parts.netloc.replace('{s}', str(server))}" for server in servers]
    return list(dict.fromkeys(hosts))
