"""Checks before a crawl whether each output can be written: its address, library, format, folder and free space."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured
from scrapy.utils.conf import feed_complete_default_values_from_settings
from scrapy.utils.misc import build_from_crawler, load_object
from w3lib.url import file_uri_to_path

from backlinkbot.errors import BacklinkbotError, OutputError, SettingError, UsageError
from backlinkbot.exporters.exporters import TERMINAL, columns_of, fields_of, view_of, words_for_columns
from backlinkbot.exporters.feed_storage import WholeFileStorage
from backlinkbot.files.atomic import check_writable
from backlinkbot.items import Backlink
from backlinkbot.items.columns import chosen
from backlinkbot.items.columns import columns_of as schema_of
from backlinkbot.text.suggestions import did_you_mean, known_ones

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

_NEEDS: Final = {"gs": "google.cloud.storage", "s3": "boto3"}
"""Scheme -> the library that its storage imports; Google's only once the crawl is over."""
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)")
_OF_A_BATCH: Final = frozenset({"batch_time", "batch_id"})
FILES: Final = ("BACKLINKBOT_SUMMARY", "BACKLINKBOT_VISITS", "BACKLINKBOT_METRICS")
"""Settings that name a file which a run writes besides its feeds."""


def feeds_of(settings: BaseSettings) -> dict[str, dict[str, Any]]:
    """URI -> options of each feed, completed as Scrapy does."""
    return {
        str(uri.absolute() if isinstance(uri, Path) else uri): feed_complete_default_values_from_settings(
            dict(feed), settings, str(uri)
        )
        for uri, feed in settings.getdict("FEEDS").items()
    }


def check_outputs(crawler: Crawler, settings: BaseSettings) -> None:
    """Probe every output of a crawl that has not begun.

    Args:
        crawler: what the storages are made for.
        settings: the settings that the crawl will have.

    Raises:
        UsageError: the outputs must be named differently, or ``--columns`` names no column.
        OutputError: one cannot be written.
    """
    places: dict[Path, str] = {}
    words = words_for_columns(settings)
    may_add = _has_own_pipelines(settings)
    if not may_add:
        _refuse_unknown(words)
    for uri, feed in feeds_of(settings).items():
        _check_feed(crawler, settings, uri, feed)
        columns = _columns(feed, words, may_add=may_add)
        if (path := local_path(uri)) is not None:
            _check_file(path, uri, places)
            storage = WholeFileStorage(uri, feed_options=feed)
            storage.refuse_other_columns(columns)
    for name in FILES:
        if settings[name]:
            _check_file(Path(settings[name]), str(settings[name]), places)


def _has_own_pipelines(settings: BaseSettings) -> bool:
    """True if there are pipelines besides ours, which may add columns to rows."""
    pipelines = settings.getdict("ITEM_PIPELINES").items()
    return any(not str(pipeline).startswith("backlinkbot.") for pipeline, place in pipelines if place is not None)


def _refuse_unknown(words: list[str]) -> None:
    """Raises UsageError for a word of ``--columns`` that names no column, also where no feed would use it."""
    try:
        chosen(schema_of(Backlink), words)
    except UsageError as error:
        raise UsageError(f"--columns {','.join(words)}: {error}") from error


def _columns(feed: Mapping[str, Any], words: list[str], *, may_add: bool) -> list[str]:
    view = view_of(feed)
    wanted = fields_of(feed, words)
    if may_add:
        return list(wanted.values())
    known = columns_of(None, view)
    if unknown := [name for name in wanted if name not in known]:
        meant = did_you_mean(unknown[0], known) or f"; there are {known_ones(known)}"
        raise SettingError(f"rows have no column {unknown[0]}{meant}")
    return list(wanted.values())


def _check_file(path: Path, written: str, places: dict[Path, str]) -> None:
    place = path.resolve()
    if place in places and (place.is_file() or not place.exists()):
        raise SettingError(f"{written}: two outputs cannot be one file ({places[place]} is the other)")
    places[place] = written
    check_writable(path)


def _check_feed(crawler: Crawler, settings: BaseSettings, uri: str, feed: Mapping[str, Any]) -> None:
    name = shown(uri)
    if feed["format"] not in _known(settings, "FEED_EXPORTERS"):
        known = ", ".join(sorted(_known(settings, "FEED_EXPORTERS")))
        raise SettingError(f"{name}: unknown format {feed['format'] or ''!r}; use one of {known}")
    if feed["batch_item_count"] and _OF_A_BATCH.isdisjoint(_PLACEHOLDER.findall(uri)):
        raise SettingError(f"{name}: batches need %(batch_id)d or %(batch_time)s in the name of the file")
    schemes = _known(settings, "FEED_STORAGES")
    scheme = urlsplit(uri).scheme
    if scheme not in schemes:
        known = ", ".join(f"{known}:" for known in sorted(filter(None, schemes)))
        raise OutputError(f"{name}: cannot be written: unknown scheme {scheme}: (known are {known} and plain files)")
    if scheme in _NEEDS and not _is_installed(_NEEDS[scheme]):
        raise OutputError(f"{name}: cannot be written: the library {_NEEDS[scheme]} is not installed")
    try:
        build_from_crawler(load_object(schemes[scheme]), crawler, uri, feed_options=dict(feed))
    except BacklinkbotError:
        raise
    except (NotConfigured, ImportError, OSError, ValueError, AssertionError) as error:
        raise OutputError(f"{name}: cannot be written: {str(error) or 'it names no place'}") from error


def _known(settings: BaseSettings, name: str) -> dict[str, Any]:
    return {key: value for key, value in settings.getwithbase(name).items() if value is not None}


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package that it is part of
        return False


def local_path(uri: str) -> Path | None:
    """The file of a feed that is one from the start: no batch, no stream, nothing remote."""
    path = file_uri_to_path(uri) if uri.startswith("file:") else uri
    return None if urlsplit(path).scheme or _PLACEHOLDER.search(path) else Path(path)


def shown(uri: str) -> str:
    """The address of an output as it may be printed: without a password."""
    parts = urlsplit(uri)
    if parts.scheme in {"stdout", TERMINAL}:
        return "standard output"
    if "@" not in parts.netloc:
        return uri
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
