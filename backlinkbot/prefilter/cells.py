"""Finds cells of large tables by their text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.prefilter.scan import scan_for_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

_CELL: Final = re.compile(rb"\t[^\t\n]*(?=([\t\n]))")


class CellScanner:
    """Finds lines of a table that have one of some cells: text with tabs between cells, and a newline after each line."""

    def __init__(self, cells: Sequence[bytes]) -> None:
        """Compiles the scanner.

        Args:
            cells: what is looked for, in any column but the first, many thousands perhaps: each the text of a cell with the
                tab before it and the tab or newline behind it, or the beginning of one up to a dot.
        """
        self._numbers = {cell: number for number, cell in enumerate(cells)}
        self._scan = scan_for_texts(cells)

    def places_in(self, block: bytes) -> list[tuple[int, int]]:
        """Returns the number of each cell that is in some whole lines, and where it ends, in the order of the ends."""
        if not self._numbers:
            return []
        if self._scan is not None:
            return self._scan.every_place_in(block)
        found = []
        for match in _CELL.finditer(block):
            start, end = match.span()
            number = self._numbers.get(match[0] + match[1])
            dot = block.find(b".", start, end)
            while dot >= 0:
                prefix = self._numbers.get(block[start : dot + 1])
                if prefix is not None:
                    found.append((prefix, dot + 1))
                dot = block.find(b".", dot + 1, end)
            if number is not None:
                found.append((number, end + 1))
        return found
