"""Colours of a terminal, where it shows them and the user wants them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

_CODES: Final = {"bold": "1", "dim": "2", "good": "32", "warning": "33", "bad": "31"}
"""Style -> the parameter of ECMA-48's SGR sequence."""


@dataclass(frozen=True, slots=True)
class Painter:
    """Adds styles to text."""

    is_on: bool

    @classmethod
    def of(cls, stream: TextIO) -> Painter:
        """A painter for the stream: off without a terminal, on ``TERM=dumb`` and with ``NO_COLOR`` (https://no-color.org)."""
        return cls(stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR"))

    def paint(self, text: str, *styles: str) -> str:
        """Returns the text, which must be escaped already, in these styles."""
        codes = ";".join(_CODES[style] for style in styles if style)
        return f"\x1b[{codes}m{text}\x1b[0m" if self.is_on and codes and text else text
