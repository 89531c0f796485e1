"""Finds the links of a page that are neither ``<a>`` nor ``<area>``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.other_links import comments_and_frames, typed

if TYPE_CHECKING:
    from backlinkbot.extract.link import Link
    from backlinkbot.extract.link_bound import LinkBound
    from backlinkbot.extract.page import PageContent
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    MatchURL = Callable[[URL], tuple[Target, ...]]
    Finder = Callable[[PageContent, MatchURL, LinkBound], Iterator[tuple[Link, tuple[Target, ...]]]]

OTHER_LINKS: Final[tuple[Finder, ...]] = (
    typed.elements,
    typed.refresh,
    comments_and_frames.comments,
    comments_and_frames.templates,
    comments_and_frames.frames,
)
"""Each is asked for the links of a page that lead to a target; those that pass no vote say so (``Link.has_vote``).
Each counts its links in the page's bound."""
