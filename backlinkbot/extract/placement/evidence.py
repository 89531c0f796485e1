# ruff: noqa: RUF001 - dashes are the subject
"""Words for the kind of a link as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.extract.placement.kind_words import LONGEST_LABEL, SPONSORED_LABEL

if TYPE_CHECKING:
    import re

PUNCTUATION: Final = " \t\n:.,;|()[]*–—-•·"
"""What may stand around a label or a heading."""


def quoted(match: re.Match[str] | None) -> str:
    """Returns what was matched, with single spaces and without punctuation around it; empty if nothing was."""
    return " ".join(match[0].split()).strip(" /_.-:|") if match is not None else ""


def evidence_of(what: str, match: re.Match[str] | None) -> str:
    """Returns a match as evidence, such as ``url:viewtopic``; empty if nothing was matched."""
    return f"{what}:{quoted(match)}" if match is not None else ""


def sponsored_label_of(line: str) -> str:
    """Returns the label of sponsored links that a line is; empty if it is none."""
    label = line.strip(PUNCTUATION)
    if not label or len(label) > LONGEST_LABEL or SPONSORED_LABEL.fullmatch(label) is None:
        return ""
    return label
