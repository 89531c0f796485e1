"""Learns which parameters of a host's addresses do not change the page, such as the number of a session."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zlib import crc32

from backlinkbot.frontier.marks import are_alike

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from backlinkbot.frontier.marks import PageMarks

Pairs = tuple[tuple[int, int], ...]
"""Hashes of the names and values of an address's parameters."""

MAX_PAGES: Final = 20_000
"""Pages with parameters that are kept for comparison, of all hosts; the latest."""
MAX_HOSTS: Final = 1_000
"""Hosts whose addresses with parameters are kept; the latest."""
MAX_IGNORED: Final = 100_000
"""Hosts with parameters that are ignored; the first."""
MAX_NAMES: Final = 100
"""Parameters of a host that are ignored; the first."""
_MAX_OF_HOST: Final = 100
_MAX_COMPARED: Final = 6
"""Parameters of an address that are compared."""
_ADDRESSES: Final = 2
"""Addresses at which a parameter has to make no difference: at a single one, all values may show the same error page."""
_ALIKE: Final = 3
"""Pairs of pages alike before a parameter is ignored."""
_SHARE: Final = 4
"""Such pairs for each pair of pages that differ."""
_LET_THROUGH: Final = 16
"""Of the addresses that are deferred for a parameter of a host, this one is visited all the same, and each twice as late."""


@dataclass(slots=True)
class _Votes:
    """The comparisons of pages whose addresses differ in one parameter."""

    alike: int = 0
    different: int = 0
    addresses: set[int] = field(default_factory=set)

    @property
    def is_ignored(self) -> bool:
        enough = self.alike >= _ALIKE and len(self.addresses) >= _ADDRESSES
        return enough and self.alike >= _SHARE * self.different


@dataclass(slots=True)
class _Seen:
    """The first page of an address without one of its parameters."""

    value: int
    links: int
    sketch: array[int] | None = None
    """Of the second page with the same links: the words of a page are read only where another has its links."""


class Parameters:
    """What is known of the parameters of all hosts."""

    def __init__(self) -> None:
        self._ignored: dict[str, set[int]] = {}
        self._votes: OrderedDict[tuple[str, int], _Votes] = OrderedDict()
        self._pages: OrderedDict[int, _Seen] = OrderedDict()
        self._visited: OrderedDict[str, deque[tuple[int, Pairs]]] = OrderedDict()
        self._deferred: dict[str, int] = {}

    def has_ignored(self, host: str) -> bool:
        """True if any parameter of the host does not change its pages."""
        return host in self._ignored

    def is_ignored(self, host: str, name: int) -> bool:
        """True if a parameter does not change the host's pages."""
        return name in self._ignored.get(host, ())

    def ignore(self, host: str, name: int) -> None:
        """Notes that a parameter does not change the host's pages."""
        ignored = self._ignored.get(host)
        if ignored is None and len(self._ignored) < MAX_IGNORED:
            ignored = self._ignored[host] = set()
        if ignored is not None and len(ignored) < MAX_NAMES:
            ignored.add(name)

    def heed(self, host: str, name: int) -> None:
        """Notes that a parameter does change them, after all."""
        ignored = self._ignored.get(host)
        if ignored is not None:
            ignored.discard(name)
            if not ignored:
                del self._ignored[host]
                self._deferred.pop(host, None)

    def address(self, host: str, path: int, pairs: Pairs) -> int:
        """Returns a hash of an address without what does not change its page; the same in every process."""
        ignored = self._ignored.get(host)
        if ignored:
            pairs = tuple(pair for pair in pairs if pair[0] not in ignored)
        return _hash(host, path, pairs)

    def addresses(self, host: str) -> Iterator[int]:
        """Yields :meth:`address` of the latest visited pages of a host, by what is known now."""
        for path, pairs in self._visited.get(host, ()):
            yield self.address(host, path, pairs)

    def is_let_through(self, host: str) -> bool:
        """Counts an address that is deferred; true for those that are visited all the same, to see whether that is right."""
        number = self._deferred[host] = self._deferred.get(host, 0) + 1
        return number >= _LET_THROUGH and not number & (number - 1)

    def learn(self, host: str, path: int, pairs: Pairs, marks: PageMarks) -> tuple[bool, list[int]]:
        """Compares a visited page with those at addresses that differ in one parameter.

        Returns:
            True if it is like one of them; the parameters that are ignored, or no longer ignored, from now on.
        """
        visited = self._visited.setdefault(host, deque(maxlen=_MAX_OF_HOST))
        visited.append((path, pairs))
        self._visited.move_to_end(host)
        if len(self._visited) > MAX_HOSTS:
            self._visited.popitem(last=False)
        ignored: AbstractSet[int] = self._ignored.get(host, frozenset())
        kept = tuple(pair for pair in pairs if pair[0] not in ignored)
        is_alike, changed = False, []
        for name in dict.fromkeys(name for name, _ in pairs[:_MAX_COMPARED]):
            others = kept if name in ignored else tuple(pair for pair in kept if pair[0] != name)
            group = _hash(host, path, others)  # the same whatever the name, since neither may change the page
            value = hash(tuple(pair for pair in pairs if pair[0] == name))
            verdict = self._compare(group, value, marks)
            if verdict is None:
                continue
            is_alike |= verdict
            if self._vote(host, name, group, is_alike=verdict) != (name in ignored):
                changed.append(name)
        before = frozenset(ignored)
        for name in changed:
            (self.heed if name in before else self.ignore)(host, name)
        return is_alike, [name for name in changed if self.is_ignored(host, name) != (name in before)]

    def _compare(self, group: int, value: int, marks: PageMarks) -> bool | None:
        """True if a page is like those before it in its group; None if that cannot be told."""
        seen = self._pages.get(group)
        if seen is None:
            self._pages[group] = _Seen(value, marks.links)
            if len(self._pages) > MAX_PAGES:
                self._pages.popitem(last=False)
            return None
        if seen.value == value:
            return None
        if seen.links != marks.links:
            return False
        if seen.sketch is None:
            seen.sketch = marks.sketch
            return None
        return are_alike(seen.sketch, marks.sketch)

    def _vote(self, host: str, name: int, group: int, *, is_alike: bool) -> bool:
        votes = self._votes.get((host, name))
        if votes is None:
            votes = self._votes[host, name] = _Votes()
            if len(self._votes) > MAX_PAGES:
                self._votes.popitem(last=False)
        if is_alike:
            votes.alike += 1
            if len(votes.addresses) < _ADDRESSES:
                votes.addresses.add(group)
        else:
            votes.different += 1
        return votes.is_ignored


def _hash(host: str, path: int, pairs: Pairs) -> int:
    # Numbers only: Python's hash of a text is another one in the process that resumes the crawl.
    return hash((crc32(host.encode("utf-8", "surrogatepass")), path, pairs)) & ((1 << 64) - 1)
