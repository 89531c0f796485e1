"""Streams files from web servers; a download that breaks off goes on at the same byte.

429 and 503 are waited out, and no file is asked for more than once a second, as Common Crawl asks for:
https://commoncrawl.org/errors, "rate limiting".
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final

from backlinkbot import __version__
from backlinkbot.errors import BacklinkbotError

if TYPE_CHECKING:
    from collections.abc import Iterator

TRIES: Final = 5
"""Requests for one file without any progress between them."""
TIMEOUT: Final = 60.0
"""Seconds without a byte."""
FIRST_WAIT: Final = 1.0
"""Seconds before the second request; twice as long before each further one."""
LONGEST_WAIT: Final = 120.0
BLOCK: Final = 256 * 1024
RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class DownloadError(BacklinkbotError):
    """A file that cannot be downloaded, with the server's last answer."""


class Download:
    """A file on a server, read once from its beginning or from an offset."""

    def __init__(self, url: str, offset: int = 0) -> None:
        self._url = url
        self._read = offset
        self.size = 0
        """Bytes of the whole file; 0 while the server has not said so."""

    def blocks(self) -> Iterator[bytes]:
        """Yields the bytes.

        Raises:
            DownloadError: the server refuses, or gives nothing several times.
        """
        tries, wait = 0, FIRST_WAIT
        while True:
            before = self._read
            reason, asked = "", 0.0
            try:
                yield from self._request()
                if not self.size or self._read >= self.size:
                    return
                reason = "the answer broke off"
            except urllib.error.HTTPError as error:
                with error:
                    if error.code == 416 and before:
                        return
                    reason, asked = f"the server answered {error.code}", _seconds(error.headers.get("Retry-After"))
                    if error.code not in RETRIED:
                        raise DownloadError(f"{self._url}: {reason}") from error
            except (OSError, http.client.HTTPException) as error:
                reason = str(getattr(error, "reason", error)) or type(error).__name__
            if self._read > before:
                tries, wait = 0, FIRST_WAIT
            tries += 1
            if tries >= TRIES:
                raise DownloadError(f"{self._url}: {reason}, {tries} times")
            time.sleep(min(max(wait, asked), LONGEST_WAIT))
            wait *= 2

    def _request(self) -> Iterator[bytes]:
        start = self._read
        headers = {"User-Agent": f"backlinkbot/{__version__}", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        request = urllib.request.Request(self._url, headers=headers)  # noqa: S310 - the caller's scheme: http(s)
        opener = urllib.request.build_opener()  # urlopen() would keep the proxies of its first call for good
        with opener.open(request, timeout=TIMEOUT) as answer:
            length = answer.headers.get("Content-Length") or ""
            passed = 0 if answer.status == 206 else start  # a server without ranges begins anew
            if length.isdecimal():
                self.size = int(length) + (start if answer.status == 206 else 0)
            while block := answer.read1(BLOCK):
                if passed:
                    block, passed = block[passed:], max(0, passed - len(block))
                self._read += len(block)
                if block:
                    yield block


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 0.0
