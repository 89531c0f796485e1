"""What stands around a link: its place on the page, the words before and after it, what kind of link that suggests."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a link stands; two that differ in nothing but the words around them are repeats of one link."""

    placement: str = ""
    """``content``, ``nav``, ``header``, ``footer``, ``aside`` or ``comment``; empty for what stands nowhere on the page."""
    placement_by: str = field(default="", compare=False)
    """What said so: ``element:footer``."""
    heading: str = field(default="", compare=False)
    """The heading above the link; empty where there is none."""
    context_before: str = field(default="", compare=False)
    """The words before it in its block."""
    context_after: str = field(default="", compare=False)
    link_density: float | None = field(default=None, compare=False)
    """Of the characters of its block, the share that stands in links, from 0 to 1; None where it stands in no block."""
    position: int = field(default=0, compare=False)
    """Which of the page's links it is, from 1; 0 where it is none of them."""
    kinds: tuple[str, ...] = field(default=(), compare=False)
    """What kind of link it may be."""
    kinds_by: tuple[str, ...] = field(default=(), compare=False)
    """What suggests each of them, in the same order."""

    block: int = field(default=0, compare=False)
    """A mark of the block that it stands in, the same wherever the block is repeated within a run; 0 for text of the page."""
    if_repeated: str = field(default="", compare=False)
    """The placement, were the block to stand on many pages of the domain."""


NOWHERE = Surroundings()
"""Of a link that no reader sees."""
