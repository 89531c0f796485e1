"""The answers of a CDX server: which pages of a site an archive has seen.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
LONGEST_KEY: Final = 10_000
"""Characters; a longer one is none."""


@dataclass(frozen=True, slots=True)
class Captures:
    """One answer, asked for with ``fl=original``."""

    urls: tuple[str, ...]
    resume_key: str = ""
    """Where the next request goes on, as it stands in the answer; empty where there is no more."""


def read_captures(body: bytes) -> Captures | None:
    """The addresses, one a line, and behind a blank line the key; None where that is no answer of a CDX server's."""
    lines = [line.strip() for line in body.decode("utf-8", errors="replace").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    key = ""
    if len(lines) > 1 and not lines[-2]:
        key = lines[-1] if len(lines[-1]) <= LONGEST_KEY else ""
        del lines[-2:]
    found = tuple(line for line in lines if line)
    return Captures(found, key) if all(_URL.match(line) for line in found[:1]) else None
