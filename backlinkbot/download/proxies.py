"""Tells the resolver which host is the user's own proxy, for the current request only."""

from __future__ import annotations

from contextvars import ContextVar

from backlinkbot import urls

_PROXY: ContextVar[str | None] = ContextVar("proxy", default=None)


def set_proxy(proxy: str | None) -> None:
    """Sets the proxy of the current request, as Scrapy has chosen it; None means no proxy.

    Scrapy knows which schemes a proxy serves, and what ``no_proxy`` leaves out. Such a request opens one connection, to
    the host and port of its proxy.
    """
    url = urls.parse(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
    _PROXY.set(url.hostname if url is not None else None)


def is_proxy(host: str) -> bool:
    """True if the host is the current request's proxy, which may have a private address."""
    return _PROXY.get() == host
