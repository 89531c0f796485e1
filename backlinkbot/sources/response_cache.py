"""A cache of services' responses on the disk, with the times until which services must not be queried."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from time import time
from typing import TYPE_CHECKING, Final

from backlinkbot.errors import OutputError
from backlinkbot.files.atomic import write_whole

if TYPE_CHECKING:
    from pathlib import Path

MAX_KEPT: Final = 1_000
"""Most responses in the cache; the oldest are deleted."""


class ResponseCache:
    """A folder of responses, each named by a hash of its URL; without a folder only pauses of this run are kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._quiet_until: dict[str, float] = {}

    def get(self, url: str, max_age: float) -> bytes | None:
        """Returns the response to a URL if it is no older than so many seconds."""
        file = self._file(url, "answer")
        if file is None or not max_age:
            return None
        try:
            if not 0 <= time() - file.stat().st_mtime <= max_age:
                return None
            address, _, body = file.read_bytes().partition(b"\n")
        except OSError:
            return None
        return body if address == url.encode() else None

    def put(self, url: str, body: bytes) -> None:
        """Stores a response; a disk error is ignored."""
        file = self._file(url, "answer")
        if file is None:
            return
        with suppress(OSError, OutputError):
            write_whole(file, url.encode() + b"\n" + body)
            kept = sorted(file.parent.glob("*.answer"), key=lambda path: path.stat().st_mtime)
            for old in kept[:-MAX_KEPT]:
                old.unlink()

    def keep_quiet(self, service: str, seconds: float) -> None:
        """Stores that the service gets no requests for so many seconds, in later runs too."""
        until = max(time() + seconds, self.quiet_until(service))
        self._quiet_until[service] = until
        file = self._file(service, "quiet")
        if file is not None:
            with suppress(OSError, OutputError):
                write_whole(file, f"{until:.0f}\n{service}\n".encode())

    def quiet_until(self, service: str) -> float:
        """Returns the time until which the service gets no requests, in seconds since 1970; 0 if there is none."""
        if service not in self._quiet_until:
            self._quiet_until[service] = self._read_quiet(service)
        return self._quiet_until[service]

    def _read_quiet(self, service: str) -> float:
        file = self._file(service, "quiet")
        if file is None:
            return 0.0
        try:
            return float(file.read_bytes().partition(b"\n")[0])
        except (OSError, ValueError):
            return 0.0

    def _file(self, name: str, kind: str) -> Path | None:
        if self._folder is None:
            return None
        return self._folder / f"{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.{kind}"
