"""Writes what a crawl needs to know of a waiting page as JSON, and reads it back: data, not pickled requests."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from backlinkbot.items import Claim, Redirect
from backlinkbot.sources import Query
from backlinkbot.spiders.planned_visit import PlannedVisit

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRecord:
    """A page that a link or a source names."""

    url: str
    found_on: str
    depth: int = 0
    hops: int = 0
    follows: bool = True
    sooner: int = 0
    """The part of its priority that does not follow from its depth; see :mod:`backlinkbot.spiders.page_priority`."""
    anchor: str = ""
    """Of the link; the crawl order reads its words."""
    row: int = 0
    """Its number in the saved frontier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRecord:
    """A request to a source, whose response names pages."""

    url: str
    query: Query
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecord:
    """A visit that follows from another: the other scheme's URL, or where a page sends its readers."""

    visit: PlannedVisit
    priority: int = 0
    url: str = ""
    """The URL to which the visit was redirected by now, for another worker to go on with; empty: it begins."""
    redirects: tuple[Redirect, ...] = ()
    admitted: tuple[int, ...] = ()
    """See :class:`~backlinkbot.items.FrontierEntry`."""
    closed_by: tuple[str, ...] = ()
    """What robots.txt of the first URL says."""
    is_spent: bool = False
    """True if the page was counted already."""


Record: TypeAlias = PageRecord | QueryRecord | VisitRecord

_SEPARATORS: Final = (",", ":")
_NO_VISIT: Final = PlannedVisit(requested_url="", discovered_from="")
_LEFT_OUT: Final = frozenset({"row", "claims", "query"})
_PLAIN: Final = tuple(field.name for field in fields(PlannedVisit) if field.name not in _LEFT_OUT)
_USUAL: Final[tuple[Any, ...]] = (1, 0, "")
"""The usual last values of a page, which are left out."""
_NO_CLAIM: Final = asdict(Claim(origin=""))


def url_of(record: Record) -> str:
    """Returns the URL that is requested next for a record."""
    return record.url or record.visit.requested_url if isinstance(record, VisitRecord) else record.url


def written_record(record: Record) -> bytes:
    """Returns a record without its number as JSON in ASCII: a list for a page, which is the usual case, else an object."""
    if isinstance(record, PageRecord):
        said: Any = [_without_origin(record.found_on, record.url), record.url, record.depth, record.hops]
        said += _shortened([int(record.follows), record.sooner, record.anchor])
    elif isinstance(record, QueryRecord):
        said = {"url": record.url, "query": asdict(record.query)}
    else:
        visit = record.visit
        said = {
            "priority": record.priority,
            "visit": {name: value for name in _PLAIN if (value := getattr(visit, name)) != getattr(_NO_VISIT, name)},
            "claims": [[_slim(claim) for claim in claims] for claims in visit.claims],
        }
        if record.url:
            said["at"] = [
                record.url,
                [asdict(hop) for hop in record.redirects],
                record.admitted,
                record.closed_by,
                record.is_spent,
            ]
    return json.dumps(said, separators=_SEPARATORS).encode("ascii")


def read_record(row: int, data: bytes) -> Record:
    """Reads what :func:`written_record` wrote."""
    said = json.loads(data)
    if isinstance(said, list):
        found_on, url, depth, hops, *rest = said
        follows, sooner, anchor = (*rest, *_USUAL[len(rest) :])
        return PageRecord(
            url=url,
            found_on=_with_origin(found_on, url),
            depth=depth,
            hops=hops,
            follows=bool(follows),
            sooner=sooner,
            anchor=anchor,
            row=row,
        )
    if "query" in said:
        return QueryRecord(url=said["url"], query=Query(**said["query"]), row=row)
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in said["visit"].items()
    }
    claims = tuple(tuple(map(_claim, claims)) for claims in said["claims"])
    visit = PlannedVisit(**{"requested_url": "", "discovered_from": "", **plain}, claims=claims, row=row)
    url, redirects, admitted, closed_by, is_spent = said.get("at", ("", (), (), (), False))
    return VisitRecord(
        visit=visit,
        priority=said["priority"],
        url=url,
        redirects=tuple(Redirect(**hop) for hop in redirects),
        admitted=tuple(admitted),
        closed_by=tuple(closed_by),
        is_spent=is_spent,
    )


def _shortened(values: list[Any]) -> list[Any]:
    """Removes the last values as long as they are the usual ones."""
    while values and values[-1] == _USUAL[len(values) - 1]:
        values.pop()
    return values


def _origin(url: str) -> str:
    end = url.find("/", url.find("//") + 2)
    return url if end < 0 else url[:end]


def _without_origin(found_on: str, url: str) -> str:
    """Returns the URL of the naming page, without its origin if the page has the same: most links stay on their site."""
    origin = _origin(url)
    rest = found_on.removeprefix(origin)
    return rest if rest.startswith("/") else found_on


def _with_origin(rest: str, url: str) -> str:
    return _origin(url) + rest if rest.startswith("/") else rest


def _slim(claim: Claim) -> dict[str, Any]:
    return {name: value for name, value in asdict(claim).items() if value != _NO_CLAIM[name]}


def _claim(said: Mapping[str, Any]) -> Claim:
    columns: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Claim(**{"origin": "", **columns})
