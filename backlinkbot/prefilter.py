r"""Decides by one scan of a page's raw bytes if it may link to a target, so that most pages need not be parsed.

"No" is never wrong, "perhaps" may be. The only module that imports Hyperscan; without it the answer is always "perhaps".

Why "no" is never wrong, for any page that an HTML parser can read (``tests/test_prefilter.py`` proves each step):

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
   (``_CARRIED``, ``_ENCODERS``); newlines need not be, for an address with one inside counts as no such link.
8. What a ``<meta>`` sends its readers to has other text before it: there references, newlines and odd authorities are
   suspicious wherever they stand (``_REFRESH``).
9. A mention is one only if its host stands in the bytes as it is, or the longest run of ASCII letters of a brand; with a
   brand that has none every page is "perhaps".

Headers are no part of the bytes: whoever asks looks at them.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from contextlib import suppress
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, cast

from backlinkbot import urls
from backlinkbot.extract import accounts, html
from backlinkbot.extract.unwrap import shorteners as redirecting
from backlinkbot.extract.unwrap.table import ENCODERS
from backlinkbot.page_status import soft_404, walls

try:
    import hyperscan
except ImportError:  # the extra `speed`; it has no wheel for some machines, and nothing else is faster than parsing
    HAS_HYPERSCAN = False
else:
    HAS_HYPERSCAN = True

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backlinkbot.extract.unwrap.shorteners import Redirectors
    from backlinkbot.targets import Targets
    from backlinkbot.urls import URL

# Every label of the Encoding Standard for an encoding in which bytes below 0x80 are ASCII and stay in place
# (https://encoding.spec.whatwg.org/#names-and-labels), and the absence of one.
_LABELS: Final = """
    unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8
    866 cp866 csibm866 ibm866
    csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
    csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3
    csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4
    csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988
    arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127
    iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987
    csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987
    sun_eu_greek
    csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8
    iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical
    csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6
    iso-8859-13 iso8859-13 iso885913 iso-8859-14 iso8859-14 iso885914
    csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 iso-8859-16
    cskoi8r koi koi8 koi8-r koi8_r koi8-ru koi8-u
    csmacintosh mac macintosh x-mac-roman x-mac-cyrillic x-mac-ukrainian
    dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874
    cp1250 windows-1250 x-cp1250 cp1251 windows-1251 x-cp1251
    ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1
    iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252
    cp1253 windows-1253 x-cp1253
    cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254
    x-cp1254
    cp1255 windows-1255 x-cp1255 cp1256 windows-1256 x-cp1256 cp1257 windows-1257 x-cp1257 cp1258 windows-1258 x-cp1258
    chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030
    big5 big5-hkscs cn-big5 csbig5 x-x-big5
    cseucpkdfmtjapanese euc-jp x-euc-jp csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis
    cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949
    x-user-defined
"""
ASCII_TRANSPARENT: Final = frozenset({"", *_LABELS.split()})

REFERENCES: Final = ("bsol", "colon", "fjlig", "newline", "period", "plus", "sol", "tab")
"""The named references that can stand for a part of a scheme or of the slashes; none is legal without its semicolon."""

_IS: Final = r"[\t\n\f\r ]*=[\t\n\f\r ]*"
_VALUE: Final = rf"(?:href|src|data|action){_IS}"
_LEAD: Final = r"[\x00-\x20]*"  # the URL parser strips these
_SCHEME: Final = r"[a-z0-9+.-]"
_REFERENCE: Final = rf"&(?:#|(?:{'|'.join(REFERENCES)});)"
_BEFORE_HOST: Final = r"(?:https?:[/\\]*|[/\\]{2,})"

_SPLIT_SCHEME: Final = (
    rf"{_VALUE}[\"']?{_LEAD}{_SCHEME}*{_REFERENCE}",
    rf"{_VALUE}[\"']{_LEAD}{_SCHEME}+[\t\n\r]",
)
_SPLIT_SLASHES: Final = (
    rf"{_VALUE}[\"']?{_LEAD}[/\\]{_REFERENCE}",
    rf"{_VALUE}[\"']{_LEAD}[/\\][\t\n\r]",
)
_ODD_AUTHORITY: Final = (
    rf"{_VALUE}\"{_LEAD}{_BEFORE_HOST}[^\"/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"{_VALUE}'{_LEAD}{_BEFORE_HOST}[^'/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"{_VALUE}{_LEAD}{_BEFORE_HOST}[^\t\n\f\r >/\\?#&%\x80-\xff]*[&%\x80-\xff]",
)

NAMES_INSIDE: Final = (*REFERENCES, "lowbar", "quest", "underbar")
"""The named references that can stand for a part of a host, or for a sign before one."""
_NUMBERED: Final = (  # the same by number: - . / : ? \ _, digits, letters; tab and newlines, which the URL parser drops
    r"#(?:0*(?:9|10|13|4[5-9]|5[0-8]|6[35-9]|[78][0-9]|9[0-57-9]|1[01][0-9]|12[0-2])(?:[^0-9]|$)"
    r"|x0*(?:[9ad]|2[def]|3[0-9af]|4[1-9a-f]|6[1-9a-f]|5[0-9acf]|7[0-9a])(?:[^0-9a-f]|$))"
)
_INSIDE: Final = rf"&(?:{_NUMBERED}|(?:{'|'.join(NAMES_INSIDE)});)"
_ANY_VALUE: Final = r"(?:\"{0}[^\"]*|'{0}[^']*|{0}[^\t\n\f\r >]*)"
_ENCODED: Final = r"ahr0c(?:dovl|hm6l)"
"""``http://`` and ``https://`` in Base64, in lower case."""
_CARRIED: Final = (rf"href{_IS}{_ANY_VALUE.format('')}(?:{_INSIDE}|{_ENCODED})",)
_ENCODERS: Final = tuple(rf"[./\\@:]{re.escape(host)}" for host in ENCODERS)

_NUMBER: Final = rf"{_LEAD}[0-9.&]"
_REFRESHING: Final = rf"content{_IS}{_ANY_VALUE.format(_NUMBER)}"
_REFRESHING_QUOTED: Final = rf"content{_IS}(?:\"{_NUMBER}[^\"]*|'{_NUMBER}[^']*)"
_REFRESH: Final = (
    f"{_REFRESHING}{_INSIDE}",
    rf"{_REFRESHING_QUOTED}(?:[:/\\][\t\n\r]+[/\\]|[htps][htps\t\n\r]*[\t\n\r][htps\t\n\r]*:)",
    rf"content{_IS}\"{_NUMBER}[^\"]*{_BEFORE_HOST}[^\"/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"content{_IS}'{_NUMBER}[^']*{_BEFORE_HOST}[^'/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"content{_IS}{_NUMBER}[^\t\n\f\r >]*{_BEFORE_HOST}[^\t\n\f\r >/\\?#&%\x80-\xff]*[&%\x80-\xff]",
)
_OTHER_DOCUMENT: Final = rf"srcdoc{_IS}"
SUSPICIOUS: Final = (
    *_SPLIT_SCHEME,
    *_SPLIT_SLASHES,
    *_ODD_AUTHORITY,
    *_CARRIED,
    *_ENCODERS,
    *_REFRESH,
    _OTHER_DOCUMENT,
)
"""What may hide a host; each is a regular expression over bytes, without regard to case."""

OTHER_ENCODING: Final = (b"\x00", b"\x1b")
"""What UTF-16 and ISO-2022-JP cannot do without; looked for apart, since single bytes slow a scan for names down."""

MOST_TAGS: Final = 1_000
"""Headings of a page whose places are told."""
BOUNDED_UP_TO: Final = 10_000
"""Up to so many hosts are looked for between their boundaries; more of them so would cost a minute and a gigabyte."""

BOUNDED_IN_WAT: Final = 100
"""The same in WAT, which has little text: names without boundaries are scanned for faster, and few are found in vain."""


class Prefilter:
    """A compiled filter for one set of targets; thread-safe."""

    def __init__(self, hosts: frozenset[str], database: hyperscan.Database | None) -> None:
        """Takes a compiled database of ``hosts``, or None if every page is "perhaps"."""
        self._hosts = hosts
        self._scan = _Scan(database) if database is not None else None

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
        if not HAS_HYPERSCAN or b"" in others or any(map(_is_address, hosts)):
            return cls(hosts, None)
        expressions = [*_expressions(hosts, SUSPICIOUS), *map(_literal, others), *_leading_on(redirectors)]
        try:
            return cls(hosts, _compile(expressions, cache_dir))
        except (hyperscan.error, MemoryError):  # a processor that Hyperscan does not know, say
            return cls(hosts, None)

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


_KEY: Final = r"\"(?:url|href|base|location|refresh)\"[\t\n\r ]*:[\t\n\r ]*\""
_ESCAPE: Final = r"\\[tnrbfu]"
_JSON_LEAD: Final = r"(?:[\x00-\x20]|\\[tnrbf]|\\u00[01][0-9a-f]|\\u0020)*"
_JSON_SLASH: Final = r"(?:\\?/|\\\\)"
_JSON_BEFORE_HOST: Final = rf"(?:https?:{_JSON_SLASH}*|{_JSON_SLASH}{{2,}})"
_JSON_ODD_HOST: Final = rf"{_JSON_BEFORE_HOST}[^\"/\\?#%\x80-\xff]*(?:[%\x80-\xff]|\\[^/])"
SUSPICIOUS_IN_WAT: Final = (
    rf"{_KEY}{_JSON_LEAD}(?:{_SCHEME}+{_ESCAPE}|\\u00[2-7])",
    rf"{_KEY}{_JSON_LEAD}(?:https?:{_JSON_SLASH}*|{_JSON_SLASH}+){_ESCAPE}",
    rf"{_KEY}{_JSON_LEAD}{_JSON_ODD_HOST}",
    rf"\"content\"[\t\n\r ]*:[\t\n\r ]*\"{_JSON_LEAD}[0-9.][^\"]*(?:{_ESCAPE}|{_JSON_ODD_HOST})",
    rf"<{_JSON_LEAD}(?:{_SCHEME}*{_ESCAPE}|{_JSON_SLASH}+{_ESCAPE}|{_JSON_ODD_HOST})",
    _ENCODED,
    *_ENCODERS,
)
"""What may hide a host in a WAT record, which has URLs as JSON strings: the same as in HTML, with JSON's escapes in place
of character references, in URLs, in what a ``<meta>`` sends its readers to, and in ``Link`` headers."""


class WatPrefilter:
    """As :class:`Prefilter`, for records of WAT; thread-safe.

    Why "no" is never wrong: steps 3 to 8 of the proof hold for JSON strings with :data:`SUSPICIOUS_IN_WAT`. WAT is UTF-8,
    and character references are decoded in it, or are a part of the URL. The page's own host stands in its record, too.
    """

    def __init__(self, targets: Targets, cache_dir: Path | None = None) -> None:
        """Compiles the filter; never raises. ``cache_dir`` is as in :meth:`Prefilter.for_targets`."""
        self._scan: _Scan | None = None
        if not HAS_HYPERSCAN or any(map(_is_address, targets.hosts)):
            return
        hosts = _expressions(targets.hosts, SUSPICIOUS_IN_WAT, bounded_up_to=BOUNDED_IN_WAT)
        try:
            self._scan = _Scan(_compile(hosts, cache_dir))
        except (hyperscan.error, MemoryError):
            return

    @property
    def is_blind(self) -> bool:
        """True if every record is "perhaps": no Hyperscan, or an IP address among the targets."""
        return self._scan is None

    def may_link(self, record: bytes) -> bool:
        """True if the record must be parsed; False only if its page holds no link to a target."""
        return self._scan is None or self._scan.finds(record)


class _Scan:
    """A compiled database; thread-safe."""

    def __init__(self, database: hyperscan.Database) -> None:
        self._database = database
        self._thread = threading.local()

    def finds(self, body: bytes) -> bool:
        """True if any expression of the database matches the body."""
        try:
            self._database.scan(body, _stop, scratch=self._scratch())
        except hyperscan.error:  # ScanTerminated: something was found
            return True
        return False

    def all_in(self, body: bytes) -> set[int]:
        """Returns the numbers of all matching expressions."""
        found: set[int] = set()
        self._database.scan(body, _note, scratch=self._scratch(), context=found)
        return found

    def places_in(self, body: bytes, most: int) -> list[tuple[int, int]] | None:
        """Returns the number of each match and where it ends, in order; None if there are more than so many."""
        found: list[tuple[int, int]] = []
        try:
            self._database.scan(body, partial(_note_place, most), scratch=self._scratch(), context=found)
        except hyperscan.error:  # ScanTerminated
            return None
        return found

    def every_place_in(self, body: bytes) -> list[tuple[int, int]]:
        """Returns the number of each match and where it ends, in order."""
        found: list[tuple[int, int]] = []
        note = found.append
        self._database.scan(body, lambda number, _, end, __, ___: note((number, end)), scratch=self._scratch())
        return found

    def _scratch(self) -> hyperscan.Scratch:
        try:
            scratch: hyperscan.Scratch = self._thread.scratch
        except AttributeError:
            scratch = self._thread.scratch = hyperscan.Scratch(self._database)
        return scratch


def _note(number: int, _start: int, _end: int, _flags: int, found: object) -> None:
    cast("set[int]", found).add(number)


def _note_place(most: int, number: int, _start: int, end: int, _flags: int, found: object) -> bool:
    places = cast("list[tuple[int, int]]", found)
    places.append((number, end))
    return len(places) > most


def _stop(*_: object) -> bool:
    return True


def may_refresh(body: bytes) -> bool:
    """The same as :func:`backlinkbot.extract.html.may_refresh`, asked of every page, at an eighth of its price."""
    scan = _refresh_scan()
    if scan is None:
        return html.may_refresh(body)
    return scan.finds(body) or any(sign in body for sign in OTHER_ENCODING)


@cache
def _refresh_scan() -> _Scan | None:
    if not HAS_HYPERSCAN:
        return None
    try:
        return _Scan(_build([html.REFRESH.pattern]))
    except (hyperscan.error, MemoryError):
        return None


@cache
def finder(*patterns: bytes) -> Callable[[bytes], bool]:
    """Returns a function that is true of bytes in which one of the patterns matches, whatever the case.

    Args:
        patterns: regular expressions that Python and Hyperscan both read.
    """
    if HAS_HYPERSCAN:
        with suppress(hyperscan.error, MemoryError):
            return _Scan(_build(list(patterns))).finds
    expression = re.compile(b"|".join(b"(?:%b)" % pattern for pattern in patterns), re.IGNORECASE | re.DOTALL)
    return lambda body: expression.search(body) is not None


def marks_in(body: bytes) -> frozenset[str] | None:
    """Which of :func:`backlinkbot.page_status.walls.marks` are in the page, whatever their case; None where nobody can tell at once."""
    marks, scan = _marks()
    return frozenset(marks[number] for number in scan.all_in(body)) if scan is not None else None


def tags_in(body: bytes) -> list[tuple[bytes, int]] | None:
    """Returns where :data:`backlinkbot.page_status.soft_404.TAGS` stand, in order, whatever their case.

    One scan costs a fifth of a search for each. None if there is no Hyperscan, or if there are too many of them.
    """
    scan = _tags_scan()
    ends = scan.places_in(body, MOST_TAGS) if scan is not None else None
    return [(_TAGS[number], end - len(_TAGS[number])) for number, end in ends] if ends is not None else None


def account_signs_in(body: bytes) -> list[tuple[bytes, int]] | None:
    """Returns where :data:`backlinkbot.extract.accounts.SIGNS` stand, in order; None if there is no Hyperscan, or too many."""
    scan = _account_scan()
    ends = scan.places_in(body, MOST_TAGS) if scan is not None else None
    return [(_SIGNS[number], end - len(_SIGNS[number])) for number, end in ends] if ends is not None else None


_SIGNS: Final = accounts.SIGNS


@cache
def _account_scan() -> _Scan | None:
    if not HAS_HYPERSCAN:
        return None
    try:
        return _Scan(_build([*map(_literal, _SIGNS)], 0))
    except (hyperscan.error, MemoryError):
        return None


_TAGS: Final = soft_404.TAGS


@cache
def _tags_scan() -> _Scan | None:
    if not HAS_HYPERSCAN:
        return None
    try:
        return _Scan(_build([*map(_literal, _TAGS)], hyperscan.HS_FLAG_CASELESS))
    except (hyperscan.error, MemoryError):
        return None


@cache
def _marks() -> tuple[tuple[str, ...], _Scan | None]:
    marks = tuple(sorted(walls.marks()))
    if not HAS_HYPERSCAN:
        return marks, None
    try:
        return marks, _Scan(_build([_literal(mark.encode()) for mark in marks]))
    except (hyperscan.error, MemoryError):
        return marks, None


def _leading_on(redirectors: Redirectors | None) -> Iterable[bytes]:
    """Their hosts, and how a site writes its own; for a host that is spelled oddly a page is "perhaps" anyway."""
    if redirectors is None:
        return ()
    hosts = (rf"[./\\@:]{re.escape(host)}[^a-z0-9_-]" for host in sorted(redirectors.hosts))
    return [text.encode() for text in (*hosts, redirecting.OWN)]


def _literal(text: bytes) -> bytes:
    return b"".join(b"\\x%02x" % byte if byte > 0x7F else re.escape(bytes((byte,))) for byte in text)


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.rpartition(".")[2].isdigit()


def _expressions(hosts: frozenset[str], suspicious: tuple[str, ...], bounded_up_to: int = BOUNDED_UP_TO) -> list[bytes]:
    # A host below another one is found with that one.
    tops = sorted(h for h in hosts if not any(above in hosts for above in islice(urls.labels_up(h), 1, None)))
    form = r"[./\\@:fc0]{}[^a-z0-9_-]" if len(tops) <= bounded_up_to else "{}"
    return [text.encode() for text in (*suspicious, *(form.format(re.escape(host)) for host in tops))]


# --- the compiled database, and its copy on disk ------------------------------------------------------------------

_CACHED_ABOVE: Final = 1_000  # hosts; fewer are compiled in less than a second
_CACHED_FILES: Final = 4
_DIGEST: Final = hashlib.sha256


def _compile(expressions: list[bytes], cache_dir: Path | None) -> hyperscan.Database:
    if len(expressions) <= _CACHED_ABOVE:
        return _shared(tuple(expressions))
    if cache_dir is None:
        return _build(expressions)
    file = cache_dir / f"prefilter-{_key(expressions)}.hyperscan"
    database = _load(file)
    if database is None:
        database = _build(expressions)
        _save(database, file)
    return database


@lru_cache(maxsize=4)
def _shared(expressions: tuple[bytes, ...]) -> hyperscan.Database:
    """Compiles a small database once for all parts of a run that look for the same; each has its own scratch."""
    return _build(list(expressions))


def _build(expressions: list[bytes], flags: int | None = None) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    if flags is None:
        flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
    database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=flags)
    return database


def _key(expressions: Iterable[bytes]) -> str:
    return _DIGEST(b"\n".join((getattr(hyperscan, "__version__", "").encode(), *expressions))).hexdigest()[:32]


def _load(file: Path) -> hyperscan.Database | None:
    """Returns the saved database; None if there is no intact one for this machine."""
    try:
        saved = file.read_bytes()
        size = _DIGEST().digest_size
        # Hyperscan trusts what it is given; the digest keeps a half-written or damaged file away from it.
        if _DIGEST(saved[size:]).digest() != saved[:size]:
            return None
        database = hyperscan.loadb(saved[size:], hyperscan.HS_MODE_BLOCK)
        os.utime(file)  # lately used: the last to be removed
    except (OSError, hyperscan.error):
        return None
    return database


def _save(database: hyperscan.Database, file: Path) -> None:
    """Saves the database atomically for the next run, and removes the oldest."""
    serialized = hyperscan.dumpb(database)
    scratch = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(_DIGEST(serialized).digest() + serialized)
        scratch.replace(file)
        saved = sorted(file.parent.glob("prefilter-*.hyperscan"), key=lambda path: path.stat().st_mtime)
        for old in saved[:-_CACHED_FILES]:
            old.unlink()


# --- cells of large tables ----------------------------------------------------------------------------------------

_CELL: Final = re.compile(rb"\t[^\t\n]*(?=([\t\n]))")


class CellScanner:
    """Finds lines of a table that have one of some cells: text with tabs between cells, and a newline after each line."""

    def __init__(self, cells: Sequence[bytes]) -> None:
        """Compiles the scanner.

        Args:
            cells: what is looked for, in any column but the first, many thousands perhaps: each the text of a cell with the
                tab before it and the tab or newline behind it, or the beginning of one up to a dot.
        """
        self._numbers = {cell: number for number, cell in enumerate(cells)}
        self._scan: _Scan | None = None
        if not HAS_HYPERSCAN or not cells:
            return
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        with suppress(hyperscan.error, MemoryError):
            numbers = list(range(len(cells)))
            database.compile(expressions=list(cells), ids=numbers, flags=0, literal=True, elements=len(cells))
            self._scan = _Scan(database)

    def places_in(self, block: bytes) -> list[tuple[int, int]]:
        """Returns the number of each cell that is in some whole lines, and where it ends, in the order of the ends."""
        if not self._numbers:
            return []
        if self._scan is not None:
            return self._scan.every_place_in(block)
        found = []
        for match in _CELL.finditer(block):
            start, end = match.span()
            number = self._numbers.get(match[0] + match[1])
            dot = block.find(b".", start, end)
            while dot >= 0:
                prefix = self._numbers.get(block[start : dot + 1])
                if prefix is not None:
                    found.append((prefix, dot + 1))
                dot = block.find(b".", dot + 1, end)
            if number is not None:
                found.append((number, end + 1))
        return found
