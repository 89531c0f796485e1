"""Parses responses of the WordPress search: the posts and pages that contain the search words.

https://developer.wordpress.org/rest-api/reference/search-results/
"""

from __future__ import annotations

from backlinkbot.extract.documents.values import json_value, text_at


def read_search(body: bytes) -> tuple[str, ...] | None:
    """Returns the URLs of the results; None if it is not a search response.

    ``/wp/v2/search`` calls an address ``url``, ``/wp/v2/posts`` calls it ``link``.
    """
    found = json_value(body)
    if not isinstance(found, list):
        return None
    addresses = (text_at(entry, "url") or text_at(entry, "link") for entry in found)
    return tuple(address for address in addresses if address)
