"""Pages that hide where they link to: generated, each one the same for the same number.

Every page is built in the layers in which a page can hide a host: how a URL is spelled, how an attribute's value is
written, where the element stands, which encoding the page has and how it says so, and at last a few broken bytes.
Whether such a page links to a target at all is for a parser to say; roughly every second one does.
"""

from __future__ import annotations

import base64
import html.entities
import random
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from backlinkbot import urls
from backlinkbot.extract import unwrap
from backlinkbot.extract.other_links import comments_and_frames, typed
from backlinkbot.extract.page import PageContent
from backlinkbot.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A page, and the number of the target set that is looked for on it."""

    body: bytes
    charset: str
    url: str
    chosen: int

    def __str__(self) -> str:
        names = TARGET_SETS[self.chosen]
        shown = ", ".join(map(repr, names[:4])) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        return f"body={self.body!r} charset={self.charset!r} url={self.url!r} targets: {shown}"


# Names with every kind of letter that something else can stand for (ligatures, units, ß), with every kind of sign that
# a host may hold, and with every scope.
ASCII_NAMES: Final = (
    "example.com",
    "office-flight.example",
    "strasse.example",
    "telno-km2.example",
    "ijssel-kelvin.example",
    "fjord.example",
    "x.co",
    "1st.123.example",
    "deep.er.sub.example",
    "my_shop--x.example",
    "subdomains:a'b.example",
    "subdomains:a&b.example",
    "subdomains:a+b=c(d).example",
    "domain:localhost",
    "https://shop.example:8443/",
    "https://long.example/path/",
    "exact:http://exact.example/page?q=1",
    "domain:whole.example",
)
UNICODE_NAMES: Final = ("bücher.example", "faß.example", "пример.испытание", "例え.テスト", "ひらがな.example")


def _many(count: int) -> tuple[str, ...]:
    rng = random.Random(count)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
    return tuple(
        f"{rng.choice(letters[:26])}{''.join(rng.choices(letters, k=rng.randint(2, 12)))}x.{rng.choice(('com', 'de'))}"
        for _ in range(count)
    )


TARGET_SETS: Final[tuple[tuple[str, ...], ...]] = (
    *((name,) for name in (*ASCII_NAMES, *UNICODE_NAMES)),
    (*ASCII_NAMES, *UNICODE_NAMES),
    ("example.com", "www.example.com", "https://blog.example.com/x/", "com.example"),
    (*ASCII_NAMES, *_many(1_000)),
    (*UNICODE_NAMES, *_many(10_500)),  # more than are looked for between their boundaries
    ("192.0.2.7", "example.com"),
    ("[2001:db8::7]",),
)


@cache
def target_set(number: int) -> Targets:
    return Targets.parse(TARGET_SETS[number])


@cache
def _places(number: int) -> list[tuple[str, str, str]]:
    """(host, port, path) of each place; a host in punycode is there in Unicode too."""
    found = []
    for target in target_set(number):
        for place in target.places:
            found.append((place.host, place.port, place.path))
            if "xn--" in place.host:
                labels = place.host.split(".")
                readable = (x[4:].encode().decode("punycode") if x.startswith("xn--") else x for x in labels)
                found.append((".".join(readable), place.port, place.path))
    return found


# --- how a URL is spelled ----------------------------------------------------------------------------------------


@cache
def _stand_ins() -> dict[str, list[str]]:
    """ASCII text -> the characters that a host name turns into it (UTS #46 maps by NFKC and case folding)."""
    found: dict[str, list[str]] = defaultdict(list)
    for code in range(0x80, 0x20000):
        character = chr(code)
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
        if folded.isascii() and folded != character and folded.replace("-", "").isalnum():
            found[folded].append(character)
    found["."] += "。．｡"
    return found


_IGNORED: Final = "\u00ad\u200b\u2060\u2064\ufeff\ufe00\ufe0f\u034f\u180b\u180f\U000e0100\u200d\u200c"
_STRIPPED: Final = "\t\n\r"
_CONTROLS: Final = "".join(map(chr, range(1, 0x21)))


def _flip_case(rng: random.Random, text: str, strength: float) -> str:
    return "".join(c.swapcase() if rng.random() < strength else c for c in text)


def _percent(rng: random.Random, text: str, strength: float) -> str:
    form = rng.choice(("%{:02X}", "%{:02x}"))
    return "".join(
        "".join(map(form.format, c.encode("utf-8", "surrogatepass"))) if rng.random() < strength else c for c in text
    )


def _stand_in(rng: random.Random, text: str, strength: float) -> str:
    known = _stand_ins()
    parts = []
    at = 0
    while at < len(text):
        size = next((n for n in (4, 3, 2, 1) if text[at : at + n] in known and rng.random() < strength), 0)
        parts.append(rng.choice(known[text[at : at + size]]) if size else text[at])
        at += size or 1
    return "".join(parts)


def _scatter(characters: str) -> Callable[[random.Random, str, float], str]:
    def scatter(rng: random.Random, text: str, strength: float) -> str:
        return "".join(c + rng.choice(characters) if rng.random() < strength else c for c in text)

    return scatter


_HOST_TRICKS: Final = (_flip_case, _percent, _stand_in, _scatter(_IGNORED), _flip_case)
_SCHEMES: Final = (*("http:", "https:") * 4, "HTTP:", "hTTpS:", "", "", "ftp:", "ws:", "x:", "http")
_SLASHES: Final = (*("//",) * 6, "\\\\", "/\\", "\\/", "///", "/", "", "////")
_USERS: Final = (*("",) * 12, "u@", "u:p@", "a&b@", "%41:%@", "é@", "evil.test@", "a b:c'@", "@", "a@b@", '"@')
_BELOW: Final = (*("",) * 8, "www.", "www.", "a.b.", "not", "-", "é.", "x_y.", ".", "xn--bcher-kva.")
_AFTER: Final = (*("",) * 12, ".", ".", "..", ".evil.test", "x", "_", "-", "%", "é", "!")
_PORTS: Final = (*("",) * 8, ":80", ":443", ":", ":0080", ":8443", ":99999", ":x")
_PATHS: Final = ("", "/", "/a/b?c=d#e", "?q=é", "#f", "\\x", "/é&amp=1", "/path/x", "/page?q=1", "/ ", "/'\">")
_ADDRESSES: Final = (
    "0xC0.0.0x2.7",
    "3221225991",
    "192.0.519",
    "%31%392.0.2.7",
    "[2001:DB8:0::0:7]",
    "[2001:db8::0.0.0.7]",
)


def _spelled_url(rng: random.Random, chosen: int) -> str:
    host, port, path = rng.choice(_places(chosen))
    if host == "192.0.2.7" or host.startswith("["):
        host = rng.choice((host, *_ADDRESSES))
    if rng.random() < 0.4:
        for trick in rng.sample(_HOST_TRICKS, rng.choice((1, 1, 1, 2, 3))):
            host = trick(rng, host, rng.choice((0.05, 0.2, 0.2, 1.0)))
    if rng.random() < 0.02:
        host = host.replace(rng.choice(host), "", 1)
    if rng.random() < 0.6:  # as it should be
        url = f"{rng.choice(('http:', 'https:', ''))}//{host}{':' + port if port else ''}{path}"
    else:
        port = f":{port}" if port else rng.choice(_PORTS)
        before = rng.choice(_SCHEMES) + rng.choice(_SLASHES) + rng.choice(_USERS) + rng.choice(_BELOW)
        url = before + host + rng.choice(_AFTER) + port + (path or rng.choice(_PATHS))
    if rng.random() < 0.2:
        at = rng.randrange(min(len(url), 10)) if rng.random() < 0.6 else url.find("/") + 1
        url = url[:at] + rng.choice(_STRIPPED) * rng.choice((1, 1, 2)) + url[at:]
    if rng.random() < 0.05:
        url = _scatter(_STRIPPED)(rng, url, rng.choice((0.03, 0.3)))
    if rng.random() < 0.1:
        url = "".join(rng.choices(_CONTROLS, k=rng.randint(1, 3))) + url
    return url


# --- what carries a URL ------------------------------------------------------------------------------------------

_WRAPPERS: Final = (
    *("/out?url=", "go.php?x=1&to=", "https://www.google.com/url?q=", "//l.facebook.com/l.php?u=", "/redirect/"),
    *("https://href.li/?", "/r?u=", "https://slack-redir.net/link?url=", "https://x.cdn.ampproject.org/c/s/"),
    *("https://urldefense.com/v3/__", "https://prf.hn/click/destination:", "/out?url=https://x.test/go?to="),
)


def _encoded_twice(rng: random.Random, url: str) -> str:
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        url = quote(url, safe=rng.choice(("", ":/", "/", ":")), errors="replace")
    return url


def _carried_url(rng: random.Random, chosen: int) -> str:
    url = _spelled_url(rng, chosen)
    how = rng.random()
    if how < 0.12:
        data = base64.urlsafe_b64encode(url.encode("utf-8", "replace")).decode()
        return rng.choice(("/go.php?url=", "https://www.bing.com/ck/a?u=a1", "/out/")) + data
    if how < 0.2:
        spelled = url.replace("-", "-2D").replace(":", "-3A").replace("/", "_")
        return "https://urldefense.proofpoint.com/v2/url?u=" + spelled + "&d=x"
    if how < 0.3:
        host = rng.choice(_places(chosen))[0]
        return f"https://urldefense.com/v3/__{rng.choice(('http://', 'http:/', 'https%3A%2F%2F'))}{host}__;!!x"
    after = rng.choice(("", "", "&sa=D", "#f"))
    return rng.choice(_WRAPPERS) + _encoded_twice(rng, url) + after


_REFRESHES: Final = (*("0;url=",) * 4, "0; URL='", "3,url = ", "0;", "1.5 ", ".;url=", "0 ;\n", "5;URL=x", "content=")


def _refreshing(rng: random.Random, chosen: int) -> str:
    return rng.choice(_REFRESHES) + _spelled_url(rng, chosen) + rng.choice(("", "", "'"))


# --- how an attribute's value is written -------------------------------------------------------------------------


@cache
def _names() -> dict[str, list[str]]:
    """Text -> the named references for it, the semicolon as in the table."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, text in html.entities.html5.items():
        found[text].append(f"&{name}")
    return found


_NUMBERS: Final = ("&#{};", "&#{};", "&#{}", "&#x{:x};", "&#X{:X};", "&#x{:x}", "&#{:07};", "&#x{:06x};")


def _referenced(rng: random.Random, text: str, strength: float) -> str:
    if rng.random() < 0.3:
        text = text.replace("fj", "&fjlig;")
    named = _names()
    parts = []
    for c in text:
        if rng.random() >= strength:
            parts.append(c)
        elif c in named and rng.random() < 0.5:
            parts.append(rng.choice(named[c]))
        else:
            parts.append(rng.choice(_NUMBERS).format(ord(c)))
    return "".join(parts)


_SPACES: Final = ("", "", "", "", "", " ", "\n", "\t", "\r\n", "\f", " \n ")
_HREFS: Final = ("href", "href", "href", "href", "HREF", "hReF", "xlink:href", "xlink:HREF")


def _attribute(rng: random.Random, url: str, names: tuple[str, ...] = _HREFS) -> str:
    if rng.random() < 0.35:
        url = _referenced(rng, url, rng.choice((0.02, 0.02, 0.1, 0.3, 1.0)))
    quote = rng.choice(('"', '"', '"', "'", "'", ""))
    if rng.random() < 0.9:  # as it must be written
        end = quote or "\t\n\f\r >"
        url = "".join(f"&#{ord(c)};" if c in end else c for c in url)
    attribute = f"{rng.choice(names)}{rng.choice(_SPACES)}={rng.choice(_SPACES)}{quote}{url}{quote}"
    other = rng.random()
    if other < 0.05:
        return f"title='&amp; href=\"x' {attribute}"
    if other < 0.1:
        return f"{attribute} {names[0]}=http://other.test/"
    if other < 0.13:
        return f"{names[0]}=http://other.test/ {attribute}"
    return attribute


# --- where the element stands ------------------------------------------------------------------------------------

_ELEMENTS: Final = (
    *("<a {}>text</a>",) * 12,
    "<A\n{}\n>text",
    "<a class=x/{} rel=nofollow>",
    "<area {}/>",
    "<area {} >",
    "<svg><a {}>t</a></svg>",
    "<math><mtext><a {}>t",
    "<base {}><a href=x>relative</a>",
    "<base {}><a href='/x'>",
    "<base {}><a href='//:80'>",
    "<base {} target=_blank><a href=#>",
    "<link {}>",
)
# element, the names of its attribute
_OTHERS: Final = (
    ("<iframe {}></iframe>", ("src", "SRC")),
    ("<iframe/{}>", ("src",)),
    ("<embed title=''{}>", ("src",)),
    ("<object {}></object>", ("data", "Data")),
    ("<form {}>", ("action",)),
    ("<button {}>", ("formaction", "formAction")),
    ("<link rel=canonical {}>", ("href",)),
    ("<link rel='alternate' {}>", ("href",)),
)
_CONTAINERS: Final = (
    *("{}",) * 23,
    '<iframe srcdoc="{&}">',
    "<noscript>{}</noscript>",
    "<div><template shadowrootmode=open>{}</template></div>",
    "<template>{}</template>",
    "<table>{}<tr><td>",
    "<select><option>{}",
    "<svg><desc>{}",
    "<svg><![CDATA[{}]]>",
    "<b><p><a href=y>{}",
    "<!--{}-->",
    "<script>'{}'</script>",
    "<textarea>{}</textarea>",
    "<iframe srcdoc='{}'>",
    "<title>{}",
    "<button><form><form>{}",
)
_NOISE: Final = (
    *("",) * 16,
    "<p>Fish &amp; chips",
    "<a href=/local>here</a>",
    "<a href='https://other.test/?u=https://example.com/'>there</a>",
    '<a href="mailto:a&#64;b.test">mail</a>',
    "<!doctype html><html lang=de>",
    "ééé 例え \u3000",
    "<a href=",
    '"',
    "<p title='",
    "<base href='http://[/'>",
)


_SOUP: Final = (
    *("href", "HREF=", "=", '"', "'", "<a ", "<base ", ">", " ", "http", "https:", ":", "//", "/", "\\", "@", ".", "x"),
    *("&", "&#", "&#x", "58;", "2f;", "&Tab;", "&NewLine;", "&colon;", "&sol;", "&bsol;", "&period;", "&shy;", "&shy"),
    *("%", "%2e", "\t", "\n", "\r", "\f", "\x01", "\xad", "#", "?", "<!--", "-->", "<svg>", "<template>", "<p title="),
)


def _soup(rng: random.Random, chosen: int) -> str:
    host = rng.choice(_places(chosen))[0]
    parts = rng.choices(_SOUP, k=rng.randint(0, 5))
    quote = rng.choice(("", '"', "'"))
    return f"<a href={quote}{''.join(parts)}http://{host}{''.join(rng.choices(_SOUP, k=2))}>"


def _stirred(rng: random.Random, text: str) -> str:
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(_SOUP) + text[at + rng.choice((0, 0, 1, 2)) :]
    return text + rng.choice(("", ">", "'>", '">'))


def _element(rng: random.Random, chosen: int) -> str:
    kind = rng.random()
    if kind < 0.55:
        return rng.choice(_ELEMENTS).replace("{}", _attribute(rng, _spelled_url(rng, chosen)))
    if kind < 0.7:
        element, names = rng.choice(_OTHERS)
        return element.replace("{}", _attribute(rng, _spelled_url(rng, chosen), names))
    if kind < 0.85:
        return "<meta http-equiv=refresh {}>".replace("{}", _attribute(rng, _refreshing(rng, chosen), ("content",)))
    return "<a {}>t</a>".replace("{}", _attribute(rng, _carried_url(rng, chosen)))


def _markup(rng: random.Random, chosen: int) -> str:
    if rng.random() < 0.15:
        return _stirred(rng, _soup(rng, chosen))
    parts = [rng.choice(_NOISE)]
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
        element = _element(rng, chosen)
        escaped = "".join(f"&#{ord(character)};" for character in element)
        parts.append(rng.choice(_CONTAINERS).replace("{}", element).replace("{&}", escaped))
        parts.append(rng.choice(_NOISE))
    return "".join(parts)


# --- which encoding the page has, and how it says so -------------------------------------------------------------

# label -> Python's codec for it
_ENCODINGS: Final = (
    *((("utf-8", "utf-8"),) * 30),
    ("windows-1252", "cp1252"),
    ("iso-8859-1", "latin-1"),
    ("windows-1251", "cp1251"),
    ("koi8-r", "koi8-r"),
    ("macintosh", "mac-roman"),
    ("gbk", "gb18030"),
    ("gb18030", "gb18030"),
    ("big5", "big5hkscs"),
    ("euc-jp", "euc-jp"),
    ("shift_jis", "cp932"),
    ("euc-kr", "cp949"),
    ("iso-2022-jp", "iso2022_jp"),
    ("iso-2022-jp", "iso2022_jp"),
    ("utf-16le", "utf-16-le"),
    ("utf-16be", "utf-16-be"),
    ("utf-16", "utf-16"),
    ("x-user-defined", "ascii"),
    ("hz-gb-2312", "hz"),
    ("utf-7", "utf-7"),
    ("utf-32", "utf-32"),
    ("ibm037", "cp037"),
    ("no-such", "utf-8"),
)
_MARKS: Final = (*(b"",) * 24, b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_DECLARATIONS: Final = (
    "<meta charset={}>",
    "<meta charset='{}'>",
    '<meta http-equiv="Content-Type" content="text/html; charset={}">',
    "<?xml version='1.0' encoding='{}'?>",
)
_ODD_BYTES: Final = (
    *(b"\x00", b"\x1b", b"\x0e", b"\x80", b"\x81", b"\x8f", b"\xa0", b"\xc3", b"\xe3", b"\xff", b"\x1b(B", b"\x1b(J"),
    *(b"\t", b"\n", b"\r", b" ", b"&", b"%", b"#", b";", b"'", b'"', b">", b"<", b"/", b"\\", b"=", b":", b".", b"@"),
    *(b"\xc2\xad", b"\xef\xbb\xbf", b"\xe3\x80\x82", b"&#", b"&shy;", b"&Tab;", b"&colon;", b"&sol;", b"~{", b"+AGE-"),
)


def _encoded(rng: random.Random, text: str) -> tuple[bytes, str]:
    label, codec = rng.choice(_ENCODINGS)
    declared = rng.random()
    charset = ""
    if declared < 0.3:
        charset = rng.choice((label, label.upper(), f" {label} "))
    elif declared < 0.7:
        text = rng.choice(_DECLARATIONS).format(label) + text
    elif declared < 0.75:
        text += "<!--" + "-" * 1_100 + "-->" + rng.choice(_DECLARATIONS).format(label)
    elif declared < 0.8:
        charset = rng.choice(_ENCODINGS)[0]
    how = "xmlcharrefreplace" if rng.random() < 0.7 else "replace"
    body = rng.choice(_MARKS) + text.encode(codec, how)
    if label == "iso-2022-jp" and rng.random() < 0.7:
        for _ in range(rng.randint(1, 3)):  # each says what holds already: nobody sees them
            at = max(0, body.rfind(b"//")) + rng.randint(0, 12)
            body = body[:at] + rng.choice((b"\x1b(B", b"\x1b(J", b"\x1b$B\x1b(B")) + body[at:]
    return body, charset


def _broken(rng: random.Random, body: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(body) + 1)
        body = body[:at] + rng.choice((b"", rng.choice(_ODD_BYTES))) + body[at + rng.choice((0, 0, 1)) :]
    return body


def _page_url(rng: random.Random, chosen: int) -> str:
    place = rng.random()
    if place < 0.95:
        return rng.choice(("http://page.test/folder/page", "https://page.test/", "http://exam.ple/?example.com"))
    host = rng.choice(_places(chosen))[0]
    url = rng.choice(("http://{}/", "https://www.{}./x", "http://not{}/")).format(host)
    return url if urls.parse(url) is not None else "http://page.test/"


def make_case(number: int) -> Case:
    rng = random.Random(number)
    chosen = rng.randrange(len(TARGET_SETS))
    body, charset = _encoded(rng, _markup(rng, chosen))
    if rng.random() < 0.15:
        body = _broken(rng, body)
    return Case(body=body, charset=charset, url=_page_url(rng, chosen), chosen=chosen)


def names_target(content: PageContent, targets: Targets) -> bool:
    """Whether the page gives at least one row, of whatever kind."""
    finders = (
        unwrap.links(content, targets.match),
        typed.elements(content, targets.match),
        typed.refresh(content, targets.match),
        comments_and_frames.comments(content, targets.match),
        comments_and_frames.templates(content, targets.match),
        comments_and_frames.frames(content, targets.match),
    )
    return any(next(found, None) is not None for found in finders)


def shrink(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The smallest case found by cutting bytes away, and then the charset, that still fails."""
    size = max(1, len(case.body) // 2)
    while size:
        at = 0
        while at < len(case.body):
            shorter = Case(
                body=case.body[:at] + case.body[at + size :], charset=case.charset, url=case.url, chosen=case.chosen
            )
            if fails(shorter):
                case = shorter
            else:
                at += size
        size //= 2
    plain = Case(body=case.body, charset="", url=case.url, chosen=case.chosen)
    return plain if fails(plain) else case
