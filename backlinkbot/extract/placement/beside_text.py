"""Recognises links to other sites that stand in or beside a running text, and are no part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.extract.placement.page_leads import domain_of
from backlinkbot.extract.placement.place_words import ASIDE, HEADER
from backlinkbot.extract.placement.placement import Placement
from backlinkbot.extract.placement.regions import blocks_above
from backlinkbot.extract.placement.shapes import INVITATION, SERVICE_NOTE
from backlinkbot.extract.placement.text_flow import TextFlow

if TYPE_CHECKING:
    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.extract.placement.page_leads import PageLeads

LATEST_BEGINNING: Final = 0.12
_LONGEST_INVITATION: Final = 250
"""The maximum number of characters of a line by which a site wins subscribers; a longer paragraph is text."""
_ITEMS: Final = frozenset({"li", "dd", "dt", "td", "th"})
"""Elements in which authors list what they recommend."""


class BesideText:
    """The links of one page that stand beside its running text."""

    def __init__(self, outline: Outline, leads: PageLeads) -> None:
        """Prepares the look-ups.

        Args:
            outline: the page.
            leads: the URLs of its links.
        """
        self._outline = outline
        self._leads = leads
        self._flow = TextFlow(outline)
        self._system_lines: dict[ElementLike, Placement | None] = {}

    def place(self, box: Box, page: Box) -> Placement | None:
        """Recognises links to other sites in boxes that are no part of the running text, and accounts of its author."""
        if not box.length:
            return self._account_of_author(box) if self._leads.is_account(box) else None
        if (notice := self._flow.above_title(box)) is not None:
            is_top = notice.start - page.start <= LATEST_BEGINNING * page.length
            return Placement(HEADER if is_top else ASIDE, "structure:box above the title", notice)
        if (line := self._system_line(box)) is not None:
            return line
        found = self._flow.box_beside(box)
        is_account = self._leads.is_account(box)
        if found is not None and (found[0] != "before" or is_account):
            return Placement(ASIDE, f"structure:box {found[0]} the text", found[1])
        return self._account_of_author(box) if is_account else None

    def _account_of_author(self, box: Box) -> Placement | None:
        """Recognises accounts of social networks in the notes at both ends of a running text."""
        note = self._flow.note(box)
        if note is None:
            return None
        block, is_apart = note
        is_note = is_apart or (2 <= block.links <= 2 * self._leads.count_accounts(block))
        return Placement(ASIDE, "structure:account of the author", block) if is_note else None

    def _system_line(self, box: Box) -> Placement | None:
        """Recognises short lines by which sites win subscribers or name a service: no part of what their page is about."""
        block = next(blocks_above(box, 1), None)
        if block is None or block.length > _LONGEST_INVITATION:
            return None
        if block.element not in self._system_lines:
            self._system_lines[block.element] = self._system_block(block)
        return self._system_lines[block.element]

    def _system_block(self, block: Box) -> Placement | None:
        """Returns the placement of a short block if it is such a line; items and sentences of the running text are none."""
        text = self._outline.slice(block.start, block.end).strip()
        if SERVICE_NOTE.match(text) is not None:
            return Placement(ASIDE, "structure:note of a service", block)
        if INVITATION.match(text) is None or block.tag in _ITEMS or self._flow.is_sentence_of_text(block):
            return None
        if len({domain_of(lead) for lead in self._leads.outward(block)}) != 1:
            return None
        return Placement(ASIDE, "structure:invitation to subscribe", block)
