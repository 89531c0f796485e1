"""False alarms and misses of the walls, beside crawl4ai's block detection where that is installed.

    python -m benchmarks.walls

Real pages (``../shared/data``), but for two that are walls, are to be pages, those of ``tests/data/walls`` walls. crawl4ai's detector is one module without
dependencies of its own: ``pip install --no-deps crawl4ai`` into a throw-away environment, and name the folder of
``antibot_detector.py`` in ``CRAWL4AI_DETECTOR``.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from backlinkbot.download.wall_check import BLANK, wall_in
from backlinkbot.extract.page import PageContent
from backlinkbot.items import State
from tests.conformance.shared_data import saved_pages
from tests.conformance.test_walls import REAL_WALLS
from tests.wall_pages import WALL_PAGES

ASKED = "https://blog.example/page"
Detector = Callable[[bytes, str, str, str], bool]


def ours(body: bytes, url: str, requested_url: str, charset: str) -> bool:
    """Whether we take an answer for a wall."""
    found = wall_in(body, partial(PageContent, body, url, charset), url=url, requested_url=requested_url)
    return found not in {None, BLANK}


def crawl4ais() -> Detector | None:
    """crawl4ai's answer to the same question; None where it is not there."""
    file = Path(os.environ.get("CRAWL4AI_DETECTOR", "")) / "antibot_detector.py"
    spec = importlib.util.spec_from_file_location("antibot_detector", file) if file.is_file() else None
    if spec is None or spec.loader is None:
        return None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def theirs(body: bytes, _url: str, _requested_url: str, charset: str) -> bool:
        try:
            text = body.decode(charset or "utf-8", "replace")
        except LookupError:  # a charset that Python does not know
            text = body.decode("utf-8", "replace")
        return bool(module.is_blocked(200, text)[0])

    return theirs


def main() -> None:
    real = [page for corpus in ("pages", "little-web") for page in saved_pages(corpus) if page.path not in REAL_WALLS]
    bodies = [page.file.read_bytes() for page in real]
    planted = [page for page in WALL_PAGES if page.state is not State.INCOMPLETE and not page.headers]
    print("| detector | walls found | real pages taken for walls | microseconds a real page |\n|---|---:|---:|---:|")
    for name, detector in (("backlinkbot", ours), ("crawl4ai", crawl4ais())):
        if detector is None:
            print(f"| {name} | not installed | | |")
            continue
        found = sum(
            detector(wall.body.encode(), f"https://blog.example{wall.at or '/page'}", ASKED, "utf-8")
            for wall in planted
        )
        begin = time.process_time()
        alarms = sum(detector(body, page.url, page.url, page.charset) for page, body in zip(real, bodies, strict=True))
        cost = (time.process_time() - begin) / len(real) * 1e6
        print(f"| {name} | {found} of {len(planted)} | {alarms} of {len(real):,} | {cost:.0f} |")


if __name__ == "__main__":
    main()
