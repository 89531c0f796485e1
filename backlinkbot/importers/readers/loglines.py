"""Parses lines of access logs into fields: combined, JSON, W3C; and recognises the kind of log."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from backlinkbot.importers.dates import iso
from backlinkbot.importers.formats.catalogue import BY_NAME
from backlinkbot.importers.formats.header_aliases import fold
from backlinkbot.importers.readers.referers import is_bot
from backlinkbot.text.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backlinkbot.importers.formats.formats import Format

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_COMBINED: Final = re.compile(
    # a virtual host is before the three usual fields
    r"(?:(?P<host>[\w.-]+\.[\w-]+)(?::\d+)?,? (?=[^\s\[]+ [^\s\[]+ [^\s\[]))?\S+ \S+ [^\[]*\[(?P<time>[^\]]+)\] "
    rf"(?P<request>{_QUOTED}) (?P<status>\d{{3}}|-) (?:\d+|-)(?: (?P<referer>{_QUOTED}) (?P<agent>{_QUOTED})?)?"
)
_REQUEST: Final = re.compile(r"[A-Z]{3,16} (\S+)")
# What the cells of a log without a header hold.
_FEWEST: Final = 4
"""Fewest columns of such a log."""
_REQUEST_CELL: Final = re.compile(r"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE) \S")
_STATUS_CELL: Final = re.compile(r"[1-5]\d\d$")
_REFERER_CELL: Final = re.compile(r"https?://|android-app:|ios-app:", re.IGNORECASE)
_HOST_CELL: Final = re.compile(r"(?=.*[a-z])(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}(?::\d+)?$", re.IGNORECASE)
_DATE_CELL: Final = re.compile(r"\d{4}-\d\d-\d\d")
ENOUGH: Final = 0.6
"""The share of a log's first lines that must be valid."""

# The keys of JSON logs, folded; of nested keys the last one.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "referer": (
        "referer",
        "referrer",
        "httpreferer",
        "httpreferrer",
        "requestreferer",
        "csreferer",
        "requestheadersreferer",
        "clientrequestreferer",
    ),
    "agent": (
        "useragent",
        "httpuseragent",
        "agent",
        "requestuseragent",
        "csuseragent",
        "requestheadersuseragent",
        "clientrequestuseragent",
    ),
    "request": (
        "request",
        "requesturi",
        "uri",
        "path",
        "url",
        "requestpath",
        "requesturl",
        "csuristem",
        "requestline",
        "clientrequesturi",
        "clientrequestpath",
    ),
    "host": (
        "host",
        "httphost",
        "servername",
        "vhost",
        "requesthost",
        "virtualhost",
        "cshost",
        "xhostheader",
        "clientrequesthost",
    ),
    "time": (
        "time",
        "timestamp",
        "timeiso8601",
        "timelocal",
        "datetime",
        "date",
        "ts",
        "msec",
        "starttime",
        "edgestarttimestamp",
    ),
    "status": ("status", "statuscode", "responsestatus", "code", "scstatus", "downstreamstatus", "edgeresponsestatus"),
}
_NAME_OF: Final = {fold(key): name for name, keys in _KEYS.items() for key in keys}


def parse_combined(line: str) -> dict[str, str] | None:
    """Parses a line in the format of Apache and nginx; returns None if it is invalid."""
    found = _COMBINED.match(line)
    if found is None:
        return None
    fields = found.groupdict(default="")
    for name in ("request", "referer", "agent"):
        fields[name] = fields[name][1:-1].replace('\\"', '"')
    fields["request"] = match[1] if (match := _REQUEST.match(fields["request"])) else ""
    return fields


def parse_json(line: str) -> dict[str, str] | None:
    """Parses a JSON object with any of the known keys, however deeply nested."""
    try:
        value = loads(line)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    fields: dict[str, str] = {}
    _gather(value, fields)
    request = fields.get("request", "")
    if match := _REQUEST.match(request):
        fields["request"] = match[1]
    return fields if "status" in fields or "referer" in fields else None


def _gather(value: Mapping[str, Any], fields: dict[str, str], depth: int = 0) -> None:
    for key, inner in value.items():
        if isinstance(inner, dict):
            if depth < 4:
                _gather(inner, fields, depth + 1)
            continue
        name = _NAME_OF.get(fold(key))
        first = inner[0] if isinstance(inner, list) and inner else inner
        if name and isinstance(first, str | int | float) and not isinstance(first, bool):
            fields.setdefault(name, str(first))


class W3CLines:
    """Parses lines below ``#Fields:``, separated by tabs or spaces; values are percent-encoded, or use + for spaces."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def parse(self, line: str) -> dict[str, str] | None:
        """Parses the fields of a line."""
        if line.startswith("#"):
            if line.lower().startswith("#fields:"):
                self._names = [fold(name) for name in line[8:].split()]
            return {}
        cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
        if not self._names or len(cells) != len(self._names):
            return None
        found = dict(zip(self._names, cells, strict=True))
        hosts = (host for name in ("xhostheader", "cshost") if (host := found.get(name, "-")) != "-")
        return {
            "referer": unquote(found.get("csreferer", "")),
            "agent": unquote(found.get("csuseragent", "")).replace("+", " "),
            "request": found.get("csuristem", ""),
            "host": next(hosts, ""),
            "time": f"{found.get('date', '')} {found.get('time', '')}Z",
            "status": found.get("scstatus", ""),
        }


class ColumnLines:
    """Parses lines of columns between tabs, bars, semicolons or commas.

    A header with the usual names tells the columns. Without one, a line is read by its values: the request is the column
    with a method and a path, and the referer the URL behind it.
    """

    def __init__(self) -> None:
        self._names: list[str] = []

    def parse(self, line: str) -> dict[str, str] | None:
        """Parses the fields of a line; a header has none."""
        cells = _cells(line)
        if len(cells) < _FEWEST:
            return None
        names = [_NAME_OF.get(fold(cell), "") for cell in cells]
        if "referer" in names and {"request", "status"} & set(names):
            self._names = names
            return {}
        if self._names:
            found = {name: cell for name, cell in zip(self._names, cells, strict=False) if name}
            if match := _REQUEST.match(found.get("request", "")):
                found["request"] = match[1]
            return found if len(cells) == len(self._names) else None
        return _by_values(cells)


def _cells(line: str) -> list[str]:
    text = line.strip("\r\n")
    delimiter = next((mark for mark in "\t|;," if text.count(mark) >= _FEWEST - 1), "")
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter))] if delimiter else []
    except csv.Error:
        return []


def _by_values(cells: list[str]) -> dict[str, str] | None:
    at = next((at for at, cell in enumerate(cells) if _REQUEST_CELL.match(cell)), -1)
    status = next((cell for cell in cells if _STATUS_CELL.match(cell)), "")
    if at < 0 or not status:
        return None
    after = cells[at + 1 :]
    referer = next((cell for cell in after if _REFERER_CELL.match(cell)), "-")
    agents = [cell for cell in after if cell != referer and ("/" in cell or is_bot(cell))]
    request = _REQUEST.match(cells[at])
    return {
        "referer": referer,
        "agent": max(agents, key=len, default=""),
        "request": request[1] if request is not None else "",
        "host": next((cell for cell in cells[:at] if _HOST_CELL.match(cell)), ""),
        "time": next((cell.strip("[]") for cell in cells if _DATE_CELL.match(iso(cell.strip("[]")))), ""),
        "status": status,
    }


def recognise(lines: Sequence[str]) -> Format | None:
    """Recognises the kind of log; returns None if the lines are of no log."""
    full = [line for line in lines if line.strip()]
    if any(line.lower().startswith("#fields:") for line in full[:10]):
        return BY_NAME["log-w3c"]
    full = [line for line in full if not line.startswith("#")]
    combined = [fields for fields in map(parse_combined, full) if fields is not None]
    if full and len(combined) >= ENOUGH * len(full):
        return BY_NAME[
            "log-combined" if any(fields["agent"] or fields["referer"] for fields in combined) else "log-common"
        ]
    parse = ColumnLines().parse
    columns = [fields for fields in map(parse, full) if fields is not None]
    if full and len(columns) >= ENOUGH * len(full) and any(columns):
        return BY_NAME["log-columns"]
    logged = [fields for fields in map(parse_json, full) if fields and {"status", "request"} <= fields.keys()]
    if full and len(logged) >= ENOUGH * len(full) and any({"agent", "referer"} & fields.keys() for fields in logged):
        return BY_NAME["log-json"]
    return None


PARSERS: Final[Mapping[str, Callable[[], Callable[[str], dict[str, str] | None]]]] = {
    "log-combined": lambda: parse_combined,
    "log-common": lambda: parse_combined,
    "log-json": lambda: parse_json,
    "log-columns": lambda: ColumnLines().parse,
    "log-w3c": lambda: W3CLines().parse,
}
