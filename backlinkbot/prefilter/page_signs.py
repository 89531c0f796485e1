"""Looks for many signs in a page at once: refreshes, signs of walls, headings, accounts of services."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from backlinkbot.extract import accounts, html
from backlinkbot.page_status import soft_404, walls
from backlinkbot.prefilter.patterns import OTHER_ENCODING
from backlinkbot.prefilter.scan import Matching, Scan, literal, scan_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST_TAGS: Final = 1_000
"""Headings, or signs of accounts, of a page whose places are told."""


def may_refresh(body: bytes) -> bool:
    """The same as :func:`backlinkbot.extract.html.may_refresh`, asked of every page, at an eighth of its price."""
    scan = _refresh_scan()
    if scan is None:
        return html.may_refresh(body)
    return scan.finds(body) or any(sign in body for sign in OTHER_ENCODING)


@cache
def finder(*patterns: bytes) -> Callable[[bytes], bool]:
    """Returns a function that is true of bytes in which one of the patterns matches, whatever the case.

    Args:
        patterns: regular expressions that Python and Hyperscan both read.
    """
    scan = scan_for(patterns)
    if scan is not None:
        return scan.finds
    expression = re.compile(b"|".join(b"(?:%b)" % pattern for pattern in patterns), re.IGNORECASE | re.DOTALL)
    return lambda body: expression.search(body) is not None


def marks_in(body: bytes) -> frozenset[str] | None:
    """Returns which of :func:`backlinkbot.page_status.walls.marks` are in the page, in any case; None without Hyperscan."""
    marks, scan = _marks()
    return frozenset(marks[number] for number in scan.all_in(body)) if scan is not None else None


def tags_in(body: bytes) -> list[tuple[bytes, int]] | None:
    """Returns where :data:`backlinkbot.page_status.soft_404.TAGS` stand, in order, whatever their case.

    One scan costs a fifth of a search for each. None if there is no Hyperscan, or if there are too many of them.
    """
    return _places(soft_404.TAGS, _tags_scan(), body)


def account_signs_in(body: bytes) -> list[tuple[bytes, int]] | None:
    """Returns where :data:`backlinkbot.extract.accounts.SIGNS` stand, in order; None if there is no Hyperscan, or too many."""
    return _places(accounts.SIGNS, _account_scan(), body)


def _places(texts: Sequence[bytes], scan: Scan | None, body: bytes) -> list[tuple[bytes, int]] | None:
    ends = scan.places_in(body, MOST_TAGS) if scan is not None else None
    return [(texts[number], end - len(texts[number])) for number, end in ends] if ends is not None else None


@cache
def _refresh_scan() -> Scan | None:
    return scan_for([html.REFRESH.pattern])


@cache
def _account_scan() -> Scan | None:
    return scan_for(map(literal, accounts.SIGNS), Matching.EACH_CASE)


@cache
def _tags_scan() -> Scan | None:
    return scan_for(map(literal, soft_404.TAGS), Matching.EACH)


@cache
def _marks() -> tuple[tuple[str, ...], Scan | None]:
    marks = tuple(sorted(walls.marks()))
    return marks, scan_for(literal(mark.encode()) for mark in marks)
