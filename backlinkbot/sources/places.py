"""Converts targets into search terms of an endpoint: a host, or the beginning of an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.targets import Place, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.targets import Targets

_OF_A_PATH: Final = frozenset({Scope.EXACT, Scope.PREFIX})


def places_of(targets: Targets) -> Iterator[Place]:
    """Yields the places of all targets, each once, without those that another one contains."""
    places = dict.fromkeys(place for target in targets for place in target.places)
    whole = {place.host for place in places if place.scope is Scope.SUBDOMAINS and not place.port}
    for place in places:
        above = [name for name in urls.labels_up(place.host) if name in whole]
        if not above or (above == [place.host] and place.scope is Scope.SUBDOMAINS and not place.port):
            yield place


def address_of(place: Place) -> str:
    """Formats host, port and path as in links to it: ``example.com``, ``example.com:8443``, ``example.com/blog``."""
    port = f":{place.port}" if place.port else ""
    return f"{place.host}{port}{place.path if place.scope in _OF_A_PATH else ''}"
