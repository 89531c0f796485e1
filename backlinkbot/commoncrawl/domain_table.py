"""A compact table of the domains that were found in a graph: some 40 bytes for each, so that millions fit into memory."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Final

from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BITS_AT_ONCE: Final = 1 << 16
"""Bytes of a set that are unpacked at once, to eight times as many."""
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

    def extend(
        self, numbers: bytes, names: bytes, lengths: Iterable[int], hosts: bytes, positions: bytes = b""
    ) -> None:
        """Adds domains, whose numbers must ascend.

        Args:
            numbers: their numbers.
            names: their reversed names, one after the other.
            lengths: the bytes of each name.
            hosts: their hosts.
            positions: their positions by harmonic centrality; empty if they have none.

        Numbers, hosts and positions have four bytes each, in the byte order of this machine.
        """
        self._numbers.frombytes(numbers)
        self._ends.extend(islice(accumulate(lengths, initial=len(self._names)), 1, None))
        self._names += names
        self._hosts.frombytes(hosts)
        self._positions.frombytes(positions or bytes(len(numbers)))

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
        if HAS_NUMPY and isinstance(numbers, array):
            places = np.frombuffer(numbers, np.uint32)
            places = places[places >> 3 < most]
            masks = np.left_shift(1, places & 7, dtype=np.uint8, casting="unsafe")
            np.bitwise_or.at(np.frombuffer(bits, np.uint8), places >> 3, masks)
            return
        for number in numbers:
            if number >> 3 < most:
                bits[number >> 3] |= 1 << (number & 7)

    def ascending(self) -> array[int]:
        """Returns all numbers, in four bytes each."""
        if not HAS_NUMPY:
            return array("I", self)
        found = array("I")
        codes = np.frombuffer(self._bits, np.uint8)
        for start in range(0, len(codes), _BITS_AT_ONCE):
            places = np.flatnonzero(np.unpackbits(codes[start : start + _BITS_AT_ONCE], bitorder="little"))
            found.frombytes((places + start * 8).astype(np.uint32).tobytes())
        return found

    def __iter__(self) -> Iterator[int]:
        for match in _SET.finditer(self._bits):
            at, byte = match.start() << 3, match[0][0]
            yield from (at + bit for bit in range(8) if byte >> bit & 1)


_SET: Final = re.compile(rb"[^\0]", re.DOTALL)
