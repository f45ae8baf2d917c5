"""The register of sources: what travels with the package, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from arrest_atlas.fetching import load_registry, read_registry
from geo import InputError
from geo.crime import known_layouts

GOOD = {
    "title": "Data",
    "used_for": "tests",
    "publisher": "Nobody",
    "page": "https://example.org/page",
    "licence": "none",
    "citation": "Nobody",
    "file": "data.csv",
    "urls": ["https://example.org/data.csv"],
}


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text)
    return path


def table(name: str = "data", **changes: object) -> str:
    entry = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    return "\n".join([f"[{name}]", *(f"{key} = {value!r}" for key, value in entry.items()), ""])


def test_the_register_names_every_kind_of_source_that_a_run_needs() -> None:
    sources = load_registry()
    assert {source.used_as for source in sources.values()} == {"arrests", "crime", ""}
    publishers = {source.publisher.split(",")[0] for source in sources.values()}
    assert {
        "Deportation Data Project",
        "U.S. Census Bureau",
        "Federal Bureau of Investigation",
        "University of Wisconsin Population Health Institute",
        "U.S. Immigration and Customs Enforcement",
    } <= publishers


@pytest.mark.parametrize("name", sorted(load_registry()))
def test_every_source_can_be_found_cited_and_told_apart(name: str) -> None:
    source = load_registry()[name]
    for url in (*source.urls, source.page):
        parts = urlsplit(url)
        assert (parts.scheme, parts.username, parts.port) == ("https", None, None)
    assert len(source.licence) > 5
    assert source.publisher.split(",")[0].split(" &")[0] in source.citation or source.by_hand
    assert source.seen is None or date(2025, 1, 1) <= source.seen <= date(2026, 12, 31)
    if source.layout:
        assert known_layouts()[source.layout].kind == "county"


def test_no_source_asks_for_a_key() -> None:
    """The Census API has done so since May 2026, for every request."""
    for source in load_registry().values():
        assert not any(urlsplit(url).netloc == "api.census.gov" for url in source.urls)


def test_the_sheet_of_agreements_is_found_on_its_page() -> None:
    link = load_registry()["agreements-287g"].link
    folder = "/doclib/about/offices/ero/287g"
    page = (
        f'<a href="{folder}/pendingAgencies05182026.xlsx">pending</a>'
        f"<a class='x' href='{folder}/participatingAgencies05182026pm.xlsx'>participating</a>"
    )
    found = re.search(link, page)
    assert found is not None
    assert found[1] == f"{folder}/participatingAgencies05182026pm.xlsx"


def test_the_address_is_found_in_the_answer_of_the_crime_data_explorer() -> None:
    found = re.search(
        load_registry()["fbi-agencies"].link,
        '{"additional-datasets/lee.csv":"https://bucket.example.org/lee.csv?X-Amz-Expires=900"}',
    )
    assert found is not None
    assert found[1] == "https://bucket.example.org/lee.csv?X-Amz-Expires=900"


def test_a_register_is_read(tmp_path: Path) -> None:
    text = table(used_as="crime", sha256="0" * 64, size=12) + "seen = 2026-01-31\n"
    source = read_registry(write(tmp_path, text))["data"]
    assert (source.urls, source.used_as, source.size) == (tuple(GOOD["urls"]), "crime", 12)
    assert source.seen == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (table(urls=["http://example.org/data.csv"]), "found the address 'http://example.org/data"),
        (table(urls=["file:///etc/passwd"]), "found the address 'file:///etc/passwd'"),
        (table(urls=["https:///data.csv"]), "found the address 'https:///data.csv'"),
        (table(urls=[3]), "found the address 3"),
        (table(page="ftp://example.org"), "found the address 'ftp://example.org'"),
        (table(licence=None), "found no licence; expected one"),
        (table(citation=""), "found no citation; expected one"),
        (table(urls=None), "found neither urls nor by_hand"),
        (table(by_hand="ask"), "found urls and by_hand"),
        (table(file="../data.csv"), "found file = '../data.csv'"),
        (table(file="folder/data.csv"), "found file = 'folder/data.csv'"),
        (table(sha256="ABC"), "found sha256 = 'ABC'; expected 64 hexadecimal digits"),
        (table(link="a(b"), "found link = 'a(b'; expected a regular expression"),
        (table(link="ab"), "found link = 'ab'; expected a regular expression with one group"),
        (table(used_as="weather"), "found used_as = 'weather'; expected one of arrests, crime"),
        (table(size="large"), "found size = 'large'; expected a value of type int"),
        (table(colour="red"), "found the key 'colour'"),
        (table(name="My-Data"), "found the name 'My-Data'"),
        ("data = 3", "found 3; expected a table of keys"),
        ("[data", "found content that cannot be read"),
        (
            table("one", used_as="crime") + table("two", used_as="crime"),
            "found one and two, each used as crime; expected one",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_registry(write(tmp_path, text))
    assert message in str(caught.value)
    assert {problem.file for problem in caught.value.problems} == {"sources.toml"}


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = table("one", licence=None, sha256="x") + table("two", urls=["http://a.b"])
    with pytest.raises(InputError) as caught:
        read_registry(write(tmp_path, text))
    assert [problem.where for problem in caught.value.problems] == [
        "source one",
        "source one",
        "source two",
    ]


def test_a_register_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="content that cannot be read"):
        read_registry(tmp_path / "none.toml")
