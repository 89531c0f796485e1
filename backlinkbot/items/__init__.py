"""The items of a crawl: candidates, claims, links, pages, backlinks, changes and checks.

One visit is one item, a :class:`Page`, which the pipelines take from what was fetched to what is judged; only an exporter
turns it into rows.
"""

from __future__ import annotations

from backlinkbot.extract.link import Link
from backlinkbot.items.backlink import Backlink, BacklinkItem
from backlinkbot.items.changes import AWAY, Change, ChangeKind, LinkState, Reason
from backlinkbot.items.checks import Check
from backlinkbot.items.claims import Candidate, CheckedClaim, Claim, Mismatch, Verdict
from backlinkbot.items.columns import Lines
from backlinkbot.items.frontier_entry import FrontierEntry
from backlinkbot.items.pages import (
    ExtractedPage,
    FetchedPage,
    JudgedPage,
    Match,
    Page,
    PageHeaders,
    Redirect,
    RenderedPage,
    Rendering,
    TargetAnswer,
    common_fields,
)
from backlinkbot.items.states import Failure, State

__all__ = [
    "AWAY",
    "Backlink",
    "BacklinkItem",
    "Candidate",
    "Change",
    "ChangeKind",
    "Check",
    "CheckedClaim",
    "Claim",
    "ExtractedPage",
    "Failure",
    "FetchedPage",
    "FrontierEntry",
    "JudgedPage",
    "Lines",
    "Link",
    "LinkState",
    "Match",
    "Mismatch",
    "Page",
    "PageHeaders",
    "Reason",
    "Redirect",
    "RenderedPage",
    "Rendering",
    "State",
    "TargetAnswer",
    "Verdict",
    "common_fields",
]
