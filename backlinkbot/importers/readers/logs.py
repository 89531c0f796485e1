"""Reads candidates from access logs: referers that are pages of other sites."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.importers.dates import iso
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult, Skip
from backlinkbot.importers.readers.loglines import PARSERS
from backlinkbot.importers.readers.referers import NO_REFERERS, is_app, is_bot, refuse
from backlinkbot.importers.readers.texts import CutLine, Lines
from backlinkbot.items import Candidate, Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from backlinkbot.importers.formats.formats import Format
    from backlinkbot.targets import Targets

_ASSET: Final = re.compile(r"\.(?:avif|css|gif|ico|jpe?g|js|json|m?js|png|svg|webp|woff2?)(?:\?|$)", re.IGNORECASE)
SAMPLE: Final = 2_000
"""Lines by which the log's own domain is determined."""


def own_domains(entry: Format, lines: Iterable[str]) -> frozenset[str]:
    """Determines the log's own domain: its pages request the site's images and scripts, and refer to each other."""
    parse = PARSERS[entry.name]()
    rows = [fields for fields in map(parse, islice(lines, SAMPLE)) if fields]
    asked = {fields.get("request", "") for fields in rows} - {"/", ""}
    votes: Counter[str] = Counter()
    for fields in rows:
        url = urls.parse(fields.get("referer", ""))
        if url is None or not urls.is_web(url):
            continue
        if _ASSET.search(fields.get("request", "")) or url.pathname + url.search in asked:
            votes[urls.registrable_domain(url.hostname)] += 1
    found = votes.most_common(1)
    return frozenset(name for name, count in found if count > 1 and count * 2 > votes.total())


class LogReader:
    """Reads the lines of one log."""

    def __init__(
        self, entry: Format, *, file: str, own: frozenset[str] = frozenset(), targets: Targets | None = None
    ) -> None:
        """Creates a reader; ``own`` are the domains of the log's site, and the claims' targets."""
        self._format = entry
        self._file = file
        self._own = own
        self._targets = targets
        self._parse = PARSERS[entry.name]()

    def read(self, lines: Lines) -> Iterator[RowResult]:
        """Yields the result of each line; comments and blank lines are skipped."""
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            is_cut = isinstance(line, CutLine)
            fields = None if is_cut else self._parse(line)
            if fields is None:
                reason = Fault.TOO_LONG if is_cut else Fault.NOT_OF_THE_FORMAT
                yield BadRow(file=self._file, row=number, reason=reason, text=line.strip()[:200])
            elif fields:
                yield self._read(number, fields)

    def _read(self, number: int, fields: Mapping[str, str]) -> RowResult:
        referer = fields.get("referer", "").strip()
        url = urls.parse(referer)
        if (why := self._refuse(referer, url, fields)) is not None:
            return why
        if url is None or not urls.is_web(url):
            return BadRow(file=self._file, row=number, reason=Fault.NOT_A_URL, text=referer[:200])
        claim = Claim(
            origin=self._format.origin,
            file=self._file,
            row=number,
            target_url=_target(fields),
            last_seen=iso(fields.get("time", "")),
            confidence=self._format.confidence,
        )
        # Most browsers tell other sites only the referring origin, not the page.
        if url.pathname == "/" and not url.search:
            return Candidate(url=url.hostname, claims=(claim,), is_domain=True)
        return Candidate(url=referer, claims=(claim,))

    def _refuse(self, referer: str, url: urls.URL | None, fields: Mapping[str, str]) -> Skip | None:
        """Returns why the line is skipped; None if its referer may be a page with a link."""
        checks: tuple[tuple[Callable[[], bool], Skip], ...] = (
            (lambda: referer.lower() in NO_REFERERS, Skip.NO_REFERER),
            (lambda: is_bot(fields.get("agent", "")), Skip.BOT),
            (lambda: is_app(referer), Skip.APP),
            (lambda: url is not None and self._is_own(url, fields.get("host", "")), Skip.OWN_PAGE),
        )
        for applies, why in checks:
            if applies():
                return why
        return refuse(f"{url.protocol}//{url.hostname}") if url is not None and urls.is_web(url) else None

    def _is_own(self, url: urls.URL, host: str) -> bool:
        domain = urls.registrable_domain(url.hostname)
        return (
            domain in self._own
            or (host != "" and domain == _domain_of(host))
            or (self._targets is not None and bool(self._targets.match(url) or self._targets.owners(url)))
        )


@lru_cache(maxsize=10_000)
def _domain_of(host: str) -> str:
    parsed = urls.parse(f"https://{host}")
    return urls.registrable_domain(parsed.hostname) if parsed is not None else ""


def _target(fields: Mapping[str, str]) -> str:
    """Returns the requested page: a URL if the log has its host, else a path."""
    request, host = fields.get("request", ""), fields.get("host", "")
    return f"https://{host}{request}" if host and request.startswith("/") else request
