"""The summary at the end of a run, in the width of a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from backlinkbot.extensions.outcome import summary
from backlinkbot.frontier.reasons import Reason
from backlinkbot.terminal.cells import cells
from backlinkbot.terminal.closing import SummaryDetails, closing_lines, duration
from backlinkbot.terminal.styles import Painter
from backlinkbot.terminal.words import REASONS

STATS: dict[str, Any] = {
    "finish_reason": "finished",
    "backlinks/rows": 12,
    "backlinks/votes/follow": 7,
    "backlinks/votes/nofollow": 4,
    "backlinks/referring_domains": 3,
    "backlinks/pages/visited": 38,
    "backlinks/pages/answered": 36,
    "backlinks/pages/read": 29,
    "backlinks/pages/gone": 2,
    "backlinks/pages/parked": 1,
    "backlinks/pages/blocked_by_robots": 3,
    "backlinks/pages/unreachable": 3,
    "backlinks/unreachable/no such host": 2,
    "backlinks/unreachable/timeout": 1,
    "backlinks/order/pages/evidence": 1,
    "backlinks/order/referrers/evidence": 1,
    "backlinks/order/pages/fair": 30,
    "backlinks/order/pages/hit": 7,
    "backlinks/order/referrers/hit": 4,
    "backlinks/remembering/new": 3,
    "backlinks/remembering/lost": 1,
}


def lines(width: int, closing: SummaryDetails) -> list[str]:
    return list(closing_lines(summary(STATS), closing, Painter(is_on=False), width))


def test_what_was_found_what_is_not_known_and_what_to_do() -> None:
    closing = SummaryDetails(
        files=("rows.csv", "checks.csv"), history="backlinks.db", next_command="backlinkbot changes"
    )
    assert lines(80, closing) == [
        "Pages              38 visited, 29 read, 2 not found, 1 parked domain,",
        "                   6 could not be checked",
        "Links              12 found, 7 follow, 4 nofollow, 1 without a vote",
        "Referring domains  3",
        "Changes            3 new, 1 lost",
        "Could not check    3 closed by robots.txt, 2 no such host, 1 timeout",
        "Order              1 named by a list or a source (1 linked), 30 in turn,",
        "                   7 likely to link (4 linked)",
        "Files              rows.csv, checks.csv",
        "History            backlinks.db",
        "Next               backlinkbot changes",
    ]


def test_every_reason_of_the_order_has_its_words() -> None:
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    closing = SummaryDetails(
        files=tuple(f"{'漢' * number}.csv" for number in range(30)), history="h" * 300, notes=("x " * 200,)
    )
    found = lines(width, closing)
    assert all(cells(line) < width for line in found)
    assert sum(".csv" in line for line in found) > 3


def test_many_reasons_are_counted_together() -> None:
    stats = STATS | {f"backlinks/unreachable/reason {number}": 1 for number in range(9)}
    text = "\n".join(closing_lines(summary(stats), SummaryDetails(), Painter(is_on=False), 200))
    assert "3 closed by robots.txt, 2 no such host" in text
    assert text.count("reason ") == 4
    assert "6 for other reasons" in text


@pytest.mark.parametrize(
    ("seconds", "shown"), [(4.21, "4.2 s"), (59.99, "60.0 s"), (187, "3:07 min"), (7559, "2:05:59 h")]
)
def test_durations(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
