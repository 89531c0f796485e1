"""What may be wrong with an archive or one of its records; each fault is counted, and none ends the reading of a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Fault(StrEnum):
    """The kinds of faults."""

    NOT_AN_ARCHIVE = "no WARC record"
    """Bytes where a record should begin."""
    TRUNCATED = "truncated"
    """The file ends within a record; what is there of it was read."""
    DAMAGED = "damaged"
    """A compressed member cannot be decompressed; reading goes on with the next."""
    BAD_LENGTH = "no content length"
    """Reading goes on with the next record that can be found."""
    TOO_LARGE = "too large"
    """A record of more than ``records.MOST_BYTES``."""
    NOT_JSON = "not JSON"
    """A WAT record that does not parse."""
    NO_URL = "no URL"
    """A record that names no http(s) URL for what should be a page."""
    NOT_HTTP = "no HTTP response"
    NOT_DECODED = "content encoding cannot be undone"
    FAILED = "failed"
    """Extraction raised an exception on this page: a fault of this program, which the other pages survive."""


MOST_EXAMPLES: Final = 5
"""Faults of an archive that are shown in words; further ones are only counted."""


@dataclass(slots=True)
class MiningCounts:
    """What was read of archives, and what was wrong."""

    records: int = 0
    """WARC records of any type; those that the prefilter passes over, too."""
    read: int = 0
    """Pages whose links were read, because they may link to a target."""
    pages: int = 0
    """Pages with a link to a target."""
    rows: int = 0
    bytes: int = 0
    """Of the archives, as they are stored."""
    faults: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    """Why records with a hit are no pages, and links no backlinks."""
    examples: list[str] = field(default_factory=list)

    def fault(self, kind: Fault, offset: int, said: str = "") -> None:
        """Counts a fault; ``offset`` is the record's place in the archive, in bytes."""
        self.faults[kind.value] += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(f"at byte {offset:,}: {kind.value}" + (f" ({said[:120]})" if said else ""))

    def skip(self, reason: str, number: int = 1) -> None:
        """Counts what is left out for a reason."""
        self.skipped[reason] += number

    def add(self, other: MiningCounts) -> None:
        """Adds the counts of another archive; its examples are not kept."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults
        self.skipped += other.skipped

    def as_json(self) -> dict[str, Any]:
        """Returns the counts as JSON can hold them."""
        found: dict[str, Any] = {name: getattr(self, name) for name in _NUMBERS}
        return found | {"faults": dict(self.faults), "skipped": dict(self.skipped), "examples": list(self.examples)}

    @classmethod
    def of_json(cls, value: dict[str, Any]) -> MiningCounts:
        """Returns the counts that :meth:`as_json` described."""
        counts = cls()
        for name in _NUMBERS:
            setattr(counts, name, int(value.get(name, 0)))
        counts.faults.update(value.get("faults", {}))
        counts.skipped.update(value.get("skipped", {}))
        counts.examples.extend(value.get("examples", ()))
        return counts


_NUMBERS: Final = ("records", "read", "pages", "rows", "bytes")
