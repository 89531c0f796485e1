"""Parses robots.txt as RFC 9309 and Google's open-source parser do: the rules for one crawler.

Sources: https://www.rfc-editor.org/rfc/rfc9309, https://github.com/google/robotstxt and
https://developers.google.com/search/docs/crawling-indexing/robots/robots_txt. Where the two differ, the RFC decides:
percent-encoded unreserved characters are decoded before they are compared (§2.2.2).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES: Final = 500 * 1024
"""The number of bytes that are read; RFC 9309 §2.5 requires at least as many, and Google reads as many."""
LONGEST_LINE: Final = 2083 * 8 - 1
"""The number of bytes of a line that Google's parser reads; the rest of a longer line is left out."""


class Key(StrEnum):
    """The key of a line."""

    AGENT = "user-agent"
    ALLOW = "allow"
    DISALLOW = "disallow"
    CRAWL_DELAY = "crawl-delay"


# How a key may begin, in lower case, and what it means; the first that fits. Google accepts the misspellings and whatever
# follows; Crawl-delay is no part of the RFC and no rule to Google.
KEYS: Final[tuple[tuple[bytes, Key], ...]] = (
    *((spelling, Key.AGENT) for spelling in (b"user-agent", b"useragent", b"user agent")),
    (b"allow", Key.ALLOW),
    *(
        (spelling, Key.DISALLOW)
        for spelling in (b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw")
    ),
    *((spelling, Key.CRAWL_DELAY) for spelling in (b"crawl-delay", b"crawl delay", b"crawldelay")),
)

# Crawlers that obey the rules of another name where there are none for their own, in lower case. Google: "Google's common
# crawlers"; Apple: https://support.apple.com/119829.
FALLBACKS: Final = {
    "googlebot-image": ("googlebot",),
    "googlebot-news": ("googlebot",),
    "googlebot-video": ("googlebot",),
    "google-inspectiontool": ("googlebot",),
    "googleother-image": ("googleother",),
    "googleother-video": ("googleother",),
    "applebot": ("googlebot",),
}
# Crawlers that the rules for "*" do not bind. Google: "Google's special-case crawlers".
BOUND_BY_NAME_ONLY: Final = frozenset(
    {"adsbot-google", "adsbot-google-mobile", "apis-google", "mediapartners-google", "google-safety"}
)

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_PRODUCT_TOKEN: Final = re.compile(r"[A-Za-z_-]*")  # RFC 9309 §2.2.1
_NAME: Final = re.compile(r"[^ \t/]*")
_EVERYBODY: Final = re.compile(r"\*(?![^ \t\v\f])")  # whatever follows the white space, says Google
_WHITE: Final = re.compile(rb"[ \t]+")
_SITEMAP: Final = re.compile(rb"\s*site-?maps?(?:\s*:|[ \t])\s*(\S.*)", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_INDEX_PAGE: Final = "/index.htm"


@dataclass(frozen=True, slots=True)
class Rule:
    """One ``Allow`` or ``Disallow`` line."""

    is_allowed: bool
    pattern: str
    """Percent-encoded; ``*`` stands for any characters, ``$`` at the end for the end of the address."""

    @property
    def is_prefix(self) -> bool:
        """True if the pattern is a plain prefix of a path."""
        return "*" not in self.pattern and not self.pattern.endswith("$")

    def matches(self, path: str) -> bool:
        """True if the rule matches a path; takes time linear in the length of both."""
        is_anchored = self.pattern.endswith("$")
        first, *parts = self.pattern.removesuffix("$").split("*")
        if not path.startswith(first):
            return False
        if not parts:
            return not is_anchored or path == first
        at, last = len(first), parts.pop()
        for part in parts:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return len(path) - at >= len(last) and path.endswith(last) if is_anchored else path.find(last, at) >= 0


class Rules:
    """The rules for one crawler, longest first: the longest match decides, and of two equal ones the one that allows."""

    def __init__(self, rules: Iterable[Rule] = (), *, crawl_delay: float | None = None) -> None:
        """``crawl_delay``: seconds between two requests; None if not declared."""
        self.crawl_delay = crawl_delay
        self._rules = sorted(set(rules), key=lambda rule: (-len(rule.pattern), not rule.is_allowed))
        self._prefixes = tuple(rule.pattern for rule in self._rules if rule.is_prefix)
        self._others = [rule for rule in self._rules if not rule.is_prefix]

    def allows(self, url: str) -> bool:
        """True if the crawler may visit an absolute URL."""
        path = path_of(url)
        if path == "/robots.txt":  # RFC 9309 §2.2.2
            return True
        rules = self._rules if path.startswith(self._prefixes) else self._others
        return next((rule.is_allowed for rule in rules if rule.matches(path)), True)


@dataclass(slots=True)
class _Group:
    agents: list[str] = field(default_factory=list)
    """As written."""
    rules: list[Rule] = field(default_factory=list)
    delays: dict[int, float] = field(default_factory=dict)
    """Seconds, by the place of the agent: a delay is that of the agents before it which have none yet."""


class RobotsFile:
    """A parsed robots.txt."""

    def __init__(self, body: bytes) -> None:
        """Parses a body; never raises, as invalid lines are left out."""
        self._groups: list[_Group] = []
        self._body = body
        self._read(_lines(body))

    @cached_property
    def sitemaps(self) -> tuple[str, ...]:
        """The URLs of sitemaps, as written."""
        found = (_SITEMAP.match(line) for line in _lines(self._body))
        return tuple(match[1].strip().decode("utf-8", "replace") for match in found if match is not None)

    def rules_for(self, agent: str) -> Rules:
        """Returns the rules for a crawler, by product token: its own groups, else those of a fallback name, else ``*``.

        Args:
            agent: with a version or without.
        """
        token = agent.partition("/")[0].strip().lower()
        names = (token, *FALLBACKS.get(token, ()), *(() if token in BOUND_BY_NAME_ONLY else ("*",)))
        groups = next((found for name in names if (found := self._groups_of(name))), [])
        rules = (rule for group, _ in groups for rule in group.rules)
        delays = [group.delays[place] for group, places in groups for place in places if place in group.delays]
        return Rules(rules, crawl_delay=max(delays, default=None))

    def _groups_of(self, name: str) -> list[tuple[_Group, list[int]]]:
        """Returns the groups for a name, with the positions at which they name it."""
        named = ((group, [n for n, said in enumerate(group.agents) if _is(said, name)]) for group in self._groups)
        return [(group, places) for group, places in named if places]

    def _read(self, lines: Iterable[bytes]) -> None:
        group, is_open = _Group(), False
        for key, value in _statements(lines):
            if key is Key.AGENT:
                if not is_open:
                    group, is_open = _Group(), True
                    self._groups.append(group)
                group.agents.append(value.decode("latin-1"))
            elif key is Key.CRAWL_DELAY:  # which is no rule, and does not end a run of user-agent lines
                seconds = _seconds(value)
                if seconds is not None:
                    for place in range(len(group.agents)):
                        group.delays.setdefault(place, seconds)
            else:
                is_open = False
                if group.agents and value:
                    group.rules.extend(_rules(_escaped(value), is_allowed=key is Key.ALLOW))


def path_of(url: str) -> str:
    """Returns path and query of an absolute URL, as patterns are compared with them."""
    url = url.partition("#")[0]
    start = url.find("/", url.find("://") + 3)
    return _escaped(url[start:].encode("utf-8", "surrogatepass")) if start >= 0 else "/"


def _lines(body: bytes) -> Iterator[bytes]:
    """Yields the lines; for a truncated file, without the incomplete last one."""
    lines = body[:MAX_BYTES].splitlines()
    if len(body) > MAX_BYTES and lines and body[MAX_BYTES : MAX_BYTES + 1] not in {b"\r", b"\n"}:
        lines.pop()
    if lines:
        kept = next((n for n, byte in enumerate(_BYTE_ORDER_MARK) if lines[0][n : n + 1] != bytes([byte])), 3)
        lines[0] = lines[0][kept:]
    return (line[:LONGEST_LINE].partition(b"\0")[0].partition(b"#")[0].strip() for line in lines)


def _statements(lines: Iterable[bytes]) -> Iterator[tuple[Key, bytes]]:
    for line in lines:
        written, colon, value = line.partition(b":")
        if not colon:  # forgotten, where there are just two words
            words = _WHITE.split(line)
            if len(words) != 2:
                continue
            written, value = words
        written = written.strip().lower()
        key = next((key for spelling, key in KEYS if written.startswith(spelling)), None)
        if key is not None:
            yield key, value.strip()


def _is(said: str, name: str) -> bool:
    """True if a user-agent line names a crawler, or all (``*``)."""
    if name == "*":
        return _EVERYBODY.match(said) is not None
    # "mj12bot" is a name that the RFC does not know: it ends where its version begins, or another word.
    token = _PRODUCT_TOKEN if _PRODUCT_TOKEN.fullmatch(name) else _NAME
    found = token.match(said)
    return found is not None and bool(found[0]) and found[0].lower() == name


def _rules(pattern: str, *, is_allowed: bool) -> Iterator[Rule]:
    yield Rule(is_allowed, pattern)
    folder, slash, page = pattern.rpartition("/")
    if is_allowed and f"{slash}{page}".startswith(_INDEX_PAGE):  # the page that a folder shows, says Google
        yield Rule(is_allowed, f"{folder}/$")


def _escaped(written: bytes) -> str:
    """Percent-encodes where necessary and nowhere else; escapes in upper case."""
    text = written.decode("latin-1")
    if not text.isascii():
        text = "".join(c if c < "\x80" else f"%{ord(c):02X}" for c in text)
    return _ESCAPE.sub(_canonical, text) if "%" in text else text


def _canonical(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _seconds(value: bytes) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
