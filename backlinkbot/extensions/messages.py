"""Prints messages and log records on standard error, as text or as one JSON object a line (``--log-format``)."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from scrapy.exceptions import NotConfigured
from scrapy.utils.log import get_scrapy_root_handler

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

JSON: Final = "json"
"""The value of ``BACKLINKBOT_LOG_FORMAT`` for JSON."""


class JsonRecords(logging.Formatter):
    """Formats a log record as a line of JSON: ``time``, ``level``, ``logger``, ``message``, and ``exception`` if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = _line(record.created, record.levelname.lower(), record.name, record.getMessage())
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class LogFormat:
    """Extension: has Scrapy's log handler write JSON where that is configured, for ``scrapy crawl``."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        handler = get_scrapy_root_handler()
        if crawler.settings["BACKLINKBOT_LOG_FORMAT"] != JSON or handler is None:
            raise NotConfigured
        handler.setFormatter(JsonRecords())
        return cls()


def log_as_json(settings: BaseSettings) -> bool:
    """Installs a handler that writes JSON in place of Scrapy's, where that is configured; returns whether it is."""
    if settings["BACKLINKBOT_LOG_FORMAT"] != JSON:
        return False
    if settings.getbool("LOG_ENABLED"):
        name = settings["LOG_FILE"]
        handler = logging.FileHandler(name, encoding="utf-8") if name else logging.StreamHandler()
        handler.setFormatter(JsonRecords())
        handler.setLevel(settings["LOG_LEVEL"])
        logging.root.setLevel(logging.NOTSET)
        logging.root.addHandler(handler)
    return True


def tell(messages: Iterable[str], settings: BaseSettings, level: str = "info") -> None:
    """Prints messages, each on a line, in the configured format; nothing if the terminal is gone."""
    with suppress(OSError):
        for message in messages:
            if settings["BACKLINKBOT_LOG_FORMAT"] == JSON:
                now = datetime.now(UTC).timestamp()
                sys.stderr.write(f"{json.dumps(_line(now, level, 'backlinkbot', message))}\n")
            else:
                sys.stderr.write(f"backlinkbot: {message}\n")


def _line(at: float, level: str, logger: str, message: str) -> dict[str, str]:
    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"time": time, "level": level, "logger": logger, "message": message}
