"""What addresses of one kind have in common, so that the pages of an endless site are counted together."""

from __future__ import annotations

import re
from typing import Final

MAX_NAMED_KEYS: Final = 2
"""Queries with more keys are one kind: a list with many filters has a set of keys for each choice of them."""
MAX_FOLDERS: Final = 4
"""Different folders of an address that count; deeper addresses differ from each other in more than their kind."""

_DIGITS: Final = re.compile(r"\d+")
_ESCAPED: Final = re.compile(r"^(?:amp;)+", re.IGNORECASE)
"""In the name of a key: ``&amp;`` that was escaped once more, which adds ``amp;`` with every link."""


def without_path_parameters(path: str) -> tuple[str, str]:
    """Returns the path without the parameters of its segments (``/cart;jsessionid=A1``, RFC 3986, 3.3), and these."""
    if ";" not in path:
        return path, ""
    segments = [segment.partition(";") for segment in path.split("/")]
    return "/".join(name for name, _, _ in segments), "&".join(rest for _, _, rest in segments if rest)


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Returns the names and values of a query, as written but for ``amp;`` before a name; sorted, each pair once."""
    pairs = set()
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if pair:
            pairs.add((_ESCAPED.sub("", name), value))
    return sorted(pairs)


def folder_of(path: str) -> str:
    """Returns the folder of an address, digits folded."""
    return _DIGITS.sub("0", path.rstrip("/").rpartition("/")[0])


def folder_shape(folder: str, keys: tuple[str, ...]) -> str:
    """Returns the folder of an address, as :func:`folder_of` folds it, with the names of its query's keys."""
    return f"{folder}?{','.join(keys)}"


def trap_shape(folder: str, keys: tuple[str, ...]) -> str:
    """Returns what the addresses of one trap have in common, by their folder, as :func:`folder_of` folds it.

    With a query that is the number of folders and the names of the keys, for versions and calendars have a query on every
    page; else the folder. Paths in which a folder is repeated (``/a/b/a/``) are of one kind in their section, for a path that
    grows by relative links repeats what it began with.
    """
    folders = folder.split("/")
    distinct = list(dict.fromkeys(folders))
    if len(distinct) < len(folders):
        names = [name for name in folders if name and name != "0"]
        if len(set(names)) < len(names):
            return f"{folders[1]}/*?{','.join(keys[:1])}"
    if not keys:
        return "/".join(distinct[: MAX_FOLDERS + 1])
    named = ",".join(keys) if len(keys) <= MAX_NAMED_KEYS else "*"
    return f"{min(len(folders), MAX_FOLDERS + 1)}?{named}"


def section_of(path: str) -> str:
    """Returns the first folder; empty for a page of the root folder."""
    return path.split("/", 2)[1] if path.count("/") > 1 else ""
