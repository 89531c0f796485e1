"""Scans bytes with Hyperscan for many patterns at once, and keeps databases that take seconds to compile.

The only module that imports Hyperscan; without it there is no scan, and callers do without.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from contextlib import suppress
from enum import Enum
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, cast

try:
    import hyperscan
except ImportError:  # the extra `speed`; it has no wheel for some machines, and nothing else is faster than parsing
    HAS_HYPERSCAN = False
else:
    HAS_HYPERSCAN = True

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


class Matching(Enum):
    """How the patterns of a scan match, and which matches are reported."""

    ONCE = "once"
    """In any case; each pattern is reported once; a dot matches newlines, too."""
    EACH = "each"
    """In any case; every match is reported."""
    EACH_CASE = "each case"
    """In the case as written; every match is reported."""


_CACHED_ABOVE: Final = 1_000  # patterns; fewer are compiled in less than a second
_CACHED_FILES: Final = 4
_DIGEST: Final = hashlib.sha256


class Scan:
    """A compiled database; thread-safe."""

    def __init__(self, database: hyperscan.Database) -> None:
        self._database = database
        self._thread = threading.local()

    def finds(self, body: bytes) -> bool:
        """True if any expression of the database matches the body."""
        try:
            self._database.scan(body, _stop, scratch=self._scratch())
        except hyperscan.error:  # ScanTerminated: something was found
            return True
        return False

    def all_in(self, body: bytes) -> set[int]:
        """Returns the numbers of all matching expressions."""
        found: set[int] = set()
        self._database.scan(body, _note, scratch=self._scratch(), context=found)
        return found

    def places_in(self, body: bytes, most: int) -> list[tuple[int, int]] | None:
        """Returns the number of each match and where it ends, in order; None if there are more than so many."""
        found: list[tuple[int, int]] = []
        try:
            self._database.scan(body, partial(_note_place, most), scratch=self._scratch(), context=found)
        except hyperscan.error:  # ScanTerminated
            return None
        return found

    def every_place_in(self, body: bytes) -> list[tuple[int, int]]:
        """Returns the number of each match and where it ends, in order."""
        found: list[tuple[int, int]] = []
        note = found.append
        self._database.scan(body, lambda number, _, end, __, ___: note((number, end)), scratch=self._scratch())
        return found

    def _scratch(self) -> hyperscan.Scratch:
        try:
            scratch: hyperscan.Scratch = self._thread.scratch
        except AttributeError:
            scratch = self._thread.scratch = hyperscan.Scratch(self._database)
        return scratch


def _note(number: int, _start: int, _end: int, _flags: int, found: object) -> None:
    cast("set[int]", found).add(number)


def _note_place(most: int, number: int, _start: int, end: int, _flags: int, found: object) -> bool:
    places = cast("list[tuple[int, int]]", found)
    places.append((number, end))
    return len(places) > most


def _stop(*_: object) -> bool:
    return True


def scan_for(expressions: Iterable[bytes], matching: Matching = Matching.ONCE) -> Scan | None:
    """Compiles regular expressions; None without Hyperscan, or where it cannot: on a processor that it does not know, say."""
    if not HAS_HYPERSCAN:
        return None
    try:
        return Scan(_build(list(expressions), matching))
    except (hyperscan.error, MemoryError):
        return None


def kept_scan_for(expressions: list[bytes], cache_dir: Path | None) -> Scan | None:
    """Compiles regular expressions as :func:`scan_for` does, many thousands perhaps; equal ones are compiled once.

    Args:
        expressions: the regular expressions.
        cache_dir: where compiled databases that take seconds to build are kept; None keeps none.
    """
    if not HAS_HYPERSCAN:
        return None
    try:
        return Scan(_kept(expressions, cache_dir))
    except (hyperscan.error, MemoryError):
        return None


def scan_for_texts(texts: Sequence[bytes]) -> Scan | None:
    """Compiles texts that are looked for as they are, many thousands perhaps; None where :func:`scan_for` returns None."""
    if not HAS_HYPERSCAN or not texts:
        return None
    try:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        numbers = list(range(len(texts)))
        database.compile(expressions=list(texts), ids=numbers, flags=0, literal=True, elements=len(texts))
    except (hyperscan.error, MemoryError):
        return None
    return Scan(database)


def literal(text: bytes) -> bytes:
    """Returns the regular expression that matches a text alone."""
    return b"".join(b"\\x%02x" % byte if byte > 0x7F else re.escape(bytes((byte,))) for byte in text)


# --- the compiled database, and its copy on disk ------------------------------------------------------------------


def _kept(expressions: list[bytes], cache_dir: Path | None) -> hyperscan.Database:
    if len(expressions) <= _CACHED_ABOVE:
        return _shared(tuple(expressions))
    if cache_dir is None:
        return _build(expressions)
    file = cache_dir / f"prefilter-{_key(expressions)}.hyperscan"
    database = _load(file)
    if database is None:
        database = _build(expressions)
        _save(database, file)
    return database


@lru_cache(maxsize=4)
def _shared(expressions: tuple[bytes, ...]) -> hyperscan.Database:
    """Compiles a small database once for all parts of a run that look for the same; each has its own scratch."""
    return _build(list(expressions))


def _build(expressions: list[bytes], matching: Matching = Matching.ONCE) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = 0 if matching is Matching.EACH_CASE else hyperscan.HS_FLAG_CASELESS
    if matching is Matching.ONCE:
        flags |= hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
    database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=flags)
    return database


def _key(expressions: Iterable[bytes]) -> str:
    return _DIGEST(b"\n".join((getattr(hyperscan, "__version__", "").encode(), *expressions))).hexdigest()[:32]


def _load(file: Path) -> hyperscan.Database | None:
    """Returns the saved database; None if there is no intact one for this machine."""
    try:
        saved = file.read_bytes()
        size = _DIGEST().digest_size
        # Hyperscan trusts what it is given; the digest keeps a half-written or damaged file away from it.
        if _DIGEST(saved[size:]).digest() != saved[:size]:
            return None
        database = hyperscan.loadb(saved[size:], hyperscan.HS_MODE_BLOCK)
        os.utime(file)  # lately used: the last to be removed
    except (OSError, hyperscan.error):
        return None
    return database


def _save(database: hyperscan.Database, file: Path) -> None:
    """Saves the database atomically for the next run, and removes the oldest."""
    serialized = hyperscan.dumpb(database)
    scratch = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(_DIGEST(serialized).digest() + serialized)
        scratch.replace(file)
        saved = sorted(file.parent.glob("prefilter-*.hyperscan"), key=lambda path: path.stat().st_mtime)
        for old in saved[:-_CACHED_FILES]:
            old.unlink()
