"""The rows that archives give: backlinks that stood on a page on the day of its capture."""

from __future__ import annotations

import hashlib
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.items import Backlink, Candidate, Claim
from backlinkbot.items.columns import Group, Kind, column, columns_of, row

if TYPE_CHECKING:
    from collections.abc import Iterable

CONFIDENCE: Final = 0.6
"""Of a claim that an archive makes: so likely is the link still there, before anybody has looked."""
ORIGIN: Final = "archive"


@row
class ArchivedBacklink(Backlink):
    """A backlink as an archive holds it; whether it is still there, only a visit can tell."""

    archived_at: str = column(
        Kind.TIME,
        "When the page was captured; the same as `fetched_at`.",
        empty="the archive does not say",
        example="2026-01-31T12:00:00Z",
        group=Group.KNOWN,
        essential=True,
        default="",
    )
    archive: str = column(
        Kind.TEXT,
        "The archive that holds the capture, as it was named.",
        example="crawl-data/CC-MAIN-2026-30/segments/1/warc/CC-MAIN-00000.warc.gz",
        group=Group.EVIDENCE,
        default="",
    )
    archive_offset: int = column(
        Kind.NUMBER,
        "Where the capture's record begins in the archive, in bytes.",
        example="12345",
        group=Group.EVIDENCE,
        default=0,
    )


COLUMNS: Final = columns_of(ArchivedBacklink)
_OF_A_BACKLINK: Final = tuple(column.name for column in columns_of(Backlink))
_values: Final = attrgetter(*_OF_A_BACKLINK)
_OF_THE_CAPTURE: Final = frozenset({"archive", "archive_offset"})
IDENTIFYING: Final = tuple(column.name for column in COLUMNS if column.name not in _OF_THE_CAPTURE)
"""The columns by which rows of several archives are the same: a WARC and its WAT, or a file that is named twice."""


def archived(backlink: Backlink, archive: str, offset: int) -> ArchivedBacklink:
    """Returns the row of a backlink that an archive holds."""
    facts: dict[str, Any] = dict(zip(_OF_A_BACKLINK, _values(backlink), strict=True))
    return ArchivedBacklink(**facts, archived_at=backlink.fetched_at, archive=archive, archive_offset=offset)


def candidate_of(rows: Iterable[ArchivedBacklink]) -> Candidate | None:
    """Returns the page of some rows as a candidate, with a claim for each; None without rows."""
    together = list(rows)
    claims = tuple(
        Claim(
            origin=ORIGIN,
            file=row.archive,
            row=row.archive_offset,
            target_url=row.target_url,
            anchor=row.anchor,
            rel=tuple(dict.fromkeys(map(str.lower, row.rel))),
            follow=row.follow,
            last_seen=row.archived_at,
            confidence=CONFIDENCE,
        )
        for row in together
    )
    return Candidate(url=together[0].source_url, claims=claims) if together else None


_identifying: Final = attrgetter(*IDENTIFYING)


def identity(row: ArchivedBacklink) -> bytes:
    """Returns a hash by which the same rows of several archives are known."""
    return hashlib.blake2b(repr(_identifying(row)).encode("utf-8", "surrogatepass"), digest_size=12).digest()
