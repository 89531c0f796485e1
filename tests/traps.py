"""Endless sites for the fake web: real pages, some of which link to the target, and a trap of one kind between them.

Names of parameters, folders and pages are drawn anew for each seed, so that no list of known names can help.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final
from urllib.parse import parse_qsl, urlencode

from tests.fakeweb import Answer, FakeWeb, Request

TARGET: Final = "https://target.example/"
_LETTERS: Final = "bcdfghklmnprstvz"
_VOWELS: Final = "aeiou"


def word(random: Random, syllables: int = 3) -> str:
    """A made-up word."""
    return "".join(random.choice(_LETTERS) + random.choice(_VOWELS) for _ in range(syllables))


def token(random: Random) -> str:
    """A number of a session, or the like."""
    return f"{random.getrandbits(64):016x}"


def anchors(*hrefs: str) -> str:
    """A paragraph of links; what stands in an attribute is escaped."""
    return "<p>" + " ".join(
        f'<a href="{href.replace("&", "&amp;")}">{word(Random(re.split("[?;]", href)[0]))}</a>' for href in hrefs
    )


@dataclass
class Site:
    """A host with real pages.

    There are sections of articles, of which every third links to a host that no other page links to, and an archive whose
    pages link to nothing outside but, in some of the last ones, to the target: an order that takes it for a trap and forgets it
    misses them.
    """

    random: Random
    articles: int = 40
    archived: int = 40
    host: str = "site.example"
    links: dict[str, list[str]] = field(default_factory=dict)
    """By path, the links of each real page."""
    texts: dict[str, str] = field(default_factory=dict)
    planted: set[str] = field(default_factory=set)
    """The paths of the pages that link to the target."""

    def __post_init__(self) -> None:
        random = self.random
        sections = [f"/{word(random)}/" for _ in range(2)]
        names = [f"{sections[n % 2]}{word(random)}-{n}" for n in range(self.articles)]
        archive = f"/{word(random)}/"
        old = [f"{archive}{word(random)}-{n}" for n in range(self.archived)]
        self.add("/", *sections, archive)
        for section in sections:
            self.add(section, *(name for name in names if name.startswith(section)))
        for number, name in enumerate(names):
            near = random.sample(names, 3)
            self.add(name, *near, *([f"https://{word(random)}{number}.example/"] if number % 3 == 0 else []))
        for number in range(0, len(old), 20):
            page = archive if not number else f"{archive}page-{number // 20}"
            more = [f"{archive}page-{number // 20 + 1}"] if number + 20 < len(old) else []
            self.add(page, *old[number : number + 20], *more)
        for name in old:
            self.add(name, archive, *random.sample(old, 2))
        for name in [*random.sample(names, 4), *random.sample(old[len(old) // 2 :], 2)]:
            self.links[name].append(TARGET)
            self.planted.add(name)

    def add(self, path: str, *links: str) -> None:
        """Adds a real page with a text of its own."""
        self.links[path] = list(links)
        self.texts[path] = " ".join(word(self.random) for _ in range(60))

    def body(self, path: str, *more: str, of_link: Callable[[str], str] = str) -> str:
        """A real page; ``of_link`` makes what stands in its own links, ``more`` are links of the trap."""
        own = [of_link(link) if link.startswith("/") else link for link in self.links[path]]
        return f"<!doctype html><title>{path}</title><p>{self.texts[path]}{anchors(*own, *more)}"


@dataclass
class Trap:
    """A site with a trap: what it answers, and which real page an address shows."""

    site: Site
    random: Random

    def __post_init__(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Draws the names."""

    def real(self, host: str, target: str) -> str | None:
        """Returns the path of the real page that an address shows; None for one of the trap's."""
        return target if host == self.site.host and target in self.site.links else None

    def page(self, host: str, target: str) -> str:
        """Returns the body of a page."""
        path = self.real(host, target)
        return self.site.body(path, *self.doors(path)) if path is not None else self.inside(host, target)

    def doors(self, path: str) -> Sequence[str]:
        """Returns the links of a real page into the trap."""
        return (self.door,) if path == "/" or self.random.random() < 0.2 else ()

    door = "/"

    def inside(self, host: str, target: str) -> str:
        """Returns the body of a page of the trap."""
        raise NotImplementedError

    def text(self, links: Sequence[str], words: str = "") -> str:
        """Returns a page of the trap, with the menu of the site."""
        menu = [link for link in self.site.links["/"] if link.startswith("/")]
        return f"<!doctype html><title>{words}</title><p>{words}{anchors(*menu, *links)}"

    def plant(self, web: FakeWeb) -> None:
        """Serves the site."""
        web.page(f"https://{self.site.host}/*", self.answer)
        web.page(f"https://*.{self.site.host}/*", self.answer)

    def answer(self, request: Request) -> Answer:
        """Answers a request."""
        if request.target == "/robots.txt":
            return Answer(status=404)
        return Answer(body=self.page(request.host, request.target))

    def spent(self, asked: Sequence[str]) -> int:
        """Returns how many of these URLs showed no real page for the first time."""
        shown: Counter[str] = Counter()
        for url in asked:
            host, slash, rest = url.partition("//")[2].partition("/")
            path = self.real(host, slash + rest)
            shown["" if path is None else path] += 1
        return shown.pop("", 0) + sum(count - 1 for count in shown.values())

    def found(self, sources: Sequence[str]) -> set[str]:
        """Returns the planted pages among these URLs."""
        paths = set()
        for url in sources:
            host, slash, rest = url.partition("//")[2].partition("/")
            paths.add(self.real(host, slash + rest))
        return self.site.planted & paths


class SessionInQuery(Trap):
    """Every link of every page carries a new session's number."""

    def draw(self) -> None:
        self.name = word(self.random)

    def real(self, host: str, target: str) -> str | None:
        return super().real(host, re.sub(rf"\?{self.name}=\w+$", "", target))

    def page(self, host: str, target: str) -> str:
        path = self.real(host, target)
        assert path is not None, target
        number = token(self.random)
        return self.site.body(path, of_link=lambda link: f"{link}?{self.name}={number}")


class SessionInPath(SessionInQuery):
    """The same, as a parameter of the path."""

    def real(self, host: str, target: str) -> str | None:
        return Trap.real(self, host, re.sub(rf";{self.name}=\w+$", "", target))

    def page(self, host: str, target: str) -> str:
        path = self.real(host, target)
        assert path is not None, target
        number = token(self.random)
        return self.site.body(path, of_link=lambda link: f"{link};{self.name}={number}")


class IdleParameters(Trap):
    """Every link has one of several parameters more, whose value counts visits."""

    def draw(self) -> None:
        self.names = [word(self.random) for _ in range(3)]
        self.number = 0

    def real(self, host: str, target: str) -> str | None:
        path, _, query = target.partition("?")
        known = all(name in self.names for name, _ in parse_qsl(query))
        return super().real(host, path) if known else None

    def page(self, host: str, target: str) -> str:
        path = self.real(host, target)
        assert path is not None, target
        self.number += 1
        pair = f"{self.random.choice(self.names)}={self.number}"
        return self.site.body(path, of_link=lambda link: f"{link}?{pair}")


class EscapedAmpersand(Trap):
    """A list links to itself by an address that is escaped once more with every link."""

    def draw(self) -> None:
        self.keys = word(self.random), word(self.random)
        self.door = f"/{word(self.random)}?{self.keys[0]}=1&{self.keys[1]}=2"

    def inside(self, host: str, target: str) -> str:
        return self.text([target.replace("&", "&amp;"), target.replace("=2", "=2&amp;=1")], "list")


class GrowingPath(Trap):
    """Relative links that add a folder to the address of every page."""

    def draw(self) -> None:
        self.names = [word(self.random) for _ in range(5)]
        self.door = f"/{word(self.random)}/"

    def inside(self, host: str, target: str) -> str:
        return self.text([f"{name}/" for name in self.random.sample(self.names, 2)], word(Random(target)))


class AlternatingFolders(Trap):
    """Two folders that name each other by relative links."""

    def draw(self) -> None:
        self.names = word(self.random), word(self.random)
        self.door = f"/{self.names[0]}/"

    def inside(self, host: str, target: str) -> str:
        name = self.names[target.rstrip("/").endswith(self.names[0])]
        return self.text([f"{name}/", f"{name}/index.html"], "folder")


class CalendarOfFolders(Trap):
    """A day a page, with links to the days before and after, the month and the year."""

    def draw(self) -> None:
        self.root = f"/{word(self.random)}"
        self.door = f"{self.root}/2024/05/13"

    def inside(self, host: str, target: str) -> str:
        year, month, day = (int(part) for part in [*target.removeprefix(self.root).split("/")[1:], "1", "1"][:3])
        days = [f"{self.root}/{year}/{month:02}/{n:02}" for n in (day - 1, day + 1) if 0 < n < 29]
        months = [f"{self.root}/{year + (n > 12) - (n < 1)}/{(n - 1) % 12 + 1:02}/01" for n in (month - 1, month + 1)]
        return self.text([*days, *months, f"{self.root}/{year + 1}/01/01"], f"events of {word(Random(month))}")


class CalendarOfQueries(Trap):
    """A month a page, and two ways to show it."""

    def draw(self) -> None:
        self.path, self.month, self.view = f"/{word(self.random)}.php", word(self.random), word(self.random)
        self.door = f"{self.path}?{self.month}=100"

    def inside(self, host: str, target: str) -> str:
        number = int(dict(parse_qsl(target.partition("?")[2]))[self.month])
        near = [f"{self.path}?{self.month}={number + step}" for step in (-1, 1, 12)]
        return self.text([*near, *(f"{link}&{self.view}=list" for link in near)], word(Random(number)))


class FilteredLists(Trap):
    """A list with filters that add up, each with many values."""

    def draw(self) -> None:
        self.path = f"/{word(self.random)}"
        self.filters = {word(self.random): [word(self.random, 2) for _ in range(6)] for _ in range(7)}
        self.door = self.path

    def inside(self, host: str, target: str) -> str:
        chosen = dict(parse_qsl(target.partition("?")[2]))
        links = []
        for name in self.random.sample(sorted(self.filters), 4):
            value = self.random.choice(self.filters[name])
            links.append(f"{self.path}?{urlencode({**chosen, name: value})}")
        return self.text(links, " ".join(chosen.values()))


class FiltersInPath(FilteredLists):
    """The same, each filter a folder."""

    def draw(self) -> None:
        super().draw()
        self.door = f"{self.path}/"

    def inside(self, host: str, target: str) -> str:
        values = [self.random.choice(self.filters[name]) for name in self.random.sample(sorted(self.filters), 4)]
        return self.text([f"{value}/" for value in values], target.replace("/", " "))


class EndlessHosts(Trap):
    """Every name below the domain answers, and links to more of them."""

    def draw(self) -> None:
        self.door = self.another()

    def another(self) -> str:
        return f"https://{word(self.random, 4)}.{self.site.host}/"

    def inside(self, host: str, target: str) -> str:
        own = [f"/{word(self.random)}.html" for _ in range(2)]
        menu = f"https://{self.site.host}/"
        more = [self.another() for _ in range(4)]
        return f"<title>{host}</title><p>{word(Random(host))}{anchors(menu, *own, *more)}"


class SoftNotFound(Trap):
    """A wrong address answers 200, and names others that might be meant, none of which is there."""

    def draw(self) -> None:
        self.door = f"/{word(self.random)}/{word(self.random)}"

    def inside(self, host: str, target: str) -> str:
        random = self.random
        related = [f"/{word(random)}/{word(random)}", f"/{word(random)}", f"{target.rstrip('/')}/{word(random)}"]
        return self.text(related, "What you are looking for has moved. Perhaps you meant one of these.")


class NearDuplicates(Trap):
    """A list without end of items, whose pages differ in two words and link to the same pages."""

    def draw(self) -> None:
        self.root = f"/{word(self.random)}"
        self.words = " ".join(word(self.random) for _ in range(60))
        self.door = f"{self.root}/{word(self.random)}/list-1"

    def inside(self, host: str, target: str) -> str:
        folder, _, name = target.rpartition("/")
        if not name.startswith("list-"):
            return self.text((), f"{self.words} {name}")
        number = int(name.removeprefix("list-"))
        items = [f"{self.root}/{word(self.random)}/{word(self.random)}" for _ in range(5)]
        return self.text([*items, f"{folder}/list-{number + 1}"], f"list {number}")


class EmptyPages(Trap):
    """A list whose pages have a next one, also where nothing is left."""

    def draw(self) -> None:
        self.path, self.name = f"/{word(self.random)}/", word(self.random)
        self.door = f"{self.path}?{self.name}=1"

    def inside(self, host: str, target: str) -> str:
        number = int(target.rpartition("=")[2])
        return self.text([f"?{self.name}={number + step}" for step in (1, 2, 10)], f"page {number}")


TRAPS: Final[tuple[type[Trap], ...]] = (
    SessionInQuery,
    SessionInPath,
    IdleParameters,
    EscapedAmpersand,
    GrowingPath,
    AlternatingFolders,
    CalendarOfFolders,
    CalendarOfQueries,
    FilteredLists,
    FiltersInPath,
    EndlessHosts,
    SoftNotFound,
    NearDuplicates,
    EmptyPages,
)


class Wiki(Trap):
    """Pages with versions and differences of each; some old versions link to the target, too."""

    versions = 8

    def draw(self) -> None:
        random = self.random
        self.action, self.version = word(random), word(random)
        self.root = f"/{word(random)}/"

    @classmethod
    def of(cls, random: Random, pages: int = 500, planted: int = 25) -> Wiki:
        """Returns a wiki of so many pages, with eight versions and eight differences of each."""
        wiki = cls(Site(random, articles=8, archived=24), random)
        site = wiki.site
        names = [f"{wiki.root}{word(random).title()}{word(random).title()}{n}" for n in range(pages)]
        site.links["/"].append(wiki.root)
        site.add(wiki.root, *names[::5])
        for number, name in enumerate(names):
            outside = [f"https://{word(random)}{number}.example/"] if number % 4 == 0 else []
            site.add(name, *random.sample(names, 4), names[(number + 1) % pages], *outside)
        for name in random.sample(names, planted):
            site.links[name].append(TARGET)
            site.planted.add(name)
        return wiki

    def page(self, host: str, target: str) -> str:
        path, _, query = target.partition("?")
        said = dict(parse_qsl(query))
        history = f"{path}?{self.action}=history"
        if not query:
            return self.site.body(path, *([history] if path.startswith(self.root) and path != self.root else []))
        if said.get(self.action) == "history":
            numbers = range(1, self.versions + 1)
            old = [f"{path}?{self.version}={n}" for n in numbers]
            return self.text([path, *old, *(f"{path}?{self.action}=diff&{self.version}={n}" for n in numbers)], path)
        number = int(said[self.version])
        links = self.site.links[path]
        if self.action in said or number % 2:  # the first versions of a page had fewer links
            links = [link for link in links if link.startswith("/")]
        return self.text([path, history, *links], f"{self.site.texts[path]} {number}")
