"""Ours against the browser's, and the causes of what may differ. A difference without a cause is a bug, ours or its."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import url as servo
import webencodings

from backlinkbot import urls
from tests.conformance.shared_data import SavedPage
from tests.oracle.readings import Reading, Row, read_ours

_META_CHARSET = re.compile(rb"<meta\b[^>]*?\bcharset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.IGNORECASE)
_BOMS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")
FIRST_BYTES = 1024
NOT_ON_PAGE = "about:blank"


def _is_known(label: bytes | str) -> bool:
    text = label.decode("latin-1") if isinstance(label, bytes) else label
    return webencodings.lookup(text) is not None


def _is_declared(body: bytes, charset: str) -> bool:
    """Whether anything says the encoding: header, byte order mark, XML declaration, or a meta, wherever it stands."""
    return (
        (charset != "" and _is_known(charset))
        or body.startswith((*_BOMS, b"<?xml"))
        or any(map(_is_known, _META_CHARSET.findall(body)))
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the browser may differ from the standard, and from us."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class EncodingCause(Cause):
    """Why the browser reads another encoding. The page is then compared as if it had declared the browser's."""

    explains: Callable[[bytes, str, str, str], bool]
    """By the body, the header's charset, our encoding and the browser's."""


@dataclass(frozen=True, slots=True)
class LinkCause(Cause):
    """Why the browser lists another URL for the same link."""

    browsers: Callable[[str], str]
    """Our URL -> the browser's."""


def _is_guess(body: bytes, charset: str, ours: str, theirs: str) -> bool:
    return not _is_declared(body, charset) and ours == "windows-1252" and theirs != "utf-8"


def _is_late_meta(body: bytes, charset: str, ours: str, theirs: str) -> bool:
    if _is_declared(body[:FIRST_BYTES], charset) or not _is_declared(body, charset):
        return False
    label = next(filter(_is_known, _META_CHARSET.findall(body)))
    encoding = webencodings.lookup(label.decode("latin-1"))
    return encoding is not None and encoding.name == ours != theirs


_PARTS = re.compile(
    r"(?P<scheme>https?://)(?P<userinfo>[^/@]*@)?(?P<host>[^/]*)(?P<path>[^?#]*)(?P<rest>.*)", re.DOTALL
)


def _escapes(part: str, character: str) -> Callable[[str], str]:
    """What writes our URL as one does who percent-encodes the character in that part."""

    def browsers(url: str) -> str:
        parts = _PARTS.fullmatch(url)
        if parts is None:
            return url
        written = {**parts.groupdict(default="")}
        written[part] = written[part].replace(character, f"%{ord(character):02X}")
        return "".join(written.values())

    return browsers


ENCODING_CAUSES = (
    EncodingCause(
        "undeclared encoding: the browser guesses",
        "Nothing says the encoding. Chromium looks at the bytes, never answers UTF-8 (nor do we), and else takes what "
        "its own table says for the top-level domain: windows-1251 for .ru. The standard leaves both to the browser "
        "(https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding, steps 8 and 9) "
        "and suggests windows-1252, which is ours.",
        _is_guess,
    ),
    EncodingCause(
        "late <meta charset>: the browser stops looking",
        "The tag stands behind the first 1,024 bytes and behind an element that does not belong in a head. The "
        "standard changes the encoding when the tree reaches it "
        "(https://html.spec.whatwg.org/multipage/parsing.html#change-the-encoding); Chromium never looks back.",
        _is_late_meta,
    ),
)
LINK_CAUSES = (
    LinkCause(
        "| in a path: the browser escapes it",
        "Chromium writes %7C; the path percent-encode set of the URL Standard has no | "
        "(https://url.spec.whatwg.org/#path-percent-encode-set).",
        _escapes("path", "|"),
    ),
    LinkCause(
        "* in a host: the browser escapes it",
        "Chromium writes %2A; * is no forbidden domain code point "
        "(https://url.spec.whatwg.org/#forbidden-domain-code-point) and stays.",
        _escapes("host", "*"),
    ),
    LinkCause(
        "' in a user name: the browser escapes it",
        "Chromium writes %27; the userinfo percent-encode set has no ' "
        "(https://url.spec.whatwg.org/#userinfo-percent-encode-set).",
        _escapes("userinfo", "'"),
    ),
)
BROKEN_BASE = Cause(
    "<base> that does not parse: the browser has none",
    "Chromium then resolves against about:blank, so that relative links lead nowhere; in the standard the page's own "
    "URL takes over (https://html.spec.whatwg.org/multipage/semantics.html#set-the-frozen-base-url).",
)
REFUSED_HOST = Cause(
    "no host to the standard: the browser takes it",
    "Chromium escapes a space in a host and leaves xn-- labels alone that are no Punycode; the host parser fails "
    "(https://url.spec.whatwg.org/#concept-host-parser), so the standard has no URL there.",
)
CAUSES = (*ENCODING_CAUSES, BROKEN_BASE, *LINK_CAUSES, REFUSED_HOST)


@dataclass(frozen=True, slots=True)
class Comparison:
    page: SavedPage
    links: int
    causes: Counter[str] = field(default_factory=Counter)
    """Name of a cause -> how many differences it explains."""
    unexplained: tuple[str, ...] = ()


def compare(page: SavedPage, body: bytes, theirs: Reading) -> Comparison:
    ours = read_ours(body, page.url, page.charset)
    result = Comparison(page, len(theirs.rows))
    if ours == theirs:
        return result
    unexplained = []
    if ours.encoding != theirs.encoding:
        causes = (c for c in ENCODING_CAUSES if c.explains(body, page.charset, ours.encoding, theirs.encoding))
        cause = next(causes, None)
        if cause is None:
            unexplained.append(f"encoding: {ours.encoding}, the browser's {theirs.encoding}")
        else:
            result.causes[cause.name] += 1
        ours = read_ours(body, page.url, theirs.encoding)
    url = urls.parse(page.url)
    if theirs.base == NOT_ON_PAGE and url is not None and ours.base == url.href and b"<base" in body.lower():
        result.causes[BROKEN_BASE.name] += 1
        ours = replace(ours, base=NOT_ON_PAGE, rows=tuple(_absolute(ours.rows)))
    if ours.base != theirs.base:
        unexplained.append(f"base URL: {ours.base}, the browser's {theirs.base}")
    if ours.metas != theirs.metas:
        unexplained.append(f"metas: {ours.metas}, the browser's {theirs.metas}")
    unexplained += _compare_rows(ours.rows, theirs.rows, result.causes)
    return replace(result, unexplained=tuple(unexplained))


def _absolute(rows: Iterable[Row]) -> Iterator[Row]:
    """The links that need no base."""
    for row in rows:
        url = urls.parse(row.raw_href)
        if url is not None:
            yield replace(row, url=url.href)


def _compare_rows(ours: tuple[Row, ...], theirs: tuple[Row, ...], causes: Counter[str]) -> list[str]:
    if len(ours) < len(theirs):
        taken = tuple(row for row in theirs if not _is_refused(row.url))
        if len(taken) < len(theirs):
            causes[REFUSED_HOST.name] += len(theirs) - len(taken)
        theirs = taken
    if len(ours) != len(theirs):
        mine, other = Counter(ours), Counter(theirs)
        return [
            *(f"only ours: {row}" for row in (mine - other).elements()),
            *(f"only the browser's: {row}" for row in (other - mine).elements()),
        ]
    unexplained = []
    for our, their in zip(ours, theirs, strict=True):
        if not their.has_layout and "".join(our.text.split()) in "".join(their.text.split()):
            their = replace(their, text=our.text)  # noqa: PLW2901 - nothing says what of it would show, and how
        if our == their:
            continue
        cause = next((cause for cause in LINK_CAUSES if replace(our, url=cause.browsers(our.url)) == their), None)
        if cause is None:
            unexplained.append(f"ours: {our}\n    the browser's: {their}")
        else:
            causes[cause.name] += 1
    return unexplained


def _is_refused(url: str) -> bool:
    """Whether another parser than ours fails on what the browser made of a link."""
    try:
        servo.URL.parse(url)
    except servo.URLError:
        return True
    return False
