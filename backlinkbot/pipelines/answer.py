"""Adds the result of a visit to the candidates that it checked."""

from __future__ import annotations

from typing import Final

from backlinkbot import urls
from backlinkbot.extract.flags import CERTIFICATE_FLAGS
from backlinkbot.items import Check, Page, Rendering, State
from backlinkbot.items.columns import with_values

SENDS_ON: Final = frozenset({"redirect", "meta_refresh"})
"""The link types that show a visitor the target instead of the page."""


class AnswerCandidates:
    """Says of each candidate what its visit showed; "could not check" is never "no link"."""

    def process_item(self, page: Page) -> Page:
        """The page with one check per candidate that it answers."""
        if not page.candidates:
            return page
        state, reason = _answer(page)
        if page.failure is None and page.certificate_fault in CERTIFICATE_FLAGS:
            reason = "; ".join(filter(None, (reason, f"certificate: {page.certificate_fault}")))
        checks = (
            Check(
                candidate=candidate,
                state=state,
                status=page.status,
                reason=reason,
                final_url=page.url,
                backlinks=len(page.backlinks),
                fetched_at=page.fetched_at,
            )
            for candidate in page.candidates
        )
        return with_values(page, checks=tuple(checks))


def _answer(page: Page) -> tuple[State, str]:
    if any(row.follow is not None for row in page.backlinks):
        return State.LINKED, ""
    kinds = sorted({row.link_type for row in page.backlinks})
    if not SENDS_ON.isdisjoint(kinds):
        return State.REDIRECTED, "sends its visitors on to the target"
    if page.failure is not None:
        return page.failure.state, page.failure.reason
    return _answer_of_page(page, kinds)


def _answer_of_page(page: Page, kinds: list[str]) -> tuple[State, str]:
    """A page that was read; a frame or a canonical is a row, but nothing that a reader could click on."""
    if kinds:
        return State.NOT_LINKED, f"no link, but it names the target: {', '.join(kinds)}"
    if not urls.is_same_page(page.requested_url, page.url):
        return State.REDIRECTED, "ended on another page, which holds no link"
    if page.is_own:
        return State.NOT_LINKED, "the target's own page, whose links are internal"
    if page.rendering is Rendering.NOT_DONE:
        return State.NOT_LINKED, "the page holds no link as it was served; it was not rendered"
    return State.NOT_LINKED, "the page holds no link"
