"""One file, no network: the scripts and styles that a folium page links to, put into it."""

from __future__ import annotations

import re

from outputs.errors import OutputError

_LINKED = re.compile(
    r"""<script\s[^>]*?src=["'](?P<script>[^"']+)["'][^>]*>\s*</script>"""
    r"""|<link\s[^>]*?href=["'](?P<style>[^"']+)["'][^>]*?/?>"""
)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)

# The browser itself now refuses whatever would still reach for the network.
_SEAL = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\" />"
)


def inline_assets(page: str) -> str:
    """Replace every linked script and style sheet of a page by its text.

    Parameters
    ----------
    page : str
        A page as folium renders it, with a ``<head>``.

    Returns
    -------
    str
        The page with its assets inside and a content security policy that forbids
        every request.

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
    sealed = page.replace("<head>", f"<head>\n{_SEAL}", 1)
    return _LINKED.sub(_inline, sealed)


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
