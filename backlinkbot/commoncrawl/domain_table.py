"""A compact table of the domains that were found in a graph: some 40 bytes for each, so that millions fit into memory."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SLOTS: Final = 1 << 24
"""Of the table that tells most names which are none of ours by one look."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain, or a host of a host graph, that links to a target."""

    name: str
    hosts: int = 0
    """Its hosts in the graph; 0 where the graph does not say."""
    position: int = 0
    """Its position by harmonic centrality, from 1; 0 if it has none."""


class DomainTable:
    """Domains by their numbers in a graph."""

    def __init__(self) -> None:
        self._numbers = array("I")
        self._names = bytearray()
        self._ends = array("Q")
        self._hosts = array("I")
        self._positions = array("I")

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number

    def __getitem__(self, number: int) -> Domain:
        """Returns a domain; raises KeyError."""
        at = bisect_left(self._numbers, number)
        if at == len(self._numbers) or self._numbers[at] != number:
            raise KeyError(number)
        name = self._name(at).decode("ascii", "replace")
        return Domain(".".join(reversed(name.split("."))), self._hosts[at], self._positions[at])

    def add(self, number: int, name: bytes, hosts: int) -> None:
        """Adds a domain by its reversed name; the numbers must ascend."""
        self._numbers.append(number)
        self._names += name
        self._ends.append(len(self._names))
        self._hosts.append(hosts)
        self._positions.append(0)

    def names(self) -> Iterator[bytes]:
        """Yields the reversed names, in the order of the numbers."""
        return map(self._name, range(len(self)))

    def _name(self, at: int) -> bytes:
        return bytes(self._names[self._ends[at - 1] if at else 0 : self._ends[at]])

    def rank(self, at: int, position: int) -> None:
        """Notes the position of the domain at a place of :meth:`names`; the first one that is told counts."""
        self._positions[at] = self._positions[at] or position


class NameFinder:
    """Finds the place of a name among millions, in a few bytes for each."""

    def __init__(self, table: DomainTable) -> None:
        self._table = table
        self._seen = bytearray(_SLOTS)
        hashes = []
        for name in table.names():
            number = hash(name)
            self._seen[number & (_SLOTS - 1)] = 1
            hashes.append(number)
        order = array("I", sorted(range(len(hashes)), key=hashes.__getitem__))
        self._hashes = array("q", (hashes[at] for at in order))
        self._places = order

    def find(self, name: bytes) -> int | None:
        """Returns the place of a reversed name; None if it is not in the table."""
        number = hash(name)
        if not self._seen[number & (_SLOTS - 1)]:
            return None
        at = bisect_left(self._hashes, number)
        while at < len(self._hashes) and self._hashes[at] == number:
            place = self._places[at]
            if self._table._name(place) == name:  # noqa: SLF001 - of this module
                return place
            at += 1
        return None


class NumberSet:
    """A set of numbers up to a bound, a bit for each; iterates in ascending order."""

    def __init__(self, bound: int) -> None:
        self._bits = bytearray((bound >> 3) + 1)

    def update(self, numbers: Iterable[int]) -> None:
        """Adds numbers; those beyond the bound are left out."""
        bits, most = self._bits, len(self._bits)
        for number in numbers:
            if number >> 3 < most:
                bits[number >> 3] |= 1 << (number & 7)

    def __iter__(self) -> Iterator[int]:
        for match in _SET.finditer(self._bits):
            at, byte = match.start() << 3, match[0][0]
            yield from (at + bit for bit in range(8) if byte >> bit & 1)


_SET: Final = re.compile(rb"[^\0]", re.DOTALL)
