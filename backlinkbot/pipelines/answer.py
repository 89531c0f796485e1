"""Determines what a visit says of the candidates that it checked; "could not check" is never "no link"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.flags import CERTIFICATE_FLAGS
from backlinkbot.items import Check, Rendering, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlinkbot.items import Backlink, ExtractedPage

SENDS_ON: Final = frozenset({"redirect", "meta_refresh"})
"""The link types that show a visitor the target instead of the page."""


def checks_of(page: ExtractedPage, rows: Sequence[Backlink]) -> tuple[Check, ...]:
    """Returns a check for each candidate that the visit answers.

    Args:
        page: the visit.
        rows: its rows.
    """
    if not page.candidates:
        return ()
    state, reason = _answer(page, rows)
    if page.failure is None and page.certificate_fault in CERTIFICATE_FLAGS:
        reason = "; ".join(filter(None, (reason, f"certificate: {page.certificate_fault}")))
    return tuple(
        Check(
            candidate=candidate,
            state=state,
            status=page.status,
            reason=reason,
            final_url=page.url,
            backlinks=len(rows),
            fetched_at=page.fetched_at,
        )
        for candidate in page.candidates
    )


def _answer(page: ExtractedPage, rows: Sequence[Backlink]) -> tuple[State, str]:
    if any(row.follow is not None for row in rows):
        return State.LINKED, ""
    kinds = sorted({row.link_type for row in rows})
    if not SENDS_ON.isdisjoint(kinds):
        return State.REDIRECTED, "sends its visitors on to the target"
    if page.failure is not None:
        return page.failure.state, page.failure.reason
    return _answer_of_page(page, kinds)


def _answer_of_page(page: ExtractedPage, kinds: list[str]) -> tuple[State, str]:
    """A page that was read; a frame or a canonical is a row, but nothing that a reader could click on."""
    if kinds:
        return State.NOT_LINKED, f"no link, but it names the target: {', '.join(kinds)}"
    if page.requested_url != page.url and not urls.is_same_page(page.requested_url, page.url):
        return State.REDIRECTED, "ended on another page, which holds no link"
    if page.is_own:
        return State.NOT_LINKED, "the target's own page, whose links are internal"
    if page.rendering is Rendering.NOT_DONE:
        return State.NOT_LINKED, "the page holds no link as it was served; it was not rendered"
    return State.NOT_LINKED, "the page holds no link"
