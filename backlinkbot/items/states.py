"""What the visit of a candidate showed, and why one showed no page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The result of a visit of a candidate; "could not check" is never "no link"."""

    LINKED = "linked"
    NOT_LINKED = "not_linked"
    GONE = "gone"
    REDIRECTED = "redirected"
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    REFUSED = "refused"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    NOT_HTML = "not_html"
    INCOMPLETE = "incomplete"
    """Only a part of an answer came, or an answer that holds no page."""
    # Another page stands in place of the one that was asked for, with a status that says otherwise: see ``walls``.
    CHALLENGED = "challenged"
    """A test for bots, a firewall's refusal, a rate limit."""
    LOGIN = "login"
    CONSENT = "consent"
    """A question that visitors must answer first: cookies, age."""
    QUEUE = "queue"
    """A waiting room."""
    MAINTENANCE = "maintenance"
    """The site says that it is out of order: maintenance, a database error, a server that was never set up."""
    SUSPENDED = "suspended"
    """The host has closed the site's account."""
    PARKED = "parked"
    """Nobody uses the domain: advertisements, or an offer to sell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a visit showed no page."""

    state: State
    reason: str
    """In words, for a person: ``404``, ``no such host``, ``robots.txt answered 503``."""
