"""The types of the format table: how a format is recognised, which columns are read, and what they claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# How likely a row is a live link before it is visited: the start values of the frontier's score.
REPORTED: Final = 0.8
"""A tool, a search engine or a server's own log reports the link."""
ARCHIVED: Final = 0.75
"""An archived copy of the page contains it."""
LISTED: Final = 0.5
"""A person listed it, or a link graph has the edge."""
COMPETITORS: Final = 0.2
"""The domain links to competitors."""
LOST: Final = 0.1
"""The source claims that the link is gone."""
NAMED: Final = 0.05
"""A page listed with all others of its site: no link is claimed."""
DISAVOWED: Final = 0.0
"""A link in a disavow file."""


# Why the rows of a format are no claims, where rows of other formats have the same reason.
INTERNAL: Final = "an internal link"
RESOURCE: Final = "a resource, not a link"


class Shape(StrEnum):
    """The structure of a file, which determines its reader."""

    TABLE = "table"
    """Rows below a header: CSV with any delimiter, XLSX, JSON objects, one per line or in an array."""
    LINES = "lines"
    REPORT = "report"
    """Lines of a link checker: SQL, a graph, or links below their page."""
    LOG = "log"
    XML = "xml"
    WARC = "warc"


class Role(StrEnum):
    """The meaning of a column."""

    SOURCE = "source"
    """The page with the link."""
    DOMAIN = "domain"
    """The linking domain: the row becomes a seed."""
    TARGET = "target_url"
    ANCHOR = "anchor"
    REL = "rel"
    """Tokens, or a list of attributes."""
    NOFOLLOW = "nofollow"
    """Yes or no."""
    FOLLOW = "follow"
    """Yes or no; the opposite of ``nofollow``."""
    UGC = "ugc"
    SPONSORED = "sponsored"
    TYPE = "type"
    """Text that may contain ``nofollow``, ``dofollow``, ``ugc`` or ``sponsored``."""
    FIRST_SEEN = "first_seen"
    LAST_SEEN = "last_seen"
    ELEMENT = "element"
    """What the row is about: an element's name, a media type, or a tool's word such as "Hyperlink" or "CSS"."""
    INTERNAL = "internal"
    """Yes, or "internal": a link from a site to itself."""
    LOST = "is_lost"
    """Anything but an empty cell, "no" and the words for a live link means lost."""


# The field of a claim that a column fills; other fields have the role's name.
CLAIMED: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.SOURCE: (),
    Role.DOMAIN: (),
    Role.REL: ("rel", "follow"),
    Role.NOFOLLOW: ("rel", "follow"),
    Role.FOLLOW: ("follow",),
    Role.UGC: ("rel", "follow"),
    Role.SPONSORED: ("rel", "follow"),
    Role.TYPE: ("rel", "follow"),
    Role.ELEMENT: (),
    Role.INTERNAL: (),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Format:
    """One format: an entry of the table."""

    name: str
    title: str
    """The name that users see."""
    origin: str
    """The origin of its claims."""
    shape: Shape = Shape.TABLE
    needs: tuple[str, ...] = ()
    """How it is recognised: all of these header cells; for other structures, the names that the reader finds."""
    is_whole_header: bool = False
    """True if these cells are the whole header, because other formats have the same names among more."""
    columns: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    """The names of the columns that are read, best first; for ``LOST`` all are read."""
    confidence: float = REPORTED
    skip: str = ""
    """Why its rows yield no candidates; empty if they do."""
    per_target: bool = False
    """True if each column named like a domain tells what links to that domain."""
    joined_by: str = ""
    """The separator of several links of a page in one cell; empty if a row is one link."""
    assemble: Mapping[Role, Callable[[Mapping[str, str]], str]] = field(default_factory=dict)
    """For a URL in several cells: functions of the folded column names and their cells."""
    parts: tuple[str, ...] = ()
    """The columns that ``assemble`` reads."""
    is_crawl: bool = False
    """True for the links that a crawler or link checker met: also those within a site, and the page it began with."""
    links_only: tuple[str, ...] = ()
    """The values of ``ELEMENT`` that are links or pages; empty for all but the known names of resources."""
    is_own_format: bool = False
    """True if this program writes the format, so that its cells are escaped against CSV injection."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The names of all columns that are read."""
        named = [name for names in self.columns.values() for name in names]
        return tuple(dict.fromkeys((*self.parts, *named)))

    @property
    def claims(self) -> tuple[str, ...]:
        """The fields of a claim that its columns fill."""
        fields = [name for role in (*self.columns, *self.assemble) for name in CLAIMED.get(role, (role.value,))]
        if self.per_target:
            fields.append(Role.TARGET.value)
        return tuple(dict.fromkeys(fields))
