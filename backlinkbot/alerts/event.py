"""The contents of a notification: the changes that a run found, lost followed links first, or why it failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.items import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from backlinkbot.items import Change

LINES: Final = 20
"""Changes that a notification lists of each kind."""
LISTED: Final = 500
"""Changes that a webhook lists."""
VERSION: Final = 1
"""Of the JSON that a webhook sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedChange:
    """A change, and whether its link was followed when it was last seen."""

    change: Change
    follow: bool | None = None
    """None where the link passes no vote, or nobody knows."""

    @property
    def weight(self) -> int:
        """Its place in a message: lost followed links, other lost links, changed, restored, new, mentions."""
        if self.change.is_mention:
            return len(_ORDER) + 1
        if self.change.kind is ChangeKind.LOST:
            return 0 if self.follow else 1
        return _ORDER.index(self.change.kind) + 1


_ORDER: Final = (ChangeKind.LOST, ChangeKind.CHANGED, ChangeKind.RESTORED, ChangeKind.NEW)
_HEADINGS: Final = (
    "Lost followed links",
    "Lost links that were not followed",
    "Changed",
    "Restored",
    "New",
    "Mentions",
)
"""By weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended."""

    command: str
    targets: tuple[str, ...]
    exit_status: int
    outcome: str
    is_failed: bool
    run: int | None = None
    """Its number in the history; None without one."""
    changes: tuple[NotifiedChange, ...] = ()
    """Confirmed ones only, the most serious first."""
    summary: Mapping[str, Any] | None = None
    """The figures of ``--summary``; None if the run never began."""

    @property
    def is_news(self) -> bool:
        """True if there is something to tell: a failure, or a change."""
        return self.is_failed or bool(self.changes)


def in_order(changes: Iterable[NotifiedChange]) -> tuple[NotifiedChange, ...]:
    """Returns the changes, the most serious first; those of one kind in the order in which they were found."""
    return tuple(sorted(changes, key=lambda told: told.weight))


def title_of(end: RunEnd) -> str:
    """Returns one line: ``backlinkbot: example.com: 2 lost followed links, 1 new``."""
    about = ", ".join(end.targets) or "no target"
    counts = Counter(told.weight for told in end.changes)
    words = [f"{counts[weight]:,} {_in_title(weight, counts[weight])}" for weight in sorted(counts)]
    failed = [f"{end.command} failed"] if end.is_failed else []
    return f"backlinkbot: {about}: {', '.join([*failed, *words])}"


def _in_title(weight: int, count: int) -> str:
    s = "" if count == 1 else "s"
    return (f"lost followed link{s}", f"other lost link{s}", "changed", "restored", f"new link{s}", f"mention{s}")[
        weight
    ]


def text_of(end: RunEnd) -> str:
    """Returns the message as plain text; of many changes the first, and how to see the others."""
    parts = [f"{end.command} failed (exit status {end.exit_status}): {end.outcome}"] if end.is_failed else []
    for weight, heading in enumerate(_HEADINGS):
        told = [one for one in end.changes if one.weight == weight]
        if told:
            parts.append("\n".join([f"{heading} ({len(told):,})", *map(_line, told[:LINES]), *_rest(told, end.run)]))
    return "\n\n".join(parts)


def _line(told: NotifiedChange) -> str:
    change = told.change
    what = f"{change.kind}: {change.reason}" if change.is_mention else change.reason
    line = f"- {_one_line(change.source_url)} -> {_one_line(change.target_url)} [{what.replace('_', ' ')}]"
    if change.kind is ChangeKind.CHANGED and (change.before or change.after):
        return f"{line} {_one_line(change.before) or 'nothing'} -> {_one_line(change.after) or 'nothing'}"
    return f'{line} "{_one_line(change.anchor)}"' if change.anchor else line


def _one_line(text: str, most: int = 200) -> str:
    """A text of a page without line breaks and control characters, which could look like lines of ours."""
    clean = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return clean if len(clean) <= most else f"{clean[:most]}…"


def _rest(told: Sequence[NotifiedChange], run: int | None) -> list[str]:
    if len(told) <= LINES:
        return []
    how = f"; backlinkbot changes --since {run - 1} lists all" if run else ""
    return [f"- and {len(told) - LINES:,} more{how}"]


def payload_of(end: RunEnd) -> dict[str, Any]:
    """Returns the body of a webhook, as values of JSON; docs/alerts.md describes it."""
    return {
        "version": VERSION,
        "type": "run.failed" if end.is_failed else "links.changed",
        "command": end.command,
        "targets": list(end.targets),
        "run": end.run,
        "exit_status": end.exit_status,
        "outcome": end.outcome,
        "counts": dict(
            Counter("mentions" if told.change.is_mention else told.change.kind.value for told in end.changes)
        ),
        "lost_followed": sum(told.weight == 0 for told in end.changes),
        "changes": [_values(told) for told in end.changes[:LISTED]],
        "changes_omitted": max(len(end.changes) - LISTED, 0),
        "summary": dict(end.summary) if end.summary is not None else None,
    }


def _values(told: NotifiedChange) -> dict[str, Any]:
    change = told.change
    return {
        "kind": change.kind.value,
        "reason": change.reason.value,
        "target": change.target,
        "source_url": change.source_url,
        "source_domain": change.source_domain,
        "target_url": change.target_url,
        "anchor": change.anchor,
        "follow": told.follow,
        "before": change.before,
        "after": change.after,
        "at": change.at,
    }
