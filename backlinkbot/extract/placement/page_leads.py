"""The URLs to which the links in the boxes of a page lead."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.placement.shapes import POSTS, PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.outline import Box
    from backlinkbot.urls import URL


class PageLeads:
    """The URLs of a page's links; those that lead to other registrable domains are outward."""

    def __init__(self, leads: Sequence[URL | None], page: URL, links: int) -> None:
        """Counts the links.

        Args:
            leads: the URL of each link, in the outline's order; None if it has none.
            page: the page's URL.
            links: the number of links in the outline.
        """
        self._leads = leads
        own = urls.registrable_domain(page.hostname)
        self._outward = _sums((urls.is_web(url) and domain_of(url) != own for url in leads), links)
        self._accounts_in: dict[ElementLike, int] = {}

    def first(self, box: Box) -> URL | None:
        """Returns the URL of the first link in the box; None if it has none."""
        return self._leads[box.first_link] if box.links and box.first_link < len(self._leads) else None

    def count_outward(self, box: Box) -> int:
        """Counts the links in the box that lead to other registrable domains."""
        return self._outward[box.last_link] - self._outward[box.first_link]

    def outward(self, box: Box) -> Iterator[URL]:
        """Yields the URLs of the links in the box that lead to other registrable domains."""
        for number in range(box.first_link, min(box.last_link, len(self._leads))):
            lead = self._leads[number]
            if lead is not None and self._outward[number + 1] > self._outward[number]:
                yield lead

    def is_account(self, box: Box) -> bool:
        """True if a link leads to an account of a social network, not to one of its posts."""
        lead = self.first(box)
        return lead is not None and is_account_url(lead)

    def count_accounts(self, box: Box) -> int:
        """Counts the links to accounts of social networks; once for each box, because all of its links ask for it."""
        if box.element not in self._accounts_in:
            self._accounts_in[box.element] = sum(map(is_account_url, self.outward(box)))
        return self._accounts_in[box.element]


def is_account_url(lead: URL) -> bool:
    """True if a URL is that of an account of a social network, not of one of its posts."""
    domain = urls.registrable_domain(lead.hostname)
    if domain not in PROFILES or lead.hostname.removesuffix(domain) not in _HOSTS_OF_ACCOUNTS:
        return False
    return (domain != "google.com" or lead.hostname.startswith("plus.")) and POSTS.search(
        f"{lead.pathname}{lead.search}"
    ) is None


_HOSTS_OF_ACCOUNTS: Final = frozenset({"", "www.", "m.", "mobile.", "de-de.", "en-gb.", "plus."})


def domain_of(url: URL | None) -> str:
    """Returns the registrable domain of a URL; empty without one."""
    return urls.registrable_domain(url.hostname) if url is not None else ""


def _sums(flags: Iterable[bool], number: int) -> list[int]:
    """Returns how many of the flags before each of so many places are set; those that are missing are not."""
    found = [0, *accumulate(flags)]
    return found + found[-1:] * (number + 1 - len(found))
