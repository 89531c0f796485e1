r"""Decides by one scan of a page's raw bytes if it may link to a target, so that most pages need not be parsed.

"No" is never wrong, "perhaps" may be. Without Hyperscan the answer is always "perhaps".

Why "no" is never wrong, for any page that an HTML parser can read (``tests/test_prefilter.py`` proves each step, and
the names are those of :mod:`backlinkbot.prefilter.patterns`):

1. In an encoding of the Encoding Standard an ASCII character of the text is that byte, and neighbours in the text are
   neighbours in the bytes. The exceptions betray themselves: UTF-16 needs a NUL for each ASCII character, ISO-2022-JP
   needs an ESC to leave ASCII, and the replacement encoding has no text.
2. A link is the value of an attribute whose name ends in ``href``, ``src``, ``data`` or ``action``, or stands in a
   ``content`` behind a number; names cannot be escaped. Inside a value only character references, NUL and newlines are not
   themselves. A page with a document in an attribute, ``srcdoc``, is suspicious.
3. What stands before the host is plain: scheme, colon, slashes. A reference or a newline may stand for a part of that;
   such values are suspicious (``_SPLIT_SCHEME``, ``_SPLIT_SLASHES``). Anything else before a host makes it no host.
4. In an authority without ``& % TAB LF CR`` and without bytes above 0x7F, the URL parser only lowers the case and
   splits; so the host of the link stands in the bytes, and with it the target's, between ``. / \ @ :`` and a character
   that no name goes on with. An authority with one of those is suspicious (``_ODD_AUTHORITY``).
5. A relative link takes the host of ``<base href>``, which is such a value too, or of the page, which is asked first.
6. An address has many spellings (``0x7f.1``): with an address among the targets every page is "perhaps".
7. A link that carries another address (``/out?url=…``) is one only if it carries the host as it is, and behind slashes or
   an ``@`` that may be escaped: so a letter of their escapes stands before it, if not they themselves. Otherwise it carries
   Base64, or is one of ``ENCODERS``. These, and references where the host or what stands before it may be, are suspicious
   (``_CARRIED``, ``ENCODER_HOSTS``); newlines need not be, for an address with one inside counts as no such link.
8. What a ``<meta>`` sends its readers to has other text before it: there references, newlines and odd authorities are
   suspicious wherever they stand (``_REFRESH``).
9. A mention is one only if its host stands in the bytes as it is, or the longest run of ASCII letters of a brand; with a
   brand that has none every page is "perhaps".

Headers are no part of the bytes; the caller reads them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from backlinkbot import urls
from backlinkbot.extract.unwrap import shorteners as redirecting
from backlinkbot.prefilter.cells import CellScanner
from backlinkbot.prefilter.hosts import has_address, host_expressions
from backlinkbot.prefilter.page_signs import account_signs_in, finder, marks_in, may_refresh, tags_in
from backlinkbot.prefilter.patterns import ASCII_TRANSPARENT, OTHER_ENCODING, REFERENCES, SUSPICIOUS
from backlinkbot.prefilter.scan import HAS_HYPERSCAN, Scan, kept_scan_for, literal
from backlinkbot.prefilter.wat import WatPrefilter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from backlinkbot.extract.unwrap.shorteners import Redirectors
    from backlinkbot.targets import Targets
    from backlinkbot.urls import URL

__all__ = [
    "ASCII_TRANSPARENT",
    "HAS_HYPERSCAN",
    "REFERENCES",
    "CellScanner",
    "Prefilter",
    "WatPrefilter",
    "account_signs_in",
    "finder",
    "marks_in",
    "may_refresh",
    "tags_in",
]


class Prefilter:
    """A compiled filter for one set of targets; thread-safe."""

    def __init__(self, hosts: frozenset[str], scan: Scan | None) -> None:
        """Takes a compiled scan for ``hosts``, or None if every page is "perhaps"."""
        self._hosts = hosts
        self._scan = scan

    @classmethod
    def for_targets(
        cls,
        targets: Targets,
        cache_dir: Path | None = None,
        *,
        also: Iterable[bytes] = (),
        redirectors: Redirectors | None = None,
    ) -> Self:
        """Compiles the filter; never raises.

        Args:
            targets: what is looked for.
            cache_dir: where compiled databases that take seconds to build are kept; None keeps none.
            also: bytes in lower case for which a page is "perhaps", wherever they stand; empty ones stand in every page.
            redirectors: those for which a page is "perhaps"; None where nobody asks them.
        """
        hosts = targets.hosts
        others = tuple(also)
        if b"" in others or has_address(hosts):
            return cls(hosts, None)
        expressions = [*host_expressions(hosts, SUSPICIOUS), *map(literal, others), *_leading_on(redirectors)]
        return cls(hosts, kept_scan_for(expressions, cache_dir))

    @property
    def is_blind(self) -> bool:
        """True if every page is "perhaps": no Hyperscan, or an IP address among the targets."""
        return self._scan is None

    def may_link(self, body: bytes, charset: str, page: URL) -> bool:
        """True if the page must be parsed; False only if it holds no link to a target.

        Args:
            body: the page, content encodings undone.
            charset: the charset parameter of its ``Content-Type``; empty where there is none.
            page: where the page was found; its relative links lead there.
        """
        if self._scan is None or charset.strip("\t\n\f\r ").lower() not in ASCII_TRANSPARENT:
            return True
        if any(sign in body for sign in OTHER_ENCODING):
            return True
        if any(name in self._hosts for name in urls.labels_up(urls.bare_host(page.hostname))):
            return True
        return self._scan.finds(body)


def _leading_on(redirectors: Redirectors | None) -> Iterable[bytes]:
    """Returns patterns for the hosts of redirectors, and for the way in which a site writes its own.

    A page with a host that is spelled oddly is "perhaps" anyway.
    """
    if redirectors is None:
        return ()
    hosts = (rf"[./\\@:]{re.escape(host)}[^a-z0-9_-]" for host in sorted(redirectors.hosts))
    return [text.encode() for text in (*hosts, redirecting.OWN)]
