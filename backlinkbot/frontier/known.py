"""The set of pages that a crawl has met, so that each is visited once; compact enough for ten million pages."""

from __future__ import annotations

from array import array
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from backlinkbot.urls import URL


class KnownPages:
    """The pages that a crawl has met, so that each is visited once.

    http and https show the same page nearly everywhere, so one visit stands for both; where it fails for want of an
    answer, the other may be tried. Pages are kept as 63-bit hashes: at 100 million pages, one false "known" is expected
    in about 2,000 crawls.
    """

    def __init__(self) -> None:
        self._known = HashSet()
        self._twins = HashSet()  # pages also linked over the scheme that is not visited
        self._failed = HashSet()
        self._begun = HashSet()
        self._hurried = HashSet()

    def __len__(self) -> int:
        return len(self._known)

    def admit(self, url: URL, *, instead_of: URL | None = None) -> bool:
        """Note a URL; whether it is to be visited. ``instead_of``: the URL that redirects to it."""
        page = _page_hash(url)
        twin = page ^ 1
        if instead_of is not None and _page_hash(instead_of) == twin:
            self._known.add(page)
            return True
        if page in self._known:
            return False
        if twin in self._known and twin not in self._failed:
            self._twins.add(page)
            return False
        self._known.add(page)
        return True

    def hurry(self, url: URL) -> bool:
        """Whether a known page, whose visit has not begun, is to be asked for once more, before its turn."""
        page = _page_hash(url)
        if page not in self._known or page in self._begun or page in self._hurried:
            return False
        self._hurried.add(page)
        return True

    def begin(self, url: URL) -> bool:
        """Note that a visit begins; False where the page was asked for twice, and this is the second time."""
        page = _page_hash(url)
        if page in self._hurried and page in self._begun:
            return False
        self._begun.add(page)
        return True

    def twin_of_failed(self, url: URL) -> str | None:
        """Note that nothing answered; the other scheme's URL where a page linked to that too, once."""
        page = _page_hash(url)
        self._failed.add(page)
        twin = page ^ 1
        if twin not in self._twins or twin in self._known:
            return None
        self._known.add(twin)
        rest = urls.as_requested(url).partition(":")[2]
        return ("http:" if url.protocol == "https:" else "https:") + rest


def _page_hash(url: URL) -> int:
    """63 bits for the page, the last for the scheme."""
    scheme, _, page = urls.identity_key(url).partition(":")
    digest = blake2b(page.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "little") & ~1) | (scheme == "https")


class HashSet:
    """A set of 64-bit hashes at 12 to 25 bytes each, where Python's own set takes about 90.

    Open addressing in flat arrays of machine words, 256 of them by the hash's top byte, so that growing one stalls
    nobody for long. Zero marks an empty place; the hash zero is kept as one.
    """

    _PARTS: Final = 256
    _FULL: Final = 0.65  # fuller tables cost longer walks

    def __init__(self) -> None:
        self._tables = [array("Q", bytes(8 * 8)) for _ in range(self._PARTS)]
        self._used = array("L", [0]) * self._PARTS

    def __len__(self) -> int:
        return sum(self._used)

    def __contains__(self, number: int) -> bool:
        number = number or 1
        table = self._tables[number >> 56]
        return table[_place(table, number)] == number

    def add(self, number: int) -> None:
        """Put a number in; one that is there already stays once."""
        number = number or 1
        part = number >> 56
        table = self._tables[part]
        place = _place(table, number)
        if table[place]:
            return
        table[place] = number
        self._used[part] += 1
        if self._used[part] > self._FULL * len(table):
            self._tables[part] = _grown(table)


def _place(table: array[int], number: int) -> int:
    """Where the number stands, or where it would."""
    mask = len(table) - 1
    place = number >> 1 & mask  # the last bit tells twins apart; they may stand side by side
    while (found := table[place]) and found != number:
        place = place + 1 & mask
    return place


def _grown(table: array[int]) -> array[int]:
    grown = array("Q", bytes(16 * len(table)))
    for number in table:
        if number:
            grown[_place(grown, number)] = number
    return grown
