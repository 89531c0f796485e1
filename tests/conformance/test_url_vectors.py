"""The published vectors of the URL Standard (https://url.spec.whatwg.org/).

Two editions: `wpt` is the older, `current` the newer one; they disagree on hosts that are ASCII but no valid IDNA.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backlinkbot import urls
from backlinkbot.urls import URL
from tests.conformance.conftest import Numbers
from tests.conformance.shared_data import unpacked

WPT = "wpt/url/resources"
CURRENT = "wpt-url-current/tests/wpt"
EDITIONS = pytest.mark.parametrize("edition", [WPT, CURRENT])
FIELDS = ("href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash")

# --- departures, each with its reason: (does it hold for this vector?, why) -------------------------------------------

ASCII_ONLY = (
    "can_ada 3.0.0 refuses a host that is ASCII and holds an xn-- label that is no valid Punycode; the standard takes it "
    "since 2025, as the older edition of these vectors does not. Nothing can be registered under such a name"
)
UNICODE_15 = (
    "can_ada 3.0.0 maps hosts by Unicode 15.0, the vectors by 16.0 and later, which map or ignore a few characters "
    "that were refused or (the capital sharp s) mapped otherwise. No such character is in any host of 630,000 real links"
)
NO_HOST = "the input is empty, so that `https:///x` names the host x: this file is about IDNA, not about URLs"
TOO_LENIENT = (
    "can_ada 3.0.0 takes an xn-- label that decodes to ASCII, or to another xn-- label; so does the newer edition"
)
OPAQUE = (
    "neither base nor URL is http(s): can_ada 3.0.0 leaves spaces at the end of an opaque path, and refuses less in the "
    "hosts of schemes that nobody fetches"
)
_UNICODE_15 = re.compile(
    "[\u1e9e\u180e\u206b\u04c0\u2132\u2183\u10a0-\u10c5\u115f\u1160\uffa0\u17b4\u17d2\U0002f868\U0002f874\U0001d175"
    "\U00032931\U00032b9a]"
)


def _departure(host: str, expected: str | None, actual: str | None) -> str | None:
    if host == "":
        return NO_HOST
    if _UNICODE_15.search(host):
        return UNICODE_15
    if host.isascii() and "xn--" in host.lower():
        if actual is None and expected is not None:
            return ASCII_ONLY
        if expected is None:
            return TOO_LENIENT
    return None


def load(edition: str, name: str) -> list[Any]:
    vectors: list[Any] = json.loads((unpacked("conformance") / edition / name).read_text(encoding="utf-8"))
    return vectors


def without_comments(vectors: list[Any]) -> list[dict[str, Any]]:
    return [vector for vector in vectors if isinstance(vector, dict)]


# --- parsing and resolving ----------------------------------------------------------------------------------------------

_STARTS_WITH_HTTP = re.compile(r"[\x00-\x20]*h[\t\n\r]*t[\t\n\r]*t[\t\n\r]*p[\t\n\r]*s?[\t\n\r]*:", re.IGNORECASE)


def concerns_the_web(vector: dict[str, Any]) -> bool:
    base = vector.get("base")
    return bool(_STARTS_WITH_HTTP.match(vector["input"])) or (base is not None and bool(_STARTS_WITH_HTTP.match(base)))


def read(vector: dict[str, Any]) -> URL | None:
    if vector.get("base") is None:
        return urls.parse(vector["input"])
    base = urls.parse(vector["base"])
    return None if base is None else urls.resolve(vector["input"], base)


def wrong_fields(vector: dict[str, Any], url: URL | None) -> list[str]:
    if vector.get("failure"):
        return [] if url is None else [f"is {url.href}, not a failure"]
    if url is None:
        return [f"is a failure, not {vector['href']}"]
    return [
        f"{name} is {getattr(url, name)!r}, not {vector[name]!r}"
        for name in FIELDS
        if name in vector and getattr(url, name) != vector[name]
    ]


@pytest.mark.parametrize(
    ("edition", "name", "compared", "departures"),
    [
        pytest.param(WPT, "urltestdata.json", 869, {OPAQUE: 7}, id="wpt"),
        pytest.param(CURRENT, "urltestdata.json", 891, {OPAQUE: 7, ASCII_ONLY: 8}, id="current"),
        pytest.param(CURRENT, "ada_extra_urltestdata.json", 28, {OPAQUE: 4}, id="extra"),
        pytest.param(CURRENT, "ada_long_urltestdata.json", 1, {}, id="long"),
    ],
)
def test_urls_parse_and_resolve(
    edition: str, name: str, compared: int, departures: dict[str, int], numbers: Numbers
) -> None:
    vectors = without_comments(load(edition, name))
    wrong: list[tuple[dict[str, Any], list[str]]] = []
    explained: Counter[str] = Counter()
    for vector in vectors:
        url = read(vector)
        problems = wrong_fields(vector, url)
        reason = _departure(vector["input"], vector.get("href"), url.href if url is not None else None)
        if reason is None and not concerns_the_web(vector):
            reason = OPAQUE
        if problems and reason is not None:
            explained[reason] += 1
        elif problems:
            wrong.append((vector, problems))
    numbers.add(
        f"URLs: {edition.split('/', maxsplit=1)[0]}/{name}",
        compared=len(vectors),
        differences=explained.total() + len(wrong),
        explained=explained.total(),
        unexplained=len(wrong),
    )
    assert wrong == []
    assert (len(vectors), explained) == (compared, departures)


# --- hosts ----------------------------------------------------------------------------------------------------------------


@EDITIONS
@pytest.mark.parametrize(
    ("name", "departures"),
    [
        ("toascii.json", {WPT: {UNICODE_15: 7}, CURRENT: {UNICODE_15: 7, ASCII_ONLY: 7}}),
        (
            "IdnaTestV2.json",
            {
                WPT: {NO_HOST: 1, UNICODE_15: 74, TOO_LENIENT: 4, ASCII_ONLY: 2},
                CURRENT: {NO_HOST: 1, UNICODE_15: 74, ASCII_ONLY: 759},
            },
        ),
        ("IdnaTestV2-removed.json", {WPT: {}, CURRENT: {}}),
    ],
    ids=["toascii", "IdnaTestV2", "IdnaTestV2-removed"],
)
def test_hosts_become_ascii(edition: str, name: str, departures: dict[str, dict[str, int]], numbers: Numbers) -> None:
    vectors = without_comments(load(edition, name))
    wrong = []
    explained: Counter[str] = Counter()
    for vector in vectors:
        url = urls.parse(f"https://{vector['input']}/x")
        actual = url.hostname if url is not None else None
        if actual == vector["output"]:
            continue
        reason = _departure(vector["input"], vector["output"], actual)
        if reason is None:
            wrong.append((ascii(vector["input"]), actual, vector["output"]))
        else:
            explained[reason] += 1
    numbers.add(
        f"hosts: {edition.split('/', maxsplit=1)[0]}/{name}",
        compared=len(vectors),
        differences=explained.total() + len(wrong),
        explained=explained.total(),
        unexplained=len(wrong),
    )
    assert wrong == []
    assert explained == departures[edition]


# --- the query in the page's encoding -------------------------------------------------------------------------------------

ENCODING_DEPARTURES = {
    ("iso-2022-jp", "\x0eA"): "ASCII that this encoding cannot hold: SO stays %0E instead of becoming %26%2365533%3B",
    ("gb18030", "\ue5e5"): "Python's gb18030 has U+E5E5, the standard's has not",
}


def encodings(edition: str) -> Iterator[tuple[str, str, str, str]]:
    for vector in without_comments(load(edition, "percent-encoding.json")):
        for encoding, output in vector["output"].items():
            yield encoding, vector["input"], output, vector["output"]["utf-8"]


@EDITIONS
def test_queries_are_encoded_as_their_page(edition: str, numbers: Numbers) -> None:
    base = urls.parse("https://page.example/")
    assert base is not None
    vectors = list(encodings(edition))
    wrong = set()
    for encoding, text, query, fragment in vectors:
        name = "UTF-8" if encoding == "utf-8" else encoding
        url = urls.resolve(f"https://doesnotmatter.invalid/?{text}#{text}", base, name)
        if url is None or url.search != f"?{query}" or url.hash != f"#{fragment}":
            wrong.add((encoding, text))
    numbers.add(
        f"query encodings: {edition.split('/', maxsplit=1)[0]}/percent-encoding.json",
        compared=len(vectors),
        differences=len(wrong),
        explained=len(wrong & set(ENCODING_DEPARTURES)),
        unexplained=len(wrong - set(ENCODING_DEPARTURES)),
    )
    assert wrong == set(ENCODING_DEPARTURES)


# --- nothing is left out unnamed --------------------------------------------------------------------------------------------

USED = {
    "IdnaTestV2-removed.json",
    "IdnaTestV2.json",
    "ada_extra_urltestdata.json",
    "ada_long_urltestdata.json",
    "percent-encoding.json",
    "toascii.json",
    "urltestdata.json",
}
SETTERS = "assigning to the parts of a URL, which we never do"
PATTERNS = "the URL Pattern standard, which we do not use"
SKIPPED = {
    "CMakeLists.txt": "builds another project",
    "ada_extra_setters_tests.json": SETTERS,
    "setters_tests.json": SETTERS,
    "urlpattern-compare-test-data.json": PATTERNS,
    "urlpattern-generate-test-data.json": PATTERNS,
    "urlpatterntestdata.json": PATTERNS,
    "urltestdata-javascript-only.json": "lone surrogates, which the text of a parsed page cannot hold",
    "verifydnslength_tests.json": "the length of DNS names, which the URL Standard does not check",
}


@EDITIONS
def test_every_file_is_used_or_named(edition: str) -> None:
    found = {path.name for path in Path(unpacked("conformance") / edition).iterdir()}
    assert found - USED == found & set(SKIPPED)
