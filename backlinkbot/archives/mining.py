"""Finds the links to targets in one archive: the work of one task, in whatever process it runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.archives import pages, wat
from backlinkbot.archives.faults import Fault, MiningCounts
from backlinkbot.archives.records import MAGIC, Record, read_records
from backlinkbot.archives.rows import ArchivedBacklink, archived
from backlinkbot.archives.unparsed_pages import unparsed_page
from backlinkbot.extract.accounts import accounts_of
from backlinkbot.extract.link_bound import MOST_OF_PAGE, MOST_OF_TARGET, LinkBound
from backlinkbot.extract.other_links.brands import Brands
from backlinkbot.extract.other_links.feeds import feed_links
from backlinkbot.extract.other_links.mentions import spellings
from backlinkbot.extract.other_links.typed import header_links
from backlinkbot.extract.page import PageContent
from backlinkbot.extract.placement.repeats import RepeatedBlocks
from backlinkbot.extract.robots_directives import DEFAULT_AGENT
from backlinkbot.items import Backlink, ExtractedPage, FetchedPage, Match, common_fields
from backlinkbot.items.rendered_diff import served_content
from backlinkbot.judging import redirect_links
from backlinkbot.judging.finding import links_of, matches_of
from backlinkbot.judging.rows import PageValues, rows_of, rows_with
from backlinkbot.prefilter import Prefilter, WatPrefilter, account_signs_in
from backlinkbot.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from backlinkbot.items import PageHeaders
    from backlinkbot.targets import Target

_REQUEST: Final = b"\nWARC-Type: request\r\n"
_METADATA: Final = b"\nWARC-Type: metadata\r\n"
"""Headers as they are usually spelled; a record that spells them in another way is parsed."""
_END_OF_HEADERS: Final = b"\r\n\r\n"
_ENVELOPE: Final = b'"Envelope"'
_TYPE_OF_WAT: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningOptions:
    """What is looked for in archives, and how; small, and the same for every process of a run."""

    targets: tuple[str, ...]
    """As written; see :meth:`backlinkbot.targets.Targets.parse`."""
    aliases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Target -> its aliases."""
    agent: str = DEFAULT_AGENT
    """The search engine whose rules count."""
    includes_own: bool = False
    """True if links from a target's own pages count."""
    mentions: bool = False
    """True if addresses in a page's text count, too."""
    brands: tuple[str, ...] = ()
    """The brands whose mentions count, too: ``NAME``, or ``NAME=TARGET``."""
    bounds: tuple[int, int] = (MOST_OF_TARGET, MOST_OF_PAGE)
    """Most links of one page that are read: to one target, and to all; 0: no bound."""
    cache_dir: str = ""
    """Where compiled filters are kept; empty for nowhere."""


class Miner:
    """Finds links to targets in archives, one archive after the other."""

    def __init__(self, options: MiningOptions) -> None:
        """Compiles the filters.

        Raises:
            TargetError: a target is invalid.
            SettingError: a brand is none, or is of no target.
        """
        self._options = options
        self._targets = Targets.parse(options.targets, dict(options.aliases))
        cache = Path(options.cache_dir) if options.cache_dir else None
        self._brands = Brands.parse(options.brands, self._targets)
        hosts = self._targets.hosts if options.mentions else ()
        printed = chain((name for host in hosts for name in spellings(host)), self._brands.keys)
        self._prefilter = Prefilter.for_targets(self._targets, cache, also=printed)
        self._wat_prefilter = WatPrefilter(self._targets, cache)

    def rows(self, file: IO[bytes], name: str, counts: MiningCounts) -> Iterator[ArchivedBacklink]:
        """Yields the links to targets in an archive, in its order, as far as it can be read.

        Args:
            file: the archive, seekable, at its beginning.
            name: what the rows call it.
            counts: counts what was read, and what was wrong.
        """
        repeats = RepeatedBlocks()  # of this archive alone, so that rows do not depend on what else a process reads
        for record in read_records(file, counts, self._unread):
            try:
                found = self._rows_of(record, repeats, counts)
            except Exception as error:  # noqa: BLE001 - one page of millions is counted, and the others are read
                counts.fault(Fault.FAILED, record.offset, f"{record.uri} {type(error).__name__}: {error}")
                continue
            counts.pages += bool(found)
            counts.rows += len(found)
            for row in found:
                yield archived(row, name, record.offset)

    def _unread(self, data: bytes) -> str | None:
        """Returns why the bytes of a record need not be parsed; None if they must be.

        Requests, which are half of a WARC file's records, hold no page; most WAT records and most pages have no sign of a target.
        """
        if not data.startswith(MAGIC):  # of an archive that is not compressed: what a record holds, without its headers
            is_of_wat = data.startswith(b"{") and _ENVELOPE in data[:4096]
            return "" if is_of_wat and not self._wat_prefilter.may_link(data) else None
        head = data[: data.find(_END_OF_HEADERS) + 2]
        if _REQUEST in head:
            return pages.NOT_A_PAGE
        if _METADATA in head:
            return "" if _ENVELOPE in data[:4096] and not self._wat_prefilter.may_link(data) else None
        page = unparsed_page(data)
        return "" if page is not None and not self._prefilter.may_link(data, page.charset, page.url) else None

    def _rows_of(self, record: Record, repeats: RepeatedBlocks, counts: MiningCounts) -> list[Backlink]:
        if record.kind == "metadata" and record.headers.get("content-type", "").startswith(_TYPE_OF_WAT):
            return self._rows_of_wat(record, counts)
        page = pages.page_of(record, counts, partial(self._is_read, counts))
        return self._rows_of_page(page, repeats, counts) if page is not None else []

    # --- WARC ---

    def _is_read(self, counts: MiningCounts, url: urls.URL, headers: PageHeaders, body: bytes, is_xml: bool) -> bool:  # noqa: FBT001 - as it is asked
        """False for a page without a sign of a target, and for those of the targets themselves, which are counted."""
        if not self._options.includes_own and len(self._targets.owners(url)) == len(self._targets):
            counts.skip("a target's own page")
            return False
        return bool(
            is_xml
            or headers.refresh
            or self._prefilter.may_link(body, headers.charset, url)
            or (headers.links and any(header_links(headers.links, url, self._targets.match)))
        )

    def _rows_of_page(self, page: FetchedPage, repeats: RepeatedBlocks, counts: MiningCounts) -> list[Backlink]:
        url = page.parsed_url
        if url is None:
            return []
        if page.redirects:
            found = list(redirect_links.rows(page, self._targets, includes_own=self._options.includes_own))
            counts.read += bool(found)
            return found
        owners = self._targets.owners(url)
        counts.read += 1
        matches, content = self._matches(page, owners, counts)
        if not matches:
            return []
        extracted = ExtractedPage(
            **common_fields(page),
            headers=page.headers,
            is_feed=page.is_feed,
            matches=_placed(page, matches, repeats),
            content=content,
            accounts=() if page.is_feed else accounts_of(page.body, account_signs_in(page.body)),
            is_own=bool(owners),
        )
        return rows_of(extracted, agent=self._options.agent, closed_by=_nothing_known)

    def _matches(
        self, page: FetchedPage, owners: Collection[Target], counts: MiningCounts
    ) -> tuple[Counter[Match], PageContent]:
        options = self._options
        match = self._targets.match
        if page.is_feed:
            bound = LinkBound(*options.bounds)
            links = feed_links(page.body, page.url, page.headers.charset, match, bound=bound)
            content = PageContent(b"", page.parsed_url or page.url)
        else:
            content = served_content(page)
            if content.is_cut:
                counts.skip("too large to parse")
            links = links_of(
                content,
                page.headers.links,
                match,
                options.bounds,
                mentioned_in=page.body if options.mentions else None,
                brands=self._brands,
                body=page.body,
            )
        return matches_of(links, owners, counts.skip, includes_own=options.includes_own), content

    # --- WAT ---

    def _rows_of_wat(self, record: Record, counts: MiningCounts) -> list[Backlink]:
        page = _parsed(record, counts)
        if page is None:
            return []
        at = pages.time_of(page.date)
        if page.status is not None and 300 <= page.status < 400:
            return self._redirect_of_wat(page, page.status, at)
        if page.status not in pages.WHOLE:
            counts.skip(f"status {page.status}")
            return []
        owners = self._targets.owners(page.url)
        options = self._options
        if len(owners) == len(self._targets) and not options.includes_own:
            counts.skip("a target's own page")
            return []
        counts.read += 1
        links = wat.links_to(page, self._targets.match, options.bounds)
        matches = matches_of(links, owners, counts.skip, includes_own=options.includes_own)
        return self._rows_with(page, matches, at) if matches else []

    def _rows_with(self, page: wat.WatPage, matches: Counter[Match], at: str) -> list[Backlink]:
        href = page.url.href
        extracted = ExtractedPage(
            url=href, requested_url=href, fetched_at=at, status=page.status, discovered_from="archive"
        )
        external, internal = wat.count_links(page)
        canonical = wat.canonical_of(page)
        values = PageValues(
            url=page.url,
            title=wat.title_of(page),
            language=wat.language_of(page),
            metas=wat.metas_of(page),
            x_robots_tag=page.headers.get("x-robots-tag", ()),
            canonical_url=canonical,
            flagged_canonical=canonical,
            external_links=external,
            internal_links=internal,
        )
        return rows_with(extracted, values, matches.items(), agent=self._options.agent, closed_by=_nothing_known)

    def _redirect_of_wat(self, page: wat.WatPage, status: int, at: str) -> list[Backlink]:
        location = next(iter(page.headers.get("location", ())), "")
        to = urls.resolve(location, page.url) if location.strip() else None
        if to is None or not urls.is_web(to):
            return []
        visit = pages.redirected(page.url, status, location, to, at)
        return list(redirect_links.rows(visit, self._targets, includes_own=self._options.includes_own))


def _parsed(record: Record, counts: MiningCounts) -> wat.WatPage | None:
    """Returns the page of a WAT record; None where it describes none, which is counted."""
    try:
        return wat.parse(record.content)
    except wat.NotAPageError:
        counts.skip(pages.NOT_A_PAGE)
    except wat.NoURLError as error:
        counts.fault(Fault.NO_URL, record.offset, str(error))
    except ValueError as error:
        counts.fault(Fault.NOT_JSON, record.offset, str(error))
    return None


def _nothing_known(_url: str) -> tuple[str, ...]:
    """Archives of pages do not say what robots.txt said."""
    return ()


def _placed(page: FetchedPage, matches: Counter[Match], repeats: RepeatedBlocks) -> tuple[tuple[Match, int], ...]:
    """Returns the links, no longer as content where their domain repeats their block on page after page of the archive."""
    url = page.parsed_url
    domain = urls.registrable_domain(url.hostname) if url is not None else ""
    placed: Counter[Match] = Counter()
    for match, number in matches.items():
        around = repeats.resolve(domain, page.url, match.link.context)
        placed[replace(match, link=replace(match.link, context=around))] += number
    return tuple(placed.items())
