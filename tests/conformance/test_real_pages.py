"""Our links of real pages equal those of an independent reading of the same bytes.

Compared for each page: the encoding, the base URL, and the list of (URL, rel tokens, anchor, anchor source) in order.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import pytest

from tests.conformance.conftest import Numbers
from tests.conformance.independent import Reading, Row, read_independently, read_ours, read_with_lexbor
from tests.conformance.shared_data import SavedPage, saved_pages

CORPORA = ("pages", "little-web")
SAMPLE_STEP = 80

TABLE_SPACE = (
    "html5lib 1.1 inserts white space in a table without reopening the formatting elements, wherever in the table it "
    "stands; the standard does so only where the current node is part of the table's skeleton "
    "(https://html.spec.whatwg.org/#parsing-main-intable), so a link left open in a <div> or <marquee> goes on"
)
SELECT = (
    "html5lib 1.1 drops the <a> in a <select>; the standard no longer does "
    "(https://html.spec.whatwg.org/#parsing-main-inbody, since the insertion mode 'in select' is gone)"
)
# Where html5lib is the odd one out: page -> why. Lexbor must agree with us, or the difference counts as unexplained.
EXPLAINED = {
    ("pages", "formasaurus/formasaurus/data/html/393.html"): SELECT,
    ("pages", "formasaurus/formasaurus/data/html/394.html"): SELECT,
    ("pages", "formasaurus/formasaurus/data/html/449.html"): TABLE_SPACE,
    ("pages", "scrapy-bench/sites/119.html"): TABLE_SPACE,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    page: SavedPage
    links: int
    differences: tuple[str, ...] = ()
    is_lexbor_with_us: bool = True


def is_same_link(ours: Row, theirs: Row) -> bool:
    """True if the rows are of one link, as far as a reading without styles can judge.

    Our anchor is ``innerText``: blocks stand apart, and what styles hide is left out. Theirs is the text content, so ours,
    white space aside, has its characters in their order; where all of the text is hidden, ours comes from elsewhere.
    """
    if (ours.url, ours.rel) != (theirs.url, theirs.rel):
        return False
    if ours.source != theirs.source:
        return theirs.source == "text"
    rest = iter("".join(theirs.anchor.split()))
    return all(character in rest for character in "".join(ours.anchor.split()))


def is_same_page(ours: Reading, theirs: Reading) -> bool:
    """True if encoding, base URL and links are the same, in order."""
    if (ours.encoding, ours.base, len(ours.rows)) != (theirs.encoding, theirs.base, len(theirs.rows)):
        return False
    return all(map(is_same_link, ours.rows, theirs.rows))


def compare(page: SavedPage) -> Comparison:
    body = page.file.read_bytes()
    ours = read_ours(body, page.url, page.charset)
    theirs = read_independently(body, page.url, page.charset)
    if is_same_page(ours, theirs):
        return Comparison(page, len(ours.rows))
    differences = []
    if ours.encoding != theirs.encoding:
        differences.append(f"encoding: {ours.encoding}, not {theirs.encoding}")
    if ours.base != theirs.base:
        differences.append(f"base URL: {ours.base}, not {theirs.base}")
    mine, other = Counter(ours.rows), Counter(theirs.rows)
    differences += [f"only ours: {row}" for row in (mine - other).elements()]
    differences += [f"only theirs: {row}" for row in (other - mine).elements()]
    third = read_with_lexbor(body, page.url, ours.encoding)
    return Comparison(page, len(ours.rows), (*(differences or ["another order"]),), third == ours)


def check(results: list[Comparison], numbers: Numbers, *, is_whole: bool) -> None:
    differing = [result for result in results if result.differences]
    unexplained = [
        result
        for result in differing
        if (result.page.corpus, result.page.path) not in EXPLAINED or not result.is_lexbor_with_us
    ]
    counts = {
        "differences": len(differing),
        "explained": len(differing) - len(unexplained),
        "unexplained": len(unexplained),
    }
    numbers.add("real pages", compared=len(results), **counts)
    numbers.add("links on them", compared=sum(result.links for result in results))
    report = [
        f"{result.page.corpus}/{result.page.path}:\n  " + "\n  ".join(result.differences[:20]) for result in unexplained
    ]
    assert not unexplained, "\n".join(report)
    if is_whole:
        assert {(result.page.corpus, result.page.path) for result in differing} == set(EXPLAINED), "explained in vain"


@pytest.mark.slow
@pytest.mark.parametrize("corpus", CORPORA)
def test_a_sample_of_real_pages_reads_the_same(corpus: str, numbers: Numbers) -> None:
    results = [compare(page) for page in saved_pages(corpus)[::SAMPLE_STEP]]
    assert sum(result.links for result in results) > 1_000
    check(results, numbers, is_whole=False)


@pytest.mark.conformance
def test_every_real_page_reads_the_same(numbers: Numbers) -> None:
    pages = [page for corpus in CORPORA for page in saved_pages(corpus)]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(compare, pages, chunksize=8))
    check(results, numbers, is_whole=True)


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        pytest.param(b"<select><a href=/x>t</a></select>", SELECT, id="a link in a select"),
        pytest.param(
            b"<table><div><div><a href=/x>t</div> </table>", TABLE_SPACE, id="an open link before table space"
        ),
    ],
)
def test_the_named_causes_are_those(body: bytes, cause: str) -> None:
    assert cause in EXPLAINED.values()
    ours = read_ours(body, "https://page.example/", "utf-8")
    assert ours != read_independently(body, "https://page.example/", "utf-8")
    assert ours == read_with_lexbor(body, "https://page.example/", "utf-8")
