"""Prints changes for people: what was lost first, grouped by page, with the reason of each in words."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from backlinkbot.items import Change, ChangeKind
from backlinkbot.reports.page.labels import REASONS
from backlinkbot.terminal.cells import terminal_width
from backlinkbot.terminal.entries import Entry, entry_lines
from backlinkbot.terminal.pager import print_lines
from backlinkbot.terminal.styles import Painter
from backlinkbot.urls import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST: Final = 10
"""Changes of each kind that a terminal shows without ``--all``."""
_ORDER: Final = (ChangeKind.LOST, ChangeKind.CHANGED, ChangeKind.RESTORED, ChangeKind.NEW)
_STYLES: Final = {ChangeKind.LOST: "bad", ChangeKind.CHANGED: "warning"}


@dataclass(slots=True)
class _Group:
    """The changes of one kind."""

    shown: list[Change] = field(default_factory=list)
    total: int = 0


def print_grouped(changes: Iterable[Change], *, is_all: bool, next_command: str) -> None:
    """Prints changes grouped by kind and page: some of each kind, or with ``is_all`` every one in the user's pager.

    Args:
        changes: the changes.
        is_all: true for every one.
        next_command: the command that lists what to do about them; printed if something was lost or changed.
    """
    groups = {kind: _Group() for kind in _ORDER}
    for change in changes:
        group = groups[change.kind]
        group.total += 1
        if is_all or len(group.shown) < MOST:
            group.shown.append(change)
    print_lines(_lines(groups, next_command), is_paged=is_all)


def _lines(groups: dict[ChangeKind, _Group], next_command: str) -> Iterator[str]:
    width, painter = terminal_width(sys.stdout), Painter.of(sys.stdout)
    if not any(group.total for group in groups.values()):
        yield "nothing has changed"
        return
    for kind, group in groups.items():
        if not group.total:
            continue
        is_cut = len(group.shown) < group.total
        heading = f"{kind.title()} ({f'{len(group.shown):,} of ' if is_cut else ''}{group.total:,})"
        yield painter.paint(heading, "bold", _STYLES.get(kind, "good"))
        by_page: dict[str, list[Change]] = {}
        for change in group.shown:
            by_page.setdefault(change.source_url, []).append(change)
        for page, of_page in by_page.items():
            yield from entry_lines(Entry(headline=page, paragraphs=tuple(map(_sentence, of_page))), width, painter)
        yield ""
    if any(len(group.shown) < group.total for group in groups.values()):
        yield painter.paint("--all shows every change", "dim")
    if groups[ChangeKind.LOST].total or groups[ChangeKind.CHANGED].total:
        yield f"What to do about it: {painter.paint(next_command, 'good')}"


def _sentence(change: Change) -> str:
    """Returns the link, and what happened to it: ``"Paper" to https://…: another anchor, Paper → Paper and card``."""
    anchor = f'"{change.anchor}"' if change.anchor else "a link without anchor text"
    reason = REASONS.get(change.reason, change.reason)
    values = [readable(value) for value in (change.before, change.after) if value != change.reason]
    turn = f", {' → '.join(filter(None, values))}" if any(values) else ""
    return f"{anchor} to {readable(change.target_url)}: {reason}{turn}"
