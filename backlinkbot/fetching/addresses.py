"""No private, loopback or link-local address is fetched unless the user allows it.

Literal addresses are refused before a request leaves (:class:`AddressGuard`, which also sees what redirects lead to);
names are refused by what they resolve to (:class:`GuardedResolver`, whose answer is the address connected to, so a name
cannot change its mind in between). Behind a proxy of the user's, names are the proxy's to resolve.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.request import getproxies

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from backlinkbot import urls
from backlinkbot.fetching.failures import VisitRefusedError
from backlinkbot.items import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

# An IPv4 address in the last 32 bits: RFC 6052 (NAT64), and RFC 4291 §2.5.5.1 (IPv4-compatible, no longer in use).
_EMBEDDING: Final = (ip_network("64:ff9b::/96"), ip_network("::/96"))


def is_private_address(text: str) -> bool:
    """Whether the text is an IP address outside the public internet; False for names.

    Addresses inside addresses count: IPv4-mapped, IPv4-compatible, 6to4, Teredo and NAT64.
    """
    if not text[-1:].isdigit() and not text.endswith("]") and ":" not in text:
        return False  # a name: the URL Standard lets no host that ends in a number be one
    try:
        address = ip_address(text.strip("[]"))
    except (ValueError, AddressValueError):
        return False
    return any(not a.is_global or a.is_multicast for a in (address, *_inside(address)))


def _inside(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _EMBEDDING):
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [a for a in inner if a is not None]


def is_private_host(hostname: str) -> bool:
    """Whether a URL's host is a private address, in any spelling the URL parser knows, or the name of one.

    RFC 6761 §6.3: ``localhost`` and all below it are loopback whatever a name server says.
    """
    name = urls.bare_host(hostname)
    return name == "localhost" or name.endswith(".localhost") or is_private_address(name)


class AddressGuard:
    """Downloader middleware: refuses what is no http(s) URL or names a private address."""

    def __init__(self, stats: StatsCollector, *, allow_private: bool) -> None:
        self._stats = stats
        self._allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        allow_private = crawler.settings.getbool("BACKLINKBOT_ALLOW_PRIVATE")
        GuardedResolver.allow_private = allow_private  # Scrapy makes the resolver before it knows a spider's arguments
        return cls(crawler.stats, allow_private=allow_private)

    async def process_request(self, request: Request) -> None:
        """Raise for what is not to be fetched; redirects come by here too."""
        url = urls.parse(request.url)
        if url is None or not urls.is_web(url):
            self._stats.inc_value("backlinks/fetching/not_web")
            raise VisitRefusedError(State.UNREACHABLE, "not http or https")
        if not self._allow_private and (is_private_host(url.hostname) or url.hostname in GuardedResolver.refused):
            self._stats.inc_value("backlinks/fetching/private_address")
            raise VisitRefusedError(State.UNREACHABLE, "private address")

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Tell a name that the resolver refused from one that does not exist."""
        url = urls.parse(request.url)
        if not self._allow_private and url is not None and url.hostname in GuardedResolver.refused:
            self._stats.inc_value("backlinks/fetching/private_address")
            raise VisitRefusedError(State.UNREACHABLE, "private address") from exception


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's caching resolver, which finds no address where that address is private."""

    # One of each per process, as the resolver and Scrapy's cache of it are.
    refused: ClassVar[set[str]] = set()
    allow_private: ClassVar[bool] = False

    def __init__(self, reactor: ReactorBase, cache_size: int, timeout: float, allowed: frozenset[str]) -> None:
        """``allowed``: names that may have private addresses in any case, the user's own proxies."""
        super().__init__(reactor, cache_size, timeout)
        self._allowed = allowed

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        settings = crawler.settings
        cache_size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        proxies = (urls.parse(proxy) for proxy in getproxies().values())
        allowed = frozenset(proxy.hostname for proxy in proxies if proxy is not None)
        return cls(reactor, cache_size, settings.getfloat("DNS_TIMEOUT"), allowed)

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """Resolve; fails as a name without an address does where the address is private."""
        found = super().getHostByName(name, timeout)
        if not self.allow_private and name not in self._allowed:
            found.addCallback(self._check, name)
        return found

    def _check(self, address: Any, name: str) -> Any:
        if is_private_address(str(address)):
            self.refused.add(name)
            raise DNSLookupError(f"{name} has the private address {address}")
        return address
