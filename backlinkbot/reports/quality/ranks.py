"""Authority of domains from a rank file of Common Crawl's web graph.

The file is ``<release>-domain-ranks.txt.gz`` or ``<release>-host-ranks.txt.gz``, gzipped or not: one line per domain, in
the order of harmonic centrality, under a header with the names of the columns
(https://commoncrawl.org/web-graphs). It is read once; only the requested domains stay in memory.
"""

from __future__ import annotations

import gzip
import math
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, cast

from backlinkbot.errors import UsageError
from backlinkbot.files.inputs import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_GZIP: Final = b"\x1f\x8b"
_POSITION: Final = b"#harmonicc_pos"
_HOST: Final = b"#host_rev"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """The positions of the requested domains among all."""

    positions: Mapping[str, int]
    """By harmonic centrality, from 1; without domains that the file lacks."""
    total: int
    """The number of domains (or hosts) in the file."""

    def authority(self, domain: str) -> float | None:
        """Returns ``100 * (1 - ln(position) / ln(total))``: 100 for the first, 0 for the last; None without a position."""
        position = self.positions.get(domain)
        if position is None:
            return None
        return 100.0 if position == 1 else round(max(0.0, 100 * (1 - math.log(position) / math.log(self.total))), 1)


def reversed_name(host: str) -> str:
    """Returns the labels in reverse order, as the file has them: ``blog.example.com`` is ``com.example.blog``."""
    return ".".join(reversed(host.split(".")))


def read_ranks(path: Path, domains: Iterable[str]) -> Ranks:
    """Reads the positions of the domains in one pass; of ``example.com`` and ``www.example.com`` the better one counts.

    Raises:
        UsageError: it cannot be read, or is not a rank file.
    """
    wanted: dict[bytes, str] = {}
    for domain in domains:
        for host in (domain, f"www.{domain}"):  # host ranks list both, and some releases of domain ranks lack the www
            wanted[reversed_name(host).encode()] = domain
    try:
        readable_path = readable(path)
        with readable_path.open("rb") as raw:
            is_packed = raw.read(2) == _GZIP
        with (gzip.open if is_packed else open)(readable_path, "rb") as file:
            return _scan(cast("IO[bytes]", file), wanted)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise UsageError(f"ranks {path}: {error}") from error


_LONGEST_LINE: Final = 4096
"""Most bytes of a line."""


def _scan(file: IO[bytes], wanted: Mapping[bytes, str]) -> Ranks:
    header = file.readline(4096).rstrip(b"\r\n").split(b"\t")
    if _POSITION not in header or _HOST not in header:
        raise ValueError(
            f"no header with {_POSITION.decode()} and {_HOST.decode()}; expected a rank file of Common Crawl, "
            "such as cc-main-2025-26-nov-dec-jan-domain-ranks.txt.gz"
        )
    position_at, host_at = header.index(_POSITION), header.index(_HOST)
    columns = host_at + 1  # the text after the host need not be split
    positions: dict[str, int] = {}
    total = 0
    for line in iter(lambda: file.readline(_LONGEST_LINE), b""):
        cells = line.split(b"\t", columns)
        if len(cells) <= host_at:
            continue  # an empty line
        total += 1
        domain = wanted.get(cells[host_at].rstrip())
        if domain is not None:
            position = int(cells[position_at])
            positions[domain] = min(position, positions.get(domain, position))
    return Ranks(positions=positions, total=max(total, *positions.values(), 1))
