"""The summary at the end of a run, for people: what was visited and found, what is not known and why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.items import State
from backlinkbot.terminal.cells import cells, padded, shorten
from backlinkbot.terminal.words import ABSENT, CHECKED, REASONS, STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from backlinkbot.terminal.styles import Painter

_UNREACHABLE: Final = "unreachable/"
_MOST_REASONS: Final = 6
"""Most reasons of unchecked pages that are listed; further ones are counted together."""
_CHANGES: Final = ("new", "lost", "restored", "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryDetails:
    """What the summary says besides the figures of the run."""

    files: tuple[str, ...] = ()
    """The files that were written, as the user named them."""
    history: str = ""
    """Where the visits are remembered, without a password; empty for nowhere."""
    next_command: str = ""
    """The command that a user would want now; empty for none."""
    notes: tuple[str, ...] = field(default=())
    """Sentences about how the run ended."""


def closing_lines(figures: Mapping[str, Any], closing: SummaryDetails, painter: Painter, width: int) -> Iterator[str]:
    """Yields the lines of the summary, none of them longer than the width but for the next command.

    Args:
        figures: as :func:`backlinkbot.extensions.outcome.summary` returns them.
        closing: what else is said.
        painter: adds styles.
        width: of the terminal, in cells.
    """
    said = [(label, items) for label, items in _counted(figures, closing) if items]
    indent = max(cells(label) for label, _ in said) + 2
    for label, items in said:
        head = painter.paint(padded(label, indent), "bold")
        for line in _filled(items, width - indent - 2):
            yield head + line
            head = " " * indent
    if closing.next_command:
        yield painter.paint(padded("Next", indent), "bold") + painter.paint(closing.next_command, "good")


def _counted(figures: Mapping[str, Any], closing: SummaryDetails) -> Iterator[tuple[str, list[str]]]:
    counts: Mapping[str, int] = figures["counts"]
    failed: Mapping[str, int] = figures["pages_failed"]
    yield "Pages", list(_pages(figures, failed))
    follow, nofollow = counts.get("votes/follow", 0), counts.get("votes/nofollow", 0)
    links, mentions = figures["backlinks"], counts.get("link_types/mention", 0)
    other = links - follow - nofollow
    split = [f"{follow:,} follow", f"{nofollow:,} nofollow"] if links else []
    yield "Links", [f"{links:,} found", *split, *([f"{other:,} without a vote"] if other else [])]
    yield "Mentions", [f"{mentions:,} found"] if mentions else []
    yield "Referring domains", [f"{figures['referring_domains']:,}"]
    yield "Changes", [f"{counts[name]:,} {kind}" for kind in _CHANGES if (name := f"remembering/{kind}") in counts]
    yield "Could not check", list(_unchecked(failed, counts))
    yield "Order", list(_order(counts))
    yield "Files", list(closing.files)
    yield "History", [closing.history] if closing.history else []
    yield "Time", list(_time(figures))
    for note in closing.notes:
        yield "Note", [note]


def _pages(figures: Mapping[str, Any], failed: Mapping[str, int]) -> Iterator[str]:
    yield f"{figures['pages_visited']:,} visited"
    yield f"{figures['pages_read']:,} read"
    for state, count in failed.items():
        if state in ABSENT:
            yield f"{count:,} {STATES[State(state)]}"
    unchecked = sum(count for state, count in failed.items() if state not in CHECKED)
    if unchecked:
        yield f"{unchecked:,} could not be checked"


def _order(counts: Mapping[str, int]) -> Iterator[str]:
    """How many pages were visited for each reason, and how many of them link."""
    for reason, words in REASONS.items():
        if count := counts.get(f"order/pages/{reason}"):
            linking = counts.get(f"order/referrers/{reason}", 0)
            of_them = f" ({linking:,} linked)" if linking else ""
            yield f"{count:,} {words}{of_them}"


def _unchecked(failed: Mapping[str, int], counts: Mapping[str, int]) -> Iterator[str]:
    reasons: dict[str, int] = {}
    for state, count in failed.items():
        if state == State.UNREACHABLE:
            known = {name.removeprefix(_UNREACHABLE): n for name, n in counts.items() if name.startswith(_UNREACHABLE)}
            reasons |= known or {STATES[State.UNREACHABLE]: count}
        elif state not in CHECKED:
            reasons[STATES[State(state)]] = count
    ordered = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    yield from (f"{count:,} {reason}" for reason, count in ordered[:_MOST_REASONS])
    if rest := sum(count for _, count in ordered[_MOST_REASONS:]):
        yield f"{rest:,} for other reasons"


def _time(figures: Mapping[str, Any]) -> Iterator[str]:
    seconds = figures["seconds"]
    if seconds is not None:
        yield duration(seconds)
        if figures["pages_visited"] and seconds:
            yield f"{figures['pages_visited'] / seconds:,.1f} pages/s"


def duration(seconds: float) -> str:
    """Returns a number of seconds as ``4.2 s``, ``3:07 min`` or ``2:05:59 h``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02} h"


def _filled(items: Iterable[str], width: int) -> Iterator[str]:
    """Yields the items, separated by commas, in lines of at most so many cells."""
    line = ""
    for item in items:
        text = shorten(item, width)
        if line and cells(line) + 2 + cells(text) > width:
            yield f"{line},"
            line = text
        else:
            line = f"{line}, {text}" if line else text
    yield line
