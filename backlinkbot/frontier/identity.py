"""Determines whether two runs are parts of one crawl: the same spider, targets, seeds, candidates and scope."""

from __future__ import annotations

from hashlib import blake2b, file_digest
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import options
from backlinkbot.files.inputs import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.settings import BaseSettings

_LISTS: Final = ("BACKLINKBOT_TARGETS", "BACKLINKBOT_SEEDS")
"""Settings whose order says nothing; a file of them counts by what it holds."""
_WORDS: Final = ("BACKLINKBOT_ALIASES", "BACKLINKBOT_SOURCES", "BACKLINKBOT_REDIRECTORS")
_SCOPE: Final[Mapping[str, tuple[str, ...]]] = {
    "discover": ("BACKLINKBOT_FOLLOW", "BACKLINKBOT_MAX_HOPS", "BACKLINKBOT_SITEMAPS", "BACKLINKBOT_UNVISITED"),
    "verify": ("BACKLINKBOT_UNVISITED",),
}
_LOOKED_FOR: Final = (
    *("BACKLINKBOT_INCLUDE_SAME_DOMAIN", "BACKLINKBOT_MENTIONS", "BACKLINKBOT_RESOLVE", "BACKLINKBOT_CHECK_TARGETS"),
    "BACKLINKBOT_AGENT",
)
"""What rows there are, and what they say, so that one file does not hold two kinds."""
_BOUNDS: Final[Mapping[str, tuple[str, ...]]] = {
    "discover": ("BACKLINKBOT_MAX_PAGES", "BACKLINKBOT_MAX_PAGES_PER_DOMAIN", "BACKLINKBOT_MAX_DEPTH"),
}


def identity_of(settings: BaseSettings, spider: str) -> dict[str, Any]:
    """What makes two runs one crawl, as JSON values; bounds, outputs, delays and concurrency are no part of it.

    Raises:
        UsageError: a file of targets or seeds cannot be read.
        OSError: a file of candidates cannot be read.
    """
    identity: dict[str, Any] = {"spider": spider}
    for name in _LISTS:
        identity[name] = sorted(options.listed(settings.getlist(name)))
    for name in _WORDS:
        identity[name] = sorted(settings.getlist(name))
    identity["BACKLINKBOT_CANDIDATES"] = sorted(map(_digest, settings.getlist("BACKLINKBOT_CANDIDATES")))
    for name in (*_SCOPE.get(spider, ()), *_LOOKED_FOR):
        identity[name] = str(settings[name])
    return identity


def bounds_of(settings: BaseSettings, spider: str) -> dict[str, int]:
    """The bounds whose raising resumes a crawl that was stopped by them; 0: none."""
    return {name: settings.getint(name) for name in _BOUNDS.get(spider, ())}


def _digest(name: str) -> str:
    path = readable(name)
    if not path.is_file():
        return name
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=16)).hexdigest()
