"""The kinds of tasks, and a task as a row."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from backlinkbot.history.records import TaskSubject
from backlinkbot.items.columns import Kind, column, row

if TYPE_CHECKING:
    from typing import Any

UNKNOWN: Final = "unknown"
"""The contact, where the page gives none."""


class TaskKind(StrEnum):
    """The kinds of tasks, in the order of the list."""

    LOST_LINK = "lost_link"
    """A followed link that a visit found lost."""
    BROKEN_TARGET = "broken_target"
    """A linked address of the target where no page is."""
    MENTION = "mention"
    """A page that prints an address of the target and does not link it."""
    COMPETITOR_LINK = "competitor_link"
    """A page with an editorial link to a competitor, of a domain that does not link to the target."""
    FALSE_CLAIM = "false_claim"
    """A page of which a source claims what a visit found to be false."""
    DISAVOW = "disavow"
    """A domain in what looks like a large link scheme."""


TITLES: Final = {
    TaskKind.LOST_LINK: "Win back lost followed links",
    TaskKind.BROKEN_TARGET: "Redirect broken targets",
    TaskKind.MENTION: "Turn mentions into links",
    TaskKind.COMPETITOR_LINK: "Ask pages that link to competitors",
    TaskKind.FALSE_CLAIM: "Correct claims that are not true",
    TaskKind.DISAVOW: "Consider disavowing link schemes",
}
"""The headings of the list."""


_FOR_SEVERAL: Final = {
    "Ask for the link back": "Ask for the links back",
    "Ask for a link from the page that took its place": "Ask for links from the pages that took their place",
    "Ask for the link on the page that it redirects to": "Ask for the links on the pages that these redirect to",
    "Redirect it to the page that took its place": "Redirect each to the page that took its place",
    "Redirect it to ": "Redirect them to ",
    "Ask to link the mention": "Ask to link the mentions",
    "Offer a page that is worth a link": "Offer a page that is worth a link",
    "Ask for a followed link if nobody paid for it, or correct your list": (
        "Ask for followed links if nobody paid for them, or correct your list"
    ),
    "Ask for the link if it was there before; else strike it from your list": (
        "Ask for the links if they were there before; else strike them from your list"
    ),
    "Ask for a link from another page if it was there before; else strike it from your list": (
        "Ask for links from other pages if they were there before; else strike them from your list"
    ),
    "Correct the address in your list, or ask to correct the link": (
        "Correct the addresses in your list, or ask to correct the links"
    ),
    "Keep it in your list: the link is there": "Keep them in your list: the links are there",
    "Correct your list: the link is followed": "Correct your list: the links are followed",
    "Correct your list": "Correct your list",
    "Read its pages; disavow it only if the links were bought or built": (
        "Read their pages; disavow them only if the links were bought or built"
    ),
}
"""The beginning of an action -> the same for several tasks; the first that fits counts."""


def heading(action: str, tasks: int) -> str:
    """Returns the action as it stands above so many tasks that share it."""
    if tasks > 1:
        for one, several in _FOR_SEVERAL.items():
            if action.startswith(one):
                return several + action.removeprefix(one)
    return action


@row
class Task:
    """One thing to do: one row of ``backlinkbot todo``."""

    number: int | None = column(
        Kind.NUMBER, "Its number, the same in every listing.", may_lack=True, essential=True, default=None
    )
    kind: str = column(Kind.TEXT, "One of the [kinds](todo.md#kinds).")
    action: str = column(Kind.TEXT, "What to do.", essential=True)
    page: str = column(
        Kind.TEXT, "Where: the page of the other site, your own broken address, or a domain.", essential=True
    )
    domain: str = column(Kind.TEXT, "The registrable domain of `page`.")
    target: str = column(Kind.TEXT, "The target that it is about.")
    target_url: str = column(Kind.TEXT, "Where the link leads, led, or should lead; empty if that is open.", default="")
    suggestion: str = column(
        Kind.TEXT, "For a broken target: your living page that resembles it most; empty if none does.", default=""
    )
    evidence: str = column(Kind.TEXT, "What was found.", essential=True)
    since: str = column(Kind.TIME, "When a visit found that.", default="")
    domains: int = column(Kind.NUMBER, "Referring domains that it would gain, or that are at stake.", default=0)
    links: int = column(Kind.NUMBER, "Backlinks that it is about.", default=1)
    authority: float | None = column(
        Kind.REAL, "Of the domain, from a rank file, with `--ranks`.", may_lack=True, essential=True, default=None
    )
    follow: bool | None = column(Kind.FLAG, "Whether the link is, or was, followed.", may_lack=True, default=None)
    placement: str = column(
        Kind.TEXT, "Where on the page the link stands or stood; empty if that is not known.", essential=True, default=""
    )
    links_beside: int | None = column(
        Kind.NUMBER, "Links of the page to other domains.", may_lack=True, essential=True, default=None
    )
    relevance: float | None = column(
        Kind.REAL, "Which part of the page's words is about the target.", may_lack=True, essential=True, default=None
    )
    contact: str = column(
        Kind.TEXT, "Whom to write to, if the page says so beside the link; else `unknown`.", default=UNKNOWN
    )
    status: str = column(Kind.TEXT, "`open` or `done`.", default="open")
    note: str = column(Kind.TEXT, "Your note.", default="")
    noted_at: str = column(Kind.TIME, "When you changed the status last.", default="")

    @property
    def subject(self) -> TaskSubject:
        """What identifies the task."""
        return TaskSubject(kind=self.kind, target=self.target, page=self.page, target_url=self.target_url)


def rank(task: Task) -> tuple[Any, ...]:
    """Returns the sort key of a task among those of its kind; each part can be seen in the row, and none is a score.

    Referring domains first, then authority (unknown last), followed links, links in the text of the page, few links beside it,
    relevance, and the address.
    """
    return (
        -task.domains,
        -1.0 * (-1.0 if task.authority is None else task.authority),
        task.follow is not True,
        task.placement != "content",
        task.links_beside if task.links_beside is not None else 1_000_000,
        -(task.relevance or 0.0),
        task.page,
        task.target_url,
    )
