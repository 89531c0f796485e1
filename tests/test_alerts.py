"""Notifications, webhooks and metrics: what a run tells, to whom, once, and nothing that is secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from backlinkbot.alerts.channels import channels_of, scheme_of, signature_of
from backlinkbot.alerts.event import LINES, LISTED, NotifiedChange, RunEnd, in_order, payload_of, text_of, title_of
from backlinkbot.alerts.metrics import metrics_text, write_metrics
from backlinkbot.errors import OutputError, SettingError
from backlinkbot.items import Change, ChangeKind, Reason
from tests.conftest import Ran, link, run_command
from tests.fakeweb import FakeWeb
from tests.test_docs import read, table_rows

T = "https://target.example/"
KEY = "a key"


@dataclass
class Hook:
    """A server that takes webhooks and messages of Apprise's json:// on loopback."""

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    """To answer with, in this order; then 204."""
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"webhook+http://127.0.0.1:{self.port}/secret-path"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.taken]


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(hook.statuses.pop(0) if hook.statuses else 204)
            self.send_header("Location", f"http://127.0.0.1:{hook.port}/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield hook
        server.shutdown()


def change(kind: ChangeKind, reason: Reason = Reason.LINK_FOUND, number: int = 0, **given: Any) -> Change:
    facts: dict[str, Any] = {
        "target": "target.example",
        "source_domain": "a.example",
        "target_url": T,
        "anchor": "map",
        "before": "",
    }
    at = {"source_url": f"https://a.example/{number}", "after": "", "at": "2026-01-31T12:00:00Z"}
    return Change(kind=kind, reason=reason, run=7, **{**facts, **at, **given})


MIXED = in_order(
    [
        NotifiedChange(change=change(ChangeKind.NEW, number=1)),
        NotifiedChange(change=change(ChangeKind.LOST, Reason.REMOVED_FROM_PAGE, 2), follow=False),
        NotifiedChange(change=change(ChangeKind.CHANGED, Reason.ANCHOR_CHANGED, 3, before="old", after="new")),
        NotifiedChange(change=change(ChangeKind.LOST, Reason.PAGE_GONE, 4), follow=True),
        NotifiedChange(change=change(ChangeKind.RESTORED, number=5)),
    ]
)


def ended(changes: tuple[NotifiedChange, ...] = (), **given: Any) -> RunEnd:
    facts: dict[str, Any] = {"command": "recheck", "targets": ("target.example",), "exit_status": 0, "outcome": "done"}
    return RunEnd(**{**facts, "is_failed": False, "run": 7, "changes": changes, **given})


# --- messages ---------------------------------------------------------------------------------------------------------


def test_lost_followed_links_come_first() -> None:
    text = text_of(ended(MIXED))
    headings = re.findall(r"^(\w.*) \(\d+\)$", text, re.MULTILINE)
    assert headings == ["Lost followed links", "Lost links that were not followed", "Changed", "Restored", "New"]
    assert [re.search(r"/(\d)$", one.change.source_url)[1] for one in MIXED] == ["4", "2", "3", "5", "1"]  # type: ignore[index]
    assert f'- https://a.example/4 -> {T} [page gone] "map"' in text
    assert f"- https://a.example/3 -> {T} [anchor changed] old -> new" in text
    assert title_of(ended(MIXED)) == (
        "backlinkbot: target.example: 1 lost followed link, 1 other lost link, 1 changed, 1 restored, 1 new link"
    )


def test_a_failure_stands_before_all_else() -> None:
    end = ended(MIXED[:1], is_failed=True, exit_status=1, outcome="nothing was fetched")
    assert text_of(end).startswith("recheck failed (exit status 1): nothing was fetched\n\nLost followed links (1)\n")
    assert title_of(end) == "backlinkbot: target.example: recheck failed, 1 lost followed link"
    assert payload_of(end)["type"] == "run.failed"


def test_long_lists_are_cut_and_say_so() -> None:
    many = tuple(NotifiedChange(change=change(ChangeKind.NEW, number=number)) for number in range(LISTED + 3))
    text = text_of(ended(many))
    assert text.count("\n- https://") == LINES
    assert f"- and {LISTED + 3 - LINES} more; backlinkbot changes --since 6 lists all" in text
    body = payload_of(ended(many))
    assert (len(body["changes"]), body["changes_omitted"], body["counts"]) == (LISTED, 3, {"new": LISTED + 3})


def test_text_of_a_page_is_one_line_of_bounded_length() -> None:
    told = NotifiedChange(
        change=change(ChangeKind.NEW, anchor="a\n- https://b.example/ -> lost\x1b[2J\u202e" + "x" * 500)
    )
    lines = text_of(ended((told,))).splitlines()
    assert len(lines) == 2
    assert len(lines[1]) < 300
    assert lines[1].isprintable()


def test_nothing_is_told_where_there_is_no_news() -> None:
    assert not ended().is_news
    assert ended(is_failed=True).is_news
    assert ended(MIXED[:1]).is_news


# --- channels ---------------------------------------------------------------------------------------------------------


def verified(headers: dict[str, str], body: bytes, key: bytes) -> bool:
    """As docs/alerts.md says, by code that is not ours."""
    code = re.search(r"```python\n(.*?)```", read("docs/alerts.md"), re.DOTALL)
    assert code
    names: dict[str, Any] = {}
    exec(code[1], names)
    return bool(names["is_ours"](headers, body, key))


@pytest.mark.parametrize(
    ("secret", "key"),
    [(KEY, KEY.encode()), ("whsec_" + base64.b64encode(b"\x00\xffkey").decode(), b"\x00\xffkey")],
)
def test_a_webhook_is_signed(hook: Hook, secret: str, key: bytes) -> None:
    (channel,) = channels_of([hook.url], secret)
    assert channel.send(ended(MIXED)) == ""
    ((headers, body),) = hook.taken
    assert verified(headers, body, key)
    assert not verified(headers, body + b" ", key)
    assert not verified(headers, body, key + b"!")
    assert headers["content-type"] == "application/json"
    said = json.loads(body)
    assert said["lost_followed"] == 1
    assert [one["kind"] for one in said["changes"]] == ["lost", "lost", "changed", "restored", "new"]
    assert [one["follow"] for one in said["changes"]][:2] == [True, False]


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    signature = signature_of(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    again = hmac.new(key, b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330." + body, hashlib.sha256).digest()
    assert signature == f"v1,{base64.b64encode(again).decode()}"


@pytest.mark.parametrize(
    ("statuses", "requests", "why"),
    [
        ([], 1, ""),
        ([500], 2, ""),
        ([500, 503], 2, "it answered 503"),
        ([404], 1, "it answered 404"),
        ([302], 1, "it answered 302"),  # what is signed goes to no other server
    ],
)
def test_a_webhook_is_sent_again_after_a_fault_of_the_server(
    hook: Hook, statuses: list[int], requests: int, why: str
) -> None:
    hook.statuses = statuses
    (channel,) = channels_of([hook.url], KEY)
    assert channel.send(ended(MIXED)) == why
    assert len(hook.taken) == requests
    assert len({headers["webhook-id"] for headers, _ in hook.taken}) == 1


def test_changes_of_mentions_come_last_and_are_no_links() -> None:
    told = [
        NotifiedChange(change=change(ChangeKind.LOST, Reason.REMOVED_FROM_PAGE, is_mention=True)),
        NotifiedChange(change=change(ChangeKind.NEW, number=2)),
    ]
    end = ended(in_order(told))
    assert title_of(end) == "backlinkbot: target.example: 1 new link, 1 mention"
    assert text_of(end).endswith(f"Mentions (1)\n{text_of(end).splitlines()[-1]}")
    assert "[lost: removed from page]" in text_of(end).splitlines()[-1]
    assert payload_of(end)["counts"] == {"new": 1, "mentions": 1}


def test_a_webhook_that_nobody_takes_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (channel,) = channels_of([f"webhook+http://127.0.0.1:{port}/secret-path"], KEY)
    assert channel.send(ended(MIXED)).startswith("it could not be reached")


def test_a_webhook_that_fails_behind_a_proxy_names_the_proxy(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    hook.statuses = [502, 502]
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", f"http://reader:secret@127.0.0.1:{hook.port}/")
    (channel,) = channels_of(["webhook+http://hooks.example/secret-path"], KEY)
    assert channel.send(ended(MIXED)) == f"it answered 502 through the proxy 127.0.0.1:{hook.port}"
    (channel,) = channels_of(["webhook+https://hooks.example/secret-path"], KEY)
    why = channel.send(ended(MIXED))
    assert why.startswith(
        f"it could not be reached through the proxy 127.0.0.1:{hook.port} (Tunnel connection failed: 501"
    )
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    hook.statuses = [404]
    (channel,) = channels_of([hook.url], KEY)
    assert channel.send(ended(MIXED)) == "it answered 404"


def test_apprise_sends_text(hook: Hook) -> None:
    (channel,) = channels_of([f"json://127.0.0.1:{hook.port}/secret-path"], "")
    assert channel.send(ended(MIXED, is_failed=True, exit_status=1)) == ""
    (body,) = hook.bodies
    assert body["title"] == title_of(ended(MIXED, is_failed=True, exit_status=1))
    assert "Lost followed links (1)" in body["message"]
    assert body["type"] == "failure"


@pytest.mark.parametrize(
    ("url", "secret", "text"),
    [
        ("webhook+https://host.example/s3cr3t", "", "BACKLINKBOT_NOTIFY_SECRET"),
        ("webhook+https:///s3cr3t", KEY, "no host is named"),
        ("webhook+https://[s3cr3t/", KEY, "no host is named"),
        ("webhook+https://host.example/s3cr3t", "whsec_s3cr3t!", "base64"),
        ("nonsense://user:s3cr3t@host.example", "", "nonsense://…: Apprise knows no such address"),
        ("s3cr3t", "", "an address without a scheme"),
        ("mailto://user:s3cr3t@", "", "mailto://…"),
    ],
)
def test_a_wrong_address_is_refused_without_its_secrets(
    url: str, secret: str, text: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingError) as raised:
        channels_of([url], secret)
    assert text in str(raised.value)
    said = [str(raised.value), caplog.text, *capfd.readouterr()]
    assert not any("s3cr3t" in one for one in said)


def test_without_apprise_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(SettingError, match=r'pip install "backlinkbot\[notify\]"'):
        channels_of(["slack://a/b/c"], "")
    assert len(channels_of(["webhook+https://host.example/"], KEY)) == 1


def test_what_is_printed_of_an_address() -> None:
    assert scheme_of("slack://a/b/c") == "slack://…"
    assert scheme_of("password") == "an address without a scheme"
    assert scheme_of("pass word://x") == "an address without a scheme"


# --- metrics ----------------------------------------------------------------------------------------------------------

FIGURES: dict[str, Any] = {
    "seconds": 1.5,
    "pages_visited": 5,
    "pages_read": 3,
    "pages_failed": {"gone": 1, "unreachable": 1},
    "backlinks": 4,
    "referring_pages": 2,
    "referring_domains": 1,
    "counts": {"remembering/lost": 2},
}
Samples = dict[tuple[str, str], float]


def samples(text: str) -> Samples:
    """By name and by the value of the label that only some have, as prometheus_client reads them."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            found[sample.name, sample.labels.get("state") or sample.labels.get("kind") or ""] = sample.value
    return found


def test_metrics_are_read_by_prometheus_own_parser() -> None:
    hostile = 'a"\\\n.example'
    text = metrics_text(ended(targets=(hostile, "b.example"), summary=FIGURES), 1000.5, None)
    found = samples(text)
    assert found["backlinkbot_last_run_success", ""] == 1
    assert found["backlinkbot_last_success_timestamp_seconds", ""] == 1000.5
    assert found["backlinkbot_pages_failed", "gone"] == 1
    assert {kind: found["backlinkbot_changes", kind] for kind in ("lost", "new")} == {"lost": 2, "new": 0}
    labels = next(iter(text_string_to_metric_families(text))).samples[0].labels
    assert labels == {"command": "recheck", "targets": f"{hostile},b.example"}


def test_every_metric_is_described() -> None:
    from backlinkbot.alerts import metrics

    rows = [row[0] for row in table_rows(read("docs/alerts.md")) if row[0].startswith("`backlinkbot_")]
    named = [name for cell in rows for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(metrics._HELP)


def test_the_time_of_the_last_success_outlives_failures(tmp_path: Path) -> None:
    file = tmp_path / "b.prom"
    failed = ended(exit_status=1, is_failed=True)
    write_metrics(file, failed, 1.0)
    assert ("backlinkbot_last_success_timestamp_seconds", "") not in samples(file.read_text())
    write_metrics(file, ended(summary=FIGURES), 1764500000.25)
    for now in (1764600000.0, 1764700000.0):
        write_metrics(file, failed, now)
        found = samples(file.read_text())
        assert found["backlinkbot_last_success_timestamp_seconds", ""] == 1764500000.25
        assert found["backlinkbot_last_run_timestamp_seconds", ""] == now
        assert found["backlinkbot_last_run_success", ""] == 0
    write_metrics(file, ended(command="verify", exit_status=1, is_failed=True), 1764800000.0)
    assert ("backlinkbot_last_success_timestamp_seconds", "") not in samples(file.read_text())
    assert [path.name for path in tmp_path.iterdir()] == ["b.prom"]
    with pytest.raises(OutputError):
        write_metrics(Path("/proc/none/b.prom"), failed, 1.0)


# --- runs -------------------------------------------------------------------------------------------------------------


def verify(web: FakeWeb, folder: Path, hook: Hook, *words: str | Path, **env: str) -> Ran:
    (folder / "c.txt").write_text("https://a.example/\nhttps://b.example/\n")
    outputs: list[str | Path] = [
        "--history",
        folder / "h.db",
        "-o",
        folder / "rows.csv",
        "--metrics",
        folder / "b.prom",
    ]
    given = {"BACKLINKBOT_NOTIFY": hook.url, "BACKLINKBOT_NOTIFY_SECRET": KEY, "no_proxy": "127.0.0.1", **env}
    first: list[str | Path] = [
        "backlinkbot",
        "verify",
        "target.example",
        "--candidates",
        folder / "c.txt",
        "--delay",
        "0",
    ]
    return run_command(*first, *outputs, *words, "-s", "BACKLINKBOT_WAIT_MAX=0", web=web, env=given)


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_run_tells_what_changed_once_and_nothing_that_is_not_confirmed(
    web: FakeWeb, hook: Hook, tmp_path: Path
) -> None:
    web.page("https://a.example/", link(T, "map"))
    web.page("https://b.example/", link(T, "map"))
    assert verify(web, tmp_path, hook).status == 0
    (first,) = hook.bodies
    assert (first["type"], first["counts"], first["run"]) == ("links.changed", {"new": 2}, 1)
    assert first["summary"]["pages_visited"] == 2
    assert verify(web, tmp_path, hook).status == 0
    assert len(hook.taken) == 1  # nothing has changed
    web.page("https://a.example/", f"<title>t</title>{'<p>Much text about the sea and its maps.' * 9}")
    web.page("https://b.example/", status=404)
    assert verify(web, tmp_path, hook).status == 0
    (_, last) = hook.bodies
    lost = [(one["source_url"], one["reason"], one["follow"]) for one in last["changes"]]
    assert lost == [("https://a.example/", "removed_from_page", True)]  # the 404 awaits a second visit
    found = samples((tmp_path / "b.prom").read_text())
    assert found["backlinkbot_changes", "lost"] == 1
    assert found["backlinkbot_pages_failed", "gone"] == 1


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_failed_run_is_told(web: FakeWeb, hook: Hook, tmp_path: Path) -> None:
    ran = verify(web, tmp_path, hook)
    assert ran.status == 1
    assert "was not sent" not in ran.err
    (body,) = hook.bodies
    assert (body["type"], body["exit_status"], body["targets"]) == ("run.failed", 1, ["target.example"])
    assert body["outcome"].startswith("nothing was fetched")
    assert samples((tmp_path / "b.prom").read_text())["backlinkbot_last_run_exit_status", ""] == 1
    refused = verify(web, tmp_path, hook, "--summary", "/proc/none/summary.json")
    assert refused.status == 1
    assert "/proc/none/summary.json" in hook.bodies[1]["outcome"]
    assert hook.bodies[1]["summary"] is None


@pytest.mark.slow
@pytest.mark.subprocess
def test_what_cannot_be_sent_is_said_and_costs_nothing_else(web: FakeWeb, hook: Hook, tmp_path: Path) -> None:
    web.page("https://a.example/", link(T, "map"))
    web.page("https://b.example/", link(T, "map"))
    hook.statuses = [404]
    ran = verify(web, tmp_path, hook, "--notify", hook.url, "--notify", "json://user:s3cr3t@127.0.0.1:1/s3cr3t")
    assert ran.status == 0
    assert "backlinkbot: the notification to the webhook was not sent: it answered 404\n" in ran.err
    assert "backlinkbot: the notification to JSON was not sent: the service did not take it\n" in ran.err
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 3
    runs = run_command("backlinkbot", "runs", "--history", tmp_path / "h.db", "--format", "jsonl")
    stored = (
        (tmp_path / "h.db").read_bytes() + (tmp_path / "h.db-wal").read_bytes()
        if (tmp_path / "h.db-wal").exists()
        else (tmp_path / "h.db").read_bytes()
    )
    for said in (ran.err, ran.out, runs.out, stored.decode("latin-1")):
        assert not re.search("s3cr3t|secret-path", said)


@pytest.mark.subprocess
def test_a_wrong_address_is_told_before_anything_is_fetched(web: FakeWeb, hook: Hook, tmp_path: Path) -> None:
    ran = verify(web, tmp_path, hook, "--notify", "slak://user:s3cr3t@host")
    assert ran.status == 2
    assert ran.err.count("--notify slak://…") == 1
    assert "s3cr3t" not in ran.err
    assert web.hits == []
