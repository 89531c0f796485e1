"""A page is parsed once, a rendered one twice, and its own URL once, from the answer until the visit is judged."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from backlinkbot import urls
from backlinkbot.extract.page import PageContent
from backlinkbot.items import FetchedPage, RenderedPage, Rendering
from tests.conftest import CrawlFunction, link
from tests.fakeweb import FakeWeb
from tests.test_pipelines import Pipeline

PAGE = "https://a.example/page"
WAYS = {
    "linking": link("https://target.example/x", "words"),
    "without a link": "<title>Words</title><p>nothing here",
    "the target elsewhere in it": "<title>Words</title><p>https://target.example/x",
    "a soft 404": "<title>Page not found</title><h1>Page not found</h1><p>nothing here",
    "a wall": "<title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x.js></script>",
    "sending on": "<meta http-equiv=refresh content='0; url=/elsewhere'><p>nothing here",
}


class Parses:
    """What was parsed."""

    def __init__(self) -> None:
        self.pages: Counter[tuple[str, int]] = Counter()
        self.urls: Counter[str] = Counter()


def _is_on_the_way() -> bool:
    """True if a spider's callback or a pipeline asks; not what comes before the answer, and not the record of the visit."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if module == "backlinkbot.history.recording":
            return False
        if module.startswith("backlinkbot.pipelines."):
            return True
        if module.startswith("backlinkbot.spiders.") and name in {"page_of", "parse_page", "_parse_large", "rendered"}:
            return True
        frame = frame.f_back
    return False


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> Parses:
    counted = Parses()
    parse, init = urls.parse, PageContent.__init__

    def parse_url(text: str) -> Any:
        counted.urls[text] += _is_on_the_way()
        return parse(text)

    def parse_page(content: PageContent, body: bytes, url: Any, *words: Any, **known: Any) -> None:
        init(content, body, url, *words, **known)
        counted.pages[content.url.href, len(body)] += 1

    monkeypatch.setattr(urls, "parse", parse_url)
    monkeypatch.setattr(PageContent, "__init__", parse_page)
    return counted


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("history", ["", "history.db"])
@pytest.mark.parametrize("spider", ["discover", "verify"])
def test_a_served_page(
    *, web: FakeWeb, crawl: CrawlFunction, parses: Parses, tmp_path: Path, spider: str, history: str, way: str
) -> None:
    web.page(PAGE, WAYS[way])
    web.page("https://a.example/elsewhere", "<p>nothing")
    (tmp_path / "list.txt").write_text(PAGE)
    given = {"seeds": PAGE} if spider == "discover" else {"candidates": str(tmp_path / "list.txt")}
    crawl(spider, **given, history=str(tmp_path / history) if history else "")
    once = {key: number for key, number in parses.pages.items() if key[0] == PAGE}
    assert set(once.values()) <= {1}
    if way != "sending on":  # there it is where the visit began, too
        assert parses.urls[PAGE] == 1


def test_a_rendered_page(parses: Parses) -> None:
    served, shown = b"<p>nothing here", WAYS["linking"].encode()
    rendered = RenderedPage(url=PAGE, body=shown)
    page = FetchedPage(
        url=PAGE,
        requested_url=PAGE,
        fetched_at="",
        status=200,
        body=served,
        rendering=Rendering.DONE,
        rendered=rendered,
        candidates=(PAGE,),
    )
    (row,) = Pipeline().run(page).backlinks
    assert row.rendered == "rendered_only"
    assert parses.pages == {(PAGE, len(served)): 1, (PAGE, len(shown)): 1}
    assert parses.urls[PAGE] == 1
