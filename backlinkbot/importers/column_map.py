"""Parses what the user says about the columns of a table: ``source=COLUMN,target=COLUMN``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.errors import UsageError
from backlinkbot.importers.formats.formats import Role
from backlinkbot.importers.formats.generic import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES: Final[Mapping[str, Role]] = {role.value: role for role in TABLE.columns} | {
    "target": Role.TARGET,
    "lost": Role.LOST,
}
"""The names of what a column can hold."""
_BETWEEN: Final = re.compile(r",(?=\s*\w+\s*=)")


def parse_map(texts: Iterable[str]) -> dict[Role, str]:
    """Parses one or more such texts; a column's name may contain commas.

    Raises:
        UsageError: a text is invalid, or none says where the pages are.
    """
    mapping: dict[Role, str] = {}
    for part in (part for text in texts for part in _BETWEEN.split(text)):
        name, _, column = (word.strip() for word in part.partition("="))
        if name not in NAMES or not column:
            raise UsageError(f"--map {part}: write NAME=COLUMN; NAME is one of {', '.join(NAMES)}")
        mapping[NAMES[name]] = column
    if mapping and not {Role.SOURCE, Role.DOMAIN} & mapping.keys():
        raise UsageError("--map: name the column of the pages that link, too: source=COLUMN, or domain=COLUMN")
    return mapping
