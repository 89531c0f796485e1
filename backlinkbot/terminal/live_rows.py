"""A table whose rows are printed as they come, so that its columns have widths before any row is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.terminal.cells import padded, shorten, shorten_url, without_scheme
from backlinkbot.terminal.words import CHECKED, SHORT_STATES, verdict
from backlinkbot.urls import readable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from backlinkbot.items import Backlink, Check
    from backlinkbot.terminal.styles import Painter

HEADER: Final = ("SOURCE", "TARGET", "ANCHOR", "VERDICT")
_VERDICT: Final = 14
_GAP: Final = "  "
_SHARES: Final = (0.42, 0.34)
"""Of the cells beside the verdict, for the source and the target; the anchor has the rest."""
_LEAST: Final = 8
"""The least width of a column."""


@dataclass(frozen=True, slots=True)
class LiveRows:
    """Formats one line per link, or per candidate without one, in a terminal's width."""

    painter: Painter

    def header(self, width: int, names: Sequence[str] = ()) -> str:
        """Returns the line with the names of the columns; without names those of :meth:`link`."""
        return self.painter.paint(self.values(names, width) if names else self._line(HEADER, width), "bold")

    def values(self, values: Collection[Any], width: int) -> str:
        """Returns the line of values in columns of equal width, as wide as they must be where there are many."""
        each = max(_LEAST, (width - len(_GAP) * (len(values) - 1)) // len(values))
        return _GAP.join(padded(shorten_url(_as_text(value), each), each) for value in values).rstrip()

    def link(self, row: Backlink, width: int) -> str:
        """Returns the line of a link."""
        what = verdict(follow=row.follow, nofollow_by=row.nofollow_by, link_type=row.link_type)
        style = {True: "good", False: "warning", None: "dim"}[row.follow]
        return self._line((row.source_url, row.target_url, row.anchor, what), width, style)

    def unlinked(self, check: Check, width: int) -> str:
        """Returns the line of a candidate without a link: its state, and the reason in place of target and anchor."""
        source, target, anchor = _widths(width)
        columns = (_url(check.candidate, source), _text(check.reason, target + len(_GAP) + anchor))
        style = "bad" if check.state in CHECKED else "dim"
        return _GAP.join([*columns, self.painter.paint(SHORT_STATES[check.state], style)])

    def _line(self, texts: tuple[str, str, str, str], width: int, style: str = "") -> str:
        source, target, anchor = _widths(width)
        columns = (_url(texts[0], source), _url(texts[1], target), _text(texts[2], anchor))
        return _GAP.join([*columns, self.painter.paint(shorten(texts[3], _VERDICT), style)])


def _url(url: str, width: int) -> str:
    return padded(shorten_url(without_scheme(readable(url)), width), width)


def _text(text: str, width: int) -> str:
    return padded(shorten(text, width), width)


def _as_text(value: Any) -> str:
    """Returns a value as a terminal shows it; a URL without password and percent-encoding."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value in {None, ""} else readable(str(value))


def _widths(width: int) -> tuple[int, int, int]:
    left = width - _VERDICT - 3 * len(_GAP)
    source, target = (max(_LEAST, int(left * share)) for share in _SHARES)
    return source, target, max(_LEAST, left - source - target)
