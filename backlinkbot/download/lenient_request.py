"""The request and the response of the lenient HTTP readers."""

from __future__ import annotations

from dataclasses import dataclass, field

from backlinkbot.download.http1 import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class LenientRequest:
    """A request for one page, with the addresses that it may connect to."""

    method: str
    url: str
    """The URL, without a fragment."""
    is_https: bool
    host: str
    """A name, or an IP address without brackets."""
    port: int
    target: str
    """Path and query."""
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    """All headers but ``Host`` and ``Connection``."""
    addresses: tuple[tuple[str, int], ...]
    """Pairs of IP address and port, in order of preference; those of the proxy if there is one."""
    proxy: str
    """The proxy's URL; empty if there is none."""
    proxy_secret: str = field(repr=False)
    """The value of ``Proxy-Authorization``; empty if there is none."""
    checks_certificates: bool
    """True if a page is read only with a valid certificate."""
    seconds: float
    """Timeout of the whole request, in seconds."""
    max_size: int
    """Most bytes of the body; 0 means no limit."""

    @property
    def authority(self) -> str:
        """The value of the ``Host`` header."""
        return self.url.split("/", 3)[2].rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class LenientResponse:
    """A response, as a lenient reader parsed it."""

    status: int
    headers: Headers
    body: bytes
    """The body, with its content encoding, without its transfer encoding."""
    fault: str = ""
    """Why the body is incomplete; empty if it is complete."""


class UnreadableResponseError(Exception):
    """Raised if this reader cannot parse the response; the message tells why."""


class BodyTooLargeError(Exception):
    """Raised if the body exceeds the size limit."""


class NoResponseError(Exception):
    """Raised if no response came; the message tells why."""
