"""Computes what the first page shows."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.web import queries
from backlinkbot.web.tables import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlinkbot.web.frames import Frame

_SOME: Final = 8
_MOST_TARGETS: Final = 20
_SPLITS: Final = ("follow", "placement", "link_type", "nofollow_by")
_LIVE: Final = (("state", "new"), ("state", "live"), ("state", "changed"), ("state", "restored"))


def overview(frames: Mapping[str, Frame]) -> dict[str, Any]:
    """Returns the values of the template: figures of each target, splits of the links, the last changes and runs."""
    domains, links = frames["domains"], frames["links"]
    names = [value.text for value in domains.facet("target").values]
    return {
        "targets": [_figures(domains, name) for name in names[:_MOST_TARGETS]],
        "splits": [links.facet(name, *_LIVE) for name in _SPLITS],
        "changes": _first(frames, "changes"),
        "runs": _first(frames, "runs"),
        "claims": frames["claims"].facet("verdict"),
        "live": queries.read(BY_NAME["links"], _LIVE),
    }


def _figures(domains: Frame, target: str) -> dict[str, Any]:
    """Returns the figures of a target; all are sums over its referring domains, so that they agree."""
    of = ("target", target)
    return {
        "target": target,
        "links": domains.sum("links", of),
        "domains": domains.positive("links", of),
        "follow_links": domains.sum("follow_links", of),
        "follow_domains": domains.positive("follow_links", of),
        "lost_links": domains.sum("lost_links", of),
    }


def _first(frames: Mapping[str, Frame], name: str) -> list[dict[str, Any]]:
    query = queries.read(BY_NAME[name], [])
    return list(islice(frames[name].page(query).rows, _SOME))
