"""``recheck``: revisits the known pages that are due, with conditional requests, and reports each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from time import time
from typing import TYPE_CHECKING, Any, Final

from scrapy import Request

from backlinkbot import options
from backlinkbot.download.redirects import CONDITIONS, HOPS
from backlinkbot.errors import UsageError
from backlinkbot.extract.link import SAME_DOMAIN
from backlinkbot.history.fingerprint import Fingerprints
from backlinkbot.history.observation import key_of
from backlinkbot.history.schedule import ChangeCounts, Past, rank, roughly
from backlinkbot.items import AWAY, Backlink, FetchedPage, Reason
from backlinkbot.items.columns import with_values
from backlinkbot.spiders.candidates import CandidateVisits
from backlinkbot.spiders.planned_visit import PlannedVisit, visit_of
from backlinkbot.spiders.verify import VerifySpider
from backlinkbot.text.suggestions import known_ones

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from backlinkbot.history import History, KnownPage, Run
    from backlinkbot.spiders.base import Answers
    from backlinkbot.spiders.waiting_records import Record

DAY: Final = 86_400
WITHOUT_BACKLINKS: Final = 0.25
"""How much a page counts beside one that links: it is only visited to see whether it links again."""
_PAGE_WAS_AWAY: Final = frozenset({Reason.PAGE_GONE.value, Reason.PAGE_REDIRECTED.value})


class RecheckSpider(VerifySpider):
    """Visits pages of the history again, and reports what has changed."""

    name = "recheck"
    backlinkbot_command = "recheck"
    _history: History | None = None

    @classmethod
    def complete(cls, settings: BaseSettings) -> None:
        """Targets that are not named are those of the history, aliases too."""
        url = settings["BACKLINKBOT_HISTORY_URL"]
        if not url:
            raise UsageError("recheck visits what a history knows; name one (--history)")
        if settings["JOBDIR"]:
            raise UsageError("recheck needs no JOBDIR: what it has visited is not due; run it again")
        with _open(url, create=bool(settings["BACKLINKBOT_TARGETS"])) as history:
            runs = history.runs()
        known = _names(runs)
        if not known and not settings["BACKLINKBOT_TARGETS"]:
            raise UsageError("the history has no runs yet; discover and verify create one")
        if not settings["BACKLINKBOT_TARGETS"]:
            settings.set("BACKLINKBOT_TARGETS", known, priority=options.ARGUMENT)
        names = [line.split()[0] for line in options.listed(settings.getlist("BACKLINKBOT_TARGETS"))]
        # A schedule begins before there is a history, or anything in it: then nothing is due.
        if known and (strangers := [name for name in names if name not in known]):
            raise UsageError(f"the history knows no target {strangers[0]!r}; it knows {known_ones(known)}")
        aliases = [alias for run in runs for alias in run.arguments.get("aliases") or ()]
        ours = (alias for alias in aliases if any(alias.endswith(f"={name}") for name in names))
        given = settings.getlist("BACKLINKBOT_ALIASES")
        settings.set("BACKLINKBOT_ALIASES", list(dict.fromkeys([*given, *ours])), priority=options.ARGUMENT)

    def configure(self, settings: BaseSettings) -> None:
        """Read how much there is to spend; what is due is looked up when the crawl begins."""
        self._url: str = settings["BACKLINKBOT_HISTORY_URL"]
        self._budget = settings.getint("BACKLINKBOT_BUDGET")
        self._includes_own = settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN")
        self._names = [target.name for target in self.targets]
        self._known: dict[str, KnownPage] = {}

    @cached_property
    def _fingerprints(self) -> Fingerprints:
        return Fingerprints(
            self.targets,
            agent=self.settings["BACKLINKBOT_AGENT"],
            includes_own=self._includes_own,
            extras=options.ways_of_looking(self.settings),
        )

    def first_requests(self) -> Iterator[Request | FetchedPage]:
        """The pages that are due, the most urgent first."""
        self._history = _open(self._url)
        # Candidates that never linked belong to no target: they are looked at again where all targets are looked for.
        is_all = set(_names(self._history.runs())) <= set(self._names)
        known = {page.url: page for page in self._history.known_pages(targets=None if is_all else self._names)}
        ranked = rank(map(past_of, known.values()), time() / DAY)
        done = self._saver.crawl.done if self._saver.crawl is not None else 0  # by earlier runs of the same crawl
        budget = max(self._budget - done, 0)
        wanted = ranked[:budget] if self._budget else ranked
        stats = self.crawler.stats
        stats.set_value("backlinks/recheck/due", len(ranked))
        stats.set_value("backlinks/recheck/left_for_later", len(ranked) - len(wanted))
        self._known = {past.url: known[past.url] for past in wanted}
        self._saver.give_again(besides=self._known)  # what is due again since then is visited again
        for url, page in self._known.items():
            visit = PlannedVisit(
                requested_url=url,
                discovered_from=page.discovered_from or "candidate",
                depth=page.depth,
                candidates=(url,),
                is_first=True,
            )
            yield self._conditional(self.request(url, visit), page)
        # What is left goes to candidates that were only imported so far.
        spare = budget - len(wanted) if self._budget else None
        visits = CandidateVisits(are_twins_one=False)
        stats.set_value("backlinks/candidates/unvisited", visits.recall(self._url, self.targets, spare))
        yield from map(self.first_of, visits)
        visits.close()

    def begin_share(self) -> None:
        """Reads what the history knows of the pages, of which this worker visits some."""
        self._history = _open(self._url)
        self._known = {page.url: page for page in self._history.known_pages()}

    def take_waiting(self, record: Record) -> Iterator[Request | FetchedPage]:
        """The request for a page that is due, or for a candidate that was never visited."""
        for one in super().take_waiting(record):
            known = self._known.get(one.url) if isinstance(one, Request) and HOPS not in one.meta else None
            yield self._conditional(one, known) if known is not None and isinstance(one, Request) else one

    def closed(self, reason: str) -> None:
        """Called by Scrapy when the crawl has ended."""
        if self._history is not None:
            self._history.close()

    def _conditional(self, request: Request, known: KnownPage) -> Request:
        """Ask for the page only if it is not the one we know; without a fingerprint, we know none."""
        for name, value in zip(CONDITIONS, (known.etag, known.last_modified), strict=True):
            if value and known.fingerprint:
                request.headers[name] = value.encode("latin-1", "replace")
        return request

    def parse(self, response: Response, **words: Any) -> Answers:
        """As verify does; where the page is the same but not what else its rows follow from, it is fetched once more."""
        if _is_not_modified(response) and response.request is not None:
            visit = visit_of(response)
            page = self.page(response.url, visit, **self.headers_of(response))
            if not self._fingerprints.is_same_but_for_bytes(page, self._known[visit.requested_url].fingerprint):
                return [self.request(response.url, visit, priority=1)]
        return super().parse(response, **words)

    def page_of(self, response: Response) -> FetchedPage:
        """The page; as the history has it where it is the same."""
        page = super().page_of(response)
        known = self._known.get(page.requested_url)
        if known is None:  # never visited before
            return page
        if _is_not_modified(response):
            same = with_values(
                page,
                failure=None,
                etag=page.etag or known.etag,
                last_modified=page.last_modified or known.last_modified,
                fingerprint=known.fingerprint,
            )
            self._stat("not_modified")
            return self._unchanged(same)
        if page.failure is not None or page.doubt is not None:
            return page
        page = with_values(page, fingerprint=self._fingerprints.of(page))
        is_same = page.fingerprint == known.fingerprint and key_of(page.url) == key_of(known.url)
        if not is_same:
            return page
        self._stat("same_bytes")
        return self._unchanged(page)

    def _stat(self, reason: str) -> None:
        self.crawler.stats.inc_value(f"backlinks/recheck/{reason}")

    def _unchanged(self, page: FetchedPage) -> FetchedPage:
        rows = tuple(replace(row, source_url=page.url, fetched_at=page.fetched_at) for row in self._rows(page))
        return with_values(page, is_unchanged=True, body=b"", known_rows=rows)

    def _rows(self, page: FetchedPage) -> Iterator[Backlink]:
        """The rows of the last visit that read the page, of what this run looks for."""
        if self._history is None:
            return
        for row in self._history.backlinks(targets=self._names, page=page.requested_url):
            is_there = row.state not in AWAY or row.lost_reason in _PAGE_WAS_AWAY
            if is_there and (self._includes_own or SAME_DOMAIN not in row.flags):
                yield row


def _open(url: str, *, create: bool = False) -> History:
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which the other spiders need not wait for

    return History.open(url, create=create)


def _names(runs: Iterable[Run]) -> list[str]:
    """The targets that some run has looked for."""
    return list(dict.fromkeys(name for run in runs for name in run.targets))


def _is_not_modified(response: Response) -> bool:
    request = response.request
    return response.status == 304 and request is not None and any(name in request.headers for name in CONDITIONS)


def past_of(page: KnownPage) -> Past:
    """What the history knows of a page, as a matter of when."""
    last_checked = "" if not page.visits else page.last_visit_at if not page.unchecked else page.last_read_at
    intervals = max(page.visits - 1, 0)
    evidence = ChangeCounts()
    if intervals and last_checked:
        days = _days(last_checked) - _days(page.first_visit_at)
        changes = min(page.changed_visits, intervals)
        evidence = ChangeCounts(intervals=intervals, changes=changes, days=roughly(max(days, 0.0)))
    return Past(
        url=page.url,
        last_visit=_days(page.last_visit_at) if page.last_visit_at else None,
        last_checked=_days(last_checked) if last_checked else None,
        evidence=evidence,
        importance=1.0 if page.live_backlinks else WITHOUT_BACKLINKS,
        unchecked=page.unchecked,
        is_failing=bool(page.failing_since) and page.live_backlinks > 0,
    )


def _days(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp() / DAY
