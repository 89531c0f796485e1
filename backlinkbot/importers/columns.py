"""Converts the rows of a table into candidates, by the columns of its format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.importers.dates import DateOrder, date_order, iso
from backlinkbot.importers.formats.formats import LOST, Format, Role
from backlinkbot.importers.formats.header_aliases import canonical, fold
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult, Skip
from backlinkbot.importers.values import RESOURCES, domain, is_internal, is_lost, parse_yes_no, place, plain, verdict
from backlinkbot.items import Candidate, Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOWHERE: Final[Mapping[Role, int]] = MappingProxyType({})
_NO_PAGE: Final = re.compile(r"\S+$")
SHOWN: Final = 200
"""Characters of a bad row that its report shows."""
_FOLLOW_ROLES: Final = {
    "rel": Role.REL,
    "nofollow": Role.NOFOLLOW,
    "follow": Role.FOLLOW,
    "ugc": Role.UGC,
    "sponsored": Role.SPONSORED,
    "kind": Role.TYPE,
}


def described(entry: Format, header: Sequence[str], places: Mapping[Role, int] = NOWHERE) -> tuple[str, ...]:
    """Says from which columns of a header a format reads what: ``source: column 2, 'Linking page'``."""
    names = [canonical(cell) for cell in header]
    found = {
        role: [names.index(canonical(n)) for n in cells if canonical(n) in names]
        for role, cells in entry.columns.items()
    }
    found |= {role: [at] for role, at in places.items()}
    places_of = sorted((at, role) for role, ats in found.items() for at in ats if at >= 0)
    return tuple(f"{role.value}: column {at + 1}, {header[at].strip()!r}" for at, role in places_of)


class RowReader:
    """Reads the rows below one header."""

    def __init__(
        self,
        entry: Format,
        header: Sequence[str],
        *,
        file: str,
        sample: Sequence[Sequence[str]] = (),
        target: str = "",
        clean: Callable[[str], str] = plain,
        places: Mapping[Role, int] = NOWHERE,
    ) -> None:
        """Finds the columns that the format reads.

        Args:
            entry: the format.
            header: the cells of the header.
            file: the name of the file, for the claims.
            sample: some rows, by which ``03/04/2026`` is interpreted.
            target: what the links lead to, if it is known.
            clean: converts a cell to plain text.
            places: columns that have a role whatever their names are; -1 for none.
        """
        self.format = entry
        self.header = [canonical(cell) for cell in header]
        self._written = list(header)
        self._file = file
        self._target = target
        self._clean = clean
        self._at = {role: found for role in Role if (found := self._columns_of(role))}
        self._at |= {role: [at] for role, at in places.items()}
        self._per_target = [(at, host) for at, cell in enumerate(header) if (host := self._compared(cell))]
        dates = [at for role in (Role.FIRST_SEEN, Role.LAST_SEEN) for at in self._at.get(role, ())]
        self._order: DateOrder = date_order(row[at].strip() for row in sample for at in dates if at < len(row))
        self._source = self._only(Role.SOURCE)
        self._domain = self._only(Role.DOMAIN)
        self._target_at = self._only(Role.TARGET)
        self._anchors = self._at.get(Role.ANCHOR, [])
        self._first = self._only(Role.FIRST_SEEN)
        self._last = self._only(Role.LAST_SEEN)
        self._losses = self._at.get(Role.LOST, [])
        self._element = self._only(Role.ELEMENT)
        self._internal = [at for role in (Role.INTERNAL, Role.TYPE) for at in self._at.get(role, ()) if at >= 0]
        self._links_only = frozenset(map(fold, entry.links_only))
        self._verdict_at = [(word, self._only(role)) for word, role in _FOLLOW_ROLES.items()]
        self._has_follow = any(at >= 0 for _, at in self._verdict_at)
        self._width = 1 + max((self._source, self._domain), default=0)

    def _columns_of(self, role: Role) -> list[int]:
        names = [canonical(name) for name in self.format.columns.get(role, ())]
        return [self.header.index(name) for name in names if name in self.header]

    def _only(self, role: Role) -> int:
        return self._at.get(role, [-1])[0]

    def _compared(self, cell: str) -> str:
        """Returns the domain that a column is named after, if the format has such columns."""
        if not self.format.per_target or "." not in cell or " " in cell.strip():
            return ""
        found = domain(plain(cell))
        return "" if isinstance(found, Fault) else found

    def read(self, number: int, row: Sequence[str]) -> RowResult:
        """Converts the row that begins on this line."""
        if not self.format.skip and len(row) < self._width:
            return self._bad(number, Fault.NO_SUCH_CELL, row)
        if why := self.format.skip or self._passed_over(row):
            return why
        cells = self._named(row) if self.format.assemble else {}
        found = self._place(row, cells)
        if isinstance(found, Fault):
            return Skip.HEADER_AGAIN if list(row) == self._written else self._bad(number, found, row)
        url, is_domain = found
        claims = self._claims(number, row, cells, url)
        return claims if isinstance(claims, Skip) else Candidate(url=url, claims=claims, is_domain=is_domain)

    def _claims(self, number: int, row: Sequence[str], cells: Mapping[str, str], url: str) -> tuple[Claim, ...] | Skip:
        """Returns what the row claims of the page, or why it claims no link from one site to another."""
        if self.format.joined_by:
            return self._claims_of_page(number, row, url) or Skip.NO_EXTERNAL_LINK
        if self._per_target:
            return self._claims_of_gap(number, row)
        claim = self._claim(number, row, cells)
        return (self.format.is_crawl and _no_backlink(url, claim.target_url)) or (claim,)

    def _passed_over(self, row: Sequence[str]) -> Skip | None:
        """Returns why the row is no claim of a link from one site to another, as its own words say; None if it may be."""
        width = len(row)
        if 0 <= self._element < width:
            element = fold(row[self._element].partition(";")[0])
            if element in RESOURCES or (self._links_only and element and element not in self._links_only):
                return Skip.RESOURCE
        if any(
            at < width and is_internal(row[at], is_about_it=at == self._only(Role.INTERNAL)) for at in self._internal
        ):
            return Skip.INTERNAL
        if self.format.is_crawl and 0 <= self._source < width:
            page = self._clean(row[self._source])
            if not page:
                return Skip.START
            if page[:4].lower() != "http" and _NO_PAGE.match(page):  # a file on the disk
                return Skip.HEADER_AGAIN if list(row) == self._written else Skip.NOT_A_PAGE
        return None

    def _named(self, row: Sequence[str]) -> Mapping[str, str]:
        return dict(zip(self.header, map(self._clean, row), strict=False))

    def _place(self, row: Sequence[str], cells: Mapping[str, str]) -> tuple[str, bool] | Fault:
        if Role.SOURCE in self.format.assemble:
            return place(self.format.assemble[Role.SOURCE](cells))
        if self._source >= 0:
            return place(self._clean(row[self._source]))
        host = domain(self._clean(row[self._domain]))
        return host if isinstance(host, Fault) else (host, True)

    def _claim(self, number: int, row: Sequence[str], cells: Mapping[str, str]) -> Claim:
        width = len(row)
        assemble = self.format.assemble.get(Role.TARGET)
        if assemble is not None:
            target = assemble(cells)
        else:
            target = self._clean(row[self._target_at]) if 0 <= self._target_at < width else ""
        anchor = ""
        for at in self._anchors:
            if at < width and (anchor := self._clean(row[at])):
                break
        rel, follow = self._verdict(row) if self._has_follow else ((), None)
        lost = any(at < width and is_lost(row[at]) for at in self._losses)
        if not (target or anchor or rel):  # the row names no particular link
            follow = None
        confidence = self.format.confidence
        return Claim(
            origin=self.format.origin,
            file=self._file,
            row=number,
            target_url=target or self._target,
            anchor=anchor,
            rel=rel,
            follow=follow,
            first_seen=iso(row[self._first], self._order) if 0 <= self._first < width else "",
            last_seen=iso(row[self._last], self._order) if 0 <= self._last < width else "",
            is_lost=lost,
            confidence=min(confidence, LOST) if lost else confidence,
        )

    def _verdict(self, row: Sequence[str]) -> tuple[tuple[str, ...], bool | None]:
        width = len(row)
        return verdict(**{word: row[at] if 0 <= at < width else None for word, at in self._verdict_at})

    def _claims_of_gap(self, number: int, row: Sequence[str]) -> tuple[Claim, ...]:
        """Makes a claim for each domain that the row marks as linked."""
        base = self._claim(number, row, {})
        linked = [host for at, host in self._per_target if at < len(row) and _counts(row[at])]
        return tuple(replace(base, target_url=host) for host in linked) or (base,)

    def _claims_of_page(self, number: int, row: Sequence[str], url: str) -> tuple[Claim, ...]:
        """Makes a claim for each link of a page to another site."""
        base = self._claim(number, row, {})
        split = [
            row[at].split(self.format.joined_by) if 0 <= at < len(row) else []
            for at in (self._target_at, self._only(Role.ANCHOR), self._only(Role.NOFOLLOW))
        ]
        targets, anchors, nofollows = split
        if len(anchors) != len(targets):
            anchors = []  # an anchor contains the separator, so anchors cannot be assigned to links
        if len(nofollows) != len(targets):
            nofollows = []
        own = _registrable(url)
        claims = []
        for target, anchor, nofollow in zip_longest(targets, anchors, nofollows, fillvalue=""):
            if _registrable(target) in {"", own}:
                continue
            is_nofollow = parse_yes_no(nofollow)
            claims.append(
                replace(
                    base,
                    target_url=target,
                    anchor=self._clean(anchor),
                    rel=("nofollow",) if is_nofollow else (),
                    follow=None if is_nofollow is None else not is_nofollow,
                )
            )
        return tuple(claims)

    def _bad(self, number: int, reason: Fault, row: Sequence[str]) -> BadRow:
        at = self._source if self._source >= 0 else self._domain
        text = row[at] if 0 <= at < len(row) and row[at].strip() else " ".join(row)
        if reason is Fault.NO_URL and "wiki" in self.header:
            reason = Fault.NO_WIKI
        return BadRow(file=self._file, row=number, reason=reason, text=text[:SHOWN])


def _no_backlink(source: str, target: str) -> Skip | None:
    """Returns why a link that a crawler met is not one from a page of the web to another site; None if it is."""
    if target and target[:4].lower() != "http":
        return Skip.NOT_A_PAGE
    is_internal = _host(source) == _host(target) or _registrable(source) == _registrable(target)
    return Skip.INTERNAL if target and is_internal else None


def _host(url: str) -> str:
    """Returns the host and port of a URL as written, without ``www.``; a fraction of the cost of parsing it."""
    return url.partition("://")[2].partition("/")[0].lower().removeprefix("www.")


def _registrable(url: str) -> str:
    parsed = urls.parse(url)
    return urls.registrable_domain(parsed.hostname) if parsed is not None and urls.is_web(parsed) else ""


def _counts(cell: str) -> bool:
    """True if a cell of a gap file claims a link."""
    return fold(cell) not in {"", "0", "false", "no", "na", "none", "null"}
