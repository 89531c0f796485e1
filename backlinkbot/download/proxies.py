"""Which host is the user's own proxy, for the one request that goes by way of it."""

from __future__ import annotations

from contextvars import ContextVar

from backlinkbot import urls

_PROXY: ContextVar[str | None] = ContextVar("proxy", default=None)


def goes_by(proxy: str | None) -> None:
    """Note the proxy by which the request that is under way here goes, as Scrapy has chosen it; None: by none.

    Scrapy knows which schemes a proxy serves, and what ``no_proxy`` leaves out. Such a request opens one connection, to the
    host and port of its proxy.
    """
    url = urls.parse(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
    _PROXY.set(url.hostname if url is not None else None)


def is_proxy(host: str) -> bool:
    """Whether a name that is looked up for this request is that of its proxy, which may be anywhere."""
    return _PROXY.get() == host
