"""Google's disavow file: its lines, its limits, and the merge with the current file.

https://support.google.com/webmasters/answer/2648487
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.errors import OutputError
from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_LINES: Final = 100_000
"""Most lines of a file, blank lines and comments included."""
MOST_BYTES: Final = 2_000_000
"""The smaller reading of Google's "2MB"."""
LONGEST_URL: Final = 2_048
"""Most characters of a URL."""
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")

DOMAIN: Final = "domain:"
HEAD: Final = "# backlinkbot: "
"""The first characters of a header line, which every run rewrites."""
REASON: Final = "# reason: "
"""The first characters of the reason for the entries below it."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Entry:
    """An entry of a disavow file."""

    domain: str
    """The host of a ``domain:`` line, or of the URL."""
    url: str = ""
    """Empty for a ``domain:`` line."""

    def __str__(self) -> str:
        return self.url or f"{DOMAIN}{self.domain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A line that is left out, and the reason."""

    text: str
    why: str

    def __str__(self) -> str:
        return f"{one_line(self.text, 80)}: left out, {self.why}"


def parse_entry(text: str, *, bare_domains: bool = False) -> Entry | Refusal:
    """Parses a line: a URL, ``domain:`` and a host or, if ``bare_domains``, a host alone."""
    line = text.strip()
    if line[: len(DOMAIN)].lower() == DOMAIN:
        return domain_entry(line[len(DOMAIN) :])
    if "://" not in line:
        if bare_domains and not set(line) & set("/?#@ \t"):
            return domain_entry(line)
        return Refusal(text=line, why="it is neither an http(s) URL nor a domain: line")
    if len(line.split()) > 1:
        return Refusal(
            text=line,
            why="it contains white space; Google accepts one URL per line, and comments on lines of their own",
        )
    url = urls.parse(line)
    if url is None or not urls.is_web(url):
        return Refusal(text=line, why="it is not an http(s) URL")
    return Entry(domain=urls.bare_host(url.hostname), url=urls.as_requested(url))


def domain_entry(text: str) -> Entry | Refusal:
    """Returns the entry for a whole domain; refuses a public suffix, because the sites below it have different owners."""
    line = f"{DOMAIN}{text.strip()}"
    host = host_of(text)
    if not host:
        return Refusal(text=line, why="it is not a domain; write domain:example.com, without a path")
    if host.rpartition(".")[2].isdigit():
        return Refusal(text=line, why="it is an IP address, not a domain; disavow its URLs")
    if "." not in host or urls.is_public_suffix(host):
        return Refusal(text=line, why="it is a public suffix, whose sites have many owners; name the sites")
    return Entry(domain=host)


def host_of(text: str) -> str:
    """Returns the host that a text is, in punycode; empty if the text is not a host alone."""
    url = urls.parse(f"http://{text.strip()}")
    if url is None or url.pathname != "/" or any((url.search, url.hash, url.username, url.password, url.port)):
        return ""
    host = urls.bare_host(url.hostname)
    return host if _HOST.fullmatch(host) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A set of entries that tells which other entries it covers."""

    domains: frozenset[str]
    urls: frozenset[str]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Cover:
        """Returns the cover of these entries."""
        every = list(entries)
        return cls(
            domains=frozenset(entry.domain for entry in every if not entry.url),
            urls=frozenset(entry.url for entry in every if entry.url),
        )

    def above(self, entry: Entry) -> str:
        """Returns the domain of a ``domain:`` line that includes the entry; empty if there is none."""
        names = urls.labels_up(entry.domain)
        return next((name for name in names if name in self.domains and (entry.url or name != entry.domain)), "")

    def covers(self, entry: Entry) -> bool:
        """True if the entry is in the set, or on a domain that is."""
        return bool(self.above(entry)) or (entry.url in self.urls if entry.url else entry.domain in self.domains)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Entries that must not be disavowed."""

    cover: Cover
    inside: frozenset[str]
    """Every domain below which something is allowed."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Allowed:
        """Returns a list that allows these entries and everything below them."""
        every = list(entries)
        return cls(
            cover=Cover.of(every), inside=frozenset(name for entry in every for name in urls.labels_up(entry.domain))
        )

    def refuse(self, entry: Entry) -> Refusal | None:
        """Returns a refusal if the entry would disavow something allowed."""
        if self.cover.covers(entry):
            return Refusal(text=str(entry), why="the allow-list contains it")
        if not entry.url and entry.domain in self.inside:
            return Refusal(text=str(entry), why="the allow-list contains a part of it")
        return None


@dataclass(slots=True, kw_only=True)
class Merged:
    """A merged file, and what was left out."""

    lines: list[str] = field(default_factory=list)
    added: int = 0
    kept: int = 0
    """The number of entries kept from the current file."""
    dropped: int = 0
    """The number of entries that others cover."""
    refused: list[Refusal] = field(default_factory=list)


def merge(
    current: Iterable[str],
    new: Iterable[tuple[Entry, str]],
    *,
    head: Iterable[str] = (),
    allowed: Iterable[Entry] = (),
) -> Merged:
    """Appends new entries to the current lines, which keep their comments and order.

    Drops an entry that is repeated or that a ``domain:`` line covers. Merging the result again with the same entries
    changes nothing.

    Args:
        current: the lines of the current file.
        new: entries, each with its reason.
        head: the comments at the beginning of the file.
        allowed: what is left out, whatever its origin.
    """
    allow = Allowed.of(allowed)
    found = Merged()
    old = [(line, None if _is_remark(line) else parse_entry(line)) for line in map(str.strip, current)]
    reasons: dict[Entry, str] = {}
    for entry, reason in new:
        reasons[entry] = min(reason, reasons.get(entry, reason))
    wanted: dict[Entry, None] = {}
    for each in (*(parsed for _, parsed in old if parsed is not None), *reasons):
        refusal = each if isinstance(each, Refusal) else allow.refuse(each)
        if refusal is not None:
            found.refused.append(refusal)
        elif isinstance(each, Entry):
            wanted[each] = None
    cover = Cover.of(wanted)
    left = {entry for entry in wanted if not cover.above(entry)}
    body: list[str] = []
    for line, parsed in old:
        if parsed is None:
            body.append(line)
        elif isinstance(parsed, Entry) and parsed in left:
            left.remove(parsed)
            body.append(str(parsed))
            found.kept += 1
        elif isinstance(parsed, Entry) and parsed in wanted:
            found.dropped += 1
    added = sorted(((reason, entry) for entry, reason in reasons.items() if entry in left))
    found.added = len(added)
    found.dropped += sum(entry in wanted for entry in reasons) - found.added
    found.lines = [*(HEAD + one_line(text, 500) for text in head), *_without_stale(body, added)]
    return found


def _is_remark(line: str) -> bool:
    return not line or line.startswith("#")


def _without_stale(body: Iterable[str], added: Iterable[tuple[str, Entry]]) -> Iterator[str]:
    """Yields the lines without an earlier header and without reasons whose entries are gone, then the new ones."""
    reason = ""
    for line in body:
        if line.startswith(REASON):
            reason = line
        elif not line.startswith(HEAD.rstrip()):
            if reason and not _is_remark(line):
                yield reason
            reason = ""
            yield line
    last = ""
    for why, entry in added:
        comment = REASON + (one_line(why, 400) or "none was given")
        if comment != last:
            yield comment
            last = comment
        yield str(entry)


def encoded(lines: Iterable[str]) -> bytes:
    """Returns the bytes of the file.

    Raises:
        OutputError: it exceeds a limit of Google; nothing is cut off.
    """
    every = list(lines)
    way_out = "disavow domains instead of URLs (--by domain), or fewer markers; nothing is written"
    for number, line in enumerate(every, start=1):
        if len(line) > LONGEST_URL and not line.startswith("#"):
            raise OutputError(
                f"line {number} of the disavow file is a URL of {len(line):,} characters, Google accepts {LONGEST_URL:,}: "
                f"{line[:100]}...; disavow its domain instead (--by domain), or leave it out (--allow); nothing is written"
            )
    if len(every) > MOST_LINES:
        raise OutputError(
            f"the disavow file has {len(every):,} lines, comments and blank ones included; Google accepts {MOST_LINES:,}; {way_out}"
        )
    content = "".join(f"{line}\n" for line in every).encode()
    if len(content) > MOST_BYTES:
        raise OutputError(
            f"the disavow file has {len(content):,} bytes, Google accepts 2 MB ({MOST_BYTES:,}); {way_out}"
        )
    return content
