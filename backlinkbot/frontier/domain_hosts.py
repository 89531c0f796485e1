"""The hosts of a registrable domain that have pages waiting, and which of them has the domain's turn."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from backlinkbot.frontier.ranking import Ranking
from backlinkbot.frontier.reasons import RANKED

if TYPE_CHECKING:
    from backlinkbot.frontier.host_pages import HostPages
    from backlinkbot.frontier.reasons import Reason

T = TypeVar("T")

_MAX_MEASURED: Final = 64
"""Hosts of a domain that are measured at one of its turns."""


class DomainHosts(Generic[T]):
    """The hosts of a registrable domain that have pages waiting.

    Hosts that have nothing but pages of closed arms are deferred: they have their turn when the others have no pages left.
    A domain with a wildcard has them without end, so they wait by their depth.
    """

    __slots__ = ("deferred", "hosts", "key", "rankings", "ready", "waiting")

    def __init__(self, key: str) -> None:
        self.key = key
        self.waiting = 0  # the number of pages
        self.hosts: dict[str, HostPages[T]] = {}
        self.ready: OrderedDict[str, None] = OrderedDict()  # the first is the one whose turn it is
        self.deferred: dict[int, OrderedDict[str, None]] = {}  # by depth
        self.rankings: dict[Reason, Ranking[HostPages[T]]] = {reason: Ranking() for reason in RANKED}

    def add(self, host: HostPages[T]) -> None:
        """Adds a host, which has its turn after the others."""
        self.hosts[host.name] = host
        self.ready[host.name] = None

    def remove(self, host: HostPages[T]) -> None:
        """Removes a host that has no pages left."""
        del self.hosts[host.name]
        self.ready.pop(host.name, None)
        self._remove_deferred(host)
        for ranking in self.rankings.values():
            ranking.remove(host)

    def make_ready(self, host: HostPages[T]) -> None:
        """Lets a host have its turn with those that are not deferred."""
        if host.name not in self.ready:
            self._remove_deferred(host)
            self.ready[host.name] = None

    def next_ready(self) -> HostPages[T] | None:
        """Returns the host whose turn it is among those that have pages of open arms; None if none has."""
        for _ in range(_MAX_MEASURED):
            if not self.ready:
                return None
            name = next(iter(self.ready))
            self.ready.move_to_end(name)
            host = self.hosts[name]
            if not host.is_deferred():
                return host
            self._defer(host)
        return host

    def next_deferred(self) -> HostPages[T] | None:
        """Returns the best of the hosts whose turn it is, one of each depth; one with a page of an open arm becomes ready."""
        best: HostPages[T] | None = None
        value = -1.0
        for depth in list(self.deferred):
            host = self.hosts[next(iter(self.deferred[depth]))]
            if not host.is_deferred():
                self.make_ready(host)
                return host
            if host.value > value:
                best, value = host, host.value
        if best is not None:
            beside = self.deferred.pop(best.depth)
            beside.move_to_end(best.name)
            self.deferred[best.depth] = beside  # of equal ones, the next has the next turn
        return best

    def _defer(self, host: HostPages[T]) -> None:
        self.ready.pop(host.name, None)
        self.deferred.setdefault(host.depth, OrderedDict())[host.name] = None

    def _remove_deferred(self, host: HostPages[T]) -> None:
        beside = self.deferred.get(host.depth)
        if beside is not None and host.name in beside:
            del beside[host.name]
            if not beside:
                del self.deferred[host.depth]
