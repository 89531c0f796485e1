"""Whose turn it is among the registrable domains: ready ones, then deferred ones; busy ones wait until they are freed."""

from __future__ import annotations

from collections import OrderedDict


class DomainTurns:
    """The registrable domains that have pages waiting. A domain is deferred if all its hosts are."""

    def __init__(self) -> None:
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._deferred: OrderedDict[str, None] = OrderedDict()
        self._busy: dict[str, bool] = {}  # True for those that were deferred when they were found busy
        self.busy_ready = 0
        """The number of busy domains that are not deferred."""

    def is_busy(self, key: str) -> bool:
        """True if the domain was busy when its turn came, and was not freed since."""
        return key in self._busy

    def add(self, key: str) -> None:
        """Adds a domain behind the others, unless it is busy."""
        if key not in self._busy:
            self._ready[key] = None

    def remove(self, key: str) -> None:
        """Removes a domain that has no pages left."""
        self._ready.pop(key, None)
        self._deferred.pop(key, None)

    def next(self, *, deferred: bool) -> str | None:
        """Returns the ready or the deferred domain that has waited longest, which is the last one from then on."""
        domains = self._deferred if deferred else self._ready
        if not domains:
            return None
        key = next(iter(domains))
        domains.move_to_end(key)
        return key

    def make_ready(self, key: str) -> None:
        """Notes that a domain has pages of open arms again."""
        if key in self._deferred:
            del self._deferred[key]
            self._ready[key] = None
        elif self._busy.get(key):
            self._busy[key] = False
            self.busy_ready += 1

    def defer(self, key: str) -> None:
        """Notes that a ready domain has only pages of closed arms."""
        del self._ready[key]
        self._deferred[key] = None

    def set_busy(self, key: str) -> None:
        """Notes that a domain is busy: it has no turn until it is freed."""
        is_deferred = self._deferred.pop(key, "") is None
        self._ready.pop(key, None)
        self._busy[key] = is_deferred
        self.busy_ready += not is_deferred

    def free(self, key: str, *, has_pages: bool) -> bool:
        """Notes that a domain is busy no longer; returns True if it was noted as busy."""
        is_deferred = self._busy.pop(key, None)
        if is_deferred is None:
            return False
        self.busy_ready -= not is_deferred
        if has_pages:
            (self._deferred if is_deferred else self._ready)[key] = None
        return True
