"""Pages that would hold a browser, lead it away or send it out: each ends in time, nothing of it is left, nobody was asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backlinkbot.files.row_files import read_rows
from tests.chromium import chromium
from tests.conftest import ANEW, CrawlFunction, as_command, environment, link
from tests.fakeweb import Answer, FakeWeb, Request
from tests.processes import Marked, marked

pytestmark = pytest.mark.slow

__all__ = ["marked"]


def page(script: str) -> str:
    return f"<!doctype html><title>hostile</title>{link('https://target.example/served')}<script>{script}</script>"


ADD = "document.body.insertAdjacentHTML('beforeend', '<a href=https://target.example/added>t</a>')"
# What a page does -> its script. These cannot be ended but from outside.
STUCK = {
    "loop": "addEventListener('load', () => setTimeout(() => { while (true) {} }, 10))",
    "microtasks": "(async () => { for (;;) await 0 })()",
    "worker": "new Worker(URL.createObjectURL(new Blob(['while (true) {}'])))",  # beside the page, which can still be read
    "memory": "const kept = []; for (;;) kept.push(new Array(1e6).fill(Math.random()))",
}
HOSTILE = {
    "redirects": ("location.replace('?' + (Number(location.search.slice(1)) + 1))", "sent_on"),
    "reloads": (f"{ADD}; location.reload()", "rendered"),
    "dialogs": (
        (
            "onbeforeunload = () => 'stay'; setInterval(() => { alert(1); confirm(2); prompt(3); print() }, 1);"
            f"setTimeout(() => {ADD}, 1000)"
        ),
        "rendered",
    ),
    "downloads": (
        (
            "for (let n = 0; n < 20; n++) { const a = document.createElement('a'); a.download = 'x';"
            f"a.href = URL.createObjectURL(new Blob(['x'.repeat(1e6)])); a.click() }}; {ADD}"
        ),
        "rendered",
    ),
    "popups": (f"for (let n = 0; n < 50; n++) window.open('/popup' + n); {ADD}", "rendered"),
    "worker": (
        f"navigator.serviceWorker.register('/sw.js'); {ADD}",
        "rendered",
    ),
    "large": ("document.body.append('x'.repeat(11e6))", "failed"),
}


@pytest.mark.usefixtures("marked")
def test_a_page_that_is_stuck_is_ended_at_its_deadline(crawl: CrawlFunction, web: FakeWeb) -> None:
    for name, script in STUCK.items():
        web.page(f"https://{name}.example/", page(script))
    seeds = " ".join(f"https://{name}.example/" for name in STUCK)
    began = time.monotonic()
    found = crawl("discover", seeds=seeds, render="always", browser=chromium(), BACKLINKBOT_RENDER_DEADLINE=2.5)
    assert time.monotonic() - began < 180, "the pages would go on for ever"
    of = {row.source_domain.removesuffix(".example"): row.rendered for row in found.rows}
    assert of.keys() == STUCK.keys()
    assert {name for name, rendered in of.items() if not rendered} >= STUCK.keys() - {"worker"}
    failed = {name: number for name, number in found.stats.items() if name.startswith("backlinks/rendering/failed/")}
    assert sum(failed.values()) + found.stats.get("backlinks/rendering/not_at_rest", 0) == len(STUCK)
    assert failed["backlinks/rendering/failed/deadline"] >= 2  # the third may run out of memory before


@pytest.mark.usefixtures("marked")
def test_hostile_pages_end_in_time_and_lose_no_link(crawl: CrawlFunction, web: FakeWeb) -> None:
    for name, (script, _) in HOSTILE.items():
        web.page(f"https://{name}.example/*", page(script))
    web.page("https://worker.example/sw.js", "while (true) {}", content_type="text/javascript")
    found = crawl(
        "discover",
        seeds=" ".join(f"https://{name}.example/" for name in HOSTILE),
        max_pages_per_domain=3,
        render="always",
        browser=chromium(),
    )
    of = {
        name: {row.target_url[-6:]: row.rendered for row in found.rows if f"//{name}." in row.source_url}
        for name in HOSTILE
    }
    for name, (_, end) in HOSTILE.items():  # no page is lost, whatever became of its rendering
        if end == "rendered":
            assert of[name] == {"served": "both", "/added": "rendered_only"}, name
        else:
            assert of[name] == {"served": "raw_only" if end == "sent_on" else ""}, name
    stats = {k.removeprefix("backlinks/rendering/"): v for k, v in found.stats.items() if "/rendering/" in k}
    assert {name for name in stats if name.startswith("failed/")} == {"failed/too_large"}
    assert "not_at_rest" not in stats
    assert stats["sent_on"] == 3  # as many as the domain's bound lets be visited
    assert not [hit for hit in web.hits if "popup" in hit.target or hit.target == "/sw.js"]


@contextmanager
def listening(kind: socket.SocketKind) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            one.listen()
        one.settimeout(0.1)
        yield one


@pytest.mark.usefixtures("marked")
def test_the_browser_asks_nobody_but_through_the_crawler(crawl: CrawlFunction, web: FakeWeb) -> None:
    with listening(socket.SOCK_STREAM) as tcp, listening(socket.SOCK_DGRAM) as udp:
        port, datagrams = tcp.getsockname()[1], udp.getsockname()[1]
        out = "https://outside.example"
        script = f"""
          const tries = [
            () => fetch('http://127.0.0.1:{port}/fetch', {{mode: 'no-cors'}}), () => fetch('http://localhost:{port}/'),
            () => new WebSocket('ws://127.0.0.1:{port}/'), () => new WebSocket('wss://outside.example/'),
            () => new EventSource('{out}/events'), () => navigator.sendBeacon('{out}/beacon', 'x'),
            () => {{ new Image().src = '{out}/image.png' }}, () => fetch('{out}/post', {{method: 'POST', mode: 'no-cors'}}),
            () => fetch('{out}/put', {{method: 'PUT'}}), () => fetch('/closed/data'), () => fetch('{out}/closed'),
            () => fetch('/moved'), () => fetch('/moved-out'), () => new Worker('/worker.js'),
            ...[301, 307, 308].map(n => () => fetch('/posted' + n, {{method: 'POST', mode: 'no-cors', body: 'secret'}})),
            () => {{ const c = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{datagrams}'}}]}});
                     c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o)) }},
            () => new WebTransport('https://127.0.0.1:{datagrams}/'),
          ];
          for (const one of tries) {{ try {{ Promise.resolve(one()).catch(() => 0) }} catch {{}} }}
          document.body.insertAdjacentHTML('beforeend', '<iframe src="{out}/frame"></iframe><video src="{out}/v.mp4"></video>'
            + '<link rel=prefetch href="{out}/prefetch"><link rel=dns-prefetch href="//127.0.0.1:{port}">'
            + '<link rel=preconnect href="http://127.0.0.1:{port}"><object data="{out}/object"></object>'
            + '<link rel=stylesheet href="/style.css">');
          {ADD}
        """
        web.page("https://page.example/", page(script))
        web.page("https://page.example/moved", status=302, headers=[("Location", f"http://127.0.0.1:{port}/moved")])
        web.page("https://page.example/moved-out", status=302, headers=[("Location", f"{out}/closed/moved")])
        for status in (301, 307, 308):  # a body stays with whom it was meant for
            there = [("Location", f"{out}/posted")]
            web.page(f"https://page.example/posted{status}", status=status, headers=there)
        web.page("https://page.example/style.css", "@font-face {src: url(/font)} body {background: url(/background)}")
        web.robots("page.example", "User-agent: *\nDisallow: /closed/")
        web.robots("outside.example", "User-agent: *\nDisallow: /closed")
        web.page(f"{out}/*", "no")
        found = crawl("discover", seeds="https://page.example/", render="always", browser=chromium())
        assert {row.rendered for row in found.rows} == {"both", "rendered_only"}
        with pytest.raises(TimeoutError):
            tcp.accept()
        with pytest.raises(TimeoutError):
            udp.recv(1)
    asked = {hit.url.removeprefix("https://") for hit in web.hits}
    assert {hit.method for hit in web.hits if hit.host == "outside.example"} == {"GET"}
    assert asked == {
        *("page.example/robots.txt", "page.example/", "page.example/moved", "page.example/moved-out"),
        *(f"page.example/posted{status}" for status in (301, 307, 308)),
        "outside.example/posted",  # after 301, as a GET
        *("page.example/style.css", "outside.example/robots.txt", "page.example/worker.js"),
    }
    assert found.stats["backlinks/robotstxt/forbidden"] == 3
    assert found.stats["backlinks/fetching/private_address"] == 3
    assert found.stats["backlinks/rendering/refused/method"] == 2


@pytest.mark.subprocess
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_no_process_outlives_a_crawl_however_it_ends(web: FakeWeb, tmp_path: Path, number: signal.Signals) -> None:
    marked = Marked()
    began = []

    def held(_: object) -> Answer:
        began.append(time.monotonic())
        return Answer(body="while (true) {}", content_type="text/javascript")

    web.page("https://held.example/", "<div id=root></div><script src=/held.js></script>")
    web.page("https://held.example/held.js", held)
    words = (
        "--seed",
        "https://held.example/",
        "--render",
        "always",
        "--browser",
        chromium(),
        "-s",
        "BACKLINKBOT_RENDER_DEADLINE=15",
    )
    command = as_command("backlinkbot", "discover", "target.example", *words, "-o", tmp_path / "rows.csv")
    with subprocess.Popen(
        command,
        env=environment(web) | marked.environ,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as crawler:
        while not began and crawler.poll() is None:
            time.sleep(0.02)
        until = time.monotonic() + 180
        while not any("--type=renderer" in line for line in marked.running().values()):
            assert time.monotonic() < until, marked.running()
            time.sleep(0.05)
        time.sleep(0.3)  # by now the page is in its loop, most likely; nothing is left either way
        os.kill(crawler.pid, number)
        crawler.communicate(timeout=180)
    assert not marked.left(within=60)


@pytest.mark.subprocess
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_to_the_whole_group_leaves_no_page_without_its_answer(
    web: FakeWeb, tmp_path: Path, number: signal.Signals
) -> None:
    """As a terminal's Ctrl-C and a service manager send it: the browser's driver gets it, too, and ends at once."""
    began: list[str] = []

    def held(request: Request) -> Answer:
        began.append(request.url)
        return Answer(body=ADD, content_type="text/javascript", delay=2)

    names = [f"https://held{one}.example/" for one in range(8)]
    for name in names:
        web.page(name, f"<div id=root></div><a href='https://target.example/'>t</a><script src={name}held.js></script>")
        web.page(f"{name}held.js", held)
    (tmp_path / "candidates.txt").write_text("\n".join(names))
    words = ("--candidates", "candidates.txt", "--render", "always", "--browser", chromium(), "--delay", "0")
    command = as_command("backlinkbot", "verify", "target.example", *words, "--checks", "checks.csv", "-o", "rows.csv")
    with subprocess.Popen(
        command, env=environment(web), cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True
    ) as crawler:
        while len(began) < 3 and crawler.poll() is None:
            time.sleep(0.02)
        os.killpg(crawler.pid, number)
        _, said = crawler.communicate(timeout=180)
    assert (crawler.returncode, said.decode()) == (130, f"backlinkbot: interrupted; {ANEW}\n")
    visited = {hit.url for hit in web.hits if hit.url in names}
    answered = {str(row["candidate"]): row["state"] for row in read_rows(tmp_path / "checks.csv")}
    assert {name for name in visited if answered.get(name) == "linked"} == visited
    assert {row["source_url"] for row in read_rows(tmp_path / "rows.csv")} == visited
