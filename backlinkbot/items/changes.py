"""The states of a backlink between two visits, and what has happened to it: one row of ``backlinkbot changes``."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from backlinkbot.items.columns import Kind, column, row


class LinkState(StrEnum):
    """The state of a backlink, by the last visit that could determine it."""

    NEW = "new"
    LIVE = "live"
    CHANGED = "changed"
    RESTORED = "restored"
    LOST = "lost"
    MOVED = "moved"
    """The link is there and leads elsewhere now, to an address with a row of its own; it is not lost."""


AWAY: Final = frozenset({LinkState.LOST, LinkState.MOVED})
"""The states of what does not stand on its page."""


class ChangeKind(StrEnum):
    """The kind of a change of a backlink between two visits of its page."""

    NEW = "new"
    LOST = "lost"
    RESTORED = "restored"
    CHANGED = "changed"


class Reason(StrEnum):
    """Why a backlink counts as new, lost, restored or changed."""

    # new, restored
    PAGE_FOUND = "page_found"
    """The page had not been visited before, or was gone."""
    LINK_FOUND = "link_found"
    """The page was known without the link."""
    # lost
    REMOVED_FROM_PAGE = "removed_from_page"
    PAGE_GONE = "page_gone"
    PAGE_REDIRECTED = "page_redirected"
    # changed
    NOINDEX = "noindex"
    NOINDEX_REMOVED = "noindex_removed"
    NOT_CANONICAL = "not_canonical"
    CANONICAL_AGAIN = "canonical_again"
    NOFOLLOW_ADDED = "nofollow_added"
    NOFOLLOW_REMOVED = "nofollow_removed"
    ANCHOR_CHANGED = "anchor_changed"
    TARGET_CHANGED = "target_changed"
    HIDDEN = "hidden"
    SHOWN = "shown"


@row
class Change:
    """One row of ``backlinkbot changes``: what a visit says has happened to a backlink since the last."""

    kind: ChangeKind = column(Kind.TEXT, "What happened: `new`, `lost`, `restored` or `changed`.", essential=True)
    reason: Reason = column(Kind.TEXT, "Why.", essential=True)
    target: str = column(Kind.TEXT, "The target's name.")
    source_url: str = column(Kind.TEXT, "The page with the link.", essential=True)
    source_domain: str = column(Kind.TEXT, "Its registrable domain.")
    target_url: str = column(Kind.TEXT, "Where the link leads.", essential=True)
    anchor: str = column(Kind.TEXT, "The anchor, as now.", empty="a reader sees nothing", essential=True)
    before: str = column(
        Kind.TEXT,
        "What the reason is about, as it was: the anchor, the rules of `nofollow_by`, the target URL.",
        empty="a new one had none",
        essential=True,
    )
    after: str = column(Kind.TEXT, "The same, as it is now.", empty="a lost one has none", essential=True)
    at: str = column(Kind.TIME, "When the visit was that showed it.")
    run: int = column(Kind.NUMBER, "The number of the run in `backlinkbot runs`.")
    is_mention: bool = column(
        Kind.FLAG, "Whether it is a [mention](links.md#mentions), which counts as no backlink.", default=False
    )
