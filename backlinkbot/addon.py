"""The Scrapy add-on, which brings the settings and components of backlinkbot into a project."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies

from scrapy.settings import SETTINGS_PRIORITIES, default_settings

from backlinkbot.errors import SettingError
from backlinkbot.option_table import Render
from backlinkbot.options import PRODUCT, command_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

_OF_A_HISTORY: Final = (
    "backlinkbot.pipelines.recall_claims.RecallClaims",
    "backlinkbot.pipelines.record.RecordHistory",
)
_COMPONENTS: Final = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS", "ITEM_PIPELINES")
_SPIDER_MODULES: Final = ("backlinkbot.spiders",)
_OF_THE_PROJECT: Final = frozenset({"ADDONS", "BOT_NAME", "COMMANDS_MODULE", "SPIDER_MODULES"})
"""Settings that a project which uses the add-on has of its own."""
_OF_OUR_SPIDERS: Final = (
    "CONCURRENT_ITEMS",
    "COOKIES_ENABLED",
    "DOWNLOADER",
    "DOWNLOADER_CLIENT_TLS_CIPHERS",
    "DOWNLOADER_STATS",
    "DUPEFILTER_CLASS",
    "FEED_STORE_EMPTY",
    "ITEM_PROCESSOR",
    "METAREFRESH_MAXDELAY",
    "REFERER_ENABLED",
    "SCHEDULER_DISK_QUEUE",
    "SCHEDULER_MEMORY_QUEUE",
    "SCHEDULER_PRIORITY_QUEUE",
    "SCHEDULER_START_DISK_QUEUE",
    "SCHEDULER_START_MEMORY_QUEUE",
    "STATS_CLASS",
    "WARN_ON_GENERATOR_RETURN_VALUE",
)
"""Settings that are right for our spiders only: with this duplicate filter, for example, others would crawl without end."""


class Addon:
    """Scrapy add-on: our spiders run with our components; other spiders of the project run as if it were not there.

    What the project sets itself wins over our settings. Dictionaries of components are merged: a pipeline of the project's
    own stands beside ours.
    """

    def __init__(self, *, is_ours: bool = True) -> None:
        self._is_ours = is_ours

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Creates the add-on for a crawl with a spider of ours or of others."""
        return cls(is_ours=bool(command_of(crawler.spidercls)))

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """Adds our spiders and settings before there is a crawler, because a spider reads its arguments before add-ons run."""
        modules = settings.getlist("SPIDER_MODULES")
        missing = [module for module in _SPIDER_MODULES if module not in modules]
        if missing:
            priority = settings.getpriority("SPIDER_MODULES") or 0
            settings.set("SPIDER_MODULES", [*modules, *missing], priority=priority)
        for name, value in _our_settings().items():
            if name.startswith("BACKLINKBOT_"):
                settings.set(name, value, priority="addon")

    def update_settings(self, settings: BaseSettings) -> None:
        """Sets what our spiders need, or restores what Scrapy has for those of others; the spider and its arguments are known.

        Raises:
            SettingError: pipelines are in a wrong order, two outputs have one name, or rendering is asked for and there is no browser.
        """
        if not self._is_ours:
            _stand_down(settings)
            return
        for name, value in _our_settings().items():
            if isinstance(value, dict):
                _merge(settings, name, value)
            else:
                settings.set(name, value, priority="addon")
        contact = settings["BACKLINKBOT_CONTACT"]
        settings.set("USER_AGENT", f"{PRODUCT} (+{contact})" if contact else PRODUCT, priority="addon")
        if not getproxies():
            settings.set("HTTPPROXY_ENABLED", False, priority="addon")  # a step of every request that has nothing to do
        if not settings["BACKLINKBOT_HISTORY_URL"]:  # whose imports alone take a third of a second
            _merge(settings, "ITEM_PIPELINES", {}, last=dict.fromkeys(_OF_A_HISTORY))
        import_module("backlinkbot.pipelines.contracts").check_order(settings)
        _set_rendering(settings)
        _add_checks(settings)
        for name in _COMPONENTS:
            _leave_out_disabled(settings, name)


@cache
def _our_settings() -> dict[str, Any]:
    ours = import_module("backlinkbot.settings")  # when it is asked for, since it reads an environment variable
    named = {name: value for name, value in vars(ours).items() if name.isupper() and not name.startswith("_")}
    return {name: value for name, value in named.items() if name not in _OF_THE_PROJECT}


def _merge(
    settings: BaseSettings, name: str, components: Mapping[str, Any], *, last: Mapping[str, Any] | None = None
) -> None:
    """Adds components to a dictionary of a project, which may have given one of them another place, or None."""
    given = settings.getdict(name)
    named = {_path(component) for component in given}
    merged = {path: value for path, value in components.items() if path not in named} | given | dict(last or {})
    settings.set(name, merged, priority=max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["addon"]))


def _leave_out_disabled(settings: BaseSettings, name: str) -> None:
    """Removes components that are None from a dictionary and from Scrapy's defaults, which do the same without them.

    Scrapy imports each of them only to compare its name: 10 MB and a third of a second. A component that is None under
    another name than in the defaults stays, because only its import tells which one it is.
    """
    given, defaults = settings.getdict(name), settings.getdict(f"{name}_BASE")
    known = _our_settings().get(name, {}).keys() | defaults.keys()
    off = {component for component, place in given.items() if place is None and component in known}
    if off:
        priority = max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["addon"])
        settings.set(name, {key: place for key, place in given.items() if key not in off}, priority=priority)
        kept = {key: place for key, place in defaults.items() if _path(key) not in off}
        settings.set(f"{name}_BASE", kept, priority=priority)


def _path(component: Any) -> str:
    return component if isinstance(component, str) else f"{component.__module__}.{component.__qualname__}"


def _stand_down(settings: BaseSettings) -> None:
    """Gives a spider of others Scrapy's own components, if the settings of the project are ours, as in a checkout."""
    if not _our_settings()["ITEM_PIPELINES"].keys() <= settings.getdict("ITEM_PIPELINES").keys():
        return
    for name, value in _our_settings().items():
        priority = settings.getpriority(name) or 0
        if isinstance(value, dict):
            others = {key: place for key, place in settings.getdict(name).items() if _path(key) not in value}
            settings.set(name, others, priority=priority)
        elif name in _OF_OUR_SPIDERS and settings[name] == value:
            settings.set(name, getattr(default_settings, name), priority=priority)


def _set_rendering(settings: BaseSettings) -> None:
    """Adds the rendering of pages if the user wants it or a browser is there; otherwise nothing of it is imported."""
    chosen = settings["BACKLINKBOT_RENDER"]
    if chosen == Render.NEVER or (not chosen and find_spec("scrapy_playwright") is None):
        return
    is_on = import_module("backlinkbot.rendering.setup").turn_on(settings, is_asked_for=bool(chosen))
    value = chosen or (Render.AUTO if is_on else Render.NEVER).value
    settings.set("BACKLINKBOT_RENDER", value, priority=settings.getpriority("BACKLINKBOT_RENDER") or 0)


def _add_checks(settings: BaseSettings) -> None:
    checks = settings["BACKLINKBOT_CHECKS"]
    if not checks:
        return
    feed = {
        "format": "jsonl" if Path(checks).suffix in {".jsonl", ".jl"} else "csv",
        "overwrite": True,
        "item_classes": ["backlinkbot.items.Check"],
        "fields": None,
        "batch_item_count": 0,
    }
    feeds = settings.getdict("FEEDS")
    if feeds.get(str(checks), feed) != feed:
        raise SettingError(f"{checks}: two outputs cannot be one file (--checks is the other)")
    settings.set("FEEDS", {**feeds, str(checks): feed}, priority="cmdline")
