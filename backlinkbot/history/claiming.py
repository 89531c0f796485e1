"""Claims with the verdict of their last visit: the same claim, read again from a newer file, is still one."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from backlinkbot.history.schema import claims, digest
from backlinkbot.items import Claim, JudgedClaim, Verdict
from backlinkbot.sights import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from backlinkbot.items import Page

_AT_ONCE: Final = 2_000
_SAID: Final = ("origin", "file", "row", "target_url", "anchor", "follow", "first_seen", "last_seen", "is_lost")
_FIXED: Final = frozenset({"id", "key"})


def write(connection: Connection, run: int, pages: Sequence[Page], page_ids: Mapping[str, int]) -> None:
    """Add the claims that these visits have judged, or give those that are known what is said of them now.

    Args:
        connection: in a transaction.
        run: the run's number.
        pages: the visits, in order.
        page_ids: by page key; claims about what is no page are not remembered.
    """
    found: dict[bytes, dict[str, Any]] = {}
    for page in pages:
        key = key_of(page.requested_url) or key_of(page.url)
        if page.judged and key in page_ids:
            for judged in page.judged:
                values = _values(judged, key) | {"run_id": run, "page_id": page_ids[key]}
                found[values["key"]] = values  # once in a statement; the last one counts
    if not found:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(claims)
    changed = {column.name: insert.excluded[column.name] for column in claims.c if column.name not in _FIXED}
    # In the order of the keys, as another writer does the same.
    connection.execute(
        insert.on_conflict_do_update(index_elements=["key"], set_=changed),
        sorted(found.values(), key=itemgetter("key")),
    )


def _values(judged: JudgedClaim, page_key: str) -> dict[str, Any]:
    claim = judged.claim
    target = key_of(claim.target_url) or claim.target_url
    anchor = " ".join(claim.anchor.split())
    return {name: getattr(claim, name) for name in _SAID} | {
        "key": digest(f"{claim.origin}\n{page_key}\n{target}\n{anchor}"),
        "candidate": judged.candidate,
        "rel": " ".join(claim.rel),
        "confidence": claim.confidence,
        "verdict": judged.verdict.value,
        "reasons": ",".join(judged.reasons),
        "judged_at": judged.judged_at,
    }


def read(connection: Connection) -> Iterator[JudgedClaim]:
    """Every claim, in the order in which they were first judged."""
    query = select(claims).order_by(claims.c.id)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query).mappings():
        said = {name: row[name] for name in _SAID}
        yield JudgedClaim(
            candidate=row["candidate"],
            claim=Claim(**said, rel=tuple(row["rel"].split()), confidence=row["confidence"]),
            verdict=Verdict(row["verdict"]),
            reasons=tuple(row["reasons"].split(",")) if row["reasons"] else (),
            judged_at=row["judged_at"],
        )
