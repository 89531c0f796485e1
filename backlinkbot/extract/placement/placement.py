"""A placement of a link, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.placement.place_words import WRAPPERS

if TYPE_CHECKING:
    from backlinkbot.extract.placement.outline import Box

MAINS: Final = frozenset({"element:main", "role:main"})
"""The evidence of the page's main element."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A placement and its evidence."""

    placement: str
    """One of :data:`~backlinkbot.extract.placement.place_words.PLACEMENTS`."""
    by: str
    """``element:footer``, ``role:navigation``, ``class:sidebar``, ``id:comments``, ``itemtype:Comment``, ``structure:…``."""
    zone: Box | None = None
    """The element that the evidence is about; None if it is about the whole page."""

    @property
    def is_named(self) -> bool:
        """True if the page itself names the placement."""
        return not self.by.startswith("structure:")

    @property
    def is_landmark(self) -> bool:
        """True if the evidence is an element or a role, not a word that may have another meaning."""
        return self.by.startswith(("element:", "role:"))

    @property
    def name(self) -> str:
        """The name in the evidence, in lower case."""
        return self.by.partition(":")[2].lower()

    @property
    def is_wrapper(self) -> bool:
        """True if the name is common for wrappers of the whole page."""
        return self.by in MAINS or (self.by.startswith(("class:", "id:")) and self.name.startswith(WRAPPERS))
