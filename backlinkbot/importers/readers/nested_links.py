"""Flattens JSON reports of link checkers whose links are below the page that has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# lychee's maps of inputs to links; `suggestion_map` repeats links of the others.
_LYCHEE_MAPS: Final = (
    "success_map", "error_map", "fail_map", "timeout_map", "redirect_map", "excluded_map", "unsupported_map",
)  # fmt: skip
INPUT: Final = "input"
"""The key that a flattened link has its page in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedLinks:
    """How the links of a report are nested."""

    format: str
    is_report: Callable[[Any], bool]
    links: Callable[[Any], Iterator[Any]]
    """Yields each link of a value, with its page under the key ``INPUT``."""


def _is_lychee(value: Any) -> bool:
    return (
        isinstance(value, dict) and "total" in value and any(isinstance(value.get(name), dict) for name in _LYCHEE_MAPS)
    )


def _lychee(value: Any) -> Iterator[Any]:
    if not isinstance(value, dict):
        yield value
        return
    for name in _LYCHEE_MAPS:
        found = value.get(name)
        for page, links in found.items() if isinstance(found, dict) else ():
            for link in links if isinstance(links, list) else (links,):
                yield {INPUT: page, **(link if isinstance(link, dict) else {"url": link})}


def _is_muffet(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("url"), str) or not isinstance(value.get("links"), list):
        return False
    return all(
        isinstance(link, dict) and "url" in link and ({"error", "status"} & link.keys()) for link in value["links"]
    )


def _muffet(value: Any) -> Iterator[Any]:
    if not isinstance(value, dict) or not isinstance(value.get("links"), list):
        yield value
        return
    for link in value["links"]:
        yield {INPUT: value.get("url", ""), **link} if isinstance(link, dict) else link


NESTED: Final = (
    NestedLinks(format="lychee", is_report=_is_lychee, links=_lychee),
    NestedLinks(format="muffet", is_report=_is_muffet, links=_muffet),
)
