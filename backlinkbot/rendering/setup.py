"""Checks whether a browser is available and adapts the settings, without importing one."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.errors import SettingError

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Of the system's own browsers, the first that there is."""
_HOW: Final = (
    "install one (Debian: apt-get install chromium; else: playwright install chromium), name it with --browser PATH, "
    "or crawl with --render never"
)


def turn_on(settings: BaseSettings, *, is_asked_for: bool) -> bool:
    """Add the steps of rendering to a crawl; whether there is what they need.

    Raises:
        SettingError: there is not, and the user has asked for it.
    """
    try:
        browser = find_browser(settings["BACKLINKBOT_BROWSER"])
    except SettingError:
        if is_asked_for or settings["BACKLINKBOT_BROWSER"]:
            raise
        return False
    steps = {**settings.getdict("SPIDER_MIDDLEWARES"), "backlinkbot.middlewares.rendering.RenderPages": 0}
    for name, value in {"BACKLINKBOT_BROWSER": browser, "SPIDER_MIDDLEWARES": steps}.items():
        settings.set(name, value, priority=settings.getpriority(name) or 0)
    return True


def find_browser(named: str) -> str:
    """The browser to start; empty for the one that Playwright has installed.

    Raises:
        SettingError: the named one is not there, or none is named and there is none.
    """
    if not find_spec("playwright"):
        raise SettingError(
            'rendering needs Playwright: pip install "backlinkbot[browser]"; or crawl with --render never'
        )
    if named:
        found = shutil.which(named)
        if found is None:
            raise SettingError(f"--browser {named}: there is no such program; {_HOW}")
        return found
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    if any(_playwrights_own().glob("chromium*-*")):
        return ""
    raise SettingError(f"rendering needs Chromium, and there is none: {_HOW}")


def _playwrights_own() -> Path:
    """https://playwright.dev/python/docs/browsers#managing-browser-binaries."""
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(chosen)
    cache = {"darwin": "Library/Caches", "win32": "AppData/Local"}.get(sys.platform, ".cache")
    return Path.home() / cache / "ms-playwright"
