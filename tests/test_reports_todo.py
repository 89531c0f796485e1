"""What to do: the tasks that rows, losses and claims show, their order, and the status that a history remembers."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from backlinkbot.cli.main import main
from backlinkbot.configuration.masking import without_password
from backlinkbot.history import History, TaskStatus
from backlinkbot.items import Backlink, CheckedClaim, Claim, JudgedPage, Mismatch, State, Verdict
from backlinkbot.reports.anchors import AnchorReader
from backlinkbot.reports.page import html
from backlinkbot.reports.page.figures import figures
from backlinkbot.reports.todo.choosing import Choice, Wanted
from backlinkbot.reports.todo.claims import _ANSWERS
from backlinkbot.reports.todo.collecting import LOST as LOSSES
from backlinkbot.reports.todo.contacts import contact
from backlinkbot.reports.todo.listing import Section, sections
from backlinkbot.reports.todo.redirects import LinkedAddress, LivingPages
from backlinkbot.reports.todo.tasks import Task, TaskKind, heading
from backlinkbot.terminal.cells import cells
from tests.fakeweb import FakeWeb
from tests.linkrows import backlink, write_rows
from tests.sample_links import NOW
from tests.task_rows import RowLinks
from tests.terminals import on_terminal
from tests.visited import TARGET, day, failed, gone, nofollow, read, row

RIVAL = "rival.example"
LOST: dict[str, Any] = {"state": "lost", "lost_reason": "removed_from_page", "last_seen": day(3)}


def tasks(rows: Sequence[Backlink], *, kind: TaskKind | None = None, **given: Any) -> list[Task]:
    """The tasks that rows show."""
    found = sections(RowLinks(rows), **given)
    return [task for section in found for task in section.tasks if kind is None or section.kind is kind]


def mention(source: str, **given: Any) -> Backlink:
    return backlink(source, link_type="mention", follow=None, **given)


def rival(source: str, **given: Any) -> Backlink:
    return backlink(source, **{"target": RIVAL, "target_url": "https://rival.example/", "placement": "content"} | given)


# --- lost links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "others", "is_listed"),
    [
        ({}, (), True),
        ({"follow": False, "nofollow_by": ("rel:nofollow",)}, (), False),
        ({"follow": None, "link_type": "frame"}, (), False),
        ({"state": "live", "lost_reason": ""}, (), False),
        ({"state": "live", "lost_reason": "", "unconfirmed_since": day(2)}, (), False),
        ({"flags": ("same_domain",)}, (), False),
        ({"lost_reason": "page_gone"}, (), True),
        ({"lost_reason": "page_redirected"}, (), True),
        # the page or its list went on to another address, where the same link stands
        ({"lost_reason": "page_redirected"}, [backlink("https://www.a.example/moved")], False),
        ({}, [backlink("https://a.example/page/2")], False),
        ({}, [backlink("https://a.example/page/2", target_url="http://target.example/#top")], False),
        # what stands elsewhere is another link
        ({}, [backlink("https://a.example/2", anchor="another anchor")], True),
        ({}, [backlink("https://a.example/2", target_url="https://target.example/other")], True),
        ({}, [backlink("https://b.example/2")], True),
        ({}, [backlink("https://a.example/2", follow=False, nofollow_by=("rel:nofollow",))], True),
        ({}, [backlink("https://a.example/2", **LOST)], True),
    ],
)
def test_only_followed_links_that_are_lost_are_to_be_won_back(
    lost: dict[str, Any], others: Sequence[Backlink], *, is_listed: bool
) -> None:
    found = tasks([backlink(**LOST | lost), *others], kind=TaskKind.LOST_LINK)
    assert ("https://a.example/" in {task.page for task in found}) is is_listed


def test_a_lost_link_says_what_it_was_worth_in_parts() -> None:
    lost = backlink(**LOST, placement="content", external_links=4, context_after="Write to jo@a.example.")
    (task,) = tasks([lost, backlink("https://b.example/x")], authority=lambda names: dict.fromkeys(names, 61.5))
    assert (task.kind, task.page, task.domain, task.target_url) == (
        "lost_link", "https://a.example/", "a.example", "https://target.example/",
    )  # fmt: skip
    assert (task.authority, task.follow, task.placement, task.links_beside, task.domains) == (
        61.5,
        True,
        "content",
        4,
        1,
    )
    assert task.relevance is not None
    assert 0 < task.relevance <= 1
    assert (task.contact, task.since) == ("jo@a.example", day(3))
    assert "removed from the page; a visit saw it last on 2026-01-03: “the harbour guide”" in task.evidence
    assert "no other page of the domain links to you" in task.evidence


def test_several_links_of_a_page_to_one_address_are_one_task_and_the_one_in_the_text_counts() -> None:
    rows = [backlink(**LOST, placement=place, anchor=place) for place in ("footer", "content", "nav")]
    (task,) = tasks(rows)
    assert task.placement == "content"


def test_the_order_is_by_what_can_be_seen() -> None:
    rows = [
        backlink("https://known.example/", **LOST),
        backlink("https://known.example/other", anchor="x"),
        backlink("https://plain.example/", **LOST, placement="footer"),
        backlink("https://crowded.example/", **LOST, placement="content", external_links=90),
        backlink("https://few.example/", **LOST, placement="content", external_links=2),
        backlink("https://great.example/", **LOST, placement="footer"),
    ]
    found = tasks(rows, authority=lambda _: {"great.example": 80.0})
    names = [task.domain for task in found]
    assert names == ["great.example", "few.example", "crowded.example", "plain.example", "known.example"]


# --- broken targets ---------------------------------------------------------------------------------------------------

OLD, NEW = "https://target.example/blog/harbour-walk-2019", "https://target.example/walks/harbour-walk.html"


def to(url: str, state: str, source: str = "https://a.example/", **given: Any) -> Backlink:
    return backlink(source, target_url=url, target_state=state, **given)


@pytest.mark.parametrize(
    ("state", "is_broken"),
    [
        ("broken", True), ("soft_404", True), ("redirected_home", True), ("parked", True), ("suspended", True),
        ("ok", False), ("redirected", False), ("", False), ("server_error", False), ("unreachable", False),
        ("refused", False), ("blocked_by_robots", False), ("challenged", False), ("maintenance", False),
    ],
)  # fmt: skip
def test_an_address_that_could_not_be_checked_is_not_broken(state: str, *, is_broken: bool) -> None:
    assert bool(tasks([to(OLD, state)], kind=TaskKind.BROKEN_TARGET)) is is_broken


def test_a_broken_target_names_the_living_page_that_resembles_it() -> None:
    rows = [
        to(OLD, "broken", "https://a.example/1", target_status=404, fetched_at=day(4)),
        to(f"{OLD}#map", "broken", "https://b.example/", target_status=404, fetched_at=day(5)),
        to(NEW, "ok", "https://c.example/"),
        to("https://target.example/walks/city-walls.html", "ok", "https://c.example/", anchor="city walls"),
        to("https://target.example/", "ok", "https://c.example/"),
    ]
    (task,) = tasks(rows, kind=TaskKind.BROKEN_TARGET)
    assert (task.page, task.suggestion, task.domains, task.links, task.since) == (OLD, NEW, 2, 2, day(5))
    assert task.action == f"Redirect it to {NEW}"
    assert task.evidence == "it answers: not found (status 404); 2 links from 2 domains, 2 followed"


def test_the_last_answer_counts() -> None:
    mended = [to(OLD, "broken", fetched_at=day(1)), to(OLD, "ok", "https://b.example/", fetched_at=day(2))]
    assert tasks(mended) == []
    assert [task.page for task in tasks(list(reversed(mended)))] == []


@pytest.mark.parametrize(
    ("broken", "living", "expected"),
    [
        ("/old/harbour-walk", ["/harbour-walk", "/harbour"], "/harbour-walk"),
        ("/harbour-walk", ["/"], ""),
        ("/harbour-walk", [], ""),
        ("/harbour-walk", ["/prices", "/contact"], ""),
        ("/blog/one", ["/blog/two", "/blog/three", "/blog/four"], ""),  # all share the folder's name only
        ("/guide.html", ["/index.html", "/about.html"], ""),
        ("/hafen-rundgang", ["/de/hafen/rundgang", "/de/hafen"], "/de/hafen/rundgang"),
        ("/%D0%B3%D0%B0%D0%B2%D0%B0%D0%BD%D1%8C", ["/ru/гавань", "/ru/город"], "/ru/гавань"),
        ("/?p=17", ["/?p=18"], ""),
    ],
)
def test_which_living_page_resembles_a_broken_one(broken: str, living: list[str], expected: str) -> None:
    home = "https://target.example"
    pages = LivingPages([LinkedAddress(f"{home}{path}") for path in living])
    assert pages.nearest(LinkedAddress(f"{home}{broken}")) == (f"{home}{expected}" if expected else "")


def test_anchors_tell_what_a_number_does_not() -> None:
    living = [
        LinkedAddress("https://target.example/?p=7", {"old harbour"}),
        LinkedAddress("https://target.example/?p=8", {"castle"}),
    ]
    assert (
        LivingPages(living).nearest(LinkedAddress("https://target.example/?p=1", {"the old harbour"})) == living[0].url
    )


# --- mentions and competitors -----------------------------------------------------------------------------------------


def test_a_mention_is_a_task_unless_its_page_links() -> None:
    rows = [
        mention("https://a.example/"),
        mention("https://a.example/"),
        mention("https://b.example/"),
        backlink("https://b.example/"),
        mention("https://c.example/", **LOST),
        mention("https://d.example/1"),
        backlink("https://d.example/2"),
    ]
    found = tasks(rows, kind=TaskKind.MENTION)
    assert [(task.page, task.domains) for task in found] == [("https://a.example/", 1), ("https://d.example/1", 0)]


@pytest.mark.parametrize(
    ("given", "is_listed"),
    [
        ({}, True),
        ({"follow": False, "nofollow_by": ("rel:nofollow",)}, False),
        ({"indexable": False, "noindex_by": ("meta:robots",)}, False),
        ({"placement": "footer"}, False),
        ({"placement": "comment"}, False),
        ({"placement": ""}, False),
        ({"rel": ("UGC",)}, False),
        ({"link_kind": ("guest_post",)}, False),
        ({"link_kind": ("image_credit",)}, True),
        ({"flags": ("hidden",)}, False),
        (LOST, False),
    ],
)
def test_only_editorial_links_to_competitors_count(given: dict[str, Any], *, is_listed: bool) -> None:
    found = tasks([backlink("https://b.example/"), rival("https://a.example/p", **given)], competitors=[RIVAL])
    assert [task.page for task in found] == (["https://a.example/p"] if is_listed else [])


def test_domains_that_link_already_and_the_sites_themselves_are_not_asked() -> None:
    rows = [
        backlink("https://b.example/"),
        rival("https://b.example/p"),
        rival("https://blog.rival.example/p"),
        rival("https://shop.target.example/p"),
        rival("https://c.example/p"),
        rival("https://c.example/p", target="other.example"),
    ]
    (task,) = tasks(rows, competitors=[RIVAL, "other.example"])
    assert (task.page, task.target, task.links, task.target_url) == ("https://c.example/p", "target.example", 2, "")
    assert "leads to other.example, rival.example" in task.evidence


def test_without_competitors_every_target_is_ones_own() -> None:
    assert tasks([backlink("https://b.example/"), rival("https://a.example/p")]) == []


# --- claims and schemes -----------------------------------------------------------------------------------------------


def claim(
    page: str,
    *reasons: str,
    verdict: Verdict = Verdict.FALSE,
    origin: str = "ahrefs",
    to: str = "https://target.example/",
) -> CheckedClaim:
    said = Claim(origin=origin, target_url=to)
    return CheckedClaim(candidate=page, claim=said, verdict=verdict, reasons=reasons, judged_at=day(2))


def test_false_claims_are_one_task_a_page_and_those_that_may_win_something_come_first() -> None:
    claims = [
        claim("https://d.example/", Mismatch.ANCHOR_DIFFERS),
        claim("https://c.example/", Mismatch.LINK_MISSING),
        claim("http://c.example/#x", Mismatch.LINK_MISSING, origin="semrush"),
        claim("e.example/page", Mismatch.FOLLOW_DIFFERS, Mismatch.ANCHOR_DIFFERS),
        claim("https://f.example/", verdict=Verdict.TRUE),
        claim("https://g.example/", "refused", verdict=Verdict.COULD_NOT_CHECK),
        claim("https://h.example/", Mismatch.LINK_MISSING, to="https://foreign.example/"),
        claim("https://lost.example/", Mismatch.LINK_MISSING),
    ]
    rows = [backlink("https://b.example/"), backlink("https://lost.example/", **LOST)]
    found = tasks(rows, kind=TaskKind.FALSE_CLAIM, claims=claims)
    assert [task.domain for task in found] == ["e.example", "c.example", "d.example"]
    assert found[1].evidence == "claimed by ahrefs, semrush; a visit found: the page does not link there"
    assert all(task.contact == "unknown" for task in found)


def test_a_false_claim_that_names_none_of_several_targets_is_a_task() -> None:
    claims = [
        claim("https://c.example/", Mismatch.LINK_MISSING, to=""),
        claim("https://d.example/", Mismatch.LINK_MISSING, to=""),
        claim("https://d.example/", Mismatch.ANCHOR_DIFFERS),
        claim("https://lost.example/", Mismatch.LINK_MISSING, to=""),
    ]
    rows = [
        backlink("https://b.example/"),
        backlink("https://e.example/", target="other.example"),
        backlink("https://lost.example/", state="lost", lost_reason="removed_from_page"),
    ]
    found = tasks(rows, kind=TaskKind.FALSE_CLAIM, claims=claims)
    assert [(task.page, task.target) for task in found] == [
        ("https://c.example/", ""),
        ("https://d.example/", "target.example"),
    ]


@pytest.mark.parametrize(
    "action", [*(action for action, _ in (*LOSSES.values(), *_ANSWERS.values())), "Ask to link the mention"]
)
def test_an_action_above_several_tasks_is_in_the_plural(action: str) -> None:
    assert heading(action, 1) == action
    several = heading(action, 2)
    assert not set(several.replace(",", "").replace(";", "").split()) & {"it", "its", "was"}
    assert (several != action) == bool(set(action.split()) & {"it", "its", "link", "mention", "address"})


def test_the_nearest_page_stays_in_the_plural() -> None:
    assert heading("Redirect it to https://target.example/it", 2) == "Redirect them to https://target.example/it"


def test_a_link_that_is_followed_against_its_claim_is_not_asked_for() -> None:
    said = Claim(origin="ahrefs", target_url="https://target.example/", follow=False)
    reasons = (Mismatch.FOLLOW_DIFFERS.value,)
    checked = CheckedClaim(
        candidate="https://b.example/", claim=said, verdict=Verdict.FALSE, reasons=reasons, judged_at=day(2)
    )
    (task,) = tasks([backlink("https://b.example/")], kind=TaskKind.FALSE_CLAIM, claims=[checked])
    assert task.action == "Correct your list: the link is followed"
    assert task.evidence == "claimed by ahrefs; a visit found: the link is followed"


def scheme(count: int) -> list[Backlink]:
    """Domains with the same two links each, and as many good ones as make three quarters."""
    return [
        backlink(f"https://net{number}.example/{n}", target_url=f"https://target.example/{n}", anchor=f"words {n}")
        for number in range(count)
        for n in (1, 2)
    ]


@pytest.mark.parametrize(("schemed", "good", "is_listed"), [(20, 0, True), (19, 0, False), (20, 61, False)])
def test_disavowing_is_advised_only_where_the_advice_of_the_disavow_report_says_so(
    schemed: int, good: int, *, is_listed: bool
) -> None:
    rows = scheme(schemed) + [backlink(f"https://good{n}.example/", anchor=f"good {n}") for n in range(good)]
    found = tasks(rows, kind=TaskKind.DISAVOW)
    assert len(found) == (schemed if is_listed else 0)
    assert all("network" in task.evidence for task in found)


def test_a_public_suffix_is_never_disavowed() -> None:
    rows = [
        *scheme(20),
        *(
            backlink(f"https://github.io/{n}", target_url=f"https://target.example/{n}", anchor=f"words {n}")
            for n in (1, 2)
        ),
    ]
    assert "github.io" not in {task.page for task in tasks(rows, kind=TaskKind.DISAVOW)}


# --- contacts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "unknown"),
        ({"context_after": "Mail jo.doe+x@a.example, or call."}, "jo.doe+x@a.example"),
        ({"context_before": "Editor: <ed@mail.test>"}, "ed@mail.test"),
        ({"context_after": "write to info@target.example"}, "unknown"),
        ({"context_after": "write to info@www.target.example or ed@a.example"}, "ed@a.example"),
        ({"context_after": "@jo on a@b and jo@localhost"}, "unknown"),
        ({"context_after": f"{'a' * 200}@a.example"}, "unknown"),
        ({"context_after": "see https://u:p@a.example/"}, "unknown"),
    ],
)
def test_a_contact_is_one_that_the_page_prints(given: dict[str, Any], expected: str) -> None:
    assert contact(backlink(**given)) == expected


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def url(history_url: str) -> str:
    """Two pages on two days: one lost its link, one of its pages could not be checked, one keeps its links."""
    with History.open(history_url) as history:
        visits: list[list[JudgedPage]] = [
            [
                read(day(1), row("https://target.example/a", anchor="maps")),
                read(day(1), row("https://target.example/b", anchor="maps"), url="https://wall.example/"),
                read(day(1), nofollow(), url="https://nofollow.example/"),
                read(day(1), row(OLD, target_state="broken", target_status=404), url="https://old.example/"),
            ],
            [read(day(3)), failed(day(3), State.CHALLENGED, url="https://wall.example/"), read(day(3), url="https://nofollow.example/")],
        ]  # fmt: skip
        for number, pages in enumerate(visits, start=1):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            history.record(run, pages)
            history.end_run(run)
    return history_url


def listed(url: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, Any]]:
    assert main(["todo", "--history", url, "--format", "jsonl", *more]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_numbers_and_statuses_are_remembered(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = listed(url, capsys)
    assert [(task["number"], task["kind"]) for task in first] == [(1, "lost_link"), (2, "broken_target")]
    assert main(["todo", "done", "1", "--note", "wrote to them", "--history", url]) == 0
    assert capsys.readouterr().out == f"1 done: lost_link {first[0]['page']} (wrote to them)\n"
    assert [task["number"] for task in listed(url, capsys)] == [2]
    (done,) = listed(url, capsys, "--status", "done")
    assert (done["number"], done["status"], done["note"]) == (1, "done", "wrote to them")
    assert done["noted_at"]
    assert main(["todo", "reopen", "1", "--history", url]) == 0
    assert "1 open: lost_link" in capsys.readouterr().out
    assert [(task["number"], task["note"]) for task in listed(url, capsys)] == [(1, "wrote to them"), (2, "")]


def test_what_is_lost_again_after_it_was_done_is_open_again(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = listed(url, capsys)[0]["page"]
    with History.open(url) as history:
        history.mark_tasks([1], TaskStatus.DONE, at=day(4))
    assert [task["number"] for task in listed(url, capsys)] == [2]
    with History.open(url) as history:
        for at, rows in ((day(10), [row("https://target.example/a", anchor="maps")]), (day(12), [])):
            run = history.begin_run("verify", [TARGET], started_at=at)
            history.record(run, [read(at, *rows, url=page)])
            history.end_run(run)
    assert [(task["number"], task["status"]) for task in listed(url, capsys)] == [(1, "open"), (2, "open")]


def test_the_table_has_a_heading_for_each_kind(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["todo", "--history", url]) == 0
    out = capsys.readouterr().out
    assert "Win back lost followed links (1)" in out
    assert "Redirect broken targets (1)" in out


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_whole_sentences_in_its_width(url: str, columns: int) -> None:
    with FakeWeb() as web:
        shown = on_terminal(web, "backlinkbot", "todo", "--history", url, columns=columns)
    assert shown.status == 0
    assert all(cells(line) <= columns for line in shown.lines if "backlinkbot todo" not in line)
    text = " ".join(" ".join(shown.lines).split())
    assert "Win back lost followed links (1) Ask for the link back 1 https://" in text
    assert "the link was removed from the page; a visit saw it last on " in text
    assert f"2 {OLD} it answers: not found (status 404); 1 link from 1 domain" in text
    assert "…" not in text
    assert "When one is done: backlinkbot todo done 1 --note 'what you did' --history " in text


def commands(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """The commands that a listing prints, as a shell reads them."""
    return [shlex.split(line) for line in capsys.readouterr().out.splitlines() if line.startswith("  backlinkbot ")]


def test_the_commands_below_the_tasks_are_about_the_same_list(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with History.open(url) as history:
        history.record(
            history.begin_run("verify", [TARGET], started_at=day(4)),
            [read(day(4), row(f"{OLD}-2", target_state="broken"), url="https://old.example/2")],
        )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["todo", "--history", url, "--limit", "1", "--target", TARGET, "--status", "all"]) == 0
    done, every = commands(capsys)
    assert done == ["backlinkbot", "todo", "done", "1", "--note", "what you did", "--history", without_password(url)]
    choice = ["--target", TARGET, "--status", "all", "--limit", "0"]
    assert every == ["backlinkbot", "todo", *choice, "--history", without_password(url)]
    assert main([*done[1:-1], url]) == 0
    capsys.readouterr()
    assert main(["todo", "--history", url, "--status", "done"]) == 0
    assert commands(capsys) == []


def test_adjacent_tasks_share_what_to_do_and_the_order_stays() -> None:
    one, other = "Ask", "Correct"
    given = tuple(
        Task(kind="lost_link", action=action, page=str(n), domain="", target="", evidence="")
        for n, action in enumerate((one, one, other, one))
    )
    section = Section(kind=TaskKind.LOST_LINK, tasks=given, total=4)
    assert [(action, len(tasks)) for action, tasks in section.groups] == [(one, 2), (other, 1), (one, 1)]
    assert [task for _, tasks in section.groups for task in tasks] == list(given)
    text = html.page(figures([backlink()], reader=AnchorReader(), at=NOW), [section])
    assert re.findall(r'<p class="action">(\w+):', text) == [one, other, one]


def test_a_file_holds_every_column(url: str, tmp_path: Path) -> None:
    assert main(["todo", "--history", url, "-o", str(tmp_path / "todo.csv")]) == 0
    with (tmp_path / "todo.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["kind"], second["kind"], second["page"]) == ("lost_link", "broken_target", OLD)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["done"], "takes the numbers of tasks"),
        (["done", "77"], "no task has the number 77"),
        (["list", "3"], "write todo done NUMBER"),
        (["--note", "x"], "write todo done NUMBER"),
        (["--limit", "-1"], "give the number of tasks"),
        (["--against", "rival.example"], "the history knows no target rival.example"),
        (["-o", "x.pdf"], "unknown format"),
    ],
)
def test_mistakes_are_named(url: str, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str) -> None:
    assert main(["todo", *words, "--history", url]) == 2
    assert complaint in capsys.readouterr().err


def test_marking_is_all_or_nothing(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    listed(url, capsys)
    assert main(["todo", "done", "1", "99", "--history", url]) == 2
    assert len(listed(url, capsys)) == 2


def test_a_limit_counts_each_kind_and_only_what_is_listed_gets_a_number() -> None:
    rows = [backlink(f"https://d{n}.example/", **LOST) for n in range(5)]
    (shown,) = sections(RowLinks(rows), chosen=Choice(wanted=Wanted.OPEN, limit=2))
    assert isinstance(shown, Section)
    assert (len(shown.tasks), shown.total) == (2, 5)
    assert [task.number for task in shown.tasks] == [None, None]


def test_a_dropped_target_takes_its_tasks_along(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    listed(url, capsys)
    with History.open(url) as history:
        assert len(history.tasks()) == 2
        history.prune(targets=[TARGET])
        assert history.tasks() == {}


def test_a_page_that_is_gone_is_a_task_only_when_a_second_visit_confirms_it(
    history_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with History.open(history_url) as history:
        for number, visit in enumerate([read(day(1), row()), gone(day(2))], start=1):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            history.record(run, [visit])
            history.end_run(run)
    assert listed(history_url, capsys) == []
    with History.open(history_url) as history:
        run = history.begin_run("verify", [TARGET], started_at=day(3))
        history.record(run, [gone(day(3))])
        history.end_run(run)
    assert [task["kind"] for task in listed(history_url, capsys)] == ["lost_link"]


def test_the_report_begins_with_what_to_do(url: str, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert main(["report", "--history", url, "-o", str(page)]) == 0
    text = page.read_text()
    assert text.index("What to do") < text.index("Win back lost followed links") < text.index("Referring domains")
    assert text.index('<p class="action">Ask for the link back:</p>') < text.index('<li value="1"><a ')


def test_a_report_of_rows_has_no_tasks(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "rows.csv", [backlink(), backlink("https://b.example/", **LOST)])
    assert main(["report", "--rows", str(rows), "-o", str(tmp_path / "report.html")]) == 0
    assert "What to do" not in (tmp_path / "report.html").read_text()
