"""What goes over the wire: URLs as our parser wrote them, headers as servers write them, a proxy's secret to nobody else."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from backlinkbot import urls
from backlinkbot.download.handler import Client
from backlinkbot.items import State
from backlinkbot.spiders.verify import VerifySpider
from tests.conftest import CrawlFunction, link, verify
from tests.fakeweb import FakeWeb

PAGE = f"<!doctype html><title>p</title>{link()}"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "rest",
    [
        "/%7Euser/%41%2f%e4",
        "/a//b/;c=1,2/'(x)'",
        "/?q=a+b&r=%20&s=c|d&t={e}",
        "/?x=[1]&y=%zz&z",
        "/caf%C3%A9?caf\u00e9",
    ],
)
def test_a_url_is_sent_as_our_parser_writes_it(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, scheme: str, rest: str
) -> None:
    url = urls.parse(f"{scheme}://a.example{rest}")
    assert url is not None
    web.page(urls.as_requested(url), PAGE)
    assert verify(crawl, tmp_path, url.href) == {url.href: (State.LINKED, "")}
    assert web.paths("a.example") == ["/robots.txt", f"{url.pathname}{url.search}"]


def test_headers_need_be_neither_utf_8_nor_short(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    headers = [("X-Served-By", "caf\u00e9"), ("Content-Security-Policy", "x" * 40_000), ("X-Robots-Tag", "nofollow")]
    web.page("https://a.example/", PAGE, headers=headers)
    file = tmp_path / "candidates.txt"
    file.write_text("https://a.example/")
    (row,) = crawl("verify", candidates=str(file)).rows
    assert row.nofollow_by == ("header:robots",)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_told_its_password_and_sites_are_not(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with_password = web.proxy.replace("//", "//me:p%40ss@")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, with_password)
    web.page(f"{scheme}://a.example/", PAGE)
    assert verify(crawl, tmp_path, f"{scheme}://a.example/") == {f"{scheme}://a.example/": (State.LINKED, "")}
    said = [dict(hit.headers).get("proxy-authorization") for hit in web.hits if hit.target == "/"]
    assert said == ["Basic " + b64encode(b"me:p@ss").decode() if scheme == "http" else None]


def test_connections_are_kept_for_the_next_page(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    pages = [f"http://a.example/{n}" for n in range(20)]
    for page in pages:
        web.page(page, PAGE)
    found = verify(crawl, tmp_path, *pages)
    assert {state for state, _ in found.values()} == {State.LINKED}
    assert web.connections_opened <= 2


@pytest.mark.parametrize("where", [(Client, "download_request"), (VerifySpider, "page_of")])
def test_a_process_without_memory_ends_its_run(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[type, str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    pages = [f"http://a{n}.example/" for n in range(50)]
    for page in pages:
        web.page(page, PAGE)
    monkeypatch.setattr(*where, fail)
    with pytest.raises(AssertionError, match="out_of_memory"):  # the fixture asks for a good end
        verify(crawl, tmp_path, *pages, CONCURRENT_REQUESTS=1, ROBOTSTXT_OBEY=False)
    assert len(web.hits) < len(pages)
