"""Candidates, what sources claim of them, and what a visit says of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim: what one row of one source says about a link. A visit checks if it is true."""

    origin: str
    """The format, or the tool that wrote it: ``ahrefs``, ``gsc``, ``access-log``, ``list``."""
    file: str = ""
    """As named by the user; ``export.zip/links.csv`` for a member of an archive. Empty where there is none."""
    row: int = 0
    """The line on which the row begins, from 1; the number of the record where a file has no lines. 0 where there is none."""
    target_url: str = ""
    """What the link is said to lead to, as written: a URL, a path of the target (access logs), a domain (gap files).

    Empty where the source does not say, as are the next five.
    """
    anchor: str = ""
    rel: tuple[str, ...] = ()
    """Tokens in lower case, as far as the source names them."""
    follow: bool | None = None
    """The source's verdict."""
    first_seen: str = ""
    """ISO 8601, date or time; as written if the day and the month cannot be told apart."""
    last_seen: str = ""
    is_lost: bool = False
    """True if the source itself says that the link is gone."""
    confidence: float = 0.0
    """From 0 to 1: how likely such a row is to be a live link, before anybody has looked."""


class Verdict(StrEnum):
    """The verdict of a visit on a claim."""

    TRUE = "true"
    FALSE = "false"
    COULD_NOT_CHECK = "could_not_check"


class Mismatch(StrEnum):
    """A difference between a claim and what a visit found; the most serious first."""

    PAGE_GONE = "page gone"
    LINK_MISSING = "link missing"
    """The page was read, and links nowhere to the target that is claimed."""
    SOURCE_SAYS_LOST = "source says lost"
    """The source says that the link is gone, and it is there."""
    TARGET_DIFFERS = "target differs"
    """The page links to the target, but not to the address that is claimed."""
    FOLLOW_DIFFERS = "follow differs"
    REL_DIFFERS = "rel differs"
    """A token that is claimed does not stand there."""
    ANCHOR_DIFFERS = "anchor differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """A claim, and what the last visit of its page says of it."""

    candidate: str
    """The page, as written in the source."""
    claim: Claim
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    """Each :class:`Mismatch` where it is false, the gravest first; why not where it could not be checked."""
    judged_at: str = ""
    """When the visit was, UTC, ISO 8601; empty where there has been none."""
    page: str = ""
    """The URL of the page that it is about; empty where the visit began there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A URL or a domain believed to carry a backlink, with everything that is claimed of it."""

    url: str
    """As written in its first source; a bare domain where ``is_domain``."""
    claims: tuple[Claim, ...] = ()
    """In the order of their sources."""
    is_domain: bool = False
    """True if only the domain is known, not the page: a seed for discover."""

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of its claims, each once."""
        return tuple(dict.fromkeys(claim.origin for claim in self.claims))

    @property
    def expected_targets(self) -> tuple[str, ...]:
        """The claimed target URLs, each once."""
        return tuple(dict.fromkeys(claim.target_url for claim in self.claims if claim.target_url))

    @property
    def confidence(self) -> float:
        """The highest confidence of its claims; 0 if there are none."""
        return max((claim.confidence for claim in self.claims), default=0.0)

    @property
    def is_lost(self) -> bool:
        """True if every source of it says that the link is gone."""
        return bool(self.claims) and all(claim.is_lost for claim in self.claims)
