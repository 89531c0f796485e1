"""Finds referring domains whose pages have the same accounts of analytics, advertising or verification services."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from backlinkbot.items import Backlink

OWNER_DOMAINS: Final = 3
"""The number of domains with one account from which on they count as one owner's."""
MOST_DOMAINS: Final = 100
"""An account on more domains than these is a service's own, such as that of a shop system, rather than an owner's."""

# Those that platforms put into the pages of their customers, also under the customers' own domains.
PLATFORM_ACCOUNTS: Final = frozenset(
    {
        *("UA-24232453", "fb:app_id:542599432471018"),  # Medium
        *("UA-3769691", "fb:app_id:1401488693436528"),  # GitHub
        *("UA-52447", "fb:app_id:249643311490"),  # WordPress.com, Jetpack
        *("UA-97144", "fb:app_id:48119224995"),  # Tumblr
        *("fb:app_id:87741124305", "fb:app_id:274266067164"),  # YouTube, Pinterest
    }
)


class Owners:
    """The accounts of a target's referring domains."""

    def __init__(self) -> None:
        self._domains: defaultdict[str, set[str]] = defaultdict(set)
        """Account -> the domains with it."""
        self._accounts: defaultdict[str, set[str]] = defaultdict(set)
        """Domain -> its accounts."""

    def add(self, row: Backlink) -> None:
        """Notes the accounts of a link's page."""
        for account in row.source_accounts:
            if account not in PLATFORM_ACCOUNTS:
                self._domains[account].add(row.source_domain)
                self._accounts[row.source_domain].add(account)

    def evidence(self, domain: str) -> str:
        """Returns the account that most other domains share with a domain; empty if no two others do."""
        shared = [
            (len(self._domains[account]), account)
            for account in sorted(self._accounts.get(domain, ()))
            if self._is_owners(account)
        ]
        if not shared:
            return ""
        count, account = max(shared, key=lambda one: one[0])
        others = sorted(self._domains[account] - {domain})
        some = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        return f"{count - 1} other domains have the account {account}: {some}"

    def _is_owners(self, account: str) -> bool:
        """True unless too few domains have it, or too many; all those below one platform's suffix count as one."""
        domains = self._domains[account]
        if not OWNER_DOMAINS <= len(domains) <= MOST_DOMAINS:
            return False
        return len({urls.owned_domain(domain) for domain in domains}) >= OWNER_DOMAINS
