"""Computes a fingerprint by which an unchanged page is recognised: of its bytes, and of all else that its rows depend on."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from backlinkbot import __version__
from backlinkbot.extract.other_links.typed import header_links

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlinkbot.items import FetchedPage
    from backlinkbot.targets import Targets

_SIZE: Final = 12
"""Bytes of each half; long enough that two different pages do not get the same one by chance."""


class Fingerprints:
    """Computes the fingerprints of one run; they depend on the targets and on the version of this program.

    The first half covers what a server sends, the second what else the rows depend on, such as robots.txt or the ``Link``
    headers. A server that answers "304 Not Modified" says nothing about the second.
    """

    def __init__(self, targets: Targets, *, agent: str, includes_own: bool, extras: Iterable[str] = ()) -> None:
        asked = repr((__version__, agent, includes_own, *extras, sorted(repr(target) for target in targets)))
        self._match = targets.match
        self._asked = _digest([asked])  # computed once, because there may be a hundred thousand targets

    def of(self, page: FetchedPage) -> str:
        """Returns the fingerprint of a page that was read."""
        words = [
            page.headers.charset,
            page.headers.language,
            *filter(None, (page.headers.refresh, "XML" if page.is_xhtml else "")),
        ]
        return f"{_digest(words, page.body)}-{self._of_verdict(page)}"

    def is_same_but_for_bytes(self, page: FetchedPage, fingerprint: str) -> bool:
        """True if a page with this fingerprint would get the same rows, provided that its bytes are the same."""
        return fingerprint.partition("-")[2] == self._of_verdict(page)

    def _of_verdict(self, page: FetchedPage) -> str:
        return _digest([self._asked, *page.closed_by, "", *page.headers.x_robots_tag, "", *self._headers(page)])

    def _headers(self, page: FetchedPage) -> Iterable[str]:
        """Yields the links of the ``Link`` headers that lead to a target; most others are style sheets."""
        url = page.parsed_url if page.headers.links else None
        found = header_links(page.headers.links, url, self._match) if url is not None else ()
        return (repr(link) for link, _ in found)


def _digest(words: Iterable[str], body: bytes = b"") -> str:
    hashed = blake2b(digest_size=_SIZE)
    for word in words:
        hashed.update(word.encode("utf-8", "surrogatepass") + b"\0")
    hashed.update(body)
    return hashed.hexdigest()
