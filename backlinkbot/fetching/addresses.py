"""No private, loopback or link-local address is fetched unless the user allows it.

Literal addresses are refused before a request leaves (:class:`AddressGuard`, which also sees what redirects lead to);
names are refused by what they resolve to (``resolver``, whose answers are the addresses connected to, so a name cannot
change its mind in between). Behind a proxy of the user's, names are the proxy's to resolve.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.fetching.failures import PRIVATE_ADDRESS, VisitRefusedError
from backlinkbot.items import State

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

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
        return cls(crawler.stats, allow_private=crawler.settings.getbool("BACKLINKBOT_ALLOW_PRIVATE"))

    async def process_request(self, request: Request) -> None:
        """Raise for what is not to be fetched; redirects come by here too."""
        url = urls.parse(request.url)
        if url is None or not urls.is_web(url):
            self._stats.inc_value("backlinks/fetching/not_web")
            raise VisitRefusedError(State.UNREACHABLE, "not http or https")
        if not self._allow_private and is_private_host(url.hostname):
            self._stats.inc_value("backlinks/fetching/private_address")
            raise VisitRefusedError(PRIVATE_ADDRESS.state, PRIVATE_ADDRESS.reason)
