"""Parses bytes into the elements of a page, as the HTML standard does with scripting off.

The only package that knows which HTML parser is in use, turbohtml; other packages see the protocols of
:mod:`~backlinkbot.extract.html.protocols`.
"""

from __future__ import annotations

from backlinkbot.extract.html.depth import DEEPEST, flattened
from backlinkbot.extract.html.protocols import DocumentLike, ElementLike, Parser
from backlinkbot.extract.html.raw import FALLBACK_ENCODING, REFRESH, may_refresh, sniffed
from backlinkbot.extract.html.turbo import Document, Element
from backlinkbot.extract.html.xhtml import is_xml_page, parse_xhtml

__all__ = [
    "DEEPEST",
    "FALLBACK_ENCODING",
    "REFRESH",
    "Document",
    "DocumentLike",
    "Element",
    "ElementLike",
    "Parser",
    "flattened",
    "is_xml_page",
    "may_refresh",
    "parse_xhtml",
    "sniffed",
]
