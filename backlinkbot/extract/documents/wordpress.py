"""The answers of WordPress's search: which posts and pages hold the words searched for.

https://developer.wordpress.org/rest-api/reference/search-results/
"""

from __future__ import annotations

from backlinkbot.extract.documents.values import json_value, text_at


def read_search(body: bytes) -> tuple[str, ...] | None:
    """The addresses of what was found; None where that is no answer of a search.

    ``/wp/v2/search`` calls an address ``url``, ``/wp/v2/posts`` calls it ``link``.
    """
    found = json_value(body)
    if not isinstance(found, list):
        return None
    addresses = (text_at(entry, "url") or text_at(entry, "link") for entry in found)
    return tuple(address for address in addresses if address)
