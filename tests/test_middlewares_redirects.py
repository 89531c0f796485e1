"""What becomes of a request on its way: method, body and secrets, as the Fetch standard has it."""

from __future__ import annotations

import pytest
from scrapy import Request

from backlinkbot import urls
from backlinkbot.download.failures import VisitRefusedError
from backlinkbot.download.redirects import redirected
from tests.chromium import chromium
from tests.conftest import CrawlFunction, link
from tests.fakeweb import FakeWeb
from tests.processes import marked

__all__ = ["marked"]

HERE, SAME, SIBLING, OTHER = (
    "https://a.example/1",
    "https://a.example/2",
    "https://b.a.example/2",
    "https://other.example/2",
)


def sent_on(method: str, status: int, to: str) -> Request:
    target = urls.parse(to)
    assert target is not None
    headers = {"Content-Type": "text/plain", "Authorization": "secret", "X-Kept": "1", "If-None-Match": "x"}
    body = b"body" if method in {"POST", "PUT"} else b""
    return redirected(Request(HERE, method=method, body=body, headers=headers), target, max_times=3, status=status)


@pytest.mark.parametrize("to", [SAME, SIBLING, OTHER])
@pytest.mark.parametrize(
    ("method", "status"), [("POST", 301), ("POST", 302), ("POST", 303), ("PUT", 303), ("DELETE", 303)]
)
def test_these_become_a_get_without_a_body(method: str, status: int, to: str) -> None:
    onward = sent_on(method, status, to)
    assert (onward.method, onward.body, onward.url) == ("GET", b"", to)
    assert "Content-Type" not in onward.headers
    assert onward.headers["X-Kept"] == b"1"


@pytest.mark.parametrize(("method", "status"), [("POST", 307), ("POST", 308), ("PUT", 301), ("PUT", 302), ("PUT", 307)])
def test_these_keep_their_body_within_their_domain_and_go_nowhere_else(method: str, status: int) -> None:
    for to in (SAME, SIBLING):
        onward = sent_on(method, status, to)
        assert (onward.method, onward.body, onward.headers["Content-Type"]) == (method, b"body", b"text/plain")
    with pytest.raises(VisitRefusedError, match="body"):
        sent_on(method, status, OTHER)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_these_go_on_as_they_are_without_their_secrets(method: str, status: int) -> None:
    assert sent_on(method, status, OTHER).method == method
    assert "Authorization" in sent_on(method, status, SAME).headers
    for to in (OTHER, SIBLING, SAME):
        onward = sent_on(method, status, to)
        assert "If-None-Match" not in onward.headers
        assert ("Authorization" in onward.headers) is (to == SAME)


@pytest.mark.usefixtures("marked")
@pytest.mark.slow
def test_no_body_of_a_page_in_the_browser_leaves_its_domain(web: FakeWeb, crawl: CrawlFunction) -> None:
    statuses = (301, 302, 303, 307, 308)
    posts = "".join(
        f"fetch('/{way}{status}', {{method: 'POST', body: 'secret', mode: 'no-cors'}}).catch(() => 0);"
        for status in statuses
        for way in ("out", "twice")
    )
    for status in statuses:
        web.redirect(f"https://a.example/out{status}", f"https://other.example/from-out{status}", status)
        web.redirect(f"https://a.example/twice{status}", f"https://b.a.example/on{status}", 307)
        web.redirect(f"https://b.a.example/on{status}", f"https://other.example/from-twice{status}", status)
    web.page("https://other.example/*", "got")
    web.page("https://a.example/", f"<div id=root></div>{link()}<script>{posts}</script>")
    crawl("discover", seeds="https://a.example/", render="always", browser=chromium())
    inside = [hit for hit in web.hits if hit.host == "b.a.example" and hit.target.startswith("/on")]
    assert {(hit.method, hit.headers.get("content-length")) for hit in inside} == {("POST", "6")}
    assert len(inside) == len(statuses)
    outside = [hit for hit in web.hits if hit.host == "other.example" and hit.target != "/robots.txt"]
    assert {hit.target for hit in outside} == {f"/from-{way}{s}" for way in ("out", "twice") for s in (301, 302, 303)}
    assert {(hit.method, hit.headers.get("content-length", "0")) for hit in outside} == {("GET", "0")}
