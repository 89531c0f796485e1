"""Which served pages look script-built: shells of the common frameworks do, pages that were served whole do not."""

from __future__ import annotations

import time

import pytest

from backlinkbot.rendering.signals import (
    ENOUGH,
    FEW_LINKS,
    LITTLE_TEXT,
    MANY_LINKS,
    SIGNALS,
    looks_script_built,
    signals_of,
)
from tests.conformance.shared_data import saved_pages
from tests.test_docs import read, section, table_rows

TEXT = "Words that somebody wrote, for somebody else to read. " * 20
APP = '<script src="/app.js"></script>'
SHELLS = {
    "react": f'<div id="root"></div>{APP}',
    "react with a notice": f'<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>{APP}',
    "vue": "<div id=app></div><script type=module src=/assets/index-4f2a9c1d.js></script>",
    "angular": '<app-root></app-root><script src="main.1f2e3d4c5b6a7980.js" type="module"></script>',
    "angular, waiting": f"<app-root><div class=spinner></div>Loading…</app-root>{APP}",
    "angularjs": f'<body ng-app="shop"><h1>{{{{ title }}}}</h1><div ng-view></div>{TEXT}{APP}',
    "next": f'<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{{}}</script>{APP}',
    "write": "<script>document.write('<a href=https://target.example/>t</a>')</script>",
    "inner html": "<body><h1>News</h1><div id=list></div><script>list.innerHTML = '<a href=/>x</a>'</script>",
    "upper case": '<DIV ID="ROOT"></DIV><SCRIPT SRC="/APP.JS"></SCRIPT>',
    "web components": f"<my-header></my-header><my-page></my-page>{APP}",
    "utf-16": f'<div id="root"></div>{APP}'.encode("utf-16").decode("latin-1"),
}
WHOLE = {
    "empty": "",
    "no script": "<div id=root></div>",
    "a few words": "<title>It works</title><h1>It works</h1>",
    "an article": f"<h1>News</h1><p>{TEXT}</p><script>track()</script>",
    "served and hydrated": f'<div id="root"><main>{TEXT}<a href=/>x</a></main></div><script type=module src=/app.js></script>',
    "links": '<div id="root"></div>' + "<a href=/x>x</a>" * (MANY_LINKS + 1) + APP,
    "a form": "<form action=/login><input name=user><input name=password></form><script>check()</script>",
    "data, no script": '<script type="application/ld+json">{"@type": "Article"}</script><div></div>',
    "a notice of comments": f"<p>{TEXT}</p><noscript>Please enable JavaScript to view the comments.</noscript><script></script>",
}


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_looks_script_built(name: str) -> None:
    assert looks_script_built(SHELLS[name].encode("latin-1", "replace")), signals_of(SHELLS[name].encode())


@pytest.mark.parametrize("name", WHOLE)
def test_a_page_that_was_served_does_not(name: str) -> None:
    assert not looks_script_built(WHOLE[name].encode()), signals_of(WHOLE[name].encode())


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_each_signal_decides_over_some_page(signal: object) -> None:
    name = getattr(signal, "name", "")
    pages = [page.encode("latin-1", "replace") for page in (*SHELLS.values(), *WHOLE.values())]
    assert any(name in signals_of(page) for page in pages)
    assert any(name not in signals_of(page) for page in pages)


@pytest.mark.parametrize(
    "piece",
    [b"<", b"<script>", b"<!--", b"<div id=root>", b"<noscript>", b"{{", b"<a", b"<x-y>", b"<div ", b"javascript"],
)
def test_no_page_takes_long(piece: bytes) -> None:
    page = piece * (2_000_000 // len(piece))
    began = time.process_time()
    looks_script_built(page)
    assert time.process_time() - began < 1.5


def test_real_pages_give_few_alarms() -> None:
    pages = [page.file.read_bytes() for page in saved_pages("pages")]
    alarms = sum(map(looks_script_built, pages))
    assert alarms < 0.05 * len(pages)


def test_the_signals_are_described() -> None:
    text = section(read("docs/rendering.md"), "## Which pages")
    described = {row[0].strip("`"): row[1:] for row in table_rows(text)[1:]}
    assert described == {signal.name: [str(signal.points), signal.meaning] for signal in SIGNALS}
    assert (ENOUGH, MANY_LINKS) == (4, 10)
    assert "more than ten links" in " ".join(text.split())
    assert "a page with a script and four points" in " ".join(text.split())
    assert str(FEW_LINKS) in described["few_links"][1]
    assert str(LITTLE_TEXT) in described["little_text"][1]
