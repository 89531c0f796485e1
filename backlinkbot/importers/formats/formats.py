"""The types of the format table: how a format is recognised, which columns are read, and what they claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# How likely a row is to be a live link before anybody has looked: the start values of the frontier's score.
REPORTED: Final = 0.8
"""A tool, a search engine or a server's own log reports the link."""
ARCHIVED: Final = 0.75
"""An archived copy of the page has it."""
LISTED: Final = 0.5
"""Somebody put it on a list, or a link graph has the edge."""
COMPETITORS: Final = 0.2
"""The domain links to competitors."""
LOST: Final = 0.1
"""The source itself says that the link is gone."""
NAMED: Final = 0.05
"""A page among all others of its site: nothing is known of a link."""
DISAVOWED: Final = 0.0
"""A link that nobody wants."""


class Shape(StrEnum):
    """How a file is built, which decides the reader."""

    TABLE = "table"
    """Cells below a header: CSV with any delimiter, XLSX, JSON objects, one a line or in an array."""
    LINES = "lines"
    LOG = "log"
    XML = "xml"
    WARC = "warc"


class Role(StrEnum):
    """What a column says."""

    SOURCE = "source"
    """The page with the link."""
    DOMAIN = "domain"
    """The domain with the link: the row becomes a seed."""
    TARGET = "target_url"
    ANCHOR = "anchor"
    REL = "rel"
    """Tokens, or a list of attributes."""
    NOFOLLOW = "nofollow"
    """Yes or no."""
    FOLLOW = "follow"
    """Yes or no, the other way round."""
    UGC = "ugc"
    SPONSORED = "sponsored"
    TYPE = "type"
    """Text in which ``nofollow``, ``dofollow``, ``ugc`` or ``sponsored`` may stand."""
    FIRST_SEEN = "first_seen"
    LAST_SEEN = "last_seen"
    LOST = "is_lost"
    """Anything but nothing, no, and the words for a live link."""


# The field of a claim that a column fills in; the others have its name.
CLAIMED: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.SOURCE: (),
    Role.DOMAIN: (),
    Role.REL: ("rel", "follow"),
    Role.NOFOLLOW: ("rel", "follow"),
    Role.FOLLOW: ("follow",),
    Role.UGC: ("rel", "follow"),
    Role.SPONSORED: ("rel", "follow"),
    Role.TYPE: ("rel", "follow"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Format:
    """One format: an entry of the table."""

    name: str
    title: str
    """For people."""
    origin: str
    """What its claims are said to come from."""
    shape: Shape = Shape.TABLE
    needs: tuple[str, ...] = ()
    """What it is recognised by: header cells, all of them; for other shapes the names of what the reader looks for."""
    is_alone: bool = False
    """Whether these cells are the whole header: others use the same names among more."""
    columns: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    """The names of the columns read, best first; every one of ``LOST``."""
    confidence: float = REPORTED
    skip: str = ""
    """Why its rows give no candidates; empty where they do."""
    per_target: bool = False
    """Whether each column named like a domain says what links to that domain."""
    joined_by: str = ""
    """What joins several links of a page in one cell; empty where a row is one link."""
    assemble: Mapping[Role, Callable[[Mapping[str, str]], str]] = field(default_factory=dict)
    """Where a URL stands in several cells: from the folded names and their cells."""
    parts: tuple[str, ...] = ()
    """The columns that ``assemble`` reads."""
    is_ours: bool = False
    """Whether we wrote it, so that its cells have our guard."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of every column that is read."""
        named = [name for names in self.columns.values() for name in names]
        return tuple(dict.fromkeys((*self.parts, *named)))

    @property
    def claims(self) -> tuple[str, ...]:
        """The fields of a claim that its columns fill in."""
        fields = [name for role in (*self.columns, *self.assemble) for name in CLAIMED.get(role, (role.value,))]
        if self.per_target:
            fields.append(Role.TARGET.value)
        return tuple(dict.fromkeys(fields))
