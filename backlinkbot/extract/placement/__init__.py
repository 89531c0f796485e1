"""Describes where a link stands on its page: placement, surrounding text, heading, kind of link."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkContext:
    """The place and surroundings of a link; instances that differ only in the surrounding text compare equal."""

    placement: str = ""
    """``content``, ``nav``, ``header``, ``footer``, ``aside`` or ``comment``; empty for a link that is not on the page."""
    placement_by: str = field(default="", compare=False)
    """The evidence for the placement: ``element:footer``."""
    heading: str = field(default="", compare=False)
    """The heading above the link; empty if there is none."""
    context_before: str = field(default="", compare=False)
    """The text before the link in its block."""
    context_after: str = field(default="", compare=False)
    link_density: float | None = field(default=None, compare=False)
    """The share of the block's characters that is link text, from 0 to 1; None if the link has no block."""
    position: int = field(default=0, compare=False)
    """The link's number among the links of the page, from 1; 0 if it is not one of them."""
    kinds: tuple[str, ...] = field(default=(), compare=False)
    """The kinds that the link may be of."""
    kinds_by: tuple[str, ...] = field(default=(), compare=False)
    """The evidence for each kind, in the same order."""

    block: int = field(default=0, compare=False)
    """A hash of the link's block, equal wherever the block is repeated within a run; 0 for the page's own text."""
    if_repeated: str = field(default="", compare=False)
    """The placement to use if the block stands on many pages of the domain."""


NOT_ON_PAGE = LinkContext()
"""The context of a link that readers do not see."""
