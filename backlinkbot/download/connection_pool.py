"""The connections of a crawl: a pool from which each request takes one."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final

import aiohttp

if TYPE_CHECKING:
    from backlinkbot.download.resolver import Resolver

KEEP_ALIVE: Final = 30.0
"""Seconds that an idle connection stays open; longer than the delay between two pages of one site."""
LONGEST_HEADER: Final = 64 * 1024
"""Most bytes of one header line; some sites' Content-Security-Policy exceeds aiohttp's own limit of 8 KB."""


class ConnectionPool:
    """A pool of connections, as a context manager in which a request uses one."""

    def __init__(self, resolver: Resolver, limit: int, limit_per_host: int, *, keeps: bool) -> None:
        self.keeps = keeps
        """True if idle connections are kept open."""
        self.opened = 0
        """Connections opened so far; an upper bound of those that are open."""
        self._used = 0
        self._is_unused = asyncio.Event()
        kept: dict[str, Any] = {"keepalive_timeout": KEEP_ALIVE} if keeps else {"force_close": True}
        connector = aiohttp.TCPConnector(
            **kept,
            resolver=resolver,
            use_dns_cache=False,  # the resolver has a cache of its own
            limit=limit,
            limit_per_host=limit_per_host,
            socket_factory=self._make_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # a middleware enforces the size limit while it decompresses
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
        )

    def _make_socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        self.opened += 1
        family, kind, protocol, *_ = address
        return socket.socket(family, kind, protocol)

    async def __aenter__(self) -> aiohttp.ClientSession:
        self._used += 1
        return self._session

    async def __aexit__(self, *_: object) -> None:
        self._used -= 1
        if not self._used:
            self._is_unused.set()

    async def retire(self) -> None:
        """Closes all connections once none is in use; no request may start meanwhile."""
        while self._used:
            self._is_unused.clear()
            await self._is_unused.wait()
        await self._session.close()
