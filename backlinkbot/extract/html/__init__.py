"""Parses bytes into the elements of a page, as the HTML standard does with scripting off.

The only package that knows which HTML parsers are in use. turbohtml is the default, another one is chosen by name; other
packages see the protocols of :mod:`~backlinkbot.extract.html.protocols`.
"""

from __future__ import annotations

from typing import Final

from backlinkbot.errors import SettingError, UsageError
from backlinkbot.extract.html.depth import DEEPEST, flattened
from backlinkbot.extract.html.protocols import DocumentLike, ElementLike, Parser
from backlinkbot.extract.html.raw import FALLBACK_ENCODING, REFRESH, may_refresh, sniffed
from backlinkbot.extract.html.turbo import Document, Element
from backlinkbot.extract.html.xhtml import is_xml_page, parse_xhtml

__all__ = [
    "DEEPEST",
    "FALLBACK_ENCODING",
    "PARSERS",
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
    "parser_named",
    "sniffed",
]

PARSERS: Final = ("turbohtml", "lexbor")
"""The parsers by name, the default first."""


def parser_named(name: str) -> Parser:
    """Returns the parser of that name.

    Raises:
        SettingError: there is none.
        UsageError: it is an extra that is not installed.
    """
    if name not in PARSERS:
        raise SettingError(f"BACKLINKBOT_PARSER={name}: one of {', '.join(PARSERS)} is expected")
    if name == "turbohtml":
        return Document
    try:
        from backlinkbot.extract.html import lexbor  # noqa: PLC0415 - the extra `lexbor`, for who asks for it
    except ImportError as error:
        raise UsageError(
            f'BACKLINKBOT_PARSER=lexbor needs an extra: pip install "backlinkbot[lexbor]" ({error})'
        ) from error
    return lexbor.parse
