"""Divides the registrable domains of a shared crawl into buckets, which workers lease."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from backlinkbot import urls

BUCKETS: Final = 1_024
"""The registrable domains of a crawl are divided into so many buckets."""


def bucket_of(domain: str) -> int:
    """Returns the bucket of a registrable domain; the same in every process and version."""
    return int.from_bytes(blake2b(domain.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") % BUCKETS


@lru_cache(maxsize=4096)
def bucket_of_host(host: str) -> int:
    """Returns the bucket of a host's registrable domain."""
    return bucket_of(urls.registrable_domain(host))


def bucket_of_url(url: str) -> int:
    """Returns the bucket of a URL's registrable domain; of what is no URL, that of the text."""
    parsed = urls.parse(url)
    return bucket_of(url) if parsed is None else bucket_of_host(parsed.hostname)
