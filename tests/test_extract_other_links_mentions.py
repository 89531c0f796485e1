"""What is printed and not linked: found outside of links, where a reader sees it, and only when asked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from backlinkbot import urls
from backlinkbot.extract.html import Document, Parser
from backlinkbot.extract.other_links.mentions import mentions
from backlinkbot.extract.page import PageContent
from backlinkbot.prefilter import Prefilter
from backlinkbot.targets import Targets
from tests.conftest import CrawlFunction, verify, visit_again
from tests.cost import cpu_seconds_at_most
from tests.fakeweb import FakeWeb

PRINTED = {
    "see target.example": ["target.example"],
    "see (www.Target.example).": ["www.Target.example"],
    "https://target.example/a?b=c#d, and so on": ["https://target.example/a?b=c#d"],
    "https://target.example/a_(b)": ["https://target.example/a_(b)"],
    "(see https://target.example/a)": ["https://target.example/a"],
    "//target.example/x": ["target.example/x"],
    "<table><td>a</td><td>target.example</td><td>b</td></table>": ["target.example"],
    "<b>target.example</b>:8080": ["target.example"],
    "target.example/one target.example/two": ["target.example/one", "target.example/two"],
    "<p title=x>target&#46;example</p><!--target.example-->": ["target.example"],
    "bücher.example": ["bücher.example"],
    "xn--bcher-kva.example": ["xn--bcher-kva.example"],
}
NOT_PRINTED = (
    "me@target.example",
    "me@mail.target.example",
    "mytarget.example",
    "target.examples",
    "target.example.evil.test",
    "evil.test/target.example.",
    "target .example",
    "<a href=/x>target.example</a>",
    "<a href=/x><b>www.target.example</b></a>",
    "<title>target.example</title>",
    "<script>'target.example'</script><style>target.example</style>",
    "<textarea>target.example</textarea>",
    "<p title=target.example>x",
    "<!-- target.example -->",
    "tar<b>get.example</b>",
    "target&#46;example",  # nowhere as it is in the bytes, so that the prefilter would not see it
)


def found(body: str, parse: Parser) -> list[str]:
    targets = Targets.parse(["target.example", "bücher.example"])
    content = PageContent(body.encode(), "https://a.example/", "utf-8", parse)
    return [link.raw_href for link, _ in mentions(content, body.encode(), targets.match)]


@pytest.mark.parametrize(("body", "right"), PRINTED.items())
def test_what_is_printed_is_found(body: str, right: list[str], each_parser: Parser) -> None:
    assert found(body, each_parser) == right


@pytest.mark.parametrize("body", NOT_PRINTED)
def test_what_is_none(body: str, each_parser: Parser) -> None:
    assert found(body, each_parser) == []


def test_the_prefilter_lets_them_through(crawl: CrawlFunction, web: FakeWeb, tmp_path: Path) -> None:
    for number, body in enumerate(PRINTED):
        web.page(f"https://a.example/{number}", body)
    (tmp_path / "list.txt").write_text("\n".join(f"https://a.example/{n}" for n in range(len(PRINTED))))
    targets = ["target.example", "bücher.example"]
    crawled = crawl("verify", candidates=str(tmp_path / "list.txt"), targets=targets, mentions="yes")
    told = [
        sorted(row.raw_href for page in crawled.pages if page.url.endswith(f"/{n}") for row in page.backlinks)
        for n in range(len(PRINTED))
    ]
    assert told == [sorted(right) for right in PRINTED.values()]
    assert {row.link_type for row in crawled.rows} == {"mention"}
    assert {row.follow for row in crawled.rows} == {None}
    assert {check.reason for check in crawled.checks.values()} == {"no link, but it names the target: mention"}


def test_they_are_rows_only_when_asked_for_and_where_no_link_is(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    a, b = "https://a.example/", "https://b.example/"
    web.page(a, "<p>target.example")
    web.page(b, "<p>target.example <a href=https://target.example/>t</a>")
    assert [reason for _, reason in verify(crawl, tmp_path, a).values()] == ["the page holds no link"]
    (tmp_path / "list.txt").write_text(f"{a}\n{b}")
    rows = crawl("verify", candidates=str(tmp_path / "list.txt"), mentions="yes").rows
    assert sorted((row.source_url, row.link_type) for row in rows) == [(a, "mention"), (b, "text")]
    web.page(f"{a}seed", f"<a href={a}>on</a>")
    assert [row.link_type for row in crawl("discover", seeds=f"{a}seed", mentions="yes").rows] == ["mention"]
    assert crawl("discover", seeds=f"{a}seed").rows == []


def test_a_run_that_does_not_look_for_them_loses_none(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    visit = partial(visit_again, web, crawl, tmp_path)
    assert visit("<p>target.example", mentions="yes") == {"new": 1, "lost": 0}
    assert visit("<p>nothing") == {"new": 0, "lost": 0}
    assert visit("<p>nothing", mentions="yes") == {"new": 0, "lost": 1}


@pytest.mark.parametrize(
    "text",
    ["a" * 500_000, "a." * 250_000, "a.b" * 150_000, "a-" * 250_000, "<b>x.y " * 60_000, "target.example/" * 30_000],
)
def test_a_hostile_page_costs_no_more_than_its_length(text: str) -> None:
    with cpu_seconds_at_most(10):
        found(text, Document)


def test_the_prefilter_looks_for_the_name_wherever_it_stands() -> None:
    page = urls.parse("https://a.example/")
    assert page is not None
    plain = Prefilter.for_targets(Targets.parse(["target.example"]))
    also = Prefilter.for_targets(Targets.parse(["target.example"]), also=["bücher.example".encode(), b"target.example"])
    if not plain.is_blind:
        assert not plain.may_link(b"<p>target.example", "", page)
    assert also.may_link(b"<p>target.example", "", page)
    assert also.may_link("<p>Bücher.example".encode(), "", page)
