"""Parses blocks of a graph's vertices into arrays of NumPy: where each name begins and ends, and the domains' hosts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlinkbot.commoncrawl.text_arrays import HAS_NUMPY, TextArrays

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from backlinkbot.commoncrawl.text_arrays import Places


@dataclass(frozen=True, slots=True)
class VertexColumns:
    """The columns of consecutively numbered vertices."""

    text: TextArrays
    starts: Places
    """Where each name begins."""
    stops: Places
    """Where each name ends."""
    line_ends: Places
    has_hosts: bool
    """True if each line has a third cell, as those of domains have: the number of the domain's hosts."""

    def __len__(self) -> int:
        return len(self.line_ends)

    def rows(self, rows: Places) -> VertexColumns:
        """Returns the columns of some rows alone."""
        return VertexColumns(
            self.text, self.starts[rows], self.stops[rows], self.line_ends[rows], has_hosts=self.has_hosts
        )

    def names(self) -> npt.NDArray[np.uint8]:
        """Returns the letters of the names, one name after the other."""
        return self.text.between(self.starts, self.stops)

    def lengths(self) -> Places:
        """Returns the bytes of each name."""
        return self.stops - self.starts

    def hosts(self) -> npt.NDArray[np.uint32]:
        """Returns the hosts of each domain; zeros if the vertices are hosts themselves."""
        if not self.has_hosts:
            return np.zeros(len(self), np.uint32)
        return self.text.numbers(self.line_ends)[0].astype(np.uint32)


def vertex_columns(block: bytes, first: int) -> VertexColumns | None:
    """Parses whole lines of vertices; needs NumPy.

    Args:
        block: the lines.
        first: the number that the first vertex must have.

    Returns:
        None if the vertices are not numbered consecutively from there, or their lines do not all have two cells or all three.
    """
    text = TextArrays(block)
    tabs, line_ends = text.places(b"\t"), text.places(b"\n")
    columns = len(tabs) // len(line_ends)
    if columns not in {1, 2} or len(tabs) != columns * len(line_ends):
        return None
    number_ends = tabs[::columns]
    numbers, _ = text.numbers(number_ends)
    if not np.array_equal(numbers, np.arange(first, first + len(line_ends), dtype=np.uint64)):
        return None
    has_hosts = columns == 2
    return VertexColumns(text, number_ends + 1, tabs[1::2] if has_hosts else line_ends, line_ends, has_hosts=has_hosts)
