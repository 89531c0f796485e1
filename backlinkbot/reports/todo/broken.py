"""Tasks about broken targets: linked addresses of a target where no page is."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.reports.page.figures import BROKEN, STANDING
from backlinkbot.reports.page.labels import ANSWERS
from backlinkbot.reports.todo.collecting import Linked, Role
from backlinkbot.reports.todo.redirects import LinkedAddress, LivingPages
from backlinkbot.reports.todo.tasks import Task, TaskKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from backlinkbot.reports.todo.collecting import Collector


def broken_targets(collector: Collector) -> Iterator[Task]:
    """Yields a task for each address whose last answer was no page, in no particular order."""
    broken = {key: linked for key, linked in collector.linked.items() if linked.state in BROKEN}
    if not broken:
        return
    counts = _Counts(collector, broken.keys())
    living: dict[str, LivingPages] = {}
    for (target, address), linked in broken.items():
        if target not in living:
            living[target] = LivingPages(_living(collector, target))
        yield counts.task(target, address, linked, living[target].nearest(linked.words), collector)


class _Counts:
    """The links to some addresses."""

    def __init__(self, collector: Collector, addresses: Collection[tuple[str, str]]) -> None:
        live = collector.stored[Role.LIVE]
        without_fragment = [url.partition("#")[0] for url in collector.url_names]
        targets = [of.row.target for of in collector.shared]
        self.links: Counter[tuple[str, str]] = Counter()
        self.followed: Counter[tuple[str, str]] = Counter()
        self.sites: dict[tuple[str, str], set[int]] = defaultdict(set)
        columns = (live.shared, live.urls, live.sites, collector.are_followed(live))
        for shared, url, site, is_followed in zip(*columns, strict=True):
            key = (targets[shared], without_fragment[url])
            if key in addresses:
                self.links[key] += 1
                self.followed[key] += is_followed
                self.sites[key].add(site)

    def task(self, target: str, address: str, linked: Linked, nearest: str, collector: Collector) -> Task:
        """Returns the task about an address."""
        key = (target, address)
        links, domains, followed = self.links[key], len(self.sites[key]), self.followed[key]
        status = f" (status {linked.status})" if linked.status else ""
        many = f"{_count(links, 'link')} from {_count(domains, 'domain')}"
        return Task(
            kind=TaskKind.BROKEN_TARGET,
            action=f"Redirect it to {nearest}" if nearest else "Redirect it to the page that took its place",
            page=address,
            domain=_domain(address),
            target=target,
            suggestion=nearest,
            evidence=f"it answers: {ANSWERS[linked.state]}{status}; {many}, {followed} followed",
            since=collector.links.time_text(linked.asked_at),
            domains=domains,
            links=links,
            follow=followed > 0,
            contact="you",
        )


def _living(collector: Collector, target: str) -> Iterator[LinkedAddress]:
    """Yields the addresses of a target that answered with a page; of a redirect, the address that it leads to."""
    found: dict[str, LinkedAddress] = {}
    for (of, address), linked in collector.linked.items():
        if of != target or linked.state not in STANDING:
            continue
        url = (linked.final_url or address).partition("#")[0]
        if _domain(url) == _domain(address):
            one = found.setdefault(url, LinkedAddress(url))
            one.anchors |= linked.words.anchors
    yield from found.values()


def _domain(address: str) -> str:
    url = urls.parse(address)
    return urls.registrable_domain(url.hostname) if url is not None else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
