"""A server on this machine that speaks HTTPS and misbehaves as told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import trustme

HOST = "localhost"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What to say, and where to fail."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = '"one"'
    ranges: bool = True
    careless: bool = False
    """Whether it sends the rest of this file to whoever has the beginning of another."""
    length: bool = True
    chunked: bool = False
    cut: int | None = None
    """Byte of the file behind which the connection ends."""
    stall: float = 0
    """Seconds of silence there, before it ends; without `cut`, before the first byte."""
    drip: float = 0
    """Seconds between one byte and the next."""


@dataclass
class Server:
    """Answers by path, the last one again and again, and the requests that came."""

    port: int = 0
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, Message]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str) -> str:
        return f"https://{HOST}:{self.port}{path}"

    def says(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.url(path)

    def next_answer(self, path: str, headers: Message) -> Answer:
        with self.lock:
            self.requests.append((path, headers))
            answers = self.answers.get(path, [Answer(status=404)])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def ranges(self, path: str) -> list[str | None]:
        return [headers["Range"] for asked, headers in self.requests if asked == path]


class _Handler(BaseHTTPRequestHandler):
    served: ClassVar[Server]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.close_connection = True
        answer = self.served.next_answer(self.path, self.headers)
        with suppress(OSError):
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        first = self._first_byte(answer)
        if first >= len(answer.body) > 0 and first:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(answer.body)}")
            self.send_header("Content-Length", "0")
            self.send_header("ETag", answer.etag)
            self.end_headers()
            return
        data = answer.body[first:]
        self.send_response(206 if first else answer.status)
        if first:
            last = len(answer.body) - 1
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(answer.body)}")
        if answer.etag:
            self.send_header("ETag", answer.etag)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.length:
            self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._send_body(answer, data if answer.cut is None else data[: answer.cut - first])

    def _first_byte(self, answer: Answer) -> int:
        asked = self.headers["Range"]
        fits = answer.careless or self.headers["If-Range"] == answer.etag
        if not (answer.ranges and asked and fits):
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def _send_body(self, answer: Answer, data: bytes) -> None:
        if answer.cut is None:
            time.sleep(answer.stall)
        pieces = [data[at : at + 1] for at in range(len(data))] if answer.drip else [data]
        for piece in pieces:
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if answer.chunked else piece
            self.wfile.write(framed)
            self.wfile.flush()
            time.sleep(answer.drip)
        if answer.cut is not None:
            time.sleep(answer.stall)
        elif answer.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        pass


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext) -> None:
        super().__init__((HOST, 0), handler)
        self.context = context

    def finish_request(self, request: object, client_address: object) -> None:
        # The handshake is made in the thread of the request: one that fails stops nobody.
        with (
            suppress(OSError),
            self.context.wrap_socket(request, server_side=True) as secured,  # type: ignore[arg-type]
        ):
            super().finish_request(secured, client_address)


@contextmanager
def serving(authority: trustme.CA) -> Iterator[Server]:
    """Serve with a certificate of an authority that was made for the test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    server = Server()
    with _Quiet(type("Handler", (_Handler,), {"served": server}), context) as listening:
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


def write_registry(
    folder: Path, urls: Sequence[str], *, file: str = "data.csv", **more: str
) -> Path:
    """Write a register of one source, ``data``."""
    entry = {
        "title": "Data",
        "used_for": "tests",
        "publisher": "Nobody",
        "page": "https://example.org/page",
        "licence": "none",
        "citation": "Nobody",
        "file": file,
        **more,
    }
    lines = [f"{key} = '''{value}'''" for key, value in entry.items()]
    path = folder / "sources.toml"
    path.write_text("\n".join(["[data]", *lines, f"urls = {list(urls)!r}"]))
    return path
