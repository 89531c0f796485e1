"""Recognises pages that came only in part: those that break off, and those that are empty until their scripts run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.html import encodings

if TYPE_CHECKING:
    from backlinkbot.extract.page import PageContent

_IN_A_TAG: Final = re.compile(rb"</?[a-z]|<!-", re.IGNORECASE)
_BINARY: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
"""See https://mimesniff.spec.whatwg.org/#binary-data-byte."""
_SNIFFED: Final = 1_445
_NOT_ASCII: Final = frozenset({"utf-16le", "utf-16be", "replacement"})
"""Encodings of https://encoding.spec.whatwg.org/ that are no supersets of ASCII."""
_ELEMENTS: Final = ("title", "meta", "a", "p", "div", "h1", "h2", "table", "ul", "img", "br", "span", "script", "form")
_SHELL_BYTES: Final = 256 * 1024
"""A larger page is no shell."""
_TAGS: Final = 120
"""As many ``<`` has a shell at most."""
_AT_ONCE: Final = 4 * 1024
"""Bytes."""
_MOST_WORDS: Final = 6
_CONTENT: Final = ("a", "area", "img", "picture", "iframe", "frame", "object", "embed", "video", "audio", "canvas")
_FIELDS: Final = ("form", "input", "textarea", "select", "table", "pre")
_SCRIPT: Final = re.compile(
    rb"<script(?![^>]{0,200}type\s*=\s*[\"']?(?:application/(?:ld\+)?json|text/(?:template|html|x-)|importmap|speculationrules))",
    re.IGNORECASE,
)
"""A script that runs, and not data."""
_LOADING: Final = re.compile(
    r"(?:loading|please|wait|moment|one|just|a|laden|lädt|wird|geladen|bitte|warten|einen|chargement|en|cours|veuillez|patienter|cargando|espere|por|favor|caricamento|in|corso|attendere|carregando|aguarde|wczytywanie|ładowanie|proszę|czekać|загрузка|подождите|пожалуйста|yükleniyor|lütfen|bekleyin|načítání|načítám|laddar|读取中|加载中|正在加载|載入中|読み込み中|로딩중|로딩|불러오는|중|جار|التحميل|app|)",
    re.IGNORECASE,
)
_MARKS: Final = ".…·!,;:"
_STRUCTURE: Final = tuple(
    (re.compile(rb"<%b[\s>]" % name, re.IGNORECASE), re.compile(rb"</%b[\s>]" % name, re.IGNORECASE))
    for name in (b"div", b"main", b"article", b"section", b"table", b"script", b"style")
)
_BODY: Final = re.compile(rb"<body[\s>]", re.IGNORECASE)
_END: Final = re.compile(rb"</(?:body|html)[\s>]", re.IGNORECASE)


def ends_in_a_tag(body: bytes) -> bool:
    """True if the last tag or comment of a page is not complete: no author writes such a page."""
    start = body.rfind(b"<")
    return start > body.rfind(b">") and _IN_A_TAG.match(body, start) is not None


def may_be_binary(body: bytes) -> bool:
    """True if the beginning of a body holds bytes that no text holds: a cheap check, before it is parsed."""
    return _BINARY.search(body, 0, _SNIFFED) is not None


def may_be_misread(body: bytes, charset: str) -> bool:
    """True if a body may be markup in ASCII whose header names an encoding in which ASCII is no text, such as UTF-16.

    Browsers believe the header, and show no element of such a page.

    Args:
        body: the page.
        charset: the charset parameter of its ``Content-Type``.
    """
    if not charset or body.lstrip()[:1] != b"<" or b"\0" in body[:_SNIFFED]:
        return False
    return encodings.named(charset).lower() in _NOT_ASCII


def has_elements(content: PageContent) -> bool:
    """True if a page has elements of its own, beside those that every parsed page has."""
    return next(content.document.html_elements(*_ELEMENTS), None) is not None


def may_break_off(body: bytes) -> bool:
    """True if a page opens elements that hold its content and ends before any of their end tags.

    Some authors leave out ``</body>`` and ``</html>`` (2 in 1,000 pages), so this alone proves nothing.
    """
    if _END.search(body) is not None or _BODY.search(body) is None:
        return False
    return any(len(opens.findall(body)) > len(ends.findall(body)) for opens, ends in _STRUCTURE)


def may_be_shell(body: bytes) -> bool:
    """True if a page may be a shell: a cheap check of its bytes, before it is parsed."""
    return len(body) <= _SHELL_BYTES and count_tags(body, _TAGS) <= _TAGS and _SCRIPT.search(body) is not None


def count_tags(body: bytes, most: int) -> int:
    """Counts ``<`` until there are more than so many: most pages have them in their first kilobytes."""
    tags = 0
    for start in range(0, len(body), _AT_ONCE):
        tags += body.count(b"<", start, start + _AT_ONCE)
        if tags > most:
            break
    return tags


def is_shell(content: PageContent) -> bool:
    """True if a page shows nothing until its scripts have run: what stands in ``<noscript>`` is for other readers."""
    document = content.document
    aside = document.elements_inside("noscript", *_CONTENT, *_FIELDS)
    if any(element not in aside for element in document.elements(*_CONTENT, *_FIELDS)):
        return False
    body = next(document.html_elements("body"), None)
    words = body.text.split() if body is not None else []
    for element in document.html_elements("noscript"):
        left_out = element.text.split()
        if left_out and "".join(left_out) in "".join(words):
            words = " ".join(words).replace(" ".join(left_out), " ").split()
    return len(words) <= _MOST_WORDS and all(_LOADING.fullmatch(word.strip(_MARKS)) for word in words)
