"""Pages that make a parser open the same elements again and again: told beforehand, whatever they do to hide it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlinkbot.extract.html import Document
from backlinkbot.extract.html.reopening import _FORMATTING, _reopened, is_within_limits, within_limits
from backlinkbot.extract.page import PageContent
from backlinkbot.items import State
from tests.conftest import CrawlFunction, examples
from tests.fakeweb import FakeWeb

PAGE = "https://page.example/"
FONTS = b"<p>" + b"".join(b"<font size=%d>" % number for number in range(600))
PARAGRAPHS = b"<p>x" * 40_000
LINK = b"<a href=https://target.example/>t</a>"

EXHAUSTING = {
    "unclosed fonts": FONTS + PARAGRAPHS,
    "in capitals": FONTS.upper() + PARAGRAPHS,
    "in UTF-16": (FONTS + PARAGRAPHS).decode().encode("utf-16"),
    "closed in a comment": FONTS + b"<!--" + b"</font>" * 600 + b"-->" + PARAGRAPHS,
    "closed in a script": FONTS + b"<script>" + b"</font>" * 600 + b"</script>" + PARAGRAPHS,
    "closed in an attribute": FONTS + b"<p title='" + b"</font>" * 600 + b"'>" + PARAGRAPHS,
    "closed where it is out of scope": FONTS + b"<table><td>" + b"</font>" * 600 + b"</table>" + PARAGRAPHS,
    "closed in a selection": FONTS + b"<select>" + b"</font>" * 600 + b"</select>" + PARAGRAPHS,
    "opened in SVG's title": b"<svg><title>" + FONTS + b"</title></svg>" + PARAGRAPHS,
    "paragraphs that end": FONTS + b"</p>x" * 40_000,
}
HARMLESS = {
    "short": FONTS + b"<p>x" * 100,
    "closed": FONTS + b"</font>" * 600 + PARAGRAPHS,
    "alike": b"<b>" * 5_000 + PARAGRAPHS,
    "many links": b"".join(b"<a href=%d>" % number for number in range(20_000)),
    "many icons": b"".join(b"<p><i class=i%d></i>x" % number for number in range(20_000)),
}


@pytest.mark.parametrize("page", EXHAUSTING.values(), ids=EXHAUSTING)
def test_an_exhausting_page_is_told_and_only_its_beginning_is_read(page: bytes) -> None:
    assert not is_within_limits(page)
    assert is_within_limits(within_limits(page))
    assert PageContent(page, PAGE).is_cut


@pytest.mark.parametrize("page", HARMLESS.values(), ids=HARMLESS)
def test_a_harmless_one_is_read_whole(page: bytes) -> None:
    assert within_limits(page) is page
    content = PageContent(page + LINK, PAGE)
    assert not content.is_cut
    assert "https://target.example/" in [link.url for link in content.links()]


TAGS = [
    f"<{end}{name}>"
    for end in ("", "/")
    for name in ("b", "i", "a", "p", "div", "table", "td", "select", "svg", "title")
]
SOUP = st.lists(
    st.sampled_from([*TAGS, "<b id=1>", "<i id=2>", "<font>", "<!-- ", " -->", "<script>", "</script>", "x"])
)
ADOPTED = 32
"""Elements that the end of a formatting element may copy."""


@given(SOUP.map("".join))
@settings(max_examples=examples(300))
def test_no_page_has_more_of_them_than_were_told(page: str) -> None:
    elements = sum(1 for _ in Document(page.encode()).elements(*_FORMATTING))
    tags = re.findall(r"<(/?)(?:b|i|a|font)\b", page)
    assert elements <= tags.count("") + _reopened(page) + ADOPTED * len(tags)


def test_what_cannot_be_read_is_not_called_unlinked(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page("http://bad.example/", (FONTS + PARAGRAPHS + LINK).decode())
    (tmp_path / "candidates.txt").write_text("http://bad.example/\n")
    result = crawl("verify", candidates=str(tmp_path / "candidates.txt"))
    check = result.checks["http://bad.example/"]
    assert (check.state, check.reason) == (State.UNREACHABLE, "whoever reads the page runs out of memory")
    assert result.stats["backlinks/pipelines/exhausting"] == 1
