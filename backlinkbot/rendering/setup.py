"""Checks whether a browser is available and adapts the settings, those of scrapy-playwright too, without importing one."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import SettingError
from backlinkbot.rendering.launch import CHROMIUM, guarded

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Of the system's own browsers, the first that there is."""
PROVIDER: Final = "backlinkbot.rendering.provider.GuardedProvider"
_HOW: Final = (
    "install one (Debian: apt-get install chromium; else: playwright install chromium), name it with --browser PATH, "
    "or crawl with --render never"
)


def turn_on(settings: BaseSettings, *, is_asked_for: bool) -> bool:
    """Add the steps of rendering to a crawl; whether there is what they need.

    Raises:
        SettingError: there is not, and the user has asked for it.
    """
    named = settings["BACKLINKBOT_BROWSER"]
    try:
        browser = "" if _is_elsewhere(settings) and not named else find_browser(named, _browser_type(settings))
    except SettingError:
        if is_asked_for or named:
            raise
        return False
    steps = {**settings.getdict("SPIDER_MIDDLEWARES"), "backlinkbot.middlewares.rendering.RenderPages": 0}
    ours = {"BACKLINKBOT_BROWSER": browser, "SPIDER_MIDDLEWARES": steps} | _for_scrapy_playwright(settings, browser)
    for name, value in ours.items():
        settings.set(name, value, priority=settings.getpriority(name) or 0)
    return True


def _for_scrapy_playwright(settings: BaseSettings, browser: str) -> dict[str, Any]:
    """Its settings, from the user's and ours."""
    values: dict[str, Any] = {
        "PLAYWRIGHT_BROWSER_PROVIDER": settings["PLAYWRIGHT_BROWSER_PROVIDER"] or PROVIDER,
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,  # 0 CONCURRENT_REQUESTS is without a bound here, and none at all there
        "PLAYWRIGHT_DOWNLOAD_TIMEOUT": 0,  # none is waited for
    }
    if not _is_remote(settings):
        values["PLAYWRIGHT_LAUNCH_OPTIONS"] = guarded(
            settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS"),
            browser_type=_browser_type(settings),
            executable=browser,
            arguments=settings.getlist("BACKLINKBOT_BROWSER_ARGUMENTS"),
        )
    return values


def _browser_type(settings: BaseSettings) -> str:
    return settings["PLAYWRIGHT_BROWSER_TYPE"] or CHROMIUM


def _is_remote(settings: BaseSettings) -> bool:
    return bool(settings["PLAYWRIGHT_CDP_URL"] or settings["PLAYWRIGHT_CONNECT_URL"])


def _is_elsewhere(settings: BaseSettings) -> bool:
    """True if scrapy-playwright's settings name the browser, so that none is to be found here."""
    options = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    is_named = (
        _is_remote(settings)
        or settings["PLAYWRIGHT_BROWSER_PROVIDER"]
        or options.keys() & {"executable_path", "channel"}
    )
    return bool(is_named) and has_scrapy_playwright()


def has_scrapy_playwright() -> bool:
    """True if the packages of the extra ``browser`` are installed."""
    return all(map(find_spec, ("playwright", "scrapy_playwright")))


def find_browser(named: str, browser_type: str = CHROMIUM) -> str:
    """The browser to start; empty for the one that Playwright has installed.

    Raises:
        SettingError: the named one is not there, or none is named and there is none.
    """
    if not has_scrapy_playwright():
        raise SettingError(
            'rendering needs scrapy-playwright: pip install "backlinkbot[browser]"; or crawl with --render never'
        )
    if named:
        found = shutil.which(named)
        if found is None:
            raise SettingError(f"--browser {named}: there is no such program; {_HOW}")
        return found
    if browser_type != CHROMIUM:  # Playwright drives builds of its own only
        if any(_playwrights_own().glob(f"{browser_type}-*")):
            return ""
        raise SettingError(
            f"PLAYWRIGHT_BROWSER_TYPE {browser_type}: playwright install {browser_type} has not been run"
        )
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
