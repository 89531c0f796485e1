"""turbohtml and Lexbor read every real page the same: a sample in `make test`, all where either of them has moved.

Compared for each page: encoding, base URL, every link with its anchor, rel, type and flags, metas, title, language,
canonical URL, refresh and text.
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from importlib.metadata import version

import pytest

from backlinkbot.extract.html import turbo
from tests.conformance.conftest import Numbers
from tests.conformance.shared_data import SavedPage, saved_pages
from tests.readings import Reading, read
from tests.reference_parsers import lexbor, lexbor_bounds

CORPORA = ("pages", "little-web")
SAMPLE_STEP = 80
MEASURED = {"turbohtml": "1.15.4", "selectolax": "1.0.2"}
"""The versions with which `make conformance` passed; until others stand here, the sample is every page."""

# Page -> why the parsers read it differently: one of the departures in tests/test_extract_html_parsers.py.
EXPLAINED: dict[tuple[str, str], str] = {}
MOST_BEYOND = 0.03
"""The share of real pages that may be too much for Lexbor's bounds; turbohtml reads them."""


@dataclass(frozen=True, slots=True)
class Comparison:
    page: SavedPage
    links: int
    is_beyond: bool
    """Whether turbohtml reads it for Lexbor, outside this test."""
    differences: tuple[str, ...]


def compare(page: SavedPage) -> Comparison:
    body = page.file.read_bytes()
    ours = read(turbo.Document, body, page.url, page.charset)
    is_beyond = isinstance(lexbor.parse(body, page.charset), turbo.Document)
    with pytest.MonkeyPatch.context() as patch:
        for bound in ("MOST_STEPS", "MOST_COPIED", "MOST_COMPARED"):  # what might cost much does not on these pages
            patch.setattr(lexbor_bounds, bound, sys.maxsize)
        other = read(lexbor.Document, body, page.url, page.charset)
    pairs = [(field.name, getattr(ours, field.name), getattr(other, field.name)) for field in fields(Reading)]
    differences = [f"{name}: {_apart(mine, others)}" for name, mine, others in pairs if mine != others]
    return Comparison(page, len(ours.links), is_beyond, tuple(differences))


def _apart(mine: object, others: object) -> str:
    if isinstance(mine, tuple) and isinstance(others, tuple) and len(mine) == len(others):
        return next(f"{one!r}, not {another!r}" for one, another in zip(mine, others, strict=True) if one != another)
    return f"{mine!r:.300}, not {others!r:.300}"


def check(results: list[Comparison], numbers: Numbers, *, is_whole: bool) -> None:
    beyond = sum(result.is_beyond for result in results)
    differing = {(result.page.corpus, result.page.path): result for result in results if result.differences}
    unexplained = {place: result.differences for place, result in differing.items() if place not in EXPLAINED}
    numbers.add(
        "real pages, turbohtml and Lexbor",
        compared=len(results),
        differences=len(differing),
        explained=len(differing) - len(unexplained),
        unexplained=len(unexplained),
    )
    numbers.add("links on them", compared=sum(result.links for result in results))
    numbers.add("of these pages, beyond Lexbor's bounds", compared=beyond)
    assert unexplained == {}
    if is_whole:
        assert 0 < beyond <= MOST_BEYOND * len(results)
        assert set(differing) == set(EXPLAINED), "explained in vain"


@pytest.mark.slow
@pytest.mark.parametrize("corpus", CORPORA)
def test_both_parsers_read_a_sample_of_real_pages_the_same(corpus: str, numbers: Numbers) -> None:
    step = SAMPLE_STEP if {name: version(name) for name in MEASURED} == MEASURED else 1
    results = [compare(page) for page in saved_pages(corpus)[::step]]
    assert sum(result.links for result in results) > 1_000
    check(results, numbers, is_whole=False)


@pytest.mark.conformance
def test_both_parsers_read_every_real_page_the_same(numbers: Numbers) -> None:
    pages = [page for corpus in CORPORA for page in saved_pages(corpus)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(compare, pages, chunksize=8))
    check(results, numbers, is_whole=True)
