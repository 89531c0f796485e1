"""A generated web with referrers of many targets, what an archive holds of it, and the right answer.

The archive holds a share of the hosts, and of these a share of the pages. A share of the links stood on another page of the site when
it was archived, so as many archived pages have lost their link since. The graph knows all links of the
hosts that are held, as it is made of three crawls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.archive_files import Capture

HELD_HOSTS, HELD_PAGES, STALE = 0.6, 0.3, 1 / 3


@dataclass
class ReferrerWeb:
    """The web today, and an archive of what it was."""

    targets: list[str]
    pages: dict[str, str] = field(default_factory=dict)
    """URL -> body, today."""
    captures: list[Capture] = field(default_factory=list)
    graph: dict[str, set[str]] = field(default_factory=dict)
    """Domain -> the targets to which its pages linked when they were archived."""
    referring: dict[str, set[str]] = field(default_factory=dict)
    """Target -> the domains that link to it today."""
    linking: dict[str, set[str]] = field(default_factory=dict)
    """Target -> the pages that link to it today."""
    archived: dict[str, set[str]] = field(default_factory=dict)
    """Target -> the domains of which the archive holds a page that linked to it."""

    def held(self, target: str) -> set[str]:
        """The referring domains of today that the archive holds a linking page of."""
        return self.archived.get(target, set()) & self.referring.get(target, set())


def generate(*, hosts: int = 300, targets: int = 30, seed: int = 1) -> ReferrerWeb:
    """A web of sites with 3 to 120 pages; the targets have from one to half of all hosts as referring domains."""
    drawn = Random(seed)
    names = [f"target{n}.example" for n in range(targets)]
    web = ReferrerWeb(names)
    popularity = [0.005 * 60 ** (n / max(targets - 1, 1)) for n in range(targets)]  # 0.5 % to 30 % of the hosts
    for number in range(hosts):
        host = f"site{number}.example"
        linked = [name for name, share in zip(names, popularity, strict=True) if drawn.random() < share]
        _add_site(web, host, min(120, 3 + int(drawn.expovariate(1 / 17))), linked, drawn)
    return web


def _add_site(web: ReferrerWeb, host: str, count: int, linked: list[str], drawn: Random) -> None:
    paths = [f"/section{n % 5}/page{n}.html" for n in range(count)]
    links: dict[str, set[str]] = {path: set() for path in paths}
    before: dict[str, set[str]] = {path: set() for path in paths}
    for target in linked:
        for path in drawn.sample(paths, min(count, 1 + int(drawn.expovariate(1 / 2)))):
            links[path].add(target)
            before[drawn.choice(paths) if drawn.random() < STALE else path].add(target)
    is_held = drawn.random() < HELD_HOSTS
    for path in paths:
        url, today, then = f"https://{host}{path}", links[path], before[path]
        web.pages[url] = _page(path, today)
        for target in today:
            web.referring.setdefault(target, set()).add(host)
            web.linking.setdefault(target, set()).add(url)
        if is_held:
            web.graph.setdefault(host, set()).update(then)
            if drawn.random() < HELD_PAGES:
                web.captures.append(Capture(url=url, body=_page(path, then).encode()))
                for target in then:
                    web.archived.setdefault(target, set()).add(host)
    sections = sorted({path.split("/")[1] for path in paths})
    home = "".join(f'<li><a href="/{name}/">{name}</a>' for name in sections)
    web.pages[f"https://{host}/"] = f"<!doctype html><title>{host}</title><ul>{home}</ul>"
    for name in sections:
        inside = "".join(f'<li><a href="{path}">{path}</a>' for path in paths if path.startswith(f"/{name}/"))
        web.pages[f"https://{host}/{name}/"] = f"<!doctype html><title>{name}</title><ul>{inside}</ul>"


def _page(path: str, targets: set[str]) -> str:
    links = "".join(f'<p>We recommend <a href="https://{name}/">{name}</a>.</p>' for name in sorted(targets))
    return f"<!doctype html><title>{path}</title><h1>{path}</h1><p>Some words of {path}.</p>{links}"
