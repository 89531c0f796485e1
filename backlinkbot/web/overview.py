"""Computes what the first page shows.

What to do is counted here by links, with the way to their rows; ``reports.todo`` puts tasks in order, which takes a pass over all rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.extract.link import MENTION
from backlinkbot.reports.page.figures import BROKEN
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
    """A number of rows, and what to do about them."""

    rows: int
    found: str
    """A description of the rows, to be read after their number."""
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
    """Returns what there is to do, in the order of the kinds of tasks."""
    broken = {state: _rows(links, "target_state", state, *_LIVE) for state in sorted(BROKEN)}
    states = [("target_state", state) for state, rows in broken.items() if rows]
    every = (
        (
            "links",
            _rows(links, "follow", "true", ("state", "lost")),
            _LOST,
            "followed link was lost|followed links were lost",
            "See when and why",
        ),
        (
            "links",
            sum(broken.values()),
            (*_LIVE, *states),
            "link leads to a gone or replaced address of yours|links lead to gone or replaced addresses of yours",
            "Redirect it to the page that took its place|Redirect these to the pages that took their place",
        ),
        (
            "links",
            _rows(links, "link_type", MENTION, *_LIVE),
            (*_LIVE, ("link_type", MENTION)),
            "mention is no link|mentions are no links",
            "Ask to link it, unless its page links to you|Ask to link these, unless their pages link to you",
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
        ToDo(
            rows=rows,
            found=_form(found, rows),
            action=_form(action, rows),
            href=queries.read(BY_NAME[table], filters).href,
        )
        for table, rows, filters, found, action in every
        if rows
    ]


def _rows(frame: Frame, column: str, value: str, *filters: tuple[str, str]) -> int:
    """Returns the number of rows with a value; a facet of one value is never cut."""
    return sum(one.rows for one in frame.facet(column, *filters, (column, value)).values if one.text == value)


def _form(words: str, rows: int) -> str:
    """Returns the form for so many rows: the one before the bar for one, else the one behind it; without a bar there is one."""
    one, _, many = words.partition("|")
    return one if rows == 1 or not many else many


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
