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
    is_part: bool = False
    """True if it is no wall but a part of a page: one that breaks off, or one that scripts fill."""


def read_wall_pages() -> list[WallPage]:
    """All of ``tests/data/walls/*.toml``."""
    found = []
    for file in sorted((Path(__file__).parent / "data" / "walls").glob("*.toml")):
        for kind, page in tomllib.loads(file.read_text(encoding="utf-8")).items():
            headers = tuple(page.pop("headers", {}).items())
            found.append(WallPage(kind=kind, state=State(page.pop("state")), headers=headers, **page))
    return found


WALL_PAGES: Final = read_wall_pages()

_DESIGN: Final = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title} | Harbour Notes</title>
<link rel="stylesheet" href="/style.css"></head><body><header><a href="/" class="logo">Harbour Notes</a><nav><a href="/blog/">Blog</a>
<a href="/about/">About</a> <a href="/contact/">Contact</a> <a href="/shop/">Shop</a> <a href="/login/">Log in</a></nav></header>{extra}
<main><article><h1>{title}</h1>{text}</article></main><footer><p>\u00a9 2024 Harbour Notes. <a href="/privacy/">Privacy</a></p></footer></body></html>"""


def read_ordinary_pages() -> dict[str, str]:
    """The pages of ``tests/data/pages_about_walls.toml`` by their names."""
    text = (Path(__file__).parent / "data" / "pages_about_walls.toml").read_text(encoding="utf-8")
    return {name: page.get("body") or _designed(**page) for name, page in tomllib.loads(text).items()}


def _designed(title: str, paragraphs: list[str], extra: str = "") -> str:
    return _DESIGN.format(title=title, extra=extra, text="".join(f"<p>{text}</p>" for text in paragraphs))


ORDINARY_PAGES: Final = read_ordinary_pages()
