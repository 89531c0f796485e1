"""Generates a web of one registrable domain, in which crawl orders can be compared on other ground than a recorded one.

Some hosts have a few pages and some thousands: blogs with archives and tags, manuals, project sites with generated
documentation, directories of people, and a wiki whose pages each have versions, differences and other views. Outside hosts
are linked to with Zipf's popularity; each host prefers those of its subject, and each site has pages that are lists of links.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING

from benchmarks.recorded_web import Recorded, RecordedWeb, of_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DOMAIN = "campus.example"
OUTSIDE = 3_000
"""Outside hosts that are linked to."""
SUBJECTS = 12
OF_SUBJECT = 0.7
"""The share of links that stay with the subject of their host."""
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ki",
    "lo",
    "mu",
    "ne",
    "pa",
    "ri",
    "so",
    "tu",
    "ve",
    "wa",
    "xi",
    "yo",
    "za",
]

_MENU = "html body header nav ul.menu li a"
_FOOTER = "html body footer p a"
_LIST = "html body main ul.items li a"
_TEXT = "html body main article p a"
_TOOLS = "html body div.tools ul li a"


class _Host:
    """A site in the making."""

    def __init__(self, name: str, random: Random, web: _Web) -> None:
        self.name = name
        self.random = random
        self.web = web
        self.subject = random.randrange(SUBJECTS)
        self.pages: dict[str, list[tuple[str, str, str]]] = {}
        self.menu: list[tuple[str, str, str]] = []
        self.footer: list[tuple[str, str, str]] = []

    def word(self, syllables: int = 3) -> str:
        return "".join(self.random.choice(SYLLABLES) for _ in range(syllables))

    def outside(self, number: int, tag_path: str = _TEXT) -> list[tuple[str, str, str]]:
        """Links to other sites, and now and then to another host of the domain."""
        links = []
        for _ in range(number):
            if self.random.random() < 0.1:
                links.append((self.random.choice(self.web.names) + "/", self.word(), tag_path))
            else:
                host = self.web.outside_host(self.subject, self.random)
                links.append((f"{host}/{self.word(2)}", self.word(2), tag_path))
        return links

    def add(self, path: str, links: Sequence[tuple[str, str, str]] = ()) -> None:
        """Add a page; links that begin with a slash are its own host's."""
        self.pages[path] = list(links)

    def few(self, mean: float) -> int:
        """A number of outside links: mostly none, sometimes many."""
        return min(int(self.random.expovariate(1 / mean)), 40)

    def recorded(self) -> Iterator[Recorded]:
        for path, links in self.pages.items():
            found: dict[str, tuple[str, str, str, str]] = {}
            for target, anchor, tag_path in [*self.menu, *links, *self.footer]:
                key = self.name + target if target.startswith("/") else target
                found.setdefault(key, (key, key.partition("/")[0], anchor, tag_path))
            yield Recorded(self.name + path, self.name, tuple(found.values()))


class _Web:
    def __init__(self, hosts: int, random: Random) -> None:
        self.names = ["www." + DOMAIN, *(f"{_word(random)}.{DOMAIN}" for _ in range(hosts - 1))]
        self.others = [f"{_word(random)}-{number}.example" for number in range(OUTSIDE)]
        self.weights = list(accumulate(1 / (number + 1) for number in range(OUTSIDE)))
        self.of_subject = [self.others[subject::SUBJECTS] for subject in range(SUBJECTS)]
        self.weights_of_subject = [list(accumulate(1 / (n + 1) for n in range(len(own)))) for own in self.of_subject]

    def outside_host(self, subject: int, random: Random) -> str:
        if random.random() < OF_SUBJECT:
            return random.choices(self.of_subject[subject], cum_weights=self.weights_of_subject[subject])[0]
        return random.choices(self.others, cum_weights=self.weights)[0]


def _word(random: Random) -> str:
    return "".join(random.choice(SYLLABLES) for _ in range(3))


def generated_web(
    seed: int, hosts: int = 60, pages: int = 12_000, *, by_registrable_domain: bool = True
) -> RecordedWeb:
    """Returns a web of about so many pages."""
    random = Random(f"web {seed}")
    web = _Web(hosts, random)
    makers = (_blog, _manual, _projects, _people)
    recorded: list[Recorded] = []
    sizes = [random.paretovariate(0.8) for _ in range(hosts)]
    scale = 0.6 * pages / sum(min(size, 60) for size in sizes)
    for number, name in enumerate(web.names):
        site = _Host(name, random, web)
        if number == 1:
            _wiki(site, pages * 4 // 10)
        else:
            makers[number % len(makers)](site, max(3, round(min(sizes[number], 60) * scale)))
        if random.random() < 0.3:
            site.footer = site.outside(random.randrange(1, 4), _FOOTER)
        _front(site)
        recorded += site.recorded()
    return of_pages(recorded, by_registrable_domain=by_registrable_domain)


def _front(site: _Host) -> None:
    """A root, a menu, and a page of links under one of several names."""
    name = site.random.choice(("links", "resources", "partners", "friends", "bookmarks", "more"))
    folder = site.random.choice(("/", "/about/", "/pages/"))
    if site.random.random() < 0.6:
        site.add(f"{folder}{name}.html", site.outside(site.random.randrange(8, 60), _LIST))
        site.menu.append((f"{folder}{name}.html", name, _MENU))
    sections = [path for path in site.pages if path.count("/") == 2 and path.endswith("/")][:8]
    site.menu += [(path, path.strip("/"), _MENU) for path in sections]
    hosts = [(other + "/", other.partition(".")[0], _LIST) for other in site.random.sample(site.web.names, 5)]
    if site.name.startswith("www."):
        hosts = [(other + "/", other.partition(".")[0], _LIST) for other in site.web.names]
    site.add("/", hosts)


def _blog(site: _Host, size: int) -> None:
    """Entries by date, listed by pages of an archive, by month and by tag."""
    tags = [site.word(2) for _ in range(max(2, size // 20))]
    entries = []
    mean = site.random.choice((0.3, 1.0, 2.5))
    for number in range(size * 6 // 10 + 1):
        path = f"/{2010 + number % 12}/{1 + number % 9:02}/{site.word(2)}-{site.word(2)}-{number}/"
        tag = site.random.choice(tags)
        site.add(path, [*site.outside(site.few(mean)), (f"/tag/{tag}/", tag, _TOOLS)])
        entries.append((path, site.word(4), _LIST))
    pages = range(1, len(entries) // 10 + 2)
    for number in pages:
        more = [(f"/archive/page/{number + 1}/", "older", _TOOLS)] if number + 1 in pages else []
        site.add(f"/archive/page/{number}/", [*entries[number * 10 - 10 : number * 10], *more])
    for tag in tags:
        site.add(f"/tag/{tag}/", site.random.sample(entries, min(len(entries), 8)))
    site.add(
        "/archive/", [("/archive/page/1/", "all entries", _LIST), *((f"/tag/{tag}/", tag, _TOOLS) for tag in tags)]
    )


def _manual(site: _Host, size: int) -> None:
    """Chapters in a few books; the reference has many pages that name nobody."""
    for book in [site.word(2) for _ in range(max(1, min(size // 40, 6)))]:
        chapters = [f"/{book}/{site.word(2)}-{number}.html" for number in range(max(2, size // 10))]
        for number, path in enumerate(chapters):
            after = [(chapters[number + 1], "next", _TOOLS)] if number + 1 < len(chapters) else []
            site.add(path, [*site.outside(site.few(1.2)), *after])
        classes = [f"/{book}/api/{site.word(2)}.{site.word(2)}{number}.html" for number in range(size // 12)]
        for path in classes:
            near = site.random.sample(classes, min(6, len(classes)))
            site.add(path, [(other, other.rpartition("/")[2], _LIST) for other in near])
        index = [(path, site.word(3), _LIST) for path in [*chapters[:10], *classes[:40]]]
        site.add(f"/{book}/", index)


def _projects(site: _Host, size: int) -> None:
    """Projects with a front page that credits others, releases, and views of files that do not."""
    for number in range(max(1, size // 12)):
        root = f"/{site.word(2)}{number}/"
        own = [(f"{root}releases/{n}.html", f"release {n}", _LIST) for n in range(4)]
        files = [(f"{root}src/{site.word(2)}{n}.html", site.word(2), _LIST) for n in range(5)]
        for path, _, _ in own:
            site.add(path, site.outside(site.few(0.5)))
        for path, _, _ in files:
            site.add(path, files)
        site.add(f"{root}credits.html", site.outside(site.few(6.0), _LIST))
        site.add(
            root, [*own, *files, (f"{root}credits.html", site.random.choice(("credits", "thanks", "uses")), _LIST)]
        )
    roots = [path for path in site.pages if path.count("/") == 2 and path.endswith("/")]
    site.add("/all/", [(path, path.strip("/"), _LIST) for path in roots])


def _people(site: _Host, size: int) -> None:
    """Home pages with publications and a page of links."""
    roots = []
    for number in range(max(1, size // 4)):
        root = f"/~{site.word(2)}{number}/"
        site.add(f"{root}publications.html", site.outside(site.few(3.0), _LIST))
        site.add(f"{root}teaching/", site.outside(site.few(0.4)))
        site.add(f"{root}links.html", site.outside(site.few(5.0), _LIST))
        names = ("publications.html", "teaching/", "links.html")
        site.add(
            root, [*site.outside(site.few(1.0)), *((root + name, name.partition(".")[0], _LIST) for name in names)]
        )
        roots.append((root, site.word(3), _LIST))
    for number in range(0, len(roots), 50):
        more = [(f"/people/?page={number // 50 + 1}", "more", _TOOLS)] if number + 50 < len(roots) else []
        site.add(f"/people/?page={number // 50}" if number else "/people/", [*roots[number : number + 50], *more])


def _wiki(site: _Host, size: int) -> None:
    """Pages, each with versions, differences, a source view and an attachment list."""
    versions = 12
    names = [
        f"{site.word(2).title()}{site.word(2).title()}{number}" for number in range(max(10, size // (versions + 5)))
    ]
    for name in names:
        linked = site.outside(site.few(1.5))
        near = [(f"/wiki/{other}", other, _TEXT) for other in site.random.sample(names, 6)]
        views = [(f"/wiki/{name}?action={action}", action, _TOOLS) for action in ("history", "raw", "attach")]
        site.add(f"/wiki/{name}", [*linked, *near, *views])
        old = [(f"/wiki/{name}?version={number}", f"version {number}", _LIST) for number in range(1, versions)]
        diffs = [(f"/wiki/{name}?action=diff&version={number}", "diff", _LIST) for number in range(2, versions, 4)]
        for path, _, _ in old:
            site.add(path, [*linked[: len(linked) // 2], *near, (f"/wiki/{name}?action=history", "history", _TOOLS)])
        for path, _, _ in diffs:
            site.add(path, near)
        site.add(f"/wiki/{name}?action=history", [*old, *diffs])
        site.add(f"/wiki/{name}?action=raw", near)
        site.add(f"/wiki/{name}?action=attach", near[:1])
    site.add("/wiki/", [(f"/wiki/{name}", name, _LIST) for name in names[: len(names) // 3]])
