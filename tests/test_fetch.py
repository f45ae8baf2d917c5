"""Fetching from a server that fails in every way that servers do."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from https_server import Answer, Server, write_registry
from hypothesis import given
from hypothesis import strategies as st

from arrest_atlas.fetching import Fetched, FetchError, Patience, fetch, read_registry

BODY = b"fips,rate\n" + b"".join(b"%05d,%d\n" % (row, row * 7) for row in range(8_000))
OTHER = BODY.replace(b"00001", b"99999")
HASTE = Patience(
    attempts=3, first_wait=0.01, longest_wait=0.02, connect=5, silence=0.6, window=0.3, slowest=1e4
)
MEGABYTE = 1 << 20


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass
class Cache:
    """A cache folder, and what a user sees in it."""

    folder: Path

    def fetch(self, registry: Path, **options: Any) -> Fetched:
        sources = read_registry(registry)
        (fetched,) = fetch(
            ["data"], registry=sources, cache=self.folder, **{"patience": HASTE, **options}
        )
        return fetched

    def refusal(self, registry: Path, **options: Any) -> str:
        with pytest.raises(FetchError) as caught:
            self.fetch(registry, **options)
        return str(caught.value)

    def visible(self) -> list[Path]:
        files = self.folder / "fetched" / "files"
        return [path for path in files.rglob("*") if path.is_file()]

    def left_over(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "fetched" / "partial").glob("*"))

    def recorded(self) -> dict[str, Any]:
        path = self.folder / "fetched" / "lock.json"
        return dict(json.loads(path.read_text())["sources"]) if path.exists() else {}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def holds_nothing(cache: Cache) -> bool:
    return not (cache.visible() or cache.recorded() or cache.left_over())


# What is fetched.


def test_a_file_is_fetched_once_recorded_and_found_again(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    first = cache.fetch(registry)
    assert first.downloaded
    assert first.path.read_bytes() == BODY
    assert first.entry.sha256 == cache.recorded()["data"]["sha256"] == sha256(BODY)
    assert first.entry.url == server.url("/data.csv")
    again = cache.fetch(registry)
    offline = cache.fetch(registry, offline=True)
    assert (again.downloaded, offline.downloaded) == (False, False)
    assert again.entry == offline.entry == first.entry
    assert len(server.requests) == 1
    assert cache.visible() == [first.path]
    assert cache.left_over() == []


def test_offline_asks_nobody(server: Server, cache: Cache, tmp_path: Path) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    assert "data: found no file in the cache" in cache.refusal(registry, offline=True)
    assert server.requests == []


def test_redirections_are_followed_as_long_as_they_are_https(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    server.says("/end?signed=1", Answer(body=BODY))
    server.says("/middle", Answer(status=307, headers={"Location": "/end?signed=1"}))
    start = server.says("/start", Answer(status=302, headers={"Location": server.url("/middle")}))
    fetched = cache.fetch(write_registry(tmp_path, [start]))
    assert fetched.path.read_bytes() == BODY
    assert fetched.entry.url == server.url("/end")  # without what signs it


@pytest.mark.parametrize(
    "target", ["http://localhost:9/data.csv", "file:///etc/passwd", "ftp://localhost/data.csv"]
)
def test_redirections_away_from_https_are_refused(
    server: Server, cache: Cache, tmp_path: Path, target: str
) -> None:
    url = server.says("/start", Answer(status=302, headers={"Location": target}))
    message = cache.refusal(write_registry(tmp_path, [url]))
    assert f"{url}: found a redirection to {target}; expected HTTPS to the end" in message
    assert holds_nothing(cache)
    assert len(server.requests) == 1


def test_a_circle_of_redirections_ends(server: Server, cache: Cache, tmp_path: Path) -> None:
    url = server.says("/circle", Answer(status=301, headers={"Location": "/circle"}))
    assert "more than 10 redirections" in cache.refusal(write_registry(tmp_path, [url]))


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ('{"key.csv": "URL?a=1\\u0026b=2"}', '"(https://[^"]+)"'),
        ('<a href="/x.pdf">x</a> <a href="/data.csv?a=1&amp;b=2">', r'href="([^"]*\.csv[^"]*)"'),
    ],
)
def test_an_address_is_looked_up_on_a_page_or_at_a_service(
    server: Server, cache: Cache, tmp_path: Path, page: str, link: str
) -> None:
    target = server.says("/data.csv?a=1&b=2", Answer(body=BODY)).removesuffix("?a=1&b=2")
    url = server.says("/page", Answer(body=page.replace("URL", target).encode()))
    fetched = cache.fetch(write_registry(tmp_path, [url], link=link))
    assert fetched.path.read_bytes() == BODY
    assert fetched.entry.url == target
    server.says("/page", Answer(body=b"{}"))
    message = cache.refusal(write_registry(tmp_path, [url], link=link), update=True)
    assert "found no address of the file on the page" in message


def test_the_next_address_is_asked_if_one_fails(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    urls = [server.url("/gone"), server.says("/mirror", Answer(body=BODY))]
    assert cache.fetch(write_registry(tmp_path, urls)).entry.url == urls[1]


def test_all_that_fails_is_said_at_once(server: Server, cache: Cache, tmp_path: Path) -> None:
    urls = [server.url("/gone"), server.says("/closed", Answer(status=403))]
    with pytest.raises(FetchError) as caught:
        cache.fetch(write_registry(tmp_path, urls))
    assert [problem.where for problem in caught.value.problems] == urls
    assert [problem.found for problem in caught.value.problems] == [
        "HTTP status 404 (Not Found)",
        "HTTP status 403 (Forbidden)",
    ]


# Servers that fail.


def test_what_is_not_found_is_not_asked_for_again(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    message = cache.refusal(write_registry(tmp_path, [server.url("/gone")]))
    assert "found HTTP status 404 (Not Found); expected the file" in message
    assert "https://example.org/page" in message
    assert len(server.requests) == 1
    assert holds_nothing(cache)


def test_a_server_that_recovers_is_asked_again(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    busy = Answer(status=503, headers={"Retry-After": "3600"})
    url = server.says("/data.csv", Answer(status=500), busy, Answer(body=BODY))
    said: list[str] = []
    fetched = cache.fetch(write_registry(tmp_path, [url]), progress=said.append)
    assert fetched.path.read_bytes() == BODY
    assert len(server.requests) == 3
    assert any("HTTP status 500" in words and "trying again" in words for words in said)


def test_a_server_that_does_not_is_given_up(server: Server, cache: Cache, tmp_path: Path) -> None:
    url = server.says("/data.csv", Answer(status=500))
    assert "HTTP status 500" in cache.refusal(write_registry(tmp_path, [url]))
    assert len(server.requests) == HASTE.attempts
    assert holds_nothing(cache)


def test_nobody_at_the_address(cache: Cache, tmp_path: Path) -> None:
    message = cache.refusal(write_registry(tmp_path, ["https://localhost:1/data.csv"]))
    assert "found no connection to localhost" in message
    assert holds_nothing(cache)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    server: Server, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(stranger)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stranger))
    url = server.says("/data.csv", Answer(body=BODY))
    message = cache.refusal(write_registry(tmp_path, [url]))
    assert "a certificate of localhost that cannot be trusted" in message
    assert holds_nothing(cache)


@pytest.mark.parametrize(
    "slow",
    [Answer(body=BODY, stall=3), Answer(body=BODY, cut=999, stall=3), Answer(body=BODY, drip=0.02)],
    ids=["silent from the beginning", "silent in the middle", "a byte at a time"],
)
def test_a_server_that_is_too_slow_is_given_up(
    server: Server, cache: Cache, tmp_path: Path, slow: Answer
) -> None:
    url = server.says("/data.csv", slow)
    before = time.monotonic()
    message = cache.refusal(write_registry(tmp_path, [url]))
    assert time.monotonic() - before < 6
    assert "no answer from localhost in time" in message or "bytes a second at least" in message
    assert cache.visible() == []
    assert cache.recorded() == {}


# Connections that break.


def test_a_transfer_that_was_cut_goes_on_where_it_stopped(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    url = server.says("/data.csv", Answer(body=BODY, cut=50_000), Answer(body=BODY))
    fetched = cache.fetch(write_registry(tmp_path, [url]))
    assert fetched.path.read_bytes() == BODY
    assert server.ranges("/data.csv") == [None, "bytes=50000-"]
    assert server.requests[1][1]["If-Range"] == '"one"'


def test_it_goes_on_in_a_later_run_too(server: Server, cache: Cache, tmp_path: Path) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY, cut=50_000))])
    assert "broke off" in cache.refusal(registry, patience=Patience(attempts=1))
    assert cache.visible() == []
    server.says("/data.csv", Answer(body=BODY))
    assert cache.fetch(registry).path.read_bytes() == BODY
    assert server.ranges("/data.csv") == [None, "bytes=50000-"]


@pytest.mark.parametrize(
    ("size", "asked"),
    [(60_000, "bytes=50000-"), (40_000, None)],
    ids=["longer, with zeros at its end", "shorter"],
)
def test_after_a_power_cut_only_what_was_noted_counts(
    server: Server, cache: Cache, tmp_path: Path, size: int, asked: str | None
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY, cut=50_000))])
    cache.refusal(registry, patience=Patience(attempts=1))
    os.truncate(cache.folder / "fetched" / "partial" / "data.part", size)
    server.says("/data.csv", Answer(body=BODY))
    assert cache.fetch(registry).path.read_bytes() == BODY
    assert server.ranges("/data.csv") == [None, asked]


@pytest.mark.parametrize(
    "rest",
    [
        Answer(body=OTHER, etag='"two"'),
        Answer(body=OTHER, etag='"two"', ranges=False),
        Answer(body=OTHER[:40_000], etag='"one"'),
        Answer(body=OTHER, etag='"two"', careless=True),
    ],
    ids=["another file", "without ranges", "shorter now", "a server that ignores conditions"],
)
def test_parts_of_two_files_are_never_joined(
    server: Server, cache: Cache, tmp_path: Path, rest: Answer
) -> None:
    url = server.says("/data.csv", Answer(body=BODY, cut=50_000), rest)
    assert cache.fetch(write_registry(tmp_path, [url])).path.read_bytes() == rest.body


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_mark_of_the_version_it_begins_anew(
    server: Server, cache: Cache, tmp_path: Path, etag: str
) -> None:
    cut = Answer(body=BODY, cut=50_000, etag=etag)
    url = server.says("/data.csv", cut, Answer(body=OTHER, etag=etag))
    assert cache.fetch(write_registry(tmp_path, [url])).path.read_bytes() == OTHER
    assert server.ranges("/data.csv") == [None, None]


def test_a_server_that_lies_about_its_version_is_found_out_by_the_digest(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    url = server.says("/data.csv", Answer(body=BODY, cut=50_000), Answer(body=OTHER))
    registry = write_registry(tmp_path, [url], sha256=sha256(OTHER))
    assert cache.fetch(registry).path.read_bytes() == OTHER
    assert server.ranges("/data.csv") == [None, "bytes=50000-", None]


def test_a_file_that_breaks_off_and_is_another_is_asked_for_once_more_and_no_oftener(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    broken = [Answer(body=BODY, cut=50_000), Answer(body=BODY)] * 20
    url = server.says("/data.csv", *broken)
    message = cache.refusal(write_registry(tmp_path, [url], sha256=sha256(OTHER)))
    assert f"found a file with SHA-256 {sha256(BODY)}" in message
    assert server.ranges("/data.csv") == [None, "bytes=50000-"] * 2
    assert holds_nothing(cache)


def test_a_cut_is_noticed_where_the_length_is_not_announced(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    url = server.says(
        "/data.csv", Answer(body=BODY, chunked=True, cut=9_000), Answer(body=BODY, chunked=True)
    )
    assert cache.fetch(write_registry(tmp_path, [url])).path.read_bytes() == BODY


def test_where_it_could_not_be_noticed_nothing_is_recorded(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    url = server.says("/data.csv", Answer(body=BODY, length=False))
    message = cache.refusal(write_registry(tmp_path, [url]))
    assert "found an answer that does not say how long the file is" in message
    assert holds_nothing(cache)
    pinned = write_registry(tmp_path, [url], sha256=sha256(BODY))
    assert cache.fetch(pinned).path.read_bytes() == BODY


@given(
    cuts=st.lists(st.integers(1, len(BODY) - 1), max_size=4),
    kind=st.fixed_dictionaries({"ranges": st.booleans(), "chunked": st.booleans()}),
)
def test_wherever_it_is_cut_the_file_is_the_file(
    running_server: Server,
    authority_bundle: Path,
    tmp_path_factory: pytest.TempPathFactory,
    cuts: list[int],
    kind: dict[str, Any],
) -> None:
    folder = tmp_path_factory.mktemp("cuts")
    answers = [Answer(body=BODY, cut=cut, **kind) for cut in sorted(cuts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(authority_bundle))
        patch.setenv("NO_PROXY", "localhost")
        url = running_server.says("/data.csv", *answers, Answer(body=BODY, **kind))
        patience = Patience(attempts=6, first_wait=0, longest_wait=0)
        fetched = Cache(folder).fetch(write_registry(folder, [url]), patience=patience)
    assert fetched.path.read_bytes() == BODY
    shutil.rmtree(folder)


# Files that are not what they should be.


def test_a_file_with_another_digest_than_the_pinned_one_is_refused(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    url = server.says("/data.csv", Answer(body=BODY))
    message = cache.refusal(write_registry(tmp_path, [url], sha256=sha256(OTHER)))
    assert f"found a file with SHA-256 {sha256(BODY)}; expected {sha256(OTHER)}" in message
    assert holds_nothing(cache)
    assert len(server.requests) == 1


def test_a_file_that_changed_since_it_was_recorded_is_refused_until_told_otherwise(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    first = cache.fetch(registry)
    first.path.unlink()
    server.says("/data.csv", Answer(body=OTHER, etag='"two"'))
    message = cache.refusal(registry)
    assert "as recorded at the first fetch" in message
    assert "arrest-atlas fetch data --update" in message
    assert cache.visible() == []
    assert cache.recorded()["data"]["sha256"] == sha256(BODY)
    updated = cache.fetch(registry, update=True)
    assert updated.path.read_bytes() == OTHER
    assert cache.recorded()["data"]["sha256"] == sha256(OTHER)
    assert not cache.fetch(registry).downloaded


def test_an_update_that_fails_leaves_what_was_there(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    first = cache.fetch(registry)
    server.says("/data.csv", Answer(body=OTHER, cut=100))
    cache.refusal(registry, update=True)
    assert first.path.read_bytes() == BODY
    assert cache.fetch(registry, offline=True).entry == first.entry


def test_a_file_that_was_damaged_in_the_cache_is_fetched_again(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    path = cache.fetch(registry).path
    path.write_bytes(BODY[:-1])
    message = cache.refusal(registry, offline=True)
    assert f"found a file in the cache with SHA-256 {sha256(BODY[:-1])}" in message
    assert cache.fetch(registry).path.read_bytes() == BODY


def test_a_file_that_nobody_recorded_is_not_believed(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    path = cache.folder / "fetched" / "files" / "data" / "data.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(OTHER)
    assert "one recorded in lock.json" in cache.refusal(registry, offline=True)
    assert cache.fetch(registry).path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("data.csv", b"\n <!DOCTYPE html><title>Moved</title>"),
        ("data.csv", b"\xef\xbb\xbf<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"),
        ("data.csv", b""),
        ("data.parquet", b"PAR1" + bytes(100)),
        ("data.xlsx", b"PK\x03\x04" + bytes(100)),
    ],
)
def test_a_page_or_a_torso_is_not_taken_for_the_file(
    server: Server, cache: Cache, tmp_path: Path, file: str, body: bytes
) -> None:
    url = server.says("/data", Answer(body=body))
    message = cache.refusal(write_registry(tmp_path, [url], file=file))
    assert f"expected a {Path(file).suffix} file" in message
    assert holds_nothing(cache)


def test_a_lock_file_that_cannot_be_read_is_not_ignored(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    path = cache.fetch(registry).path
    lock = cache.folder / "fetched" / "lock.json"
    for text in (
        "{",
        "[]",
        '{"format": 2, "sources": {}}',
        '{"format": 1, "sources": {"data": {}}}',
    ):
        lock.write_text(text)
        assert "found a lock file that cannot be read" in cache.refusal(registry)
        assert lock.read_text() == text
    assert path.read_bytes() == BODY


# Disks and processes.

FETCH = """
import sys
from arrest_atlas.fetching import FetchError, Patience, fetch, read_registry
patience = Patience(attempts=2, first_wait=0.01, silence=30)
try:
    (each,) = fetch(["data"], registry=read_registry(sys.argv[1]), cache=sys.argv[2],
                    patience=patience, progress=lambda words: print(words, flush=True))
except FetchError as error:
    sys.exit(f"{error}")
print("downloaded" if each.downloaded else "found", each.entry.sha256)
"""


def start(registry: Path, cache: Cache, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", before + FETCH, str(registry), str(cache.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_disk_without_room_is_said_at_once(
    server: Server, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    url = server.says("/data.csv", Answer(body=BODY))
    message = cache.refusal(write_registry(tmp_path, [url]))
    assert "found 0.0 MB free in" in message
    assert "expected room for 0.1 MB; free some space" in message
    assert holds_nothing(cache)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot limit the size of files")
def test_a_disk_that_is_full_in_the_middle_gets_its_room_back(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    url = server.says("/data.csv", Answer(body=BODY * 20))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
    process = start(write_registry(tmp_path, [url]), cache, limit)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "found no space left in" in said
    assert "Traceback" not in said
    assert holds_nothing(cache)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs permissions")
def test_a_folder_that_cannot_be_written(server: Server, cache: Cache, tmp_path: Path) -> None:
    cache.folder.mkdir()
    cache.folder.chmod(0o500)
    url = server.says("/data.csv", Answer(body=BODY))
    assert "cannot be written" in cache.refusal(write_registry(tmp_path, [url]))
    cache.folder.chmod(0o700)


def test_a_cache_folder_that_is_a_file(server: Server, cache: Cache, tmp_path: Path) -> None:
    cache.folder.write_text("a file")
    url = server.says("/data.csv", Answer(body=BODY))
    assert "cannot be written" in cache.refusal(write_registry(tmp_path, [url]))


def test_of_two_processes_one_downloads_and_the_other_waits(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    url = server.says("/data.csv", Answer(body=BODY, stall=3))
    registry = write_registry(tmp_path, [url])
    processes = [start(registry, cache) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    last = sorted(out.splitlines()[-1] for out, _ in said)
    assert last == [f"downloaded {sha256(BODY)}", f"found {sha256(BODY)}"]
    assert len(server.requests) == 1
    assert len(cache.visible()) == 1


def test_processes_that_fetch_different_files_lose_no_record(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    folders = [tmp_path / str(number) for number in range(4)]
    processes = []
    for folder in folders:
        folder.mkdir()
        url = server.says(f"/{folder.name}.csv", Answer(body=BODY, stall=2))
        text = write_registry(folder, [url]).read_text()
        path = folder / "renamed.toml"
        path.write_text(text.replace("[data]", f"[data-{folder.name}]"))
        script = FETCH.replace('["data"]', f'["data-{folder.name}"]')
        command = [sys.executable, "-c", script, str(path), str(cache.folder)]
        processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))  # noqa: S603
    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    assert set(cache.recorded()) == {f"data-{number}" for number in range(4)}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_in_the_middle_it_leaves_nothing_wrong(
    server: Server, cache: Cache, tmp_path: Path
) -> None:
    body = BODY * 150  # 14 MB: more than is made safe at once
    stalled = Answer(body=body, cut=12 * MEGABYTE, stall=20)
    registry = write_registry(tmp_path, [server.says("/data.csv", stalled)])
    process = start(registry, cache)
    part = cache.folder / "fetched" / "partial" / "data.part"
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size > 10 * MEGABYTE):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert cache.visible() == []
    assert cache.recorded() == {}
    server.says("/data.csv", Answer(body=body))
    fetched = cache.fetch(registry)
    assert fetched.path.read_bytes() == body
    first, then = server.ranges("/data.csv")
    assert first is None
    assert then is not None
    resumed = int(then.removeprefix("bytes=").removesuffix("-"))
    assert 8 * MEGABYTE <= resumed <= 12 * MEGABYTE
    assert cache.left_over() == []


@pytest.mark.parametrize("step", ["write_entry", "pooch.retrieve", "sync_folder"])
def test_ended_while_it_puts_the_file_in_place_it_leaves_nothing_wrong(
    server: Server, cache: Cache, tmp_path: Path, step: str
) -> None:
    registry = write_registry(tmp_path, [server.says("/data.csv", Answer(body=BODY))])
    end = (
        "import os; import arrest_atlas.fetching.fetcher as module\n"
        f"module.{step} = lambda *_, **__: os._exit(9)\n"
    )
    process = start(registry, cache, end)
    process.communicate(timeout=60)
    assert process.returncode == 9
    assert all(path.read_bytes() == BODY for path in cache.visible())
    stray = cache.folder / "fetched" / "files" / "data" / "tmpabcd"
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"left by pooch")
    fetched = cache.fetch(registry)
    assert fetched.path.read_bytes() == BODY
    assert cache.recorded()["data"]["sha256"] == sha256(BODY)
    assert not cache.left_over()
    if fetched.downloaded:
        assert cache.visible() == [fetched.path]
