"""The columns that the history stores for each link, taken from the columns of :class:`~backlinkbot.items.Backlink`.

A column that is added there is stored here, too, unless it is named below.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.items import Backlink
from backlinkbot.items.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE_COLUMNS: Final = frozenset(
    {
        *("source_url", "source_domain", "source_title", "source_status", "source_language", "canonical_url"),
        *("external_links", "internal_links", "discovered_from", "depth", "fetched_at"),
    }
)
"""Stored once for each page."""
BACKLINK_COLUMNS: Final = frozenset({"target", "first_seen", "last_seen", "state", "lost_reason", "unconfirmed_since"})
"""Stored once for each backlink, or computed from what is stored."""
CLAIM_COLUMNS: Final = frozenset({"claimed_by", "claim_mismatch"})
"""Not part of a link: claims have a table of their own."""
FEW_VALUES: Final = frozenset(
    {
        *("target", "link_type", "follow", "nofollow_by", "rel", "indexable", "noindex_by", "flags", "placement"),
        *("link_kind", "occurrences", "state", "lost_reason", "target_state", "target_status", "source_status"),
        *("source_language", "discovered_from", "depth", "anchor_source", "placement_by", "rendered"),
    }
)
"""Columns with few different values, so that many links have the same in all of them."""
SELDOM: Final = frozenset(
    {"via", "link_kind_by", "flags_by", "source_accounts", "target_final_url", "unconfirmed_since"},
)
"""Columns that are empty for most links."""
LINK_COLUMNS: Final = tuple(
    column for column in columns_of(Backlink) if column.name not in PAGE_COLUMNS | BACKLINK_COLUMNS | CLAIM_COLUMNS
)
"""Stored for each link."""
LINK_NAMES: Final = tuple(column.name for column in LINK_COLUMNS)

_NOTHING: Final = tuple((column.name, column.nothing) for column in LINK_COLUMNS)
values_of: Final = attrgetter(*LINK_NAMES)
"""Returns the values of a row's link columns, in the order of ``LINK_NAMES``."""
_SIZE: Final = 12
"""Bytes."""
_encode = json.JSONEncoder(separators=(",", ":")).encode


def digest_of(rows: Iterable[Backlink]) -> bytes:
    """Returns a digest that is equal for links whose stored columns are equal.

    It is computed from the columns that are not empty, so that a column of a later version changes nothing where it is empty.
    """
    text = _encode(
        [
            {name: value for (name, nothing), value in zip(_NOTHING, values_of(row), strict=True) if value != nothing}
            for row in rows
        ]
    )
    return blake2b(text.encode(), digest_size=_SIZE).digest()


def link_values(backlink_id: int, rows: Sequence[Backlink]) -> list[dict[str, Any]]:
    """Returns the database rows of a backlink's links, in the order in which they stand on the page."""
    return [
        {"backlink_id": backlink_id, "number": number, **dict(zip(LINK_NAMES, values_of(row), strict=True))}
        for number, row in enumerate(rows)
    ]
