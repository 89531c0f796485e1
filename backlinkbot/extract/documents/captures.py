"""Parses responses of a CDX server: the pages of a site that a web archive has captured.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
LONGEST_KEY: Final = 10_000
"""The maximum length in characters; a longer key counts as none."""


@dataclass(frozen=True, slots=True)
class Captures:
    """One response to a request with ``fl=original``."""

    urls: tuple[str, ...]
    resume_key: str = ""
    """The key for the next request, as in the response; empty on the last page."""


def read_captures(body: bytes) -> Captures | None:
    """Returns the URLs, one per line, and the key after a blank line; None if it is not a CDX response."""
    lines = [line.strip() for line in body.decode("utf-8", errors="replace").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    key = ""
    if len(lines) > 1 and not lines[-2]:
        key = lines[-1] if len(lines[-1]) <= LONGEST_KEY else ""
        del lines[-2:]
    found = tuple(line for line in lines if line)
    return Captures(found, key) if all(_URL.match(line) for line in found[:1]) else None
