"""The set of pages that a crawl has met, so that each is visited once; compact enough for ten million pages."""

from __future__ import annotations

from array import array
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
        self._note: Callable[[str, int], None] | None = None

    def __len__(self) -> int:
        return len(self._known)

    # --- for a crawl that can be resumed ---

    def save_to(self, note: Callable[[str, int], None]) -> None:
        """From here on, tell what is added: the name of the set, as :meth:`restore` takes it, and the hash."""
        self._note = note

    def reserve(self, sizes: Mapping[str, int]) -> None:
        """Make room for what :meth:`restore` is about to add: the number of hashes in each set."""
        self._known.reserve(sizes.get("known", 0))
        self._begun.reserve(sizes.get("visited", 0))

    def restore(self, sets: Mapping[str, array[int]]) -> None:
        """Add what an earlier run of the crawl has saved; pages whose visit had begun and not ended may begin again."""
        names = {
            "known": self._known,
            "twins": self._twins,
            "failed": self._failed,
            "hurried": self._hurried,
            "visited": self._begun,
        }
        for name, numbers in sets.items():
            if name in names:
                names[name].update(numbers)

    def _add(self, name: str, numbers: HashSet, page: int) -> None:
        numbers.add(page)
        if self._note is not None:
            self._note(name, page)

    # --- while it crawls ---

    def admit(self, url: URL, *, instead_of: URL | None = None, held: list[int] | None = None) -> bool:
        """Note a URL; whether it is to be visited.

        Args:
            url: the URL.
            instead_of: the URL that redirects to it.
            held: takes the hash of a new page, in place of its being saved at once.
        """
        page = page_hash(url)
        twin = page ^ 1
        if instead_of is None or page_hash(instead_of) != twin:
            if page in self._known:
                return False
            if twin in self._known and twin not in self._failed:
                self._add("twins", self._twins, page)
                return False
        if held is None:
            self._add("known", self._known, page)
        else:
            self._known.add(page)
            held.append(page)
        return True

    def knows(self, page: int) -> bool:
        """True if a page was met, by its hash."""
        return page in self._known

    def hurry(self, url: URL) -> bool:
        """True if a known page that still waits is to be requested earlier than planned, once."""
        page = page_hash(url)
        if page not in self._known or page in self._begun or page in self._hurried:
            return False
        self._add("hurried", self._hurried, page)
        return True

    def begin(self, url: URL) -> bool:
        """Note that a visit begins; False where the page was asked for twice, and this is the second time."""
        page = page_hash(url)
        if page in self._hurried and page in self._begun:
            return False
        self._begun.add(page)
        return True

    def twin_of_failed(self, url: URL) -> str | None:
        """Note that nothing answered; the other scheme's URL where a page linked to that too, once."""
        page = page_hash(url)
        self._add("failed", self._failed, page)
        twin = page ^ 1
        if twin not in self._twins or twin in self._known:
            return None
        self._add("known", self._known, twin)
        rest = urls.as_requested(url).partition(":")[2]
        return ("http:" if url.protocol == "https:" else "https:") + rest


def page_hash(url: URL) -> int:
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
    _SPREAD: Final = 1.02  # hashes are spread over the parts almost evenly

    def __init__(self) -> None:
        self._tables = [array("Q", bytes(8 * 8)) for _ in range(self._PARTS)]
        self._used = array("L", [0]) * self._PARTS

    def __len__(self) -> int:
        return sum(self._used)

    def __contains__(self, number: int) -> bool:
        number = number or 1
        table = self._tables[number >> 56]
        return table[_place(table, number)] == number

    def add(self, number: int) -> bool:
        """Adds a number; returns True if it was not in the set."""
        number = number or 1
        part = number >> 56
        table = self._tables[part]
        mask = len(table) - 1
        place = number >> 1 & mask  # as _place does, which so many calls would make dear
        while found := table[place]:
            if found == number:
                return False
            place = place + 1 & mask
        table[place] = number
        self._used[part] += 1
        if self._used[part] > self._FULL * len(table):
            self._tables[part] = _grown(table)
        return True

    def update(self, numbers: Iterable[int]) -> None:
        """Put several in."""
        tables, used, full = self._tables, self._used, self._FULL
        for number in numbers:  # as add does, for millions of them
            number = number or 1  # noqa: PLW2901
            part = number >> 56
            table = tables[part]
            mask = len(table) - 1
            place = number >> 1 & mask
            while (found := table[place]) and found != number:
                place = place + 1 & mask
            if not found:
                table[place] = number
                used[part] += 1
                if used[part] > full * len(table):
                    tables[part] = _grown(table)

    def reserve(self, count: int) -> None:
        """Make room for so many in an empty set, which then grows less often."""
        size = 8
        while self._FULL * size * self._PARTS < count * self._SPREAD:
            size *= 2
        if not len(self):
            self._tables = [array("Q", bytes(8 * size)) for _ in range(self._PARTS)]


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
