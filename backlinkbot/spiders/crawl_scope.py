"""The scope and limits of a crawl: which links it follows, which addresses it skips, how many pages it visits."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.download.special_addresses import is_private_host
from backlinkbot.option_table import Follow

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.urls import URL

# The same path segment three times in a row comes from a relative link that adds a level on every page.
_ENDLESS_PATH: Final = re.compile(r"(/[^/]+)\1\1(?:/|$)")


@dataclass(slots=True)
class CrawlProgress:
    """The seeds of a crawl and its page counts, which are saved when the crawl is stopped and resumed."""

    pages: int = 0
    pages_of: Counter[str] = field(default_factory=Counter)
    seed_hosts: set[str] = field(default_factory=set)
    seed_domains: set[str] = field(default_factory=set)
    found_of: Counter[str] = field(default_factory=Counter)
    """Pages that were found to wait, by registrable domain, and those that were named and visited at once."""


@dataclass(slots=True, kw_only=True)
class CrawlScope:
    """The scope and the limits of one crawl; 0 means no limit."""

    follow: Follow
    max_hops: int
    max_depth: int
    max_pages: int
    max_pages_per_domain: int
    max_waiting_per_domain: int
    max_url_length: int
    allows_private: bool
    crawler: Crawler
    """The crawler whose stats count what is skipped."""
    progress: CrawlProgress = field(default_factory=CrawlProgress)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Creates the scope from the settings."""
        settings = crawler.settings
        return cls(
            crawler=crawler,
            follow=Follow(settings["BACKLINKBOT_FOLLOW"]),
            max_hops=settings.getint("BACKLINKBOT_MAX_HOPS"),
            max_depth=settings.getint("BACKLINKBOT_MAX_DEPTH"),
            max_pages=settings.getint("BACKLINKBOT_MAX_PAGES"),
            max_pages_per_domain=settings.getint("BACKLINKBOT_MAX_PAGES_PER_DOMAIN"),
            max_waiting_per_domain=settings.getint("BACKLINKBOT_MAX_WAITING_PER_DOMAIN"),
            max_url_length=settings.getint("URLLENGTH_LIMIT"),
            allows_private=settings.getbool("BACKLINKBOT_ALLOW_PRIVATE"),
        )

    # --- scope ---

    def begin_at(self, url: URL | None) -> None:
        """Adds a seed's host and domain to the scope."""
        if url is not None:
            self.progress.seed_hosts.add(url.host)
            self.progress.seed_domains.add(urls.registrable_domain(url.hostname))

    def is_home(self, url: URL) -> bool:
        """True if the URL is on the host or domain of any seed, so that seeds that link to each other are one crawl."""
        if self.follow is Follow.SAME_HOST:
            return url.host in self.progress.seed_hosts
        return urls.is_below(url.hostname, self.progress.seed_domains)

    def is_in_scope(self, source: URL, url: URL, hops: int) -> bool:
        """True if a link to ``url`` is followed from a page that is ``hops`` changes of domain away from a seed."""
        if self.is_home(url):
            return True
        if self.follow is Follow.SAME_HOST:
            return False
        return _is_one_site(source, url) or (self.follow is Follow.ALL and hops < self.max_hops)

    def hops_to(self, source: URL, url: URL, hops: int) -> int:
        """Returns how many changes of domain the linked page is away from a seed."""
        return hops if _is_one_site(source, url) else hops + 1

    # --- bounds ---

    def is_too_deep(self, depth: int) -> bool:
        """True if the links of a page at this depth are not followed."""
        is_too_deep = bool(self.max_depth) and depth >= self.max_depth
        if is_too_deep:
            self._stat("depth_bound")
        return is_too_deep

    def is_trap(self, url: URL) -> bool:
        """True if the URL should not be visited: it is too long, repeats itself endlessly, or its host is private."""
        if len(url.href) > self.max_url_length or _ENDLESS_PATH.search(url.pathname):
            self._stat("endless_url")
            return True
        if not self.allows_private and is_private_host(url.hostname):
            self._stat("private_address")
            return True
        return False

    def is_spent(self, url: URL) -> bool:
        """True if the run, or the URL's domain, has reached its limit of pages."""
        if self.max_pages and self.progress.pages >= self.max_pages:
            self._stat("page_bound")
            return True
        of_domain = self.progress.pages_of[urls.registrable_domain(url.hostname)]
        if self.max_pages_per_domain and of_domain >= self.max_pages_per_domain:
            self._stat("domain_page_bound")
            return True
        return False

    def is_beyond(self, url: URL, depth: int) -> bool:
        """True if a page is beyond a bound: too many links from a seed, or of a domain whose pages are used up."""
        return bool(self.max_depth and depth > self.max_depth) or self.is_spent(url)

    @property
    def is_over(self) -> bool:
        """True if earlier runs of the same crawl have used up its number of pages."""
        return bool(self.max_pages) and self.progress.pages >= self.max_pages

    def pages_left(self) -> float:
        """Returns the number of pages that may still be visited; infinity without a limit."""
        return max(self.max_pages - self.progress.pages, 0) if self.max_pages else inf

    def is_crowded(self, url: URL) -> bool:
        """True if the domain has reached its number of waiting pages; a page that is found again later may still be added."""
        if not self.max_waiting_per_domain:
            return False
        domain = urls.registrable_domain(url.hostname)
        is_crowded = self.progress.found_of[domain] - self.progress.pages_of[domain] >= self.max_waiting_per_domain
        if is_crowded:
            self._stat("waiting_bound")
        return is_crowded

    def note_waiting(self, url: URL) -> None:
        """Count a page that waits from now on."""
        self.progress.found_of[urls.registrable_domain(url.hostname)] += 1

    def restore_visits(self, domain: str, number: int) -> None:
        """Count visits of earlier runs of the same crawl."""
        self.progress.pages += number
        self.progress.pages_of[domain] += number
        self.progress.found_of[domain] += number

    def count(self, url: URL) -> bool:
        """Counts a visit; returns true if it is the last one that the limit allows."""
        self.progress.pages += 1
        self.progress.pages_of[urls.registrable_domain(url.hostname)] += 1
        return self.progress.pages == self.max_pages

    def _stat(self, reason: str) -> None:
        self.crawler.stats.inc_value(f"backlinks/discover/{reason}")


def _is_one_site(one: URL, other: URL) -> bool:
    return urls.is_below(other.hostname, (urls.registrable_domain(one.hostname),))
