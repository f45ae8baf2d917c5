"""One file, no network: the scripts and styles that a folium page links to, put into it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from outputs.errors import OutputError

_LINKED = re.compile(
    r"""<script\s[^>]*?src=["'](?P<script>[^"']+)["'][^>]*>\s*</script>"""
    r"""|<link\s[^>]*?href=["'](?P<style>[^"']+)["'][^>]*?/?>"""
)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)

_SCRIPT = re.compile(r"<script(?:\s[^>]*)?>(.*?)</script>", re.DOTALL)


def inline_assets(page: str, *, image_hosts: Sequence[str] = ()) -> str:
    """Replace every linked script and style sheet of a page by its text.

    Parameters
    ----------
    page : str
        A page as folium renders it, with a ``<head>``.
    image_hosts : sequence of str, optional
        Servers whose images the page may fetch.

    Returns
    -------
    str
        The page with its assets inside and a content security policy that forbids
        every other request, and every script that is not the page's own.

    Raises
    ------
    OutputError
        If the page links to an asset that is not at hand.

    Examples
    --------
    >>> inline_assets('<head><script src="https://example.org/new.js"></script></head>')
    Traceback (most recent call last):
    ...
    outputs.errors.OutputError: the web map links to https://example.org/new.js, ...
    """
    # The browser would read other line ends as these, and find other hashes.
    inlined = _LINKED.sub(_inline, page).replace("\r\n", "\n").replace("\r", "\n")
    return inlined.replace("<head>", f"<head>\n{_seal(inlined, image_hosts)}", 1)


def _seal(page: str, image_hosts: Sequence[str]) -> str:
    """Have the browser itself refuse foreign scripts and whatever reaches for the network."""
    scripts = dict.fromkeys(_SCRIPT.findall(page))
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    images = " ".join(("data:", *image_hosts))
    return (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"script-src {hashes}; style-src 'unsafe-inline'; img-src {images}\" />"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _inline(link: re.Match[str]) -> str:
    if link["script"]:
        return f"<script>{_SOURCE_MAP.sub('', _asset(link['script']))}</script>"
    return f"<style>{_asset(link['style'])}</style>"


def _asset(url: str) -> str:
    # Late: the table is 4 MB of text, which only a finished map needs. It is private,
    # so folium-offline is pinned and whatever it lacks is an error, not a request.
    from offlinefolium.elements import _res as assets  # noqa: PLC0415

    if url not in assets:
        message = (
            f"the web map links to {url}, which is not among the assets that folium-offline "
            "carries; expected only such assets; leave out the folium element that asks for it"
        )
        raise OutputError(message)
    return str(assets[url])
