"""Tools for assistants: what they answer, their bounds, what they refuse; in memory and by a process over stdio."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backlinkbot.cli.main import main
from backlinkbot.errors import UsageError
from backlinkbot.history import History
from backlinkbot.mcp import live
from backlinkbot.mcp.bounds import LONGEST_CELL, MOST_CHARACTERS, NOTICE, answer, clean
from tests.conftest import environment, link
from tests.fakeweb import FakeWeb
from tests.test_web import history_of
from tests.visited import TARGET, day, read, row

if TYPE_CHECKING:
    from mcp import Client

READING = {"overview", "referring_domains", "links", "link_evidence", "changes", "claims", "gap", "runs", "todo"}
RIVAL = "rival.example"
Ask = Callable[..., dict[str, Any]]


def in_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """Run in an event loop of its own, in a thread: the one of this thread is the reactor's."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result(120)


def client_of(history: str, **options: Any) -> Client:
    """A client of a server in this process."""
    # Imported here, as that takes seconds, and each worker collects the tests of all modules.
    from mcp import Client

    from backlinkbot.mcp.server import server

    return Client(server(history, **options))


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    text = "".join(getattr(part, "text", "") for part in result.content)
    if result.is_error:
        return {"error": text}
    assert json.loads(text) == result.structured_content  # those who read text see the same
    found: dict[str, Any] = result.structured_content
    return found


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = str(tmp_path_factory.mktemp("mcp") / "watch.db")
    history_of(url)
    with History.open(url) as opened:
        run = opened.begin_run("verify", [TARGET, RIVAL], started_at=day(6))
        rival = row("https://rival.example/", target=RIVAL, anchor="a rival")
        opened.record(run, [read(day(6), rival, url=f"https://e{n}.example/") for n in range(3)])
        opened.end_run(run, finished_at=day(6, 13))
    return url


@pytest.fixture(scope="module")
def asked(history: str) -> Ask:
    def call(tool: str, **arguments: Any) -> dict[str, Any]:
        async def work() -> dict[str, Any]:
            async with client_of(history) as client:
                return await ask(client, tool, **arguments)

        found: dict[str, Any] = in_a_loop(work())
        return found

    return call


# --- what there is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allow_verify", [False, True])
def test_tools_that_visit_pages_are_offered_only_where_they_are_allowed(history: str, *, allow_verify: bool) -> None:
    async def work() -> Any:
        async with client_of(history, allow_verify=allow_verify) as client:
            return (await client.list_tools()).tools

    tools = in_a_loop(work())
    reading = {tool.name for tool in tools if tool.annotations.read_only_hint}
    assert reading == READING
    assert {tool.name for tool in tools} - reading == ({"verify_pages"} if allow_verify else set())
    assert all(tool.description and tool.output_schema for tool in tools)
    limits = [tool.input_schema["properties"]["limit"] for tool in tools if "limit" in tool.input_schema["properties"]]
    assert [limit["maximum"] for limit in limits] == [200] * 8


def test_reading_leaves_the_history_as_it_is(history: str, asked: Ask) -> None:
    before = Path(history).read_bytes()
    for tool in READING - {"link_evidence", "gap"}:
        assert "error" not in asked(tool)
    assert asked("todo")["untrusted_rows"][0]["kind"] == "lost_link"
    assert Path(history).read_bytes() == before
    with History.open(history) as opened:
        assert opened.tasks() == {}


# --- answers ----------------------------------------------------------------------------------------------------------


def test_the_overview_names_the_targets_and_its_figures_are_those_of_the_lists(asked: Ask) -> None:
    found = asked("overview")
    assert [each["target"] for each in found["untrusted_rows"]] == [RIVAL, TARGET]
    second = asked("overview", limit=1, offset=1)
    assert second["untrusted_rows"] == found["untrusted_rows"][1:]
    assert (second["next_offset"], asked("overview", limit=1)["next_offset"]) == (None, 1)
    ours = found["untrusted_rows"][1]
    domains = asked("referring_domains", target=TARGET, limit=200)["untrusted_rows"]
    assert ours["links"] == sum(each["links"] for each in domains)
    assert ours["referring_domains"] == sum(each["links"] > 0 for each in domains)
    assert ours["lost_links"] == len(asked("links", target=TARGET, state="lost")["untrusted_rows"]) == 2
    assert [run["id"] for run in found["last_runs"]] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"target": RIVAL}, 3), ({"source_domain": "d1.example"}, 3), ({"follow": False}, 1), ({"follow": True}, 24),
        ({"placement": "footer"}, 1), ({"state": "lost"}, 2), ({"contains": "MAPS 1"}, 5), ({"contains": "%"}, 2),
        ({"contains": "_"}, 0), ({"target_url": "https://target.example/0"}, 4), ({"target": "nobody.example"}, 0),
        ({"contains": "' OR 1=1 --"}, 0), ({"source_url": "https://d3.example/3"}, 1),
        ({"state": "lost", "source_domain": "d0.example"}, 1),
    ],
)  # fmt: skip
def test_links_are_filtered(asked: Ask, arguments: dict[str, Any], expected: int) -> None:
    found = asked("links", limit=200, **arguments)
    assert len(found["untrusted_rows"]) == expected, found
    assert found["next_offset"] is None


@pytest.mark.parametrize("tool", ["overview", "links", "referring_domains", "changes", "runs", "claims", "todo"])
def test_pages_together_are_the_whole(asked: Ask, tool: str) -> None:
    whole = asked(tool, limit=200)["untrusted_rows"]
    pages: list[Any] = []
    offset: int | None = 0
    while offset is not None:
        found = asked(tool, limit=3, offset=offset)
        pages += found["untrusted_rows"]
        offset = found["next_offset"]
    assert pages == whole


def test_a_link_has_its_evidence(asked: Ask) -> None:
    (listed,) = asked("links", follow=False)["untrusted_rows"]
    found = asked("link_evidence", backlink_id=listed["backlink_id"])
    assert [each.get("nofollow_by") for each in found["untrusted_rows"]] == [None, ["rel:nofollow"]]
    assert [each["kind"] for each in found["untrusted_changes"]] == ["new"]
    (claimed,) = asked("links", source_url="https://d2.example/2")["untrusted_rows"]
    assert asked("link_evidence", backlink_id=claimed["backlink_id"])["untrusted_claims"]


def test_changes_gap_and_tasks(asked: Ask) -> None:
    assert {each["kind"] for each in asked("changes", since="0", kind="lost")["untrusted_rows"]} == {"lost"}
    assert len(asked("changes")["untrusted_rows"]) == 3  # of the last run
    found = asked("gap", target=TARGET, against=[RIVAL])["untrusted_rows"]
    assert [each["domain"] for each in found] == ["e0.example", "e1.example", "e2.example"]
    tasks = asked("todo", target=TARGET, against=[RIVAL])
    assert tasks["open_tasks"]["lost_link"] == 2
    assert {each["kind"] for each in asked("todo", kind="lost_link")["untrusted_rows"]} == {"lost_link"}


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("link_evidence", {"backlink_id": 99_999}, "no backlink 99999"), ("links", {"limit": 201}, "200"),
        ("links", {"limit": 0}, "1"), ("links", {"offset": -1}, "0"), ("links", {"state": "x"}, "lost"),
        ("links", {"sort": "1; DROP TABLE _links"}, "first_seen"), ("links", {"contains": "x" * 3_000}, "2000"),
        ("changes", {"since": "yesterday"}, "2026-01-31"), ("changes", {"since": "77"}, "no such run"),
        ("gap", {"target": TARGET, "against": []}, "at least 1"), ("gap", {"target": "http://[", "against": ["b"]}, "["),
        ("verify_pages", {"target": TARGET, "pages": ["https://a.example/"]}, "verify_pages"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(asked: Ask, tool: str, arguments: dict[str, Any], words: str) -> None:
    assert words in asked(tool, **arguments)["error"]


# --- text of crawled pages --------------------------------------------------------------------------------------------


def test_untrusted_text_is_marked_bounded_and_visible(asked: Ask) -> None:
    found = asked("links", source_domain="hostile.example")
    assert found["notice"] == NOTICE
    text = json.dumps(found, ensure_ascii=False)
    assert "<U+202E>gnp.exe" in text
    assert not {"\u202e", "\x00"} & set(text)
    assert max(len(each.get("anchor", "")) for each in found["untrusted_rows"]) <= LONGEST_CELL + 20


def test_names_and_passwords_are_left_out(asked: Ask) -> None:
    found = asked("links", contains="xn--bcher")["untrusted_rows"]
    assert {each["source_url"].partition("/%")[0] for each in found} == {"https://xn--bcher-kva.example"}
    assert "secret" not in json.dumps([asked(tool) for tool in READING - {"link_evidence", "gap"}])


def test_an_answer_has_a_bounded_size_and_goes_on_behind_it() -> None:
    rows = [{"anchor": "x" * LONGEST_CELL, "number": n} for n in range(500)]
    seen, offset = [], 0
    while True:
        found = answer(rows[offset:], limit=400, offset=offset)
        assert len(json.dumps(found["untrusted_rows"])) <= MOST_CHARACTERS * 1.1
        seen += [each["number"] for each in found["untrusted_rows"]]
        if found["next_offset"] is None:
            break
        offset = found["next_offset"]
    assert seen == list(range(500))


def test_one_row_is_shown_however_large_it_is() -> None:
    found = answer([{f"c{n}": "x" * 400 for n in range(300)}], limit=5, offset=0)
    assert (len(found["untrusted_rows"]), found["next_offset"]) == (1, None)


def test_lists_in_cells_are_bounded() -> None:
    assert clean({"reasons": [str(n) for n in range(100)], "none": None, "no": False})["reasons"][-1] == "… 80 more"


# --- live checks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("@/etc/passwd", "https://a.example/"), ("a.example b.example", "https://a.example/"), ("", "https://a.example/"),
        (TARGET, "/etc/passwd"), (TARGET, "file:///etc/passwd"), (TARGET, "https://a.example/ b.txt"), (TARGET, "@list.txt"),
        (TARGET, "https://"), (TARGET, "candidates.csv"),
    ],
)  # fmt: skip
def test_files_of_this_machine_are_not_read(target: str, page: str, tmp_path: Path) -> None:
    async def report(_: int) -> None:
        raise AssertionError

    with pytest.raises(UsageError):
        in_a_loop(live.verify(target, [page], history=str(tmp_path / "h.db"), report=report))


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_process_over_stdio_answers_and_visits_pages(web: FakeWeb, tmp_path: Path) -> None:
    from mcp import Client, StdioServerParameters, stdio_client

    web.page("https://a.example/", link("https://target.example/", "hello", rel="nofollow"))
    web.page("https://b.example/", "<p>nothing")
    url = str(tmp_path / "watch.db")
    history_of(url)
    command = ["-m", "backlinkbot", "mcp", "--history", url, "--allow-verify"]
    pages = ["https://a.example/", "https://b.example/"]
    seen_pages: list[float] = []

    async def seen(progress: float, total: float | None, message: str | None) -> None:
        assert (total, message) == (2, None)
        seen_pages.append(progress)

    async def work() -> Any:
        parameters = StdioServerParameters(command=sys.executable, args=command, env=environment(web))
        async with Client(stdio_client(parameters)) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            before = await ask(client, "links", source_domain="a.example")
            arguments = {"target": TARGET, "pages": pages}
            nowhere = await ask(client, "verify_pages", target=TARGET, pages=["http://127.0.0.1:9/"])
            checked = (await client.call_tool("verify_pages", arguments, progress_callback=seen)).structured_content
            return tools, before, nowhere, checked, await ask(client, "links", source_domain="a.example")

    tools, before, nowhere, checked, after = in_a_loop(work())
    assert tools == READING | {"verify_pages"}
    assert before["untrusted_rows"] == []
    assert "private address" in nowhere["problem"]
    assert [check["state"] for check in nowhere["untrusted_rows"]] == ["unreachable"]
    states = {check["candidate"]: check["state"] for check in checked["untrusted_rows"]}
    assert states == {"https://a.example/": "linked", "https://b.example/": "not_linked"}
    (found,) = checked["untrusted_links"]
    assert (found["anchor"], found["follow"], found["nofollow_by"]) == ("hello", False, ["rel:nofollow"])
    assert [each["anchor"] for each in after["untrusted_rows"]] == ["hello"]  # recorded
    assert seen_pages[-1] == 2


@pytest.mark.parametrize("words", [[], ["--allow-verify"]])
def test_a_history_that_does_not_exist_is_told(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mcp", "--history", str(tmp_path / "none.db"), *words]) == 2
    assert "does not exist yet" in capsys.readouterr().err
