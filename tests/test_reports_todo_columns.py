"""Tasks that are chosen column by column: the same as from an object for each link, in the same order."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from backlinkbot.history import History, TaskStatus, link_batches
from backlinkbot.history.records import TaskRecord
from backlinkbot.items import Backlink, CheckedClaim, Claim, JudgedPage, Mismatch, Verdict
from backlinkbot.reports.todo import choosing, history_links, schemes
from backlinkbot.reports.todo.choosing import Choice, Wanted
from backlinkbot.reports.todo.history_tasks import tasks_of
from backlinkbot.reports.todo.listing import sections
from backlinkbot.reports.todo.tasks import Task, TaskKind
from tests.linkrows import backlink
from tests.reference_tasks import reference_tasks
from tests.task_rows import RowLinks
from tests.visited import day

TARGETS = ("target.example", "other.example")
RIVALS = ("rival.example", "strong.example")
WORDS = ("harbour", "guide", "old", "map", "walk", "2019", "café", "the", "Straße", "of", "東京", "jo@mail.test")


def text(chance: random.Random, most: int = 4) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randrange(most)))


def link(chance: random.Random, url: str, domain: str, targets: Sequence[str] = (*TARGETS, *RIVALS)) -> Backlink:
    target = chance.choice(targets)
    follow = chance.choice((True, True, True, False, None))
    is_mention = chance.random() < 0.1
    return backlink(
        url,
        source_domain=domain,
        target=target,
        target_url=f"https://{target}/{chance.choice(('old-map', 'guide', 'walk.html', '?p=1'))}{chance.choice(('', '', '#x'))}",
        anchor=chance.choice((text(chance), "the harbour guide")),
        source_title=text(chance, 5),
        context_before=text(chance),
        context_after=text(chance),
        link_type="mention" if is_mention else chance.choice(("text", "text", "image")),
        follow=None if is_mention else follow,
        nofollow_by=("rel:nofollow",) if follow is False and not is_mention else (),
        flags=chance.choice(((), (), (), ("hidden",), ("brand",), ("same_domain",))),
        flags_by=chance.choice(((), ("hidden:display:none",))),
        placement=chance.choice(("content", "content", "footer", "")),
        link_kind=chance.choice(((), (), ("comment",))),
        indexable=chance.choice((True, True, True, False)),
        external_links=chance.choice((0, 3, 3, 90)),
        target_state=chance.choice(("", "ok", "redirected", "broken", "refused")),
        target_status=chance.choice((None, 200, 404)),
        target_final_url=chance.choice(("", f"https://{target}/new-map")),
        fetched_at=day(chance.choice((1, 2))),
        last_seen=day(chance.choice((1, 2, 3))),
    )


def rows_of(seed: int) -> list[Backlink]:
    """Links of some sites: some of them alike, so that they look like a scheme; others lost, hidden, elsewhere."""
    chance = random.Random(seed)
    rows = []
    for number in range(chance.choice((0, 1, 12, 90))):
        domain = chance.choice((f"d{number % 40}.example", f"d{number}.example", "github.io", "192.0.2.7"))
        for page in range(chance.choice((1, 1, 2))):
            url = f"{chance.choice(('http', 'https'))}://{domain}/{page}"
            rows += [link(chance, url, domain) for _ in range(chance.choice((1, 1, 2, 4)))]
            if seed % 3 == 0:
                rows += [
                    backlink(url, source_domain=domain, target_url=f"https://target.example/{n}", anchor=f"words {n}")
                    for n in (1, 2)
                ]
    for at, row in enumerate(rows):
        if chance.random() < 0.3:
            reason = chance.choice(("removed_from_page", "page_gone", "page_redirected", "hidden"))
            rows[at] = replace(row, state="lost", lost_reason=reason)
    return rows


def claims_about(rows: Sequence[Backlink], chance: random.Random) -> list[CheckedClaim]:
    some = chance.sample(rows, min(len(rows), 9))
    return [
        CheckedClaim(
            candidate=row.source_url,
            claim=Claim(origin=chance.choice(("ahrefs", "semrush")), target_url=row.target_url),
            verdict=chance.choice((Verdict.FALSE, Verdict.FALSE, Verdict.TRUE)),
            reasons=(Mismatch.LINK_MISSING.value,),
            judged_at=day(2),
        )
        for row in some
    ]


def records_of(tasks: Sequence[Task], chance: random.Random) -> dict[bytes, TaskRecord]:
    """What a history remembers of some of the tasks."""
    return {
        task.subject.key: TaskRecord(
            number=number,
            subject=task.subject,
            status=chance.choice(list(TaskStatus)),
            note="a note",
            changed_at=day(chance.choice((1, 3))),
        )
        for number, task in enumerate(tasks)
        if chance.random() < 0.3
    }


def authority(domains: Collection[str]) -> dict[str, float]:
    """Of some domains, and often the same."""
    return {domain: float(len(domain) % 3) for domain in domains if "3" not in domain}


@pytest.mark.parametrize("seed", range(24))
def test_tasks_are_those_of_an_object_for_each_link(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "_AT_ONCE", 3)
    monkeypatch.setattr(schemes, "_AT_ONCE", 3)
    chance, rows = random.Random(seed), rows_of(seed)
    given: dict[str, Any] = {
        "claims": claims_about(rows, chance),
        "competitors": RIVALS[: seed % 3],
        "authority": authority if seed % 2 else lambda _: {},
    }
    every = [task for _, of_kind, _ in reference_tasks(rows, chosen=Choice(), **given) for task in of_kind]
    records = records_of(every, chance)
    for wanted in Wanted:
        for limit in (0, 1, 4):
            choice = Choice(records=records, wanted=wanted, limit=limit)
            expected = reference_tasks(rows, chosen=choice, **given)
            found = [(one.kind, list(one.tasks), one.total) for one in sections(RowLinks(rows), chosen=choice, **given)]
            assert found == expected


def test_the_rows_show_every_kind_of_task() -> None:
    kinds = set()
    for seed in range(24):
        rows = rows_of(seed)
        claims = claims_about(rows, random.Random(seed))
        kinds |= {one.kind for one in sections(RowLinks(rows), claims=claims, competitors=RIVALS)}
    assert kinds == set(TaskKind)


# --- a history --------------------------------------------------------------------------------------------------------


def visits(run: int) -> Iterator[JudgedPage]:
    chance = random.Random(run)
    for number in range(80):
        domain = f"d{number % 30}.example"
        url = f"https://{domain}/{number}"
        rows = [link(chance, url, domain) for _ in range(chance.choice((0, 1, 1, 3)))]
        rows += [
            backlink(url, source_domain=domain, target_url=f"https://target.example/{n}", anchor=f"words {n}")
            for n in (1, 2)
        ]
        rows = [replace(row, fetched_at=day(run)) for row in rows]
        yield JudgedPage(
            url=url, requested_url=url, fetched_at=day(run), status=200, candidates=(url,), backlinks=tuple(rows)
        )


@pytest.fixture(scope="module")
def history(history_url_of_module: str) -> Iterator[History]:
    """A history of three runs, of which each finds other links."""
    with History.open(history_url_of_module) as opened:
        for number in (1, 2, 3):
            run = opened.begin_run("verify", [*TARGETS, *RIVALS], includes_own=True, started_at=day(number))
            opened.record(run, list(visits(number)))
            opened.end_run(run)
        listed = [task for section in tasks_of(opened, against=RIVALS, limit=0) for task in section.tasks]
        done = [task.number for task in listed[::3] if task.number is not None]
        opened.mark_tasks(done, TaskStatus.DONE, note="asked", at=day(4))
        yield opened


@pytest.mark.parametrize("targets", [(), TARGETS[:1]])
@pytest.mark.parametrize("wanted", list(Wanted))
@pytest.mark.parametrize("limit", [0, 5])
def test_tasks_of_a_history_are_those_of_an_object_for_each_link(
    history: History, targets: tuple[str, ...], wanted: Wanted, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_batches, "AT_ONCE", 13)
    monkeypatch.setattr(history_links, "_AT_ONCE", 7)
    choice = Choice(records=history.tasks(), wanted=wanted, limit=limit)
    rows = list(history.backlinks(targets=(*targets, *RIVALS) if targets else None))
    expected = reference_tasks(rows, claims=history.claims(), competitors=RIVALS, chosen=choice)
    found = tasks_of(history, targets=targets, against=RIVALS, status=wanted, limit=limit, is_numbered=False)
    assert [(one.kind, list(one.tasks), one.total) for one in found] == expected


def test_the_history_shows_every_kind_of_task_but_claims(history: History) -> None:
    found = tasks_of(history, against=RIVALS, status=Wanted.ALL, is_numbered=False)
    assert {one.kind for one in found} == set(TaskKind) - {TaskKind.FALSE_CLAIM}
