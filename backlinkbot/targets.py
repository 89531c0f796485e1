"""Parses targets, and matches URLs against them.

The scopes are the field's four words. ``example.com`` means ``subdomains:example.com``; a URL with a path means
``prefix:``. A link's cost does not grow with the number of targets: a host is looked up label by label in one table.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from backlinkbot.urls import URL

MAX_TARGETS: Final = 100_000


class Scope(StrEnum):
    """How much of a site a target covers."""

    EXACT = "exact"
    """One page: host, path and query; the fragment and the scheme do not count."""
    PREFIX = "prefix"
    """Every page whose path begins with the target's path."""
    DOMAIN = "domain"
    """Every page of that host, not of its subdomains."""
    SUBDOMAINS = "subdomains"
    """Every page of that host and of its subdomains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A scope and where it applies; http and https alike."""

    scope: Scope
    host: str
    """Punycode, lower case, no trailing dot."""
    port: str = ""
    """The port; empty means every port."""
    path: str = ""
    """Path and query for ``exact`` and ``prefix``."""

    def __str__(self) -> str:
        """The notation of a target or alias."""
        return f"{self.scope}:{self.host}{self.port and ':'}{self.port}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A named target and its places: the main one, then its aliases."""

    name: str
    """As the user wrote it; the ``target`` column of the rows."""
    places: tuple[Place, ...]

    def __hash__(self) -> int:
        """The name's, which Python computes once; that of all places is asked for at every link."""
        return hash(self.name)

    @classmethod
    def parse(cls, text: str, aliases: Iterable[str] = ()) -> Target:
        """Parses a target and its aliases, each in any of the accepted forms.

        Raises:
            TargetError: the text names nothing; the message shows it and the right form.
        """
        name = text.strip()
        return cls(name=name, places=tuple(dict.fromkeys(map(_parse_place, (name, *aliases)))))


_SCOPE_PREFIX: Final = re.compile(rf"({'|'.join(Scope)}):(.*)", re.IGNORECASE | re.DOTALL)
_HAS_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_NO_PLACE: Final = re.compile(r"(?:mailto|javascript|data|file|tel|about):", re.IGNORECASE)
_SUSPICIOUS: Final = re.compile(r"[\x00-\x20\x7f\\*<>\"^`{|}]")
_EXAMPLES: Final = (
    "write a domain (example.com), a URL (https://example.com/blog/), or a scope and either "
    "(exact:https://example.com/page, prefix:example.com/blog/, domain:example.com, subdomains:example.com)"
)


def _refuse(text: str, why: str, hint: str = _EXAMPLES) -> TargetError:
    return TargetError(f"target {text!r}: {why}; {hint}")


def _too_many(count: int) -> TargetError:
    return TargetError(f"{count} targets are given; at most {MAX_TARGETS} fit in one run")


def _parse_place(text: str) -> Place:
    stripped = text.strip()
    match = _SCOPE_PREFIX.fullmatch(stripped)
    scope = Scope(match[1].lower()) if match else None
    url = _parse_location(text, match[2].strip() if match else stripped)
    host = urls.bare_host(url.hostname)
    _check_host(text, host, is_explicit=scope is not None)
    path = urls.normal_path(url.pathname + url.search)
    if scope is None:
        scope = Scope.SUBDOMAINS if path == "/" else Scope.PREFIX
    elif scope in {Scope.DOMAIN, Scope.SUBDOMAINS} and path != "/":
        raise _refuse(text, f"{scope}: takes a host, not a path", f"write {scope}:{host} or prefix:{host}{path}")
    return Place(scope=scope, host=host, port=url.port, path=path if scope in {Scope.EXACT, Scope.PREFIX} else "")


def _parse_location(text: str, location: str) -> URL:
    if not location:
        raise _refuse(text, "it is empty")
    if bad := _SUSPICIOUS.search(location):
        hint = f"write {location[2:]}" if location.startswith("*.") else _EXAMPLES
        raise _refuse(text, f"{bad[0]!r} is not allowed", hint)
    if scheme := _NO_PLACE.match(location):
        raise _refuse(text, f"{scheme[0]} is not a web page")
    if not _HAS_SCHEME.match(location):
        if location.startswith("/"):
            raise _refuse(text, "it names no host")
        location = f"http://{location}"
    url = urls.parse(location)
    if url is None:
        raise _refuse(text, "it is not a valid host or URL")
    if url.protocol not in urls.WEB_PROTOCOLS:
        raise _refuse(text, f"{url.protocol}// is not supported, only http and https")
    return url


def _check_host(text: str, host: str, *, is_explicit: bool) -> None:
    if not host or ".." in host or host.startswith("."):
        raise _refuse(text, "its host has an empty label")
    if "." not in host and not host.startswith("["):
        if urls.is_public_suffix(host) and host != "localhost":
            raise _refuse(text, f"{host!r} is a whole top-level domain", f"write a domain below it: example.{host}")
        if not is_explicit and host != "localhost":
            raise _refuse(text, "it has no dot", f"write {host}.com, or domain:{host} for a host of your own network")


class Targets:
    """A set of targets; matches URLs in time independent of their number."""

    def __init__(self, targets: Iterable[Target]) -> None:
        """Builds the lookup table.

        Raises:
            TargetError: none is given, or more than ``MAX_TARGETS``.
        """
        self.all: tuple[Target, ...] = tuple(dict.fromkeys(targets))
        if not self.all:
            raise TargetError(f"no target is given; {_EXAMPLES}")
        if len(self.all) > MAX_TARGETS:
            raise _too_many(len(self.all))
        self.names: frozenset[str] = frozenset(target.name for target in self.all)
        """The targets' names, the values of the column ``target``."""
        self._order = {target: number for number, target in enumerate(self.all)}
        tables: dict[str, _HostTable] = defaultdict(_HostTable)
        at_home: dict[str, set[Target]] = defaultdict(set)
        for target in self.all:
            for place in target.places:
                tables[place.host].add(place, target)
                at_home[urls.registrable_domain(place.host)].add(target)
        self._at_home = {domain: frozenset(owners) for domain, owners in at_home.items()}
        self._tables = {host: table.freeze() for host, table in tables.items()}
        self._above: dict[str, _Tables] = {}
        self._at: dict[str, _Tables] = {}
        self._below: dict[str, _Tables] = {}

    @classmethod
    def parse(cls, names: Iterable[str], aliases: Mapping[str, Iterable[str]] | None = None) -> Targets:
        """Parses targets as written; ``aliases`` maps a target's text to equivalent texts.

        Raises:
            TargetError: a target is invalid.
        """
        others = aliases or {}
        all_names = dict.fromkeys(names)
        if len(all_names) > MAX_TARGETS:  # checked before parsing: there may be millions
            raise _too_many(len(all_names))
        return cls(Target.parse(name, others.get(name, ())) for name in all_names)

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Target]:
        return iter(self.all)

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that a target names; a link to a target leads to one of them or a subdomain."""
        return frozenset(self._tables)

    def match(self, url: URL) -> tuple[Target, ...]:
        """Returns the targets that an http(s) URL belongs to, in the order given; usually none."""
        tables, always = self._tables_of(url.hostname)
        if not tables or url.protocol not in urls.WEB_PROTOCOLS:
            return ()
        if always:
            return always
        path = urls.normal_path(url.pathname + url.search)
        found = {target for table, is_own in tables for target in table.match(url.port, path, is_own=is_own)}
        return tuple(sorted(found, key=self._order.__getitem__)) if len(found) > 1 else tuple(found)

    def _tables_of(self, hostname: str) -> _Tables:
        known = self._above.get(hostname)
        if known is None:
            if len(self._above) > _MEMO_LIMIT:
                self._above.clear()
            known = self._above[hostname] = self._find_tables(urls.bare_host(hostname))
        return known

    def _find_tables(self, host: str) -> _Tables:
        """Returns the tables of a host; all other subdomains of a target's host share theirs, as a page may name a million."""
        name = host
        while name not in self._tables:
            _, _, name = name.partition(".")
            if not name:
                return (), ()
        is_own = name == host
        found = self._at if is_own else self._below
        if name not in found:
            found[name] = self._make_tables(name, is_own=is_own)
        return found[name]

    def _make_tables(self, host: str, *, is_own: bool) -> _Tables:
        above = (name for name in urls.labels_up(host) if name in self._tables)
        tables = tuple((self._tables[name], is_own and name == host) for name in above)
        always: tuple[Target, ...] = ()
        if all(table.is_whole for table, _ in tables):
            targets = {target for table, is_own in tables for target in table.match("", "/", is_own=is_own)}
            always = tuple(sorted(targets, key=self._order.__getitem__))
        return tables, always

    def owners(self, page: URL) -> frozenset[Target]:
        """Returns the targets that own the page: in their scope, or on their or an alias's registrable domain.

        Only a target that is itself a public suffix (``github.io``) has a scope wider than its registrable domain.
        """
        return self._at_home.get(urls.registrable_domain(page.hostname), frozenset()).union(self.match(page))

    def is_internal(self, target: Target, page: URL) -> bool:
        """True if a page is the target's own, so that its links are no backlinks."""
        return target in self.owners(page)


_MEMO_LIMIT: Final = 20_000


class _HostTable:
    """The places of one host, indexed for look-ups."""

    __slots__ = ("_chains", "_exact", "_pages", "_prefixes", "_subdomains", "_whole")

    def __init__(self) -> None:
        self._whole: dict[str, list[Target]] = defaultdict(list)
        self._subdomains: dict[str, list[Target]] = defaultdict(list)
        self._pages: dict[tuple[str, str], list[Target]] = defaultdict(list)
        self._prefixes: dict[str, dict[str, list[Target]]] = defaultdict(lambda: defaultdict(list))
        self._chains: dict[str, _PrefixChain] = {}

    def add(self, place: Place, target: Target) -> None:
        if place.scope is Scope.EXACT:
            self._pages[place.port, place.path].append(target)
        elif place.scope is Scope.PREFIX:
            self._prefixes[place.port][place.path].append(target)
        elif place.scope is Scope.DOMAIN:
            self._whole[place.port].append(target)
        else:
            self._subdomains[place.port].append(target)

    @property
    def is_whole(self) -> bool:
        """True if all its places are whole hosts, on every port."""
        return not self._pages and not self._prefixes and {*self._whole, *self._subdomains} <= {""}

    def freeze(self) -> _HostTable:
        self._chains = {port: _PrefixChain(prefixes) for port, prefixes in self._prefixes.items()}
        return self

    def match(self, port: str, path: str, *, is_own: bool) -> Iterator[Target]:
        for wanted in {"", port}:  # a place without a port covers every port
            yield from self._subdomains.get(wanted, ())
            if is_own:
                yield from self._whole.get(wanted, ())
                yield from self._pages.get((wanted, path), ())
                if wanted in self._chains:
                    yield from self._chains[wanted].match(path)


class _PrefixChain:
    """Sorted prefixes, each linked to the longest other prefix that it begins with.

    The prefixes of a path are its predecessor in the order, if that is a prefix, and then the predecessor's chain.
    """

    def __init__(self, prefixes: Mapping[str, list[Target]]) -> None:
        self._sorted = sorted(prefixes)
        self._targets = prefixes
        self._parent: dict[str, str | None] = {}
        open_prefixes: list[str] = []
        for prefix in self._sorted:
            while open_prefixes and not prefix.startswith(open_prefixes[-1]):
                open_prefixes.pop()
            self._parent[prefix] = open_prefixes[-1] if open_prefixes else None
            open_prefixes.append(prefix)

    def match(self, path: str) -> Iterator[Target]:
        index = bisect_right(self._sorted, path)
        prefix = self._sorted[index - 1] if index else None
        while prefix is not None:
            if path.startswith(prefix):
                yield from self._targets[prefix]
            prefix = self._parent[prefix]


_Tables = tuple[tuple[tuple[_HostTable, bool], ...], tuple[Target, ...]]
"""The tables of a host and of those above it, each with whether it is the host's own; and what every page there matches, if
that is the same for all of them."""
