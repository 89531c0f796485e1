"""Figures of a report that are counted column by column: the same as from an object for each link."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from backlinkbot.history import History, link_batches
from backlinkbot.items import ChangeKind, JudgedPage, Reason
from backlinkbot.reports.anchors import AnchorReader
from backlinkbot.reports.exports.grouping import Group, grouped
from backlinkbot.reports.history_figures import history_figures
from backlinkbot.reports.page.figures import Figures, figures
from tests.linkrows import backlink
from tests.visited import day

TARGETS = ["target.example", "other.example"]
DAYS = (1, 2, 9, 10, 24)


def visits(number: int) -> Iterator[JudgedPage]:
    """The visits of a run: links come, go, lead elsewhere and come back; one run cannot read a part of the pages."""
    chance = random.Random(number)
    for page in range(60):
        domain = ("a.example", "b.example", "c.co.uk", "alice.github.io")[page % 4]
        url = f"https://{domain}/{page // 4}"
        rows = [
            backlink(
                url,
                source_domain=domain,
                target=TARGETS[anchor % 2],
                target_url=f"https://{TARGETS[anchor % 2]}/{chance.choice('abc')}",
                anchor=f"anchor {anchor}",
                link_type=chance.choice(("text", "text", "image", "mention")),
                placement=chance.choice(("content", "footer")),
                follow=chance.choice((True, False, None)),
                indexable=chance.choice((True, True, False)),
                flags=("same_domain",) if anchor == 5 else (),
                target_state=chance.choice(("", "ok", "broken")),
                target_status=chance.choice((None, 200, 404)),
                fetched_at=day(DAYS[number]),
            )
            for anchor in range(6)
            if chance.random() < 0.6
        ]
        yield JudgedPage(
            url=url,
            requested_url=url,
            fetched_at=day(DAYS[number]),
            status=200,
            candidates=(url,),
            backlinks=tuple(rows),
        )


@pytest.fixture(scope="module")
def history(history_url_of_module: str) -> Iterator[History]:
    """A history of five runs in four weeks."""
    with History.open(history_url_of_module) as opened:
        for number in range(len(DAYS)):
            run = opened.begin_run("verify", TARGETS, includes_own=True, started_at=day(DAYS[number]))
            opened.record(run, list(visits(number)))
            opened.end_run(run)
        yield opened


def values_of(found: Figures) -> dict[str, Any]:
    return {one.name: getattr(found, one.name) for one in fields(found)}


@pytest.mark.parametrize("group", [Group.ALL, Group.BACKLINK])
@pytest.mark.parametrize("only", [None, ("target.example",), ("unknown.example",)])
def test_figures_are_those_of_an_object_for_each_link(
    history: History, group: Group, only: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_batches, "AT_ONCE", 13)
    scope: dict[str, Any] = {
        "reader": AnchorReader(),
        "at": datetime(2026, 1, 26, tzinfo=UTC),
        "targets": only or TARGETS,
    }
    links = (one.link for one in grouped(history.backlinks(targets=only), group, is_by_page=True))
    expected = values_of(figures(links, history.changes(targets=only), **scope))
    found = values_of(history_figures(history, only=only, is_each=group is Group.ALL, **scope))
    for name, value in expected.items():
        assert found[name] == value, name
    if only is None:
        assert len(expected["weeks"]) > 3
        assert min(expected[name] for name in ("backlinks", "lost", "own", "mentions", "follow")) > 5
        assert {change.kind for change in history.changes()} == set(ChangeKind)
        assert Reason.TARGET_CHANGED in {change.reason for change in history.changes()}
