"""The arms of all visited hosts, by host and by registrable domain; the latest visited are kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from backlinkbot import urls
from backlinkbot.frontier.arms import DomainArms, HostArms

MAX_HOSTS: Final = 200_000
"""Hosts of which figures are kept, and as many domains."""

_NO_DOMAIN: Final = DomainArms()
_NEW_HOST: Final = HostArms(_NO_DOMAIN)


class VisitedHosts:
    """The hosts of which pages were visited, and those that the user named."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, HostArms] = OrderedDict()
        self._domains: OrderedDict[str, DomainArms] = OrderedDict()
        self._named: set[str] = set()

    def __len__(self) -> int:
        return len(self._hosts)

    def __contains__(self, host: str) -> bool:
        return host in self._hosts

    def name(self, host: str) -> None:
        """Notes a host that the user named: it is not closed with the other hosts of its domain."""
        self._named.add(host)
        known = self._hosts.get(host)
        if known is not None:
            known.is_named = True

    def is_named(self, host: str) -> bool:
        """True if the user named the host."""
        return host in self._named

    def visit(self, name: str) -> HostArms:
        """Returns the arms of a host of which a page is visited, which are made at its first visit."""
        host = self._hosts.get(name)
        if host is not None:
            self._hosts.move_to_end(name)
            return host
        of_domain = urls.registrable_domain(name)
        domain = self._domains.get(of_domain)
        if domain is None:
            domain = self._domains[of_domain] = DomainArms()
            if len(self._domains) > MAX_HOSTS:
                self._domains.popitem(last=False)
        self._domains.move_to_end(of_domain)
        domain.hosts += 1
        host = self._hosts[name] = HostArms(domain, is_named=name in self._named)
        if len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)
        return host

    def get(self, name: str) -> HostArms | None:
        """Returns the arms of a host; None if it was not visited."""
        return self._hosts.get(name)

    def expected(self, name: str) -> HostArms:
        """Returns the arms of a host; of one that was not visited, arms without visits in its domain."""
        known = self._hosts.get(name)
        if known is not None:
            return known
        domain = self._domains.get(urls.registrable_domain(name))
        return _NEW_HOST if domain is None else HostArms(domain, is_named=name in self._named)

    def domain(self, domain: str) -> DomainArms:
        """Returns what the visits of a registrable domain have shown."""
        return self._domains.get(domain, _NO_DOMAIN)
