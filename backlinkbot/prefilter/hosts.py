"""The patterns by which a prefilter finds the hosts of targets."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

BOUNDED_UP_TO: Final = 10_000
"""Up to so many hosts are looked for between their boundaries; more of them so would cost a minute and a gigabyte."""


def has_address(hosts: Iterable[str]) -> bool:
    """True if one of the hosts is an IP address, which has many spellings."""
    return any(host.startswith("[") or host.rpartition(".")[2].isdigit() for host in hosts)


def host_expressions(
    hosts: frozenset[str], suspicious: tuple[str, ...], bounded_up_to: int = BOUNDED_UP_TO
) -> list[bytes]:
    """Returns regular expressions for the hosts and for what may hide one.

    Args:
        hosts: of the targets.
        suspicious: regular expressions for what may hide a host.
        bounded_up_to: the number of hosts up to which each is looked for between the boundaries of a name.
    """
    # A host below another one is found with that one.
    tops = sorted(h for h in hosts if not any(above in hosts for above in islice(urls.labels_up(h), 1, None)))
    form = r"[./\\@:fc0]{}[^a-z0-9_-]" if len(tops) <= bounded_up_to else "{}"
    return [text.encode() for text in (*suspicious, *(form.format(re.escape(host)) for host in tops))]
