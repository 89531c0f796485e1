"""Counts the outside hosts that a page links to and no earlier page of its host did, and those new to its domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

from backlinkbot import urls
from backlinkbot.frontier.known import HashSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlinkbot.frontier.arms import DomainArms
    from backlinkbot.frontier.saving import CrawlSaver

MAX_SIBLINGS: Final = 30
"""Other hosts of its own domain that count as new for a host; a domain with a wildcard in its DNS has them without end."""

_64_BITS: Final = (1 << 64) - 1
_MULTIPLIERS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
"""Odd numbers that spread 32 bits over 64: https://en.wikipedia.org/wiki/Hash_function#Fibonacci_hashing"""


class SavedHashes:
    """A set of hashes, of pairs of linked hosts and of visited addresses, that is saved with a crawl."""

    def __init__(self) -> None:
        self._hashes = HashSet()
        self._saver: CrawlSaver | None = None

    def save_to(self, saver: CrawlSaver) -> None:
        """Saves from here on what is added."""
        self._saver = saver

    def restore(self, numbers: Iterable[int]) -> None:
        """Adds what was saved."""
        self._hashes.update(numbers)

    def __contains__(self, number: int) -> bool:
        return number in self._hashes

    def add(self, number: int) -> bool:
        """Adds a number, and saves it if it is new; returns True if it is."""
        if not self._hashes.add(number):
            return False
        if self._saver is not None:
            self._saver.note("pairs", number)
        return True

    def add_unsaved(self, number: int) -> None:
        """Adds a number without saving it."""
        self._hashes.add(number)

    def save(self, number: int) -> None:
        """Adds a number, and saves it even if it is not new."""
        self._hashes.add(number)
        if self._saver is not None:
            self._saver.note("pairs", number)


def count_new(hashes: SavedHashes, host: str, outside: Iterable[str], domain: DomainArms) -> tuple[int, int]:
    """Notes the hosts outside its own that a page links to.

    Args:
        hashes: the pairs of linked hosts that are known.
        host: the page's host.
        outside: the hosts.
        domain: the arms of the registrable domain of the page's host.

    Returns:
        How many of the hosts are new to the page's host, and how many to its domain.
    """
    # Not Python's hash, which is another one in the process that resumes the crawl.
    first, second = _MULTIPLIERS
    own = crc32(host.encode("utf-8", "surrogatepass")) * first
    name = urls.registrable_domain(host)
    of_domain = crc32(f"*.{name}".encode("utf-8", "surrogatepass")) * first
    count = added = 0
    for other in outside:
        number = crc32(other.encode("utf-8", "surrogatepass")) * second
        is_sibling = other.endswith(name) and other.removesuffix(name)[-1:] in {"", "."}
        if is_sibling and (domain.siblings >= MAX_SIBLINGS or domain.unproven.are_exhausted):
            continue
        if not hashes.add((number + own) & _64_BITS):
            continue
        count += 1
        is_added = domain.hosts < 2
        if is_sibling or domain.hosts > 1:
            is_added = hashes.add((number + of_domain) & _64_BITS) or is_added
        domain.siblings += is_sibling and is_added
        added += is_added and not is_sibling
    return count, added
