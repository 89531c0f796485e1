"""From a page to its rows and answers, one step at a time."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import build_from_crawler, load_object

from backlinkbot import settings as defaults
from backlinkbot.items import Backlink, Failure, FetchedPage, JudgedPage, PageHeaders, State
from backlinkbot.items.columns import columns_of
from backlinkbot.targets import Targets


class Stats(dict[str, Any]):
    def inc_value(self, key: str, count: int = 1) -> None:
        self[key] = self.get(key, 0) + count

    def set_value(self, key: str, value: Any) -> None:
        self[key] = value


class Pipeline:
    """The steps of ``ITEM_PIPELINES`` in their order, with the project's settings; without a history; those that are off are left out."""

    def __init__(self, *targets: str, **changed: Any) -> None:
        settings = Settings()
        settings.setmodule(defaults)
        settings.setdict({"BACKLINKBOT_HISTORY_URL": ""} | changed, priority="cmdline")
        self.stats = Stats()
        spider = SimpleNamespace(targets=Targets.parse(targets or ["target.example"], {}), links_found=lambda _: None)
        fake = SimpleNamespace(settings=settings, stats=self.stats, spider=spider, signals=SignalManager())
        crawler = cast("Crawler", fake)
        self.steps: list[Any] = []
        for path in build_component_list(settings.getwithbase("ITEM_PIPELINES")):
            with suppress(NotConfigured):
                self.steps.append(build_from_crawler(load_object(path), crawler))

    def run(self, page: FetchedPage) -> JudgedPage:
        state: Any = page
        for step in self.steps:
            passed = step.process_item(state)
            state = _result(passed) if inspect.iscoroutine(passed) else passed
        return cast("JudgedPage", state)


def _result(step: Coroutine[Any, Any, Any]) -> Any:
    """What an asynchronous step returns which has nothing to wait for: the loop of the tests is running already."""
    with pytest.raises(StopIteration) as done:
        step.send(None)
    return done.value.value


def visit(body: str = "", url: str = "https://a.example/", **known: Any) -> FetchedPage:
    return FetchedPage(
        url=url, requested_url=known.pop("requested_url", url), fetched_at="", status=200, body=body.encode(), **known
    )


LINK = '<a href="https://target.example/">t</a>'


def test_a_page_becomes_rows() -> None:
    pipeline = Pipeline()
    page = pipeline.run(visit(LINK * 2 + LINK.replace(">t<", " rel=nofollow>t<")))
    assert [(row.anchor, row.occurrences, row.follow) for row in page.backlinks] == [("t", 2, True), ("t", 1, False)]
    assert pipeline.stats["backlinks/rows"] == 2


def test_a_link_to_two_targets_is_two_rows() -> None:
    page = Pipeline("target.example", "https://target.example/blog/").run(
        visit('<a href="https://target.example/blog/x">t</a>')
    )
    assert sorted(row.target for row in page.backlinks) == ["https://target.example/blog/", "target.example"]


@pytest.mark.parametrize(
    "url", ["https://target.example/x", "https://www.target.example/", "https://other.target.example/"]
)
def test_own_pages(url: str) -> None:
    with pytest.raises(DropItem):
        Pipeline().run(visit(LINK, url))
    page = Pipeline(BACKLINKBOT_INCLUDE_SAME_DOMAIN=True).run(visit(LINK, url))
    assert [row.flags for row in page.backlinks] == [("same_domain",)]


def test_a_page_without_anything_to_say_is_dropped_and_counted() -> None:
    pipeline = Pipeline()
    with pytest.raises(DropItem):
        pipeline.run(visit("<p>nothing"))
    assert pipeline.stats["backlinks/pages/read"] == 1


def test_a_page_gives_its_rows_once() -> None:
    pipeline = Pipeline()
    pipeline.run(visit(LINK))
    with pytest.raises(DropItem):
        pipeline.run(visit(LINK, "https://a.example/#again"))
    answered = pipeline.run(visit(LINK, candidates=("a.example",)))
    assert (answered.backlinks, [check.backlinks for check in answered.checks]) == ((), [1])
    assert pipeline.stats["backlinks/rows"] == 1
    assert pipeline.stats["backlinks/pipelines/duplicate_page"] == 2


@pytest.mark.parametrize("state", [state for state in State if state not in {State.LINKED, State.NOT_LINKED}])
def test_could_not_check_is_never_no_link(state: State) -> None:
    page = Pipeline().run(visit(LINK, failure=Failure(state=state, reason="why"), candidates=("one", "two")))
    assert [(check.candidate, check.state, check.reason) for check in page.checks] == [
        ("one", state, "why"),
        ("two", state, "why"),
    ]
    assert page.backlinks == ()


@pytest.mark.parametrize(
    ("requested", "final", "state"),
    [
        ("https://a.example/", "https://a.example/", State.NOT_LINKED),
        ("http://a.example/x", "https://www.a.example/x/", State.NOT_LINKED),
        ("https://a.example/x?a=1", "https://a.example/x?a=2", State.REDIRECTED),
        ("https://a.example/x", "https://a.example/", State.REDIRECTED),
        ("https://a.example/x", "https://b.example/x", State.REDIRECTED),
    ],
)
def test_a_redirect_is_told_from_another_spelling(requested: str, final: str, state: State) -> None:
    page = Pipeline().run(visit("<p>nothing", final, requested_url=requested, candidates=("c",)))
    assert page.checks[0].state is state


def test_rules_of_the_page_and_of_robots_txt_join_those_of_the_link() -> None:
    page = Pipeline().run(
        visit(
            f"<meta name=robots content=nofollow>{LINK}",
            headers=PageHeaders(charset="utf-8", x_robots_tag=("googlebot: noindex",)),
            closed_by=("robots.txt:googlebot",),
        )
    )
    (row,) = page.backlinks
    assert (row.follow, row.nofollow_by, row.indexable) == (False, ("meta:robots",), False)
    assert set(row.noindex_by) == {"header:googlebot", "robots.txt:googlebot"}


def test_what_depends_on_pages_visited_before_says_so() -> None:
    menu = "".join(f"<li><a href=/{n}>page {n}</a></li>" for n in range(9))
    block = f'<div><ul>{menu}<li><a href="https://target.example/">maps</a></li></ul></div>'
    pages = [
        visit(f"<title>{n}</title><main><p>words of page {n} {LINK}</p></main>{block}", f"https://a.example/{n}")
        for n in range(8)
    ]

    def rows(order: list[FetchedPage]) -> list[dict[str, Any]]:
        pipeline = Pipeline()
        found = [asdict(row) for page in order for row in pipeline.run(page).backlinks]
        return sorted(found, key=lambda row: (row["source_url"], row["position"]))

    there, back = rows(pages), rows(pages[::-1])
    names = {name for one, other in zip(there, back, strict=True) for name in one if one[name] != other[name]}
    dependent = {column.name for column in columns_of(Backlink) if "epends on pages visited before" in column.meaning}
    assert names == {"placement", "placement_by"}
    assert names <= dependent == {"follow", "nofollow_by", "placement", "placement_by"}
