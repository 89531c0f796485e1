"""What became of one candidate: one row of ``--checks``."""

from __future__ import annotations

from backlinkbot.items.columns import Kind, column, row
from backlinkbot.items.states import State


@row
class Check:
    """One row of ``--checks``: what became of one candidate."""

    candidate: str = column(Kind.TEXT, "the candidate as it stands in the list", essential=True)
    state: State = column(Kind.TEXT, "what the visit showed, see below", essential=True)
    status: int | None = column(
        Kind.NUMBER, "the last HTTP status; empty where nothing answered", may_lack=True, essential=True
    )
    reason: str = column(
        Kind.TEXT,
        "why, in words or as a status; where `state` is `linked`, empty or what is wrong with the server's "
        "[certificate](network.md#tls-and-certificates)",
        essential=True,
    )
    final_url: str = column(Kind.TEXT, "where the visit ended, after redirects", essential=True)
    backlinks: int = column(Kind.NUMBER, "the rows of that page", essential=True)
    fetched_at: str = column(Kind.TIME, "as above", essential=True)
    claimed_by: tuple[str, ...] = column(
        Kind.LIST, "the origins of what is [claimed](claims.md) of the candidate", default=()
    )
    claim_mismatch: tuple[str, ...] = column(
        Kind.LIST,
        "what is not as claimed: `page gone`, `link missing`, or as in the rows; empty where it could not be checked",
        default=(),
    )
