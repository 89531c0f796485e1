"""Visits pages for an assistant, in a process of its own."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.api.calls import found_while_running
from backlinkbot.configuration import NONE
from backlinkbot.errors import RunError, UsageError
from backlinkbot.mcp.bounds import MOST_ROWS, NOTICE, Answer, bounded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

MOST_PAGES: Final = 50
"""Pages of one call."""
MOST_SECONDS: Final = 300
"""Seconds after which a call ends; the answer holds what was found until then."""
_OPTIONS: Final[dict[str, Any]] = {
    # Clients start the server in folders of other people's; an assistant gets to no private place, and writes no file.
    "config": NONE,
    "allow_private": False,
    "headers": [],
    "notify": [],
    "overlap": "stand-down",
}
_COLUMNS: Final = (
    *("source_url", "target_url", "anchor", "follow", "nofollow_by", "indexable", "noindex_by", "placement"),
    *("link_type", "state"),
)


async def verify(
    target: str, pages: Sequence[str], *, history: str, report: Callable[[int], Awaitable[None]]
) -> Answer:
    """Visits each page once, as ``backlinkbot verify`` does; returns what became of each, and its links to the target.

    Args:
        target: one target.
        pages: their addresses.
        history: which records the visits.
        report: called with the number of pages visited so far.

    Raises:
        UsageError: an argument is wrong; nothing was fetched.
        OutputError: the history cannot be written.
        RunError: the run failed, or another one is at work on this history; no page was visited.
    """
    _refuse_files(target, pages)
    options = {"candidates": list(pages), "history": history, "max_time": MOST_SECONDS} | _OPTIONS
    rows: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    problem = ""
    try:
        async with aclosing(found_while_running("verify", [target], {}, options)) as visits:
            async for found in visits:
                rows += ({name: getattr(row, name) for name in _COLUMNS} for row in found.rows[: MOST_ROWS - len(rows)])
                checks += map(asdict, found.checks)
                await report(len(checks))
    except RunError as error:
        if not checks:
            raise
        problem = str(error)  # what was found until then is an answer
    return {
        "notice": NOTICE,
        **({"problem": problem} if problem else {}),
        "untrusted_rows": bounded(checks),
        "untrusted_links": bounded(rows),
    }


def _refuse_files(target: str, pages: Sequence[str]) -> None:
    """Refuses what ``verify`` would read as the name of a file.

    Raises:
        UsageError: it is one.
    """
    if target.startswith("@") or len(target.split()) != 1:
        raise UsageError(f"target {target!r:.100}: one domain or address is expected, such as example.com")
    for page in pages:
        if any(sign.isspace() for sign in page) or not page.startswith(("http://", "https://")):
            raise UsageError(f"page {page!r:.100}: an address is expected that begins with http:// or https://")
        if not urls.is_web(urls.parse(page)):
            raise UsageError(f"page {page!r:.100}: this is no valid address")
