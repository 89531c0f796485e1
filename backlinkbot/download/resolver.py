"""Resolves names, and leaves out private addresses; the client connects only to addresses that this module returns."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING, Final

from aiohttp.abc import AbstractResolver, ResolveResult

from backlinkbot.download.failures import OUT_OF_DESCRIPTORS, PRIVATE_ADDRESS, VisitRefusedError
from backlinkbot.download.proxies import is_proxy
from backlinkbot.download.special_addresses import is_private_address

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

NO_SUCH_HOST: Final = "no such host"
SERVER_FAILED: Final = "the DNS server failed"
TIMED_OUT: Final = "the DNS server did not answer in time"

_NO_ADDRESS: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_OUT_OF_MEANS: Final = frozenset({errno.EMFILE, errno.ENFILE})
SLOW: Final = 4.5
"""Seconds after which ``EAI_AGAIN`` means that no server answered: the C library waits 5 s for each server (see
resolv.conf(5), ``timeout``), and has the same code for silent and for failing servers.
"""


class ResolvingError(OSError):
    """Raised if there is no address to connect to; ``reason`` tells why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Resolver(AbstractResolver):
    """Looks names up by the system's resolver on threads of its own, and caches the results for the run."""

    def __init__(
        self,
        stats: StatsCollector,
        *,
        cache_size: int,
        timeout: float,
        threads: int,
        allow_private: bool,
    ) -> None:
        """Creates a resolver.

        Args:
            stats: counts refused names.
            cache_size: most names cached; 0 means none.
            timeout: seconds per lookup.
            threads: most lookups at once.
            allow_private: return private addresses, too.
        """
        self._stats = stats
        self._cache: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._cache_size = cache_size
        self._timeout = timeout
        self._allow_private = allow_private
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolver")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *, threads: int) -> Self:
        settings = crawler.settings
        return cls(
            crawler.stats,
            cache_size=settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0,
            timeout=settings.getfloat("DNS_TIMEOUT"),
            threads=threads,
            allow_private=settings.getbool("BACKLINKBOT_ALLOW_PRIVATE"),
        )

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Returns the addresses that may be connected to, in the system's order of preference (RFC 6724).

        Raises:
            ResolvingError: the name has no usable address.
            VisitRefusedError: all are private.
        """
        found = await self._addresses(host)
        if not self._allow_private and not is_proxy(host):
            found = tuple(address for address in found if not is_private_address(address))
            if not found:
                self._stats.inc_value("backlinks/fetching/private_address")
                raise VisitRefusedError(PRIVATE_ADDRESS.state, PRIVATE_ADDRESS.reason)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def addresses(self, host: str, port: int) -> tuple[tuple[str, int], ...]:
        """Returns pairs of address and port; for a host that is an IP address, that one.

        Raises:
            ResolvingError: the name has no usable address.
            VisitRefusedError: all are private.
        """
        try:
            ip_address(host)
        except ValueError:
            return tuple((found["host"], port) for found in await self.resolve(host, port))
        return ((host, port),)  # checked by the middleware already

    async def _addresses(self, host: str) -> tuple[str, ...]:
        known = self._cache.get(host)
        if known is not None:
            return known
        begin = monotonic()
        asked = asyncio.get_running_loop().run_in_executor(self._pool, _look_up, host)
        try:
            async with asyncio.timeout(self._timeout):
                found = await asked
        except TimeoutError as error:
            raise ResolvingError(TIMED_OUT) from error
        except OSError as error:
            raise ResolvingError(_why(error, monotonic() - begin)) from error
        self._cache[host] = found
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
        return found

    def forget(self, host: str) -> None:
        """Forgets the cached addresses of a name, because none of them accepted a connection."""
        self._cache.pop(host, None)

    async def close(self) -> None:
        """Closes the resolver without waiting: threads under way end with their lookup."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str) -> tuple[str, ...]:
    try:
        name = host.encode("ascii")  # otherwise Python would apply its own IDNA to a converted name
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, NO_SUCH_HOST) from error
    answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(where[0]) for *_, where in answers))


def _why(error: OSError, seconds: float) -> str:
    if _is_out_of_descriptors(error):
        return OUT_OF_DESCRIPTORS.reason
    if not isinstance(error, socket.gaierror) or error.errno == socket.EAI_MEMORY:
        return f"{SERVER_FAILED}: {error.strerror or error}"
    if error.errno in _NO_ADDRESS:
        return NO_SUCH_HOST
    return TIMED_OUT if error.errno == socket.EAI_AGAIN and seconds > SLOW else SERVER_FAILED


def _is_out_of_descriptors(error: OSError) -> bool:
    """True if the lookup failed for lack of descriptors, for which the C library has no code."""
    if error.errno in _OUT_OF_MEANS:
        return True
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as tried:
        return tried.errno in _OUT_OF_MEANS
    return False
