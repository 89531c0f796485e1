"""Pages that walls answer with, after their vendors' published templates: a line each, and for some a longer body."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backlinkbot.items import State


@dataclass(frozen=True, slots=True, kw_only=True)
class WallPage:
    """One answer of a wall."""

    kind: str
    state: State
    body: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    at: str = ""
    """The path that the page is redirected to; empty where it answers itself."""


def read_wall_pages() -> list[WallPage]:
    """All of ``tests/data/walls/*.toml``."""
    found = []
    for file in sorted((Path(__file__).parent / "data" / "walls").glob("*.toml")):
        for kind, page in tomllib.loads(file.read_text(encoding="utf-8")).items():
            headers = tuple(page.pop("headers", {}).items())
            found.append(WallPage(kind=kind, state=State(page.pop("state")), headers=headers, **page))
    return found


WALL_PAGES: Final = read_wall_pages()
