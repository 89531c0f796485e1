"""The features of a page before its visit: what its address, and the anchor of a link to it, say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from backlinkbot.frontier.shapes import (
    folder_of,
    folder_shape,
    pairs_of,
    section_of,
    trap_shape,
    without_path_parameters,
)
from backlinkbot.frontier.words import words_of

if TYPE_CHECKING:
    from backlinkbot.frontier.parameters import Pairs


class PageFeatures(NamedTuple):
    """What is known of a page before it is visited; small, since a page's request carries it while it waits."""

    host: str
    section: int
    """A hash of the first folder."""
    folder: int
    """A hash of the folder, digits folded, with the names of the query's keys."""
    trap: int
    """A hash of what pages of one trap have in common: depth and names of keys, or the folder."""
    words: tuple[int, ...]
    chance: float = 1.0
    """How much likelier than others this page is to be worth a visit, for a reason that neither arm nor words know."""
    kind: int = 0
    """A hash of the section, and whether there is a query: what new arms are counted by."""
    path: int = 0
    """A hash of the path without parameters."""
    pairs: Pairs = ()
    """The parameters, see :mod:`backlinkbot.frontier.parameters`."""
    depth: int = 0
    """Links on the way from a seed."""


def features_of(
    host: str,
    path: str,
    query: str = "",
    *,
    anchor: str = "",
    found_on: str = "",
    chance: float = 1.0,
    depth: int = 0,
) -> PageFeatures:
    """Returns the features of a page.

    Args:
        host: its host.
        path: begins with a slash.
        query: without its question mark.
        anchor: the text of the link that was found.
        found_on: the URL of the page with that link.
        chance: see :attr:`PageFeatures.chance`.
        depth: links on the way from a seed.
    """
    bare, parameters = without_path_parameters(path)
    pairs: list[tuple[str, str]] = []
    if query or parameters:
        pairs = pairs_of(query) + [(f";{name}", value) for name, value in pairs_of(parameters)]
    keys = tuple(dict.fromkeys(name for name, _ in pairs if not name.startswith(";"))) if pairs else ()
    section, folder = section_of(bare), folder_of(bare)
    return PageFeatures(
        host,
        _hash("section", section),
        _hash("folder", folder_shape(folder, keys)),
        _hash("trap", trap_shape(folder, keys)),
        words_of(f"{path}?{query}" if query else path, anchor, found_on),
        chance,
        _hash("kind", f"{section}?{bool(keys)}"),
        _hash("path", bare),
        tuple([(_hash("name", name), _hash("value", value)) for name, value in pairs]) if pairs else (),
        depth,
    )


def _hash(kind: str, text: str) -> int:
    """The same in every process, so that a request on disk still means the same arm; arms of one host are few enough."""
    return crc32(f"{kind} {text}".encode("utf-8", "surrogatepass"))
