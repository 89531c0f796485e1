"""``discover``: from seeds outward, within bounds, through every page that could hold a backlink."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap

from backlinkbot import options, urls
from backlinkbot.errors import SeedError
from backlinkbot.fetching.addresses import is_private_host
from backlinkbot.frontier import KnownPages
from backlinkbot.importers import read_candidates
from backlinkbot.items import Failure, Page, State
from backlinkbot.links import PageContent
from backlinkbot.options import Follow
from backlinkbot.prefilter import may_refresh
from backlinkbot.spiders.base import BacklinkSpider, Visit, first_urls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure as TwistedFailure

    from backlinkbot.urls import URL

MAX_MET: Final = 50_000
"""Hashes of links lately found known, kept at hand: most links of a page stand on every page of its site."""
MAX_SITEMAPS_PER_SEED: Final = 1_000
# A path in which one segment stands three times in a row comes from a relative link that leads ever deeper.
_ENDLESS_PATH: Final = re.compile(r"(/[^/]+)\1\1(?:/|$)")
# Visited last: such a URL is rarely a page, but may be one ("/wiki/File:Cat.jpg").
_RARELY_HTML: Final = re.compile(
    r"\.(?:7z|avi|avif|bmp|bz2|css|csv|docx?|dmg|epub|exe|gif|gz|ico|iso|jar|jpe?g|js|json|m4a|mov|mp3|mp4|mpe?g|msi|odt"
    r"|ogg|pdf|png|pptx?|ps|rar|rss|svg|tar|tgz|tiff?|ttf|txt|wav|webm|webp|whl|wmv|woff2?|xlsx?|xml|xz|zip)$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class CrawlMemory:
    """What a crawl has to remember where it is stopped and resumed."""

    known: KnownPages = field(default_factory=KnownPages)
    pages: int = 0
    pages_of: Counter[str] = field(default_factory=Counter)
    sitemaps_of: Counter[str] = field(default_factory=Counter)
    seed_hosts: set[str] = field(default_factory=set)
    seed_domains: set[str] = field(default_factory=set)


class DiscoverSpider(BacklinkSpider):
    """Which pages of these sites link to a target?"""

    name = "discover"

    def configure(self, settings: BaseSettings) -> None:
        """Read the seeds, the candidates and the bounds."""
        self._seeds = [_read_seed(text) for text in options.listed(settings.getlist("BACKLINKBOT_SEEDS"))]
        self._candidates = settings.getlist("BACKLINKBOT_CANDIDATES")
        for path in self._candidates:
            next(read_candidates(path), None)  # a list that cannot be read is refused before anything is fetched
        if not self._seeds and not self._candidates:
            raise SeedError("discover needs a place to start: name a seed (https://a.example) or a file of candidates")
        self._follow = Follow(settings["BACKLINKBOT_FOLLOW"])
        self._max_pages = settings.getint("BACKLINKBOT_MAX_PAGES")
        self._max_per_domain = settings.getint("BACKLINKBOT_MAX_PAGES_PER_DOMAIN")
        self._max_depth = settings.getint("BACKLINKBOT_MAX_DEPTH")
        self._max_hops = settings.getint("BACKLINKBOT_MAX_HOPS")
        self._met: set[int] = set()
        self._max_url_length = settings.getint("URLLENGTH_LIMIT")
        self._reads_sitemaps = settings.getbool("BACKLINKBOT_SITEMAPS")
        self._allow_private = settings.getbool("BACKLINKBOT_ALLOW_PRIVATE")
        self._memory = CrawlMemory()
        for url, _ in self._seeds:
            self._note_seed(urls.parse(url))

    def first_requests(self) -> Iterator[Request | Page]:
        """Seeds, then candidates; where a crawl is resumed (``JOBDIR``), those that it does not know yet."""
        state: dict[str, CrawlMemory] = getattr(self, "state", {})
        self._memory = state.setdefault("memory", self._memory)
        for url, fallback in self._seeds:
            parsed = urls.parse(url)
            if parsed is not None and self._memory.known.admit(parsed):
                visit = Visit(
                    requested_url=url,
                    discovered_from="seed",
                    follows=True,
                    is_first=True,
                    is_seed=True,
                    fallback=fallback,
                )
                yield self.request(url, visit)
        for path in self._candidates:
            for candidate in read_candidates(path):
                yield from self._look_at(candidate.url)

    def _look_at(self, text: str) -> Iterator[Request | Page]:
        visit = Visit(requested_url=text, discovered_from="candidate", candidates=(text,), is_first=True)
        places = first_urls(text)
        if places is None:
            yield self.page(text, visit, failure=Failure(state=State.UNREACHABLE, reason="not an http(s) URL"))
            return
        url, fallback = places
        parsed = urls.parse(url)
        if parsed is not None and self._memory.known.admit(parsed):
            # One on a seed's own domain is a page of the crawl like any other: its links may lead on.
            follows = self._is_at_home(parsed)
            yield self.request(url, replace(visit, requested_url=url, fallback=fallback, follows=follows))

    # --- answers ---

    def parse(self, response: Response, **_: Any) -> Iterator[Page | Request]:
        """The page, its links, and what its site's robots.txt names."""
        visit: Visit = response.meta["visit"]
        if visit.is_sitemap:
            yield from self._parse_sitemap(response, visit)
            return
        page = self.page_of(response)
        if visit.is_seed:
            self._note_seed(urls.parse(response.url))  # a seed that redirects names where it redirects to
            yield from self._sitemaps_named(response.url, visit)
        if page.failure is not None or not (visit.follows or may_refresh(page.body)):
            yield page
            return
        content = self.content_of(page)
        yield replace(page, content=content)
        onward = self.refreshed(response, content)
        if onward is not None:
            yield onward
        if visit.follows:
            yield from self._follow_links(content, visit)

    def failed(self, failure: TwistedFailure) -> Iterator[Page | Request]:
        """No answer: the same page over the other scheme where somebody linked to that."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.meta["visit"]
        if visit.is_sitemap:
            self._stat("sitemap_failed")
            return
        for item in super().failed(failure):
            parsed = urls.parse(request.url)
            if isinstance(item, Page) and item.failure is not None and parsed is not None:
                if visit.is_seed:
                    yield from self._sitemaps_named(request.url, visit)
                if item.failure.state is State.UNREACHABLE and (twin := self._memory.known.twin_of_failed(parsed)):
                    yield self.request(twin, replace(visit, requested_url=twin))
            yield item

    def refuse_redirect(self, request: Request, target: URL) -> str:
        """Redirects of seeds and candidates are followed wherever they lead; others within the crawl's scope."""
        visit: Visit = request.meta["visit"]
        if visit.is_sitemap:
            return ""
        source = urls.parse(request.url)
        goes_anywhere = visit.is_seed or visit.candidates
        if not goes_anywhere and source is not None and not self._is_in_scope(source, target, visit):
            return "redirects out of the crawl's scope"
        is_new = self._memory.known.admit(target, instead_of=source)
        return "" if is_new or goes_anywhere else "redirects to a page already visited"

    # --- links ---

    def _follow_links(self, content: PageContent, visit: Visit) -> Iterator[Request]:
        if self._max_depth and visit.depth >= self._max_depth:
            self._stat("depth_bound")
            return
        source = content.url
        found_on = urls.without_fragment(source)
        for url in content.linked_urls:
            if hash(url.href) not in self._met and self._is_in_scope(source, url, visit):
                yield from self._visit(url, found_on, visit, self._hops(source, url, visit))

    def _visit(self, url: URL, found_on: str, visit: Visit, hops: int) -> Iterator[Request]:
        if len(url.href) > self._max_url_length or _ENDLESS_PATH.search(url.pathname):
            self._stat("endless_url")
            return
        if not self._allow_private and is_private_host(url.hostname):
            self._stat("private_address")
            return
        is_new = self._memory.known.admit(url)
        if len(self._met) >= MAX_MET:
            self._met.clear()
        self._met.add(hash(url.href))
        if not is_new or self._bound_reached(url):
            return
        location = urls.as_requested(url)
        following = Visit(
            requested_url=location, discovered_from=found_on, depth=visit.depth + 1, hops=hops, follows=True
        )
        last = 1 if _RARELY_HTML.search(url.pathname) else 0
        yield self.request(location, following, priority=-2 * following.depth - last)

    def _is_in_scope(self, source: URL, url: URL, visit: Visit) -> bool:
        """Whether a link is followed: to where any seed lies, so that two seeds that link to each other are one crawl."""
        if self._is_at_home(url):
            return True
        if self._follow is Follow.SAME_HOST:
            return False
        same_domain = urls.registrable_domain(url.hostname) == urls.registrable_domain(source.hostname)
        return same_domain or (self._follow is Follow.ALL and visit.hops < self._max_hops)

    def _is_at_home(self, url: URL) -> bool:
        if self._follow is Follow.SAME_HOST:
            return url.host in self._memory.seed_hosts
        return urls.registrable_domain(url.hostname) in self._memory.seed_domains

    def _hops(self, source: URL, url: URL, visit: Visit) -> int:
        same = urls.registrable_domain(url.hostname) == urls.registrable_domain(source.hostname)
        return visit.hops if same else visit.hops + 1

    def _note_seed(self, url: URL | None) -> None:
        if url is not None:
            self._memory.seed_hosts.add(url.host)
            self._memory.seed_domains.add(urls.registrable_domain(url.hostname))

    # --- bounds ---

    def spend(self, request: Request) -> bool:
        """Take a page from the run's budget and from its domain's; a run without budget ends."""
        visit: Visit = request.meta["visit"]
        url = urls.parse(request.url)
        if visit.is_sitemap or url is None:
            return True
        if self._bound_reached(url):
            return False
        self._memory.pages += 1
        self._memory.pages_of[urls.registrable_domain(url.hostname)] += 1
        if self._memory.pages == self._max_pages:
            self.logger.info("%d pages are visited, as many as were asked for", self._memory.pages)
            self._ending = asyncio.ensure_future(self._end())
        return True

    def _bound_reached(self, url: URL) -> bool:
        if self._max_pages and self._memory.pages >= self._max_pages:
            self._stat("page_bound")
            return True
        if (
            self._max_per_domain
            and self._memory.pages_of[urls.registrable_domain(url.hostname)] >= self._max_per_domain
        ):
            self._stat("domain_page_bound")
            return True
        return False

    async def _end(self) -> None:
        await self.crawler.engine.close_spider_async(reason="page_bound")

    def _stat(self, reason: str) -> None:
        self.crawler.stats.inc_value(f"backlinks/discover/{reason}")

    # --- sitemaps ---

    def _sitemaps_named(self, url: str, visit: Visit) -> Iterator[Request]:
        if self._reads_sitemaps and self._robots is not None:
            for sitemap in self._robots.sitemaps(url):
                yield from self._read_sitemap(urls.parse(sitemap), urls.parse(url), visit)

    def _read_sitemap(self, sitemap: URL | None, site: URL | None, visit: Visit) -> Iterator[Request]:
        if sitemap is None or site is None or not urls.is_web(sitemap) or not self._memory.known.admit(sitemap):
            return
        domain = urls.registrable_domain(site.hostname)
        if self._memory.sitemaps_of[domain] >= MAX_SITEMAPS_PER_SEED:
            self._stat("sitemap_bound")
            return
        self._memory.sitemaps_of[domain] += 1
        reading = Visit(requested_url=site.href, discovered_from=visit.discovered_from, is_sitemap=True, follows=True)
        yield self.request(sitemap.href, reading, priority=1)

    def _parse_sitemap(self, response: Response, visit: Visit) -> Iterator[Request]:
        site = urls.parse(visit.requested_url)
        if site is None or response.status != 200:
            self._stat("sitemap_failed")
            return
        self._stat("sitemap_read")
        names, entries = _sitemap_entries(response.body, self.settings.getint("DOWNLOAD_MAXSIZE"))
        for entry in entries:
            url = urls.resolve(entry.strip(), site)
            if url is None or not urls.is_web(url):
                self._stat("sitemap_bad_url")
            elif names == "sitemapindex":
                yield from self._read_sitemap(url, site, visit)
            elif self._is_in_scope(site, url, visit):
                yield from self._visit(url, response.url, replace(visit, depth=-1), visit.hops)


def _sitemap_entries(body: bytes, max_size: int) -> tuple[str, list[str]]:
    """(kind of sitemap, its URLs); nothing where it is no sitemap. A plain list of URLs is one too."""
    if body.startswith(b"\x1f\x8b"):
        try:
            body = gunzip(body, max_size=max_size)
        except Exception:  # noqa: BLE001 - a broken or endless archive holds no URL that we can read
            return "", []
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:4].lower() == b"http":
        return "urlset", body.decode("utf-8-sig", errors="replace").split()
    try:
        sitemap = Sitemap(body)
        return str(sitemap.type), [entry["loc"] for entry in sitemap]
    except Exception:  # noqa: BLE001 - what is not XML is no sitemap
        return "", []


def _read_seed(text: str) -> tuple[str, str]:
    places = first_urls(text)
    if places is None:
        raise SeedError(f"seed {text!r} is no place to start; write a URL (https://a.example/) or a domain (a.example)")
    return places
