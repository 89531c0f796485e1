"""Finds the lines of a graph's edges that lead to some domains: by arrays of numbers, or line by line without NumPy.

A line is the number of the linking domain, a tab, and the number of the domain that it links to. With NumPy most lines are told apart
by their last digits, for a million lines at once, and only those that may lead to a wanted domain are read as numbers.
"""

from __future__ import annotations

import re
from array import array
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Protocol

from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY, TextArrays
from backlinkbot.errors import UsageError
from backlinkbot.prefilter import CellScanner

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from backlinkbot.commoncrawl.text_arrays import Numbers, Places

_EDGE: Final = re.compile(rb"\d{1,10}\t\d{1,10}\n")
_MOST_DIGITS: Final = 10
"""Of a number of 32 bits."""
_MOST_TOGETHER: Final = 1 << 17
"""Edges that are sorted by their target at once."""
_SHIFT: Final = 24
"""Bits that are left out of the last 8 bytes of a line, so that 5 digits are left."""
_DIGITS: Final = 5
_SLOT_BITS: Final = 17
"""Of the table of the last digits of wanted numbers: small enough for the second level of a processor's cache."""
_MULTIPLIER: Final = 0x9E3779B97F4A7C15
"""Spreads the last digits over the table: https://en.wikipedia.org/wiki/Hash_function#Fibonacci_hashing."""


class EdgeScanner(Protocol):
    """Gathers the edges that lead to wanted domains."""

    linking: list[array[int]]
    """Of each wanted domain the numbers of those that link to it, in the order of the edges."""

    def scan(self, block: bytes) -> None:
        """Gathers the edges of some whole lines; raises UsageError where these are none."""

    def finish(self) -> None:
        """Must be called after the last block."""


def edge_scanner(wanted: Sequence[int]) -> EdgeScanner:
    """Returns the fastest scanner that is installed.

    Args:
        wanted: the numbers of the domains, ascending, each once.
    """
    return ArrayEdgeScanner(wanted) if HAS_NUMPY else LineEdgeScanner(wanted)


def _refused(line: bytes) -> UsageError:
    return UsageError(f"these are no edges of a graph: a line begins with {line[:40]!r}")


def _check(block: bytes) -> None:
    """Raises UsageError if the first line is no edge."""
    if _EDGE.match(block) is None:
        raise _refused(block[: block.find(b"\n")])


class LineEdgeScanner:
    """Looks for the text of the wanted numbers."""

    def __init__(self, wanted: Sequence[int]) -> None:
        cells = [b"\t%d\n" % number for number in wanted]
        self._lengths = [len(cell) for cell in cells]
        self._scanner = CellScanner(cells)
        self.linking = [array("I") for _ in wanted]

    def scan(self, block: bytes) -> None:
        """Gathers the edges of some whole lines; raises UsageError where these are none."""
        _check(block)
        rfind = block.rfind
        for cell, end in self._scanner.places_in(block):
            tab = end - self._lengths[cell]
            line = block[rfind(b"\n", 0, tab) + 1 : tab]
            try:
                self.linking[cell].append(int(line))
            except (ValueError, OverflowError):
                raise _refused(line) from None

    def finish(self) -> None:
        """Does nothing."""


class ArrayEdgeScanner:
    """Looks at the last digits of all lines of a block at once."""

    def __init__(self, wanted: Sequence[int]) -> None:
        self._wanted = np.array(wanted, np.uint64)
        self._place_type = np.min_scalar_type(len(wanted))  # two bytes are sorted several times as fast as eight
        self.linking = [array("I") for _ in wanted]
        self._found: list[tuple[npt.NDArray[np.uint32], npt.NDArray[Any]]] = []
        self._count = 0
        ends = [int.from_bytes(end, "little") for number in wanted for end in _ends_of(b"\t%d" % number)]
        self._table = np.zeros(1 << _SLOT_BITS, np.bool_)
        self._table[_slots(np.array(ends, np.uint64))] = True

    def scan(self, block: bytes) -> None:
        """Gathers the edges of some whole lines; raises UsageError where these are none."""
        _check(block)
        text = TextArrays(block)
        ends, last = text.line_ends()
        last >>= np.uint64(_SHIFT)
        ends = ends[self._table.take(_slots(last).view(np.int64))]
        if len(ends):
            self._read(text, ends)

    def _read(self, text: TextArrays, ends: Places) -> None:
        """Gathers those of some lines that lead to a wanted domain."""
        numbers, digits = text.numbers(ends)
        at = np.searchsorted(self._wanted, numbers)
        is_wanted = self._wanted.take(at, mode="clip") == numbers
        sources = _sources_before(text, (ends - digits - 1)[is_wanted])
        self._found.append((sources.astype(np.uint32), at[is_wanted].astype(self._place_type)))
        self._count += len(sources)
        if self._count >= _MOST_TOGETHER:
            self.finish()

    def finish(self) -> None:
        """Sorts what was gathered since the last time by the wanted domains."""
        if not self._found:
            return
        sources, places = (np.concatenate(column) for column in zip(*self._found, strict=True))
        self._found, self._count = [], 0
        if not len(places):  # no line leads to a wanted domain, though the last digits of one do
            return
        order = np.argsort(places, kind="stable")
        sources, places = sources[order], places[order]
        firsts = np.flatnonzero(np.diff(places.astype(np.int64), prepend=-1))
        for first, end in zip(firsts.tolist(), [*firsts[1:].tolist(), len(places)], strict=True):
            self.linking[places[first]].frombytes(sources[first:end].tobytes())


def read_edges(block: bytes) -> tuple[Numbers, Numbers]:
    """Returns the linking and the linked domains of all edges of a block of whole lines; needs NumPy.

    Raises:
        UsageError: a line is no edge.
    """
    _check(block)
    text = TextArrays(block)
    ends = text.places(b"\n")
    linked, digits = text.numbers(ends)
    is_number = (digits > 0) & (digits <= _MOST_DIGITS) & (linked < 1 << 32)
    if not is_number.all():
        raise _refused(text.line_of(int(ends[~is_number][0]) - 1))
    return _sources_before(text, ends - digits - 1), linked


def _sources_before(text: TextArrays, tabs: Places) -> Numbers:
    """Returns the numbers of the linking domains, each between the beginning of a line and a tab; raises UsageError."""
    sources, digits = text.numbers(tabs)
    starts = tabs - digits - 1
    is_edge = (digits > 0) & (digits <= _MOST_DIGITS) & (sources < 1 << 32) & (text.codes[tabs] == ord("\t"))
    is_edge &= (starts < 0) | (text.codes[starts] == ord("\n"))
    if not is_edge.all():
        raise _refused(text.line_of(int(tabs[~is_edge][0])))
    return sources


def _ends_of(cell: bytes) -> Iterator[bytes]:
    """Yields how lines that end in a tab and a number can end; of a short number the source's last digits belong to that."""
    lacking = max(_DIGITS - len(cell), 0)
    for before in product(b"\n0123456789", repeat=lacking):
        yield bytes(before) + cell[-_DIGITS:]


def _slots(ends: Numbers) -> Numbers:
    """Returns the places of the last digits in the table; changes what it is given."""
    ends *= np.uint64(_MULTIPLIER)
    ends >>= np.uint64(64 - _SLOT_BITS)
    return ends
