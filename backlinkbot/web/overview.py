"""Computes what the first page shows.

What to do is counted here by links, with the way to their rows; ``reports.todo`` puts tasks in order, which takes a pass over all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.reports.page.figures import BROKEN, MENTION
from backlinkbot.web import queries
from backlinkbot.web.tables import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlinkbot.web.frames import Frame

_SOME: Final = 8
_MOST_TARGETS: Final = 20
_SPLITS: Final = ("follow", "placement", "link_type", "nofollow_by")
_LIVE: Final = (("state", "new"), ("state", "live"), ("state", "changed"), ("state", "restored"))
_LOST: Final = (("state", "lost"), ("follow", "true"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """Rows that ask for something."""

    rows: int
    found: str
    """What the rows are, to be read after their number."""
    action: str
    href: str
    """The address of their table."""


def overview(frames: Mapping[str, Frame]) -> dict[str, Any]:
    """Returns the values of the template: figures of each target, splits of the links, the last changes and runs."""
    domains, links = frames["domains"], frames["links"]
    names = [value.text for value in domains.facet("target").values]
    return {
        "todo": _to_do(links, frames["claims"]),
        "targets": [_figures(domains, name) for name in names[:_MOST_TARGETS]],
        "splits": [links.facet(name, *_LIVE) for name in _SPLITS],
        "changes": _first(frames, "changes"),
        "runs": _first(frames, "runs"),
        "claims": frames["claims"].facet("verdict"),
        "live": queries.read(BY_NAME["links"], _LIVE),
    }


def _to_do(links: Frame, claims: Frame) -> list[ToDo]:
    """Returns what asks for something, in the order of the kinds of tasks; empty if nothing does."""
    broken = [value for value in links.facet("target_state", *_LIVE).values if value.text in BROKEN]
    states = [("target_state", value.text) for value in broken]
    every = (
        (
            "links",
            _rows(links, "follow", "true", ("state", "lost")),
            _LOST,
            "followed link was lost|followed links were lost",
            "Ask for them back",
        ),
        (
            "links",
            sum(value.rows for value in broken),
            (*_LIVE, *states),
            "link leads to a page of yours that is missing|links lead to pages of yours that are missing",
            "Redirect these",
        ),
        (
            "links",
            _rows(links, "link_type", MENTION, *_LIVE),
            (*_LIVE, ("link_type", MENTION)),
            "mention has no link|mentions have no link",
            "Ask for one",
        ),
        (
            "claims",
            _rows(claims, "verdict", "false"),
            (("verdict", "false"),),
            "claim of a source is not true|claims of sources are not true",
            "Correct your lists",
        ),
    )
    return [
        ToDo(rows=rows, found=_form(found, rows), action=action, href=queries.read(BY_NAME[table], filters).href)
        for table, rows, filters, found, action in every
        if rows
    ]


def _rows(frame: Frame, column: str, value: str, *filters: tuple[str, str]) -> int:
    return sum(one.rows for one in frame.facet(column, *filters).values if one.text == value)


def _form(found: str, rows: int) -> str:
    one, _, many = found.partition("|")
    return one if rows == 1 else many


def _figures(domains: Frame, target: str) -> dict[str, Any]:
    """Returns the figures of a target; all are sums over its referring domains, so that they agree."""
    of = ("target", target)
    return {
        "target": target,
        "links": domains.sum("links", of),
        "domains": domains.positive("links", of),
        "follow_links": domains.sum("follow_links", of),
        "follow_domains": domains.positive("follow_links", of),
        "lost_links": domains.sum("lost_links", of),
    }


def _first(frames: Mapping[str, Frame], name: str) -> list[dict[str, Any]]:
    query = queries.read(BY_NAME[name], [])
    return list(islice(frames[name].page(query).rows, _SOME))
