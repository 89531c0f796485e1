"""Breakdowns of backlinks: by vote, kind of link, placement, anchor kind, link type, language, top-level domain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.items import Backlink
    from backlinkbot.reports.anchors import AnchorKind

NOT_SAID: Final = "not said"
UNCLEAR: Final = "unclear"
ADDRESS: Final = "address"
NO_KIND: Final = "none"
"""Nothing suggests a kind of link, or the link stands in no part of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One bar of a breakdown."""

    name: str
    backlinks: int
    domains: int


_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE | re.DOTALL)
_LABEL: Final = re.compile(r"[a-z0-9-]{2,63}")


def language(tag: str) -> str:
    """Returns the language of a tag, without its region: ``de-AT`` is ``de``."""
    match = _LANGUAGE.fullmatch(tag.strip())
    return match[1].lower() if match else (UNCLEAR if tag.strip() else NOT_SAID)


def top_level(domain: str) -> str:
    """Returns the last label of a domain, with its dot."""
    label = domain.rpartition(".")[2]
    return f".{label}" if _LABEL.fullmatch(label) and not label.isdigit() else ADDRESS


def vote(row: Backlink) -> str:
    """Returns the kind of vote that the link passes, as one of :data:`VOTES`."""
    if row.follow:
        return "follow" if row.indexable else "not_indexable"
    if row.follow is None:
        return "no_vote"
    is_by_link = any(rule.startswith("rel:") for rule in row.nofollow_by)
    return "nofollow_link" if is_by_link else "nofollow_page"


VOTES: Final = ("follow", "not_indexable", "nofollow_link", "nofollow_page", "no_vote")


# What the bars of a link follow from; its domain decides one more breakdown, TLDS.
ALIKE: Final = attrgetter(
    *("follow", "indexable", "nofollow_by", "noindex_by", "link_type", "placement", "link_kind", "source_language")
)
TLDS: Final = "tlds"
# name -> the bars that a row belongs to.
BREAKDOWNS: Final[dict[str, Callable[[Backlink, AnchorKind], tuple[str, ...]]]] = {
    "votes": lambda row, _: (vote(row),),
    "rules": lambda row, _: tuple(dict.fromkeys((*row.nofollow_by, *row.noindex_by))),
    "anchor_kinds": lambda row, kind: (
        (kind.value,) if row.follow is not None else ()
    ),  # links without a vote have no anchor
    "link_types": lambda row, _: (row.link_type,),
    "placements": lambda row, _: (row.placement or NO_KIND,),
    "link_kinds": lambda row, _: row.link_kind or (NO_KIND,),
    "languages": lambda row, _: (language(row.source_language),),
    TLDS: lambda row, _: (top_level(row.source_domain),),
}
