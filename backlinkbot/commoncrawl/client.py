"""Small requests to Common Crawl's servers: paced, bounded, retried, cached for good, and ended where a server does not answer.

The index server is asked once a second, by all processes of a machine together, and one at a time; 503 ("slow down") is waited out:
https://commoncrawl.org/cdxj-index, https://github.com/commoncrawl/cc-index-server/issues/16.
"""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from backlinkbot import __version__
from backlinkbot.errors import OutputError
from backlinkbot.files.atomic import write_whole
from backlinkbot.files.resumed_download import LONGEST_WAIT, RETRIED, DownloadError

try:
    import fcntl
except ImportError:  # Windows, where each process keeps the pace for itself
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TRIES: Final = 3
"""Requests for one answer."""
FIRST_WAIT: Final = 1.0
"""Seconds before the second request; twice as long before each further one."""
INDEX_PACE: Final = 1.0
"""Fewest seconds between two requests to the index server."""
PACE: Final = 0.05
"""The same for the server of files, which many use: https://status.commoncrawl.org."""
TIMEOUT: Final = 30.0
"""Seconds without a byte."""
MOST_FAILURES: Final = 3
"""Answers in a row that a server may fail to give, each after all tries, before it is asked for nothing more in this run."""
MOST_REQUESTS_OF_RUN: Final = 1_000
"""By default: of the index server, at one a second, a quarter of an hour."""
MOST_BYTES_OF_RUN: Final = 1_000_000_000
"""By default."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of one answer."""
MOST_OF_ERROR: Final = 10_000
"""Bytes of an answer that is an error."""

_SIZE: Final = (-1, -1)
"""Under which part the size of a file is kept."""


class NotAskedError(DownloadError):
    """A request that was not sent: the budget is used up, or the server does not answer."""


@dataclass(slots=True)
class Budget:
    """What a run may ask of Common Crawl, and what it has asked so far; answers from the cache cost nothing."""

    most_requests: int
    most_bytes: int
    requests: int = 0
    bytes: int = 0
    cached: int = 0
    """Answers from the cache."""

    def check(self) -> None:
        """Raises NotAskedError if nothing is left."""
        if self.requests >= self.most_requests:
            raise NotAskedError(f"the bound of {self.most_requests:,} requests is reached")
        if self.bytes >= self.most_bytes:
            raise NotAskedError(f"the bound of {self.most_bytes / 1e6:,.0f} MB is reached")


@dataclass(slots=True)
class ArchiveClient:
    """Asks servers for answers and parts of files."""

    budget: Budget
    cache: Path | None = None
    """The folder of the cache, for one release; None for none."""
    paces: Mapping[str, float] = field(default_factory=dict)
    """Address of a server -> fewest seconds between two requests to it; others have ``PACE``."""
    failures: dict[str, int] = field(default_factory=dict)
    """Server -> answers in a row that it has failed to give."""
    _last: dict[str, float] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)

    def get(self, url: str, part: tuple[int, int] | None = None) -> bytes:
        """Returns an answer, or a part of a file.

        Args:
            url: what to ask for.
            part: the first byte and the number of bytes; None for the whole.

        Raises:
            NotAskedError: it was not asked for.
            DownloadError: the server refuses, or gives no answer.
        """
        kept = self._cached(url, part)
        if kept is not None:
            self.budget.cached += 1
            return kept
        server = urlsplit(url).netloc
        if self.failures.get(server, 0) >= MOST_FAILURES:
            raise NotAskedError(f"{server} does not answer: it failed {MOST_FAILURES} times in a row")
        body = self._tried(url, part, server)
        self.failures[server] = 0
        self.keep(url, part, body)
        return body

    def size(self, url: str) -> int:
        """Returns the size of a file in bytes; the first of them is asked for.

        Raises:
            NotAskedError: it was not asked for.
            DownloadError: the server refuses, or gives no answer.
        """
        if url in self._sizes:
            return self._sizes[url]
        kept = self._cached(url, _SIZE)
        if kept is not None:
            self.budget.cached += 1
            return int(kept)
        self.get(url, (0, 1))
        size = self._sizes.get(url, 0)
        if not size:
            raise RefusedError(f"{url}: the server does not say how large it is", 206)
        self.keep(url, _SIZE, b"%d" % size)
        return size

    def _tried(self, url: str, part: tuple[int, int] | None, server: str) -> bytes:
        wait = FIRST_WAIT
        for number in range(1, TRIES + 1):
            self.budget.check()
            said = 0.0
            try:
                with self._turn(server):
                    self.budget.requests += 1
                    return self._request(url, part)
            except urllib.error.HTTPError as error:
                with error:
                    reason, said = f"the server answered {error.code}", _seconds(error.headers.get("Retry-After"))
                    if error.code not in RETRIED:
                        self.failures[server] = 0
                        body = error.read(MOST_OF_ERROR)
                        self.budget.bytes += len(body)
                        raise RefusedError(f"{url}: {reason}", error.code, body) from error
            except (OSError, http.client.HTTPException) as error:
                reason = str(getattr(error, "reason", error)) or type(error).__name__
            if number < TRIES:
                time.sleep(min(max(wait, said), LONGEST_WAIT))
                wait *= 2
        self.failures[server] = self.failures.get(server, 0) + 1
        raise DownloadError(f"{url}: {reason}, {TRIES} times")

    def _request(self, url: str, part: tuple[int, int] | None) -> bytes:
        headers = {"User-Agent": f"backlinkbot/{__version__}", "Accept-Encoding": "identity"}
        if part is not None:
            headers["Range"] = f"bytes={part[0]}-{part[0] + part[1] - 1}"
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the caller's scheme: http(s)
        opener = urllib.request.build_opener()  # urlopen() would keep the proxies of its first call for good
        with opener.open(request, timeout=TIMEOUT) as answer:
            if part is not None and answer.status != 206:
                raise RefusedError(f"{url}: the server does not give parts of files", answer.status)
            length = answer.headers.get("Content-Length") or ""
            _, _, size = (answer.headers.get("Content-Range") or "").rpartition("/")
            if size.isdecimal():
                self._sizes[url] = int(size)
            body: bytes = answer.read(MOST_BYTES + 1)
        self.budget.bytes += len(body)
        if len(body) > MOST_BYTES:
            raise RefusedError(f"{url}: an answer of more than {MOST_BYTES:,} bytes", 200)
        if length.isdecimal() and len(body) < int(length):
            raise http.client.IncompleteRead(body, int(length) - len(body))
        return body

    # --- the pace, of all processes of the machine ---

    @contextmanager
    def _turn(self, server: str) -> Iterator[None]:
        """Waits for the server's next turn; with a cache folder, other processes wait as well."""
        if self.cache is None or not HAS_LOCKS:
            self._rest(server, self._last.get(server, 0.0))
            try:
                yield
            finally:
                self._last[server] = time.time()
            return
        file = self.cache.parent / f"{_digest(server)}.pace"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.seek(0)
            self._rest(server, _number(lock.read(40)))
            try:
                yield
            finally:
                lock.seek(0)
                lock.truncate()
                lock.write(f"{time.time():.3f}".encode())

    def _rest(self, server: str, last: float) -> None:
        paces = (pace for address, pace in self.paces.items() if urlsplit(address).netloc == server)
        pace = next(paces, PACE)
        rest = last + pace - time.time()
        if 0 < rest <= pace:  # else the clock was set
            time.sleep(rest)

    # --- the cache ---

    def _cached(self, url: str, part: tuple[int, int] | None) -> bytes | None:
        if self.cache is None:
            return None
        with suppress(OSError):
            digest, _, body = self._file(self.cache, url, part).read_bytes().partition(b"\n")
            if digest == _digest(body).encode():
                return body
        return None

    def keep(self, url: str, part: tuple[int, int] | None, body: bytes) -> None:
        """Stores an answer; a disk error is ignored."""
        if self.cache is not None:
            with suppress(OSError, OutputError):
                self.cache.mkdir(parents=True, exist_ok=True)
                write_whole(self._file(self.cache, url, part), _digest(body).encode() + b"\n" + body)

    @staticmethod
    def _file(folder: Path, url: str, part: tuple[int, int] | None) -> Path:
        return folder / _digest(f"{url} {part}")


class RefusedError(DownloadError):
    """A request that the server has answered with an error that another try would not change."""

    def __init__(self, said: str, status: int, body: bytes = b"") -> None:
        super().__init__(said)
        self.status = status
        self.body = body
        """The beginning of the answer."""


def _digest(of: str | bytes) -> str:
    data = of.encode("utf-8", "surrogatepass") if isinstance(of, str) else of
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _number(data: bytes) -> float:
    try:
        return float(data)
    except ValueError:
        return 0.0


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 0.0
