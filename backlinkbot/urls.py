"""Parses, resolves, normalises and compares URLs as a browser does, and finds registrable domains.

Only this module imports the URL parser (can_ada, the WHATWG URL Standard) and the public suffix list (tldextract's
snapshot, private suffixes included, never downloaded).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import unquote_to_bytes

import can_ada
import tldextract

from backlinkbot.text.lookalikes import is_plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


class URL(Protocol):
    """A parsed URL: some attributes of the URL Standard's ``URL`` class, all strings, read-only."""

    href: str
    protocol: str
    """The scheme with its colon, ``https:``."""
    hostname: str
    """Lower case, punycode, IPv4 in dotted decimal, IPv6 in brackets; a trailing dot stays."""
    host: str
    """``hostname``, and the port unless it is the scheme's default."""
    port: str
    """Empty if it is the scheme's default."""
    pathname: str
    search: str
    """The query with its question mark; empty if there is none."""
    hash: str
    username: str
    password: str

    def __add__(self, reference: str, /) -> URL: ...


WEB_PROTOCOLS: Final = frozenset({"http:", "https:"})

_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def parse(text: str) -> URL | None:
    """Parses an absolute URL; None if it is invalid by the URL Standard (https://url.spec.whatwg.org/#url-parsing)."""
    try:
        url: URL = can_ada.parse(text)
    except (ValueError, TypeError):  # TypeError: a lone surrogate, which is invalid in URLs
        return None
    return _with_escaped_carets(url) if "^" in text else url


def is_web(url: URL | None) -> bool:
    """True if the URL can be fetched: http or https, with a host."""
    return url is not None and url.protocol in WEB_PROTOCOLS and url.hostname != ""


def resolve(reference: str, base: URL, encoding: str = "UTF-8") -> URL | None:
    """Resolves a reference from a page whose encoding is ``encoding``; None if that fails.

    In a page that is not in a Unicode encoding, what stands after the question mark is percent-encoded in the page's
    encoding, as forms were (https://url.spec.whatwg.org/#query-state).
    """
    if not reference.isascii() and "?" in reference and not encoding.startswith("UTF-"):
        reference = _encode_query(reference, base, encoding)
    if reference.lstrip(_LEADING)[:1] in {"", "#"} and without_fragment(base).endswith("?") and is_web(base):
        # can_ada 3.0.0 loses the base's empty query here
        return parse(without_fragment(base) + reference.lstrip(_LEADING))
    try:
        url = base + reference
    except (ValueError, TypeError):
        return None
    return _with_escaped_carets(url) if "^" in reference else url


def _with_escaped_carets(url: URL) -> URL:
    """Escapes a ^ that can_ada 3.0.0 leaves in a path without other characters to escape.

    https://url.spec.whatwg.org/#path-percent-encode-set; https://github.com/ada-url/ada/issues/970
    """
    if is_web(url) and "^" in url.pathname:
        url.pathname = url.pathname.replace("^", "%5E")
    return url


_LEADING: Final = "".join(map(chr, range(0x21)))

# The names of the Encoding Standard (https://encoding.spec.whatwg.org/) whose encoder Python has under another name, or
# only as part of a larger one.
_CODECS: Final = {
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "gbk": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "macintosh": "mac-roman",
    "shift_jis": "cp932",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac-cyrillic",
    # "get an output encoding": https://encoding.spec.whatwg.org/#get-an-output-encoding
    "replacement": "utf-8",
    "x-user-defined": "ascii",
}
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_NOT_SPECIAL: Final = re.compile(r"[\x00-\x20]*(?!https?:|file:|ftp:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def _encode_query(reference: str, base: URL, encoding: str) -> str:
    if _NOT_SPECIAL.match(reference) or base.protocol not in {"http:", "https:", "file:", "ftp:"}:
        return reference  # the encoding applies to special schemes only, without ws and wss
    before, _, rest = reference.partition("?")
    if "#" in before:
        return reference  # the question mark is part of the fragment
    query, hash_sign, fragment = rest.partition("#")
    codec = _CODECS.get(encoding.lower(), encoding)
    encoded = _NOT_ASCII.sub(lambda match: _encode_run(match[0], codec), query)
    return f"{before}?{encoded}{hash_sign}{fragment}"


def _encode_run(text: str, codec: str) -> str:
    """Percent-encodes a run of characters together: ISO-2022-JP writes one escape sequence before all of it."""
    try:
        encoded = text.encode(codec)
    except (UnicodeEncodeError, LookupError):
        if len(text) == 1:
            return f"%26%23{ord(text)}%3B"  # a character reference, percent-encoded
        return "".join(_encode_run(character, codec) for character in text)
    return "".join(chr(byte) if 0x21 <= byte <= 0x7E and byte not in b"\"#<>'" else f"%{byte:02X}" for byte in encoded)


_UNRESERVED: Final = {f"{ord(c):02X}": c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"}
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")


def _unescape_unreserved(match: re.Match[str]) -> str:
    code = match[1].upper()
    return _UNRESERVED.get(code, f"%{code}")


def normal_path(text: str) -> str:
    """Normalises a path or query: decodes escapes of unreserved characters, writes the others in upper case.

    RFC 3986 §6.2.2: such spellings are equivalent. Order and content of the query stay as they are.
    """
    return _ESCAPE.sub(_unescape_unreserved, text) if "%" in text else text


def bare_host(hostname: str) -> str:
    """Returns the host without the dot that may end an absolute name: ``example.com.`` is ``example.com``."""
    return hostname.removesuffix(".")


def identity_key(url: URL) -> str:
    """Returns the key by which two URLs are the same page: no fragment, userinfo or trailing dot, escapes normalised.

    The scheme stays: http and https may be different pages. Idempotent.
    """
    port = f":{url.port}" if url.port else ""
    return f"{url.protocol}//{bare_host(url.hostname)}{port}{normal_path(url.pathname)}{normal_path(url.search)}"


def page_key(url: URL) -> str:
    """Returns the identity key without its scheme: http and https are one page."""
    return identity_key(url).partition("://")[2]


def is_same_page(one: str, other: str) -> bool:
    """True if two URLs differ only in scheme, a leading ``www.`` or a trailing slash."""
    if one == other:
        return True
    keys = []
    for text in (one, other):
        url = parse(text)
        if url is None:
            return False
        path, _, query = identity_key(url).partition("://")[2].removeprefix("www.").partition("?")
        keys.append((path.rstrip("/"), query))
    return keys[0] == keys[1]


def without_fragment(url: URL) -> str:
    """Returns the URL without fragment and userinfo."""
    return url.href[: -len(url.hash)] if url.hash else url.href.removesuffix("#")


def as_requested(url: URL) -> str:
    """Returns the URL for a request: without fragment and userinfo, which the crawl must not send."""
    location = without_fragment(url)
    if url.username or url.password:
        scheme, _, rest = location.partition("//")
        return f"{scheme}//{rest.partition('@')[2]}"
    return location


_HAS_SCHEME: Final = ("http://", "https://")


def first_urls(text: str) -> tuple[str, str] | None:
    """Returns (URL, fallback URL) for a URL or a bare domain; None if it is neither."""
    location = text.strip()
    if location.lower().startswith(_HAS_SCHEME):
        url = parse(location)
        return (as_requested(url), "") if url is not None and is_web(url) else None
    if not location or "://" in location or location.startswith("/") or any(c.isspace() for c in location):
        return None
    if "@" in location.partition("/")[0]:
        return None  # an e-mail address
    secure, plain = parse(f"https://{location}"), parse(f"http://{location}")
    if secure is None or plain is None or "." not in secure.hostname.strip("."):
        return None
    return as_requested(secure), as_requested(plain)


def labels_up(hostname: str) -> Iterable[str]:
    """Returns the host, then each name above it: ``a.b.example``, ``b.example``, ``example``."""
    name = hostname
    while name:
        yield name
        _, _, name = name.partition(".")


@lru_cache(maxsize=100_000)
def registrable_domain(hostname: str) -> str:
    """Returns the public suffix and one label, private suffixes included: ``blog.a.co.uk`` -> ``a.co.uk``.

    A host that has none (an address, ``localhost``, a public suffix itself) stands for itself.
    """
    host = bare_host(hostname)
    found = _SUFFIXES.extract_str(host)
    if found.suffix:
        return found.top_domain_under_public_suffix or host
    if found.ipv4 or found.ipv6:
        return host
    return ".".join(host.split(".")[-2:])  # "If no rules match, the prevailing rule is '*'" (publicsuffix.org/list)


def owned_domain(hostname: str) -> str:
    """Returns the public suffix and one label, without private suffixes: ``alice.github.io`` -> ``github.io``."""
    host = bare_host(hostname)
    return _SUFFIXES.extract_str(host, include_psl_private_domains=False).top_domain_under_public_suffix or host


def is_below(hostname: str, domains: Collection[str]) -> bool:
    """True if the registrable domain of a host is one of these domains; takes next to no time if no part of its name is."""
    name = bare_host(hostname)
    while name not in domains:
        _, _, name = name.partition(".")
        if not name:
            return False
    return registrable_domain(hostname) in domains


@lru_cache(maxsize=1)
def _top_level_domains() -> frozenset[str]:
    return frozenset(suffix.rpartition(".")[2] for suffix in _SUFFIXES.tlds)


def is_top_level_domain(label: str) -> bool:
    """True if names end in this label: also ``za``, of which the public suffix list has only ``co.za`` and its like."""
    return label in _top_level_domains() or is_public_suffix(label)  # which reads Punycode, too


@lru_cache(maxsize=10_000)
def is_public_suffix(hostname: str) -> bool:
    """True if the name is a public suffix (``com``, ``co.uk``, ``github.io``)."""
    found = _SUFFIXES.extract_str(hostname)
    return found.suffix != "" and found.domain == ""


_ENCODED: Final = re.compile(r"(?:%[89a-f][0-9a-f])+", re.IGNORECASE)


def readable(address: str) -> str:
    """Returns a web address as a reader sees it: Unicode instead of punycode and percent-encoding, without name and password.

    What would read as another address, such as an encoded slash or space, stays encoded. Any other text is unchanged.
    """
    url = parse(address)
    if url is None or not is_web(url):
        return address
    port = f":{url.port}" if url.port else ""
    return f"{url.protocol}//{readable_host(url.hostname)}{port}{_decoded(url.pathname + url.search + url.hash)}"


def readable_host(host: str) -> str:
    """Returns a host with its labels in Unicode instead of punycode (RFC 3492), except those that look like other names."""
    if "xn--" not in host:
        return host
    labels = host.split(".")
    top_level_domain = _from_punycode(labels[-1] or labels[-2])
    return ".".join(_label(label, top_level_domain) for label in labels)


def _label(label: str, top_level_domain: str) -> str:
    decoded = _from_punycode(label)
    # A label of signs, or of plain letters, was not made by a registry; one that looks like another is to be told from it.
    return decoded if not decoded.isascii() and is_plain(decoded, top_level_domain) else label


def _from_punycode(label: str) -> str:
    """Returns a label in Unicode; one that is not in punycode is unchanged."""
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _decoded(text: str) -> str:
    """Decodes runs of percent-encoded bytes that are letters, marks or digits outside ASCII."""
    return _ENCODED.sub(_decoded_run, text)


def _decoded_run(match: re.Match[str]) -> str:
    try:
        decoded = unquote_to_bytes(match[0]).decode()
    except UnicodeDecodeError:
        return match[0]
    return decoded if all(unicodedata.category(sign)[0] in "LMN" for sign in decoded) else match[0]
