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
"""Settings whose order does not matter; of a file, its content counts and not its name."""
_WORDS: Final = ("BACKLINKBOT_ALIASES", "BACKLINKBOT_SOURCES", "BACKLINKBOT_REDIRECTORS", "BACKLINKBOT_BRANDS")
_SCOPE: Final[Mapping[str, tuple[str, ...]]] = {
    "discover": ("BACKLINKBOT_FOLLOW", "BACKLINKBOT_MAX_HOPS", "BACKLINKBOT_SITEMAPS", "BACKLINKBOT_UNVISITED"),
    "verify": ("BACKLINKBOT_UNVISITED",),
}
_LOOKED_FOR: Final = (
    *("BACKLINKBOT_INCLUDE_SAME_DOMAIN", "BACKLINKBOT_MENTIONS", "BACKLINKBOT_RESOLVE", "BACKLINKBOT_CHECK_TARGETS"),
    "BACKLINKBOT_AGENT",
)
"""Settings that decide which rows there are and what they say; rows of two kinds must not share a file."""
_BOUNDS: Final[Mapping[str, tuple[str, ...]]] = {
    "discover": ("BACKLINKBOT_MAX_PAGES", "BACKLINKBOT_MAX_PAGES_PER_DOMAIN", "BACKLINKBOT_MAX_DEPTH"),
}


def identity_of(settings: BaseSettings, spider: str) -> dict[str, Any]:
    """Returns what two runs of one crawl have in common, as JSON values; not bounds, outputs, delays and concurrency.

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
    """Returns the bounds of a run by name, 0 for none; a crawl that ended at one is resumed when it is raised."""
    return {name: settings.getint(name) for name in _BOUNDS.get(spider, ())}


def _digest(name: str) -> str:
    from backlinkbot.importers import is_page_url  # noqa: PLC0415 - most crawls have no candidates

    if is_page_url(name):
        return name
    path = readable(name)
    if not path.is_file():
        return name
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=16)).hexdigest()
