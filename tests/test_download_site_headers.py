"""Headers for single sites on the wire: who receives them, who does not, and that nothing else keeps them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from scrapy import Request
from scrapy.http import Response

from backlinkbot import urls
from backlinkbot.configuration.site_headers import FOREIGN, PART
from backlinkbot.download.redirects import redirected
from backlinkbot.rendering.subresources import Fetcher, SubresourceRequest
from tests.conftest import CrawlFunction, link, run_command
from tests.fakeweb import FakeWeb
from tests.test_download_http1 import READ, RawServer
from tests.test_download_tls import HOST, PAGE, authority, context_of, direct, serving

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

SECRET = "s3cr3t-value"
__all__ = ["authority", "direct"]  # fixtures


def received(web: FakeWeb, name: str = "x-key") -> set[str]:
    """The URLs whose requests had the header."""
    return {hit.url for hit in web.hits if name in hit.headers}


def test_one_site_receives_it_with_its_robots_txt_and_nobody_else(web: FakeWeb, crawl: CrawlFunction) -> None:
    """Redirects to other hosts, to subdomains, to other ports and back."""
    web.page(
        "http://staging.example/", link() + link("http://other.example/") + link("/go") + link("/up"), scheme="http"
    )
    web.redirect("http://staging.example/go", "http://other.example/back", scheme="http")
    web.redirect("http://other.example/back", "http://staging.example/end", scheme="http")
    web.page("http://staging.example/end", link(), scheme="http")
    web.redirect("http://staging.example/up", "http://www.staging.example/", scheme="http")
    web.page("http://www.staging.example/", link(), scheme="http")
    web.page("http://other.example/", link(), scheme="http")
    web.page("http://staging.example:8080/", link(), scheme="http")
    found = crawl(
        "discover",
        seeds=["http://staging.example/", "http://other.example/", "http://staging.example:8080/"],
        headers=[f"http://staging.example: X-Key: {SECRET}"],
        follow="all",
    )
    asked = {hit.url for hit in web.hits}
    assert {"http://other.example/back", "http://staging.example:8080/", "http://www.staging.example/"} <= asked
    mine = {url for url in asked if url.startswith("http://staging.example/")}
    assert "http://staging.example/robots.txt" in mine
    assert "http://staging.example/end" in mine
    assert received(web) == mine
    assert found.stats["backlinks/fetching/site_headers/sent"] == len([hit for hit in web.hits if hit.url in mine])


def test_what_is_meant_for_https_is_not_sent_over_http(
    web: FakeWeb, crawl: CrawlFunction, capsys: pytest.CaptureFixture[str]
) -> None:
    web.page("http://staging.example/", link(), scheme="http")
    found = crawl("discover", seeds=["http://staging.example/"], headers=[f"staging.example: X-Key: {SECRET}"])
    assert len(found.rows) == 1
    assert received(web) == set()
    told = capsys.readouterr().err
    assert "are not sent to http://staging.example: they are for staging.example" in told
    assert told.count("are not sent") == 1
    assert SECRET not in told


class OfAnotherSite:
    """Marks requests as those of a page of another site, as rendering does."""

    def process_request(self, request: Request) -> None:
        if "/part" in request.url:
            request.meta[FOREIGN] = True


def test_a_page_of_another_site_does_not_get_what_it_opens(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("http://staging.example/", link("/part") + link("/page"), scheme="http")
    web.redirect("http://staging.example/part", "http://staging.example/end", scheme="http")
    web.page("http://staging.example/end", link(), scheme="http")
    web.page("http://staging.example/page", link(), scheme="http")
    marking = {f"{__name__}.OfAnotherSite": 10}
    headers = [f"http://staging.example: X-Key: {SECRET}"]
    crawl("discover", seeds=["http://staging.example/"], headers=headers, DOWNLOADER_MIDDLEWARES=marking)
    assert {"http://staging.example/", "http://staging.example/page"} <= received(web)
    assert {"http://staging.example/part", "http://staging.example/end"} & received(web) == set()
    assert "http://staging.example/end" in {hit.url for hit in web.hits}


def test_a_host_in_unicode_gets_its_headers(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("http://xn--bcher-kva.example/", link(), scheme="http")
    crawl("discover", seeds=["http://bücher.example/"], headers=[f"http://bücher.example: X-Key: {SECRET}"])
    assert "http://xn--bcher-kva.example/" in received(web)


def test_a_part_that_is_redirected_to_another_site_is_for_a_page_of_another_site() -> None:
    part = Request("https://evil.example/x", meta={PART: True})
    for address, is_foreign in (("https://www.evil.example/y", False), ("https://staging.example/secret", True)):
        target = urls.parse(address)
        assert target is not None
        onward = redirected(part, target, max_times=5, status=302)
        assert (FOREIGN in onward.meta) is is_foreign
        assert FOREIGN not in part.meta


def test_a_page_over_http_does_not_see_what_is_opened_over_https() -> None:
    part = SubresourceRequest(
        kind="fetch",
        method="GET",
        url="https://staging.example/secret",
        headers={},
        body=None,
        is_frame=False,
        domain="staging.example",
    )
    assert not part.is_foreign
    assert replace(part, page_is_secure=False).is_foreign
    assert not replace(part, page_is_secure=False, url="http://staging.example/x").is_foreign


@pytest.mark.parametrize(("domain", "is_marked"), [("staging.example", False), ("other.example", True)])
def test_rendering_marks_the_parts_of_pages_of_other_sites(domain: str, is_marked: bool) -> None:  # noqa: FBT001
    """And keeps what it got for one of them from the other."""
    outgoing: list[Request] = []

    async def download_async(request: Request) -> Response:
        outgoing.append(request)
        return Response(request.url, body=b"x")

    engine = SimpleNamespace(downloader=SimpleNamespace(per_slot_settings={}), download_async=download_async)
    crawler = SimpleNamespace(engine=engine, stats=SimpleNamespace(inc_value=lambda _name: None))
    fetcher = Fetcher(cast("Crawler", crawler))

    def part(of: str) -> SubresourceRequest:
        url = "https://www.staging.example/x.js"
        return SubresourceRequest(
            kind="script", method="GET", url=url, headers={}, body=None, is_frame=False, domain=of
        )

    async def run() -> None:
        for of in (domain, domain, "staging.example", "third.example"):
            assert await fetcher.part(part(of)) is not None

    with ThreadPoolExecutor(1) as pool:  # this thread has a running loop
        pool.submit(lambda: asyncio.run(run())).result()
    assert (FOREIGN in outgoing[0].meta) is is_marked
    assert [FOREIGN in request.meta for request in outgoing] == [is_marked, not is_marked]


def test_it_replaces_a_header_of_its_name(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("http://staging.example/", link(), scheme="http")
    crawl("discover", seeds=["http://staging.example/"], headers=["http://staging.example: accept-language: de"])
    assert {hit.headers["accept-language"] for hit in web.hits if hit.host == "staging.example"} == {"de"}


def test_the_lenient_readers_send_it_too(
    raw: RawServer, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for scheme in ("http", "https"):
        monkeypatch.delenv(f"{scheme}_proxy")
        monkeypatch.delenv(f"{scheme.upper()}_PROXY")
    candidates = [f"http://127.0.0.1:{raw.port}/{name}" for name in READ if name != "nul"]
    (tmp_path / "list.txt").write_text("\n".join(candidates))
    headers = [f"127.0.0.1:{raw.port}: X-Key: {SECRET}"]
    found = crawl("verify", candidates=str(tmp_path / "list.txt"), headers=headers, BACKLINKBOT_ALLOW_PRIVATE=True)
    assert found.stats["backlinks/fetching/malformed"]
    assert [head for head in raw.heads if f"X-Key: {SECRET}".encode() not in head] == []


@pytest.fixture
def raw() -> Iterator[RawServer]:
    server = RawServer({f"/{name}": data for name, data in READ.items()})
    yield server
    server.close()


class Keyed(BaseHTTPRequestHandler):
    """Answers a page with a link, and keeps the keys that it is sent."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.keys.append((self.path, self.headers.get("X-Key")))  # type: ignore[attr-defined]
        elsewhere = self.server.elsewhere  # type: ignore[attr-defined]
        body = link().encode()
        self.send_response(302 if self.path == "/go" else 200)
        self.send_header("Location", elsewhere)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def keyed(elsewhere: str = "") -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer((HOST, 0), Keyed)
    server.keys, server.elsewhere = [], elsewhere  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("is_known", [True, False])
def test_a_site_with_a_faulty_certificate_does_not_receive_it(  # noqa: PLR0917 - fixtures
    direct: CrawlFunction,
    authority: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_known: bool,  # noqa: FBT001 - a case
) -> None:
    keys: list[str | None] = []
    from tests.test_download_tls import Authority, _Handler

    answer = _Handler.do_GET

    def noting(handler: _Handler) -> None:
        keys.append(handler.headers.get("X-Key"))
        answer(handler)

    monkeypatch.setattr(_Handler, "do_GET", noting)
    signer = authority if is_known else Authority()
    assert isinstance(signer, Authority)
    with serving(PAGE, context_of(signer.certificate(tmp_path / "server.pem"))) as server:
        direct(f"https://{HOST}:{server.server_port}/", headers=[f"{HOST}:{server.server_port}: X-Key: {SECRET}"])
    assert keys == ([SECRET] if is_known else [None])
    assert ("its certificate is faulty" in capsys.readouterr().err) is not is_known


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize("value", ["env:STAGING_KEY", SECRET], ids=["from the environment", "in the file"])
def test_nothing_keeps_it(tmp_path: Path, value: str) -> None:
    """Neither a log at DEBUG nor a file that the run writes; a saved crawl is resumed with it."""
    with keyed() as other, keyed(f"http://{HOST}:{other.server_port}/elsewhere") as server:
        site = f"{HOST}:{server.server_port}"
        (tmp_path / "list.txt").write_text(f"http://{site}/page\nhttp://{site}/go\n")
        (tmp_path / "backlinkbot.toml").write_text(
            f'headers = ["{site}: X-Key: {value}"]\nallow-private = true\ndelay = 0\nrender = "never"\n'
            '[settings]\nLOG_LEVEL = "DEBUG"\nJOBDIR = "job"\n'
        )
        words = "verify target.example --candidates list.txt --checks checks.csv -o rows.csv --summary s.json"
        ran = run_command(
            "backlinkbot",
            *f"{words} --visits v.jsonl --metrics m.prom --history h.db".split(),
            cwd=tmp_path,
            env={"STAGING_KEY": SECRET, "no_proxy": HOST},
        )
        shown = run_command("backlinkbot", "config", "--json", cwd=tmp_path, env={"STAGING_KEY": SECRET})
    assert ran.status == 0, ran.err
    assert {key for _, key in server.keys} == {SECRET}  # type: ignore[attr-defined]
    assert {path for path, _ in server.keys} == {"/robots.txt", "/page", "/go"}  # type: ignore[attr-defined]
    assert {path for path, _ in other.keys} == {"/robots.txt", "/elsewhere"}  # type: ignore[attr-defined]
    assert {key for _, key in other.keys} == {None}  # type: ignore[attr-defined]
    assert "DEBUG" in ran.err
    assert SECRET not in ran.out + ran.err + shown.out + shown.err
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "backlinkbot.toml"]
    assert {"h.db", "rows.csv", "checks.csv", "s.json", "v.jsonl", "m.prom"} <= {path.name for path in files}
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
