"""Stores claims with the verdict of their last visit; a claim that is read again updates its row."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from backlinkbot import urls
from backlinkbot.history import bulk_sql
from backlinkbot.history.claim_check import NOT_LOOKED_FOR, NOT_VISITED, key_of_claim
from backlinkbot.history.observation import digest, domain_of, key_of
from backlinkbot.history.schema import claims, pages
from backlinkbot.items import Candidate, CheckedClaim, Claim, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from backlinkbot.items import JudgedPage

_AT_ONCE: Final = 2_000
_SAID: Final = ("origin", "file", "row", "target_url", "anchor", "follow", "first_seen", "last_seen", "is_lost")
_FIXED: Final = frozenset({"id", "key"})
_OF_VERDICT: Final = frozenset({"verdict", "reasons", "judged_at", "run_id"})
_NO_VERDICT: Final = (NOT_VISITED, NOT_LOOKED_FOR)
"""Reasons that add nothing to a claim that an earlier visit has checked."""


# --- writing ----------------------------------------------------------------------------------------------------------


def write(connection: Connection, run: int, pages: Sequence[JudgedPage], page_ids: Mapping[str, int]) -> None:
    """Inserts or updates the claims that these visits have checked.

    Args:
        connection: in a transaction.
        run: the run's number.
        pages: the visits, in order.
        page_ids: by page key; claims about anything else are not stored.
    """
    found: dict[bytes, dict[str, Any]] = {}
    for page in pages:
        if not page.checked_claims:
            continue
        began = key_of(page.requested_url) or key_of(page.url)
        for checked in page.checked_claims:
            key = key_of(checked.page) if checked.page else began
            if key in page_ids:
                values = _values(checked, key) | {"run_id": run, "page_id": page_ids[key]}
                found[values["key"]] = values  # one row per statement; the last one counts
    _upsert(connection, found)


def add(connection: Connection, run: int, candidates: Iterable[Candidate], at: str) -> int:
    """Adds candidates as pages without visits, and their claims; returns the number of candidates that name no page.

    Args:
        connection: in a transaction.
        run: the number of the run that reads them.
        candidates: each at most once.
        at: the current time.
    """
    named: dict[bytes, dict[str, Any]] = {}
    said: list[tuple[str, CheckedClaim]] = []
    unfit = 0
    for candidate in candidates:
        places = urls.first_urls(candidate.url)
        key = key_of(places[0]) if places is not None else ""
        if places is None or not key:
            unfit += 1
            continue
        page = {"url": places[0], "domain": domain_of(places[0]), "first_visit_at": at, "discovered_from": "candidate"}
        named.setdefault(digest(key), {"key": digest(key)} | page)
        said += [(key, _unchecked(candidate.url, claim)) for claim in candidate.claims]
    bulk_sql.insert_missing(connection, pages, named.values())
    # Rows are locked in the same order as by the writers of visits, to avoid deadlocks.
    held = select(pages.c.key, pages.c.id).where(pages.c.key.in_(list(named))).order_by(pages.c.key).with_for_update()
    ids = {key: id_ for key, id_ in connection.execute(held)}  # noqa: C416 - rows
    found: dict[bytes, dict[str, Any]] = {}
    for key, unchecked in said:
        values = _values(unchecked, key) | {"run_id": run, "page_id": ids[digest(key)]}
        found[values["key"]] = values
    _upsert(connection, found)
    return unfit


def _unchecked(candidate: str, claim: Claim) -> CheckedClaim:
    return CheckedClaim(
        candidate=candidate, claim=claim, verdict=Verdict.COULD_NOT_CHECK, reasons=(NOT_VISITED,), judged_at=""
    )


def _upsert(connection: Connection, found: Mapping[bytes, dict[str, Any]]) -> None:
    if found:  # ordered by key, as other writers do, to avoid deadlocks
        connection.execute(_statement(connection.dialect.name), sorted(found.values(), key=itemgetter("key")))


@lru_cache(maxsize=2)
def _statement(dialect: str) -> Any:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(claims)
    new = insert.excluded
    # A claim that says the same as before keeps its verdict, unless there is a new one.
    is_same = and_(
        claims.c.follow.is_not_distinct_from(new.follow), claims.c.rel == new.rel, claims.c.is_lost == new.is_lost
    )
    keeps = and_(or_(*(new.reasons == (reason,) for reason in _NO_VERDICT)), is_same)
    changed = {
        column.name: case((keeps, column), else_=new[column.name]) if column.name in _OF_VERDICT else new[column.name]
        for column in claims.c
        if column.name not in _FIXED
    }
    return insert.on_conflict_do_update(index_elements=["key"], set_=changed)


def _values(checked: CheckedClaim, page_key: str) -> dict[str, Any]:
    claim = checked.claim
    origin, target, anchor = key_of_claim(claim)
    return {name: getattr(claim, name) for name in _SAID} | {
        "key": digest(f"{origin}\n{page_key}\n{target}\n{anchor}"),
        "candidate": checked.candidate,
        "rel": claim.rel,
        "confidence": claim.confidence,
        "verdict": checked.verdict.value,
        "reasons": checked.reasons,
        "judged_at": checked.judged_at,
    }


# --- reading ----------------------------------------------------------------------------------------------------------


def read(connection: Connection) -> Iterator[CheckedClaim]:
    """Yields every claim, in the order in which they were first stored."""
    query = select(claims).order_by(claims.c.id)
    return map(_claim_of, connection.execution_options(yield_per=_AT_ONCE).execute(query))


def read_keys(connection: Connection) -> Iterator[bytes]:
    """Yields the key of every page with claims."""
    query = select(pages.c.key).where(pages.c.id.in_(select(claims.c.page_id)))
    return iter(connection.execution_options(yield_per=_AT_ONCE).execute(query).scalars())


def read_of(connection: Connection, key: bytes) -> list[CheckedClaim]:
    """Returns the claims about the page with this key, in the order in which they were first stored."""
    query = select(claims).join(pages, pages.c.id == claims.c.page_id).where(pages.c.key == key)
    return [_claim_of(row) for row in connection.execute(query.order_by(claims.c.id))]


def read_unvisited(connection: Connection) -> Iterator[list[Candidate]]:
    """Yields the candidates of each page that is known from files and was never visited; the most likely ones first."""
    best = select(claims.c.page_id, func.max(claims.c.confidence).label("confidence")).group_by(claims.c.page_id)
    ranked = best.subquery()
    query = (
        select(pages.c.id.label("of_page"), pages.c.url, claims)
        .outerjoin(ranked, ranked.c.page_id == pages.c.id)
        .outerjoin(claims, claims.c.page_id == pages.c.id)
        .where(pages.c.last_visit_at.is_(None))
        .order_by(func.coalesce(ranked.c.confidence, 0.5).desc(), pages.c.id, claims.c.id)
    )
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(query)
    for _, of_page in groupby(rows, attrgetter("of_page")):
        yield list(_candidates(of_page))


def _candidates(rows: Iterable[Any]) -> Iterator[Candidate]:
    """Yields the candidates of one page with their claims; the page itself if there are none."""
    said: dict[str, list[Claim]] = {}
    for row in rows:
        if row.candidate is None:
            yield Candidate(url=row.url)
        else:
            said.setdefault(row.candidate, []).append(_claim_of(row).claim)
    for text, found in said.items():
        yield Candidate(url=text, claims=tuple(found), is_domain="/" not in text)


def _claim_of(row: Any) -> CheckedClaim:
    said = {name: getattr(row, name) for name in _SAID}
    return CheckedClaim(
        candidate=row.candidate,
        claim=Claim(**said, rel=row.rel, confidence=row.confidence),
        verdict=Verdict(row.verdict),
        reasons=row.reasons,
        judged_at=row.judged_at,
    )
