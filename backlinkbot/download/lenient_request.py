"""A request as the lenient readers take it, and what they give back."""

from __future__ import annotations

from dataclasses import dataclass

from backlinkbot.download.http1 import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request for one page, to addresses that are allowed."""

    method: str
    url: str
    """Without a fragment."""
    is_https: bool
    host: str
    """As a name or an address without brackets."""
    port: int
    target: str
    """Path and query."""
    headers: tuple[tuple[str, str], ...]
    """All but ``Host`` and ``Connection``."""
    addresses: tuple[tuple[str, int], ...]
    """Where to connect to, IP address and port, in order: the proxy's where there is one."""
    proxy: str
    """Empty where there is none."""
    proxy_secret: str
    """For its ``Proxy-Authorization``; empty where it has none."""
    checks_certificates: bool
    """Whether a page is read only where nothing is wrong with the server's certificate."""
    seconds: float
    """For the whole."""
    max_size: int
    """Bytes of the body; 0: no bound."""

    @property
    def authority(self) -> str:
        """For the ``Host`` header."""
        return self.url.split("/", 3)[2].rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a reader made of the answer."""

    status: int
    headers: Headers
    body: bytes
    """With its content coding, without its transfer coding."""
    fault: str = ""
    """Why it is only a part of what was sent; empty: it is the whole."""


class NotUnderstoodError(Exception):
    """What came is no answer for this reader; the message says why, in words."""


class TooMuchError(Exception):
    """The body is larger than it may be."""


class NoReplyError(Exception):
    """There was none, for the reason that the message gives in words."""
