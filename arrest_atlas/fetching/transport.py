"""One request over HTTPS, and nothing but HTTPS, through every redirection."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from arrest_atlas.fetching.errors import Trouble

__all__ = ["Patience", "check_status", "look_up", "new_session", "open_url", "words_of_network"]

_MOST_REDIRECTS: Final = 10
_MOST_TEXT: Final = 10 << 20
_LATER: Final = {408, 425, 429}
_ANY_SERVER_ERROR: Final = 500
_FIRST_ERROR: Final = 400


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for a server, and how often to ask again.

    Attributes
    ----------
    attempts : int
        Attempts in a row that bring next to nothing, after which to give up; one that
        brought a megabyte starts the count anew.
    first_wait, longest_wait : float
        Seconds before the second attempt, doubled for each further one up to the longest;
        a server's Retry-After counts, up to the longest, too.
    connect, silence : float
        Seconds to wait for a connection, and for the next byte.
    slowest, window : float
        Bytes per second, and the seconds over which a transfer that is slower counts as
        broken.
    """

    attempts: int = 5
    first_wait: float = 1
    longest_wait: float = 60
    connect: float = 15
    silence: float = 30
    slowest: float = 500
    window: float = 60


def new_session() -> requests.Session:
    """Open a session. Proxies and certificates are those of the environment.

    Returns
    -------
    requests.Session
        To be closed.
    """
    session = requests.Session()
    # Compressed on the way, a file would have no length and no place to go on from.
    session.headers["Accept-Encoding"] = "identity"
    # Some publishers turn away what does not call itself so.
    agent = f"Mozilla/5.0 (compatible; arrest-atlas/{version('arrest-atlas')})"
    session.headers["User-Agent"] = agent
    return session


def open_url(
    session: requests.Session, url: str, *, headers: Mapping[str, str], patience: Patience
) -> requests.Response:
    """Ask for an address, through its redirections.

    Parameters
    ----------
    session : requests.Session
        As :func:`new_session` makes it.
    url : str
        The address.
    headers : mapping of str to str
        What else to send.
    patience : Patience
        Time-outs.

    Returns
    -------
    requests.Response
        Of any status, its body not read.

    Raises
    ------
    Trouble
        If the network fails, or a redirection leads away from HTTPS, or to no end.
    """
    asked = url
    for _ in range(_MOST_REDIRECTS):
        check_https(url, asked)
        with words_of_network(url):
            response = session.get(
                url,
                headers=dict(headers),
                stream=True,
                allow_redirects=False,
                timeout=(patience.connect, patience.silence),
            )
        target = session.get_redirect_target(response)
        if target is None:
            return response
        response.close()
        url = _joined(url, target)
    raise Trouble(
        found=f"more than {_MOST_REDIRECTS} redirections",
        expected="the file",
        action="open the page of the publisher",
    )


def check_https(url: str, asked: str) -> None:
    """Refuse an address that is not HTTPS.

    Parameters
    ----------
    url : str
        The address.
    asked : str
        The one that led there.

    Raises
    ------
    Trouble
        If it is not.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise _no_address(url) from error
    if parts.scheme != "https" or not parts.hostname:
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        raise Trouble(
            found=f"a redirection to {shown}" if url != asked else f"the address {shown}",
            expected="HTTPS to the end: anything else could be altered on the way",
            action="do not use what it leads to; open the page of the publisher",
        )


@contextmanager
def words_of_network(url: str) -> Iterator[None]:
    """Word what the network says.

    Parameters
    ----------
    url : str
        Whom we are talking to.

    Yields
    ------
    None
        For the block that talks.

    Raises
    ------
    Trouble
        For every error of the libraries; passing, but for one of certificates.
    """
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        if isinstance(error, ValueError):
            raise _no_address(url) from error
        host = urlsplit(url).hostname
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise Trouble(
                found=f"a certificate of {host} that cannot be trusted",
                expected="one that a known authority signed",
                action="check the clock and the network (a proxy may stand between)",
            ) from error
        raise Trouble(
            found=_what_happened(error, host),
            expected="the whole file",
            action="check the network, and run the command again: it goes on where it stopped",
            passing=True,
        ) from error


def _what_happened(error: Exception, host: str | None) -> str:
    silent = (requests.Timeout, urllib3.exceptions.TimeoutError)
    if isinstance(error, silent) or "timed out" in str(error):
        return f"no answer from {host} in time"
    if isinstance(error, requests.ConnectionError):
        return f"no connection to {host}"
    return f"a connection to {host} that broke off"


def check_status(response: requests.Response) -> None:
    """Refuse an answer that is not what was asked for.

    Parameters
    ----------
    response : requests.Response
        The answer.

    Raises
    ------
    Trouble
        If its status says so; passing where the server may recover.
    """
    code = response.status_code
    if code in {requests.codes.ok, requests.codes.partial_content}:
        return
    passing = code in _LATER or code >= _ANY_SERVER_ERROR
    words = f"HTTP status {code}{f' ({response.reason})' if response.reason else ''}"
    if passing:
        wait = _retry_after(response.headers.get("Retry-After", ""))
        action = "try again later"
        raise Trouble(found=words, expected="the file", action=action, passing=True, wait=wait)
    action = (
        "download it by hand from the page of the publisher: the address may have changed, or the "
        "server turns programs away"
    )
    raise Trouble(found=words, expected="the file", action=action)


def _retry_after(text: str) -> float:
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):  # no such header, no date, or one without a zone
        return 0.0


def look_up(session: requests.Session, url: str, link: str, *, patience: Patience) -> str:
    """Find the address of a file in what a page or a service says.

    Parameters
    ----------
    session : requests.Session
        As :func:`new_session` makes it.
    url : str
        Address of the page.
    link : str
        Regular expression whose first group is the address; the first match counts.
    patience : Patience
        Time-outs.

    Returns
    -------
    str
        The address.

    Raises
    ------
    Trouble
        If the page cannot be had, or has no such address.
    """
    with open_url(session, url, headers={}, patience=patience) as response:
        check_status(response)
        with words_of_network(url):
            text = response.raw.read(_MOST_TEXT, decode_content=True).decode("utf-8", "replace")
        found = re.search(link, text)
        if found is None:
            raise Trouble(
                found="no address of the file on the page",
                expected="one that the page or service gives",
                action="download it by hand from the page of the publisher, which may have changed",
            )
        # JSON may write & and / in its own way, HTML the first.
        address = found[1].replace("\\u0026", "&").replace("\\/", "/")
        return _joined(response.url, html.unescape(address))


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError as error:
        raise _no_address(target) from error


def _no_address(url: str) -> Trouble:
    return Trouble(
        found=f"{url[:200]!r}, which is no address",
        expected="the address of the file",
        action="open the page of the publisher",
    )
