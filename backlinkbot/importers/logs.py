"""Access logs become candidates: the referers that are pages of somebody else."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import islice
from json import JSONDecodeError, loads
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from backlinkbot import urls
from backlinkbot.importers.catalogue import BY_NAME
from backlinkbot.importers.outcomes import BadRow, Fault, Outcome, Skip
from backlinkbot.importers.referers import NO_REFERERS, is_app, is_bot, refuse
from backlinkbot.importers.spellings import fold
from backlinkbot.importers.texts import CutLine, Lines
from backlinkbot.importers.values import iso
from backlinkbot.items import Candidate, Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from backlinkbot.importers.formats import Format
    from backlinkbot.targets import Targets

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_COMBINED: Final = re.compile(
    # a virtual host stands before the three usual fields
    r"(?:(?P<host>[\w.-]+\.[\w-]+)(?::\d+)?,? (?=[^\s\[]+ [^\s\[]+ [^\s\[]))?\S+ \S+ [^\[]*\[(?P<time>[^\]]+)\] "
    rf"(?P<request>{_QUOTED}) (?P<status>\d{{3}}|-) (?:\d+|-)(?: (?P<referer>{_QUOTED}) (?P<agent>{_QUOTED})?)?"
)
_REQUEST: Final = re.compile(r"[A-Z]{3,16} (\S+)")
_ASSET: Final = re.compile(r"\.(?:avif|css|gif|ico|jpe?g|js|json|m?js|png|svg|webp|woff2?)(?:\?|$)", re.IGNORECASE)
SAMPLE: Final = 2_000
"""Lines by which a log tells whose it is."""
ENOUGH: Final = 0.6
"""The part of a log's first lines that must be lines of a log."""

# What the keys of a JSON log are called; the last key of those that stand within each other, folded.
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
    """The fields of a line as Apache and nginx write it; None where it is none."""
    found = _COMBINED.match(line)
    if found is None:
        return None
    fields = found.groupdict(default="")
    for name in ("request", "referer", "agent"):
        fields[name] = fields[name][1:-1].replace('\\"', '"')
    fields["request"] = match[1] if (match := _REQUEST.match(fields["request"])) else ""
    return fields


def parse_json(line: str) -> dict[str, str] | None:
    """The fields of a JSON object, whatever they are called and however deep they stand."""
    try:
        value = loads(line)
    except (JSONDecodeError, RecursionError):
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
    """Lines below ``#Fields:``, by tabs or spaces; what stands in them is percent-encoded, or has + for a space."""

    def __init__(self) -> None:
        self._names: list[str] = []

    def parse(self, line: str) -> dict[str, str] | None:
        """The fields of a line."""
        if line.startswith("#"):
            if line.lower().startswith("#fields:"):
                self._names = [fold(name) for name in line[8:].split()]
            return {}
        cells = line.rstrip("\r\n").split("\t") if "\t" in line else line.split()
        if not self._names or len(cells) != len(self._names):
            return None
        found = dict(zip(self._names, cells, strict=True))
        host = found.get("xhostheader", "clientrequesthost") or found.get("cshost") or ""
        return {
            "referer": unquote(found.get("csreferer", "")),
            "agent": unquote(found.get("csuseragent", "")).replace("+", " "),
            "request": found.get("csuristem", ""),
            "host": "" if host == "-" else host,
            "time": f"{found.get('date', '')} {found.get('time', '')}Z",
            "status": found.get("scstatus", ""),
        }


def recognise(lines: Sequence[str]) -> Format | None:
    """Which log these lines are of, if of any."""
    full = [line for line in lines if line.strip()]
    if any(line.lower().startswith("#fields:") for line in full[:10]):
        return BY_NAME["log-w3c"]
    full = [line for line in full if not line.startswith("#")]
    combined = [fields for fields in map(parse_combined, full) if fields is not None]
    if full and len(combined) >= ENOUGH * len(full):
        return BY_NAME[
            "log-combined" if any(fields["agent"] or fields["referer"] for fields in combined) else "log-common"
        ]
    logged = [fields for fields in map(parse_json, full) if fields and {"status", "request"} <= fields.keys()]
    if full and len(logged) >= ENOUGH * len(full) and any({"agent", "referer"} & fields.keys() for fields in logged):
        return BY_NAME["log-json"]
    return None


_PARSERS: Final[Mapping[str, Callable[[], Callable[[str], dict[str, str] | None]]]] = {
    "log-combined": lambda: parse_combined,
    "log-common": lambda: parse_combined,
    "log-json": lambda: parse_json,
    "log-w3c": lambda: W3CLines().parse,
}


def own_domains(entry: Format, lines: Iterable[str]) -> frozenset[str]:
    """Whose log it is: the domain from whose pages its pictures and scripts are asked for, or its pages lead to each other."""
    parse = _PARSERS[entry.name]()
    rows = [fields for fields in map(parse, islice(lines, SAMPLE)) if fields]
    asked = {fields.get("request", "") for fields in rows} - {"/", ""}
    votes: Counter[str] = Counter()
    for fields in rows:
        url = urls.parse(fields.get("referer", ""))
        if url is None or not urls.is_web(url):
            continue
        if _ASSET.search(fields.get("request", "")) or url.pathname + url.search in asked:
            votes[urls.registrable_domain(url.hostname)] += 1
    found = votes.most_common(1)
    return frozenset(name for name, count in found if count > 1 and count * 2 > votes.total())


class LogReader:
    """Reads the lines of one log."""

    def __init__(
        self, entry: Format, *, file: str, own: frozenset[str] = frozenset(), targets: Targets | None = None
    ) -> None:
        """``own``: the domains whose log it is; ``targets`` are that, too."""
        self._format = entry
        self._file = file
        self._own = own
        self._targets = targets
        self._parse = _PARSERS[entry.name]()

    def read(self, lines: Lines) -> Iterator[Outcome]:
        """What becomes of each line; comments and blank lines are none."""
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            is_cut = isinstance(line, CutLine)
            fields = None if is_cut else self._parse(line)
            if fields is None:
                reason = Fault.TOO_LONG if is_cut else Fault.NOT_OF_THE_FORMAT
                yield BadRow(file=self._file, row=number, reason=reason, text=line.strip()[:200])
            elif fields:
                yield self._read(number, fields)

    def _read(self, number: int, fields: Mapping[str, str]) -> Outcome:
        referer = fields.get("referer", "").strip()
        url = urls.parse(referer)
        if (why := self._refuse(referer, url, fields)) is not None:
            return why
        if url is None or not urls.is_web(url):
            return BadRow(file=self._file, row=number, reason=Fault.NOT_A_URL, text=referer[:200])
        claim = Claim(
            origin=self._format.origin,
            file=self._file,
            row=number,
            target_url=_target(fields),
            last_seen=iso(fields.get("time", "")),
            confidence=self._format.confidence,
        )
        # Most browsers tell other sites only where somebody comes from, not from which page.
        if url.pathname == "/" and not url.search:
            return Candidate(url=url.hostname, claims=(claim,), is_domain=True)
        return Candidate(url=referer, claims=(claim,))

    def _refuse(self, referer: str, url: urls.URL | None, fields: Mapping[str, str]) -> Skip | None:
        """Why the line is of no use; None where the referer may be a page with a link, or nothing at all."""
        checks: tuple[tuple[Callable[[], bool], Skip], ...] = (
            (lambda: referer.lower() in NO_REFERERS, Skip.NO_REFERER),
            (lambda: is_bot(fields.get("agent", "")), Skip.BOT),
            (lambda: is_app(referer), Skip.APP),
            (lambda: url is not None and self._is_own(url, fields.get("host", "")), Skip.OWN_PAGE),
        )
        for applies, why in checks:
            if applies():
                return why
        return refuse(f"{url.protocol}//{url.hostname}") if url is not None and urls.is_web(url) else None

    def _is_own(self, url: urls.URL, host: str) -> bool:
        domain = urls.registrable_domain(url.hostname)
        return (
            domain in self._own
            or (host != "" and domain == _domain_of(host))
            or (self._targets is not None and bool(self._targets.match(url) or self._targets.owners(url)))
        )


@lru_cache(maxsize=10_000)
def _domain_of(host: str) -> str:
    parsed = urls.parse(f"https://{host}")
    return urls.registrable_domain(parsed.hostname) if parsed is not None else ""


def _target(fields: Mapping[str, str]) -> str:
    """The page that was asked for: a URL where the log names its host, else a path."""
    request, host = fields.get("request", ""), fields.get("host", "")
    return f"https://{host}{request}" if host and request.startswith("/") else request
