"""What a cell says: a date, a yes or no, a rel, a link that is lost, a page or a domain."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from backlinkbot import urls
from backlinkbot.cells import FORMULA_STARTS, GUARD
from backlinkbot.importers.outcomes import Fault
from backlinkbot.importers.spellings import fold
from backlinkbot.robots import NOFOLLOW_RELS, rel_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

DateOrder: TypeAlias = Literal["dmy", "mdy", ""]
"""Which comes first in ``03/04/2026``; empty: nobody can tell."""

YES: Final = frozenset(
    {"true", "yes", "y", "t", "1", "x", "ja", "si", "sí", "oui", "sim", "tak", "да", "✓", "✔", "✅"}
    | {"wahr", "vrai", "vero", "verdadero", "verdadeiro", "waar", "prawda", "истина"}
)
NO: Final = frozenset(
    {"false", "no", "n", "f", "0", "-", "nein", "non", "não", "nao", "nie", "нет", "✗", "❌"}
    | {"falsch", "faux", "falso", "onwaar", "fałsz", "ложь"}
)
# What stands in a column about lost links where the link is not lost, or nobody could tell; folded.
NOT_LOST: Final = frozenset(
    {
        "",
        "0",
        "false",
        "no",
        "n",
        "f",
        "none",
        "null",
        "na",
        "nan",
        "nein",
        "non",
        "live",
        "active",
        "ok",
        "found",
        "new",
    }
    | {"restored", "changed", "linkfound", "pagefound", "linkrestored", "linked", "redirected", "blockedbyrobots"}
    | {"refused", "servererror", "unreachable", "nothtml"}
)
# Endings that no registry has, and people use all the same (RFC 6761, RFC 2606).
_RESERVED: Final = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "lan", "home", "corp"})
_FORMULA: Final = re.compile(r"""=\s*HYPERLINK\(\s*"([^"]+)\"""", re.IGNORECASE)
_TYPED: Final = re.compile(
    r"\b(no[-\s]?follow|do[-\s]?follow|follow(?:ed)?|ugc|user generated|sponsored|[nd]f)\b", re.IGNORECASE
)
_SHORT: Final = {"nf": "nofollow", "df": "dofollow", "usergenerated": "ugc"}
_HAS_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST_AND_PORT: Final = re.compile(r"[^/?#@\s]+\.[^/?#@\s]+:\d+(?:[/?#]|$)")


def plain(cell: str) -> str:
    """A cell as text: no white space around it, no guard before what a spreadsheet would run, the URL of a formula."""
    text = cell.strip()
    if text[:1] == GUARD and text.startswith(FORMULA_STARTS, 1):
        text = text[1:]
    if text[:1] == "=" and (link := _FORMULA.match(text)):
        return link[1]
    return text


def place(text: str) -> tuple[str, bool] | Fault:
    """(the page or domain as written, whether it is a domain), or why it is neither."""
    text = text.removeprefix(GUARD)
    if not text:
        return Fault.NO_URL
    if text[:4].lower() == "http" and _HAS_SCHEME.match(text):
        return (text, False) if urls.is_web(urls.parse(text)) else Fault.NOT_A_URL
    if text.startswith("//"):
        return place(f"https:{text}")
    if (_HAS_SCHEME.match(text) and not _HOST_AND_PORT.match(text)) or text[0] == "/" or len(text.split()) > 1:
        return Fault.NOT_A_URL
    host, _, rest = text.partition("/")
    parsed = urls.parse(f"https://{text}")
    if parsed is None or "@" in host or not _is_host(parsed.hostname, host):
        return Fault.NOT_A_URL
    return text, not rest and not parsed.search and not parsed.hash


def _is_host(hostname: str, written: str) -> bool:
    """Whether a name that nobody calls a URL is one of the web: ``report.pdf`` and ``1.5`` are not."""
    name = urls.bare_host(hostname)
    last = name.rpartition(".")[2]
    if "." not in name or last.isdigit():
        return "." in name and written.startswith(name)
    return last in _RESERVED or _is_ending(last)


@lru_cache(maxsize=10_000)
def _is_ending(label: str) -> bool:
    return urls.is_public_suffix(label) or urls.is_public_suffix(f"any.{label}")  # "*.uk" has no "uk" beside it


def domain(text: str) -> str | Fault:
    """The host of a cell that names a domain, whichever way it is written; or why there is none."""
    found = place(text.removeprefix("*.").removeprefix("."))
    if isinstance(found, Fault):
        return found
    parsed = urls.parse(found[0] if found[0][:4].lower() == "http" and ":" in found[0] else f"https://{found[0]}")
    return urls.bare_host(parsed.hostname) if parsed is not None else Fault.NOT_A_URL


def said_yes(cell: str) -> bool | None:
    """Yes, no, or nothing that can be understood."""
    word = cell.strip().lower()
    return True if word in YES else False if word in NO else None


@lru_cache(maxsize=10_000)
def verdict(
    *,
    rel: str | None,
    nofollow: str | None,
    follow: str | None,
    ugc: str | None,
    sponsored: str | None,
    kind: str | None,
) -> tuple[tuple[str, ...], bool | None]:
    """(rel tokens, the source's word on follow) from the cells about it; None where there is no such column."""
    tokens = dict.fromkeys(map(str.lower, rel_tokens(rel or "")))
    said = [(nofollow, "nofollow"), (ugc, "ugc"), (sponsored, "sponsored")]
    tokens |= dict.fromkeys(name for cell, name in said if cell is not None and said_yes(cell))
    typed = [_SHORT.get(word, word) for word in map(fold, _TYPED.findall(kind or ""))]
    tokens |= dict.fromkeys(word for word in typed if "follow" not in word)
    tokens |= dict.fromkeys(word for word in typed if word == "nofollow")
    # "nofollow" and "dofollow" as the answer of a column with one of these names
    answers = [fold(cell) for cell in (nofollow, follow) if cell]
    tokens |= dict.fromkeys(word for word in answers if word == "nofollow")
    if not NOFOLLOW_RELS.isdisjoint(tokens):
        return tuple(tokens), False
    if follow is not None and (answer := said_yes(follow)) is not None:
        return tuple(tokens), answer
    says_follow = rel is not None or {"dofollow", "follow"} & set(answers) or any("follow" in word for word in typed)
    if says_follow or (nofollow is not None and said_yes(nofollow) is False):
        return tuple(tokens), True
    return tuple(tokens), None


def is_lost(cell: str) -> bool:
    """Whether what stands in a column about lost links says that this one is lost."""
    if not cell:
        return False
    word = fold(cell)
    return word not in NOT_LOST and not word.startswith("error")


# --- dates ---

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar enero ene janvier janv gennaio gen janeiro januari ינואר янв января",
            "feb february februar febrero fevrier fevr febbraio fevereiro fev februari פברואר фев февраля",
            "mar march marz maerz marzo mars marco maart mrz mrt מרץ мар марта",
            "apr april abril abr avril avr aprile אפריל апр апреля",
            "may mai mayo maggio mag maio mei מאי мая",
            "jun june juni junio juin giugno giu junho יוני июн июня",
            "jul july juli julio juil juillet luglio lug julho יולי июл июля",
            "aug august agosto ago aout augustus אוגוסט авг августа",
            "sep sept september septiembre septembre settembre set setembro ספטמבר сен сент сентября",
            "oct october oktober okt octubre octobre ottobre ott outubro out אוקטובר окт октября",
            "nov november noviembre novembre novembro נובמבר ноя нояб ноября",
            "dec december dezember dez diciembre dic decembre dicembre dezembro דצמבר дек декабря",
        ),
        start=1,
    )
    for name in map(fold, names.split())
}
_TIME: Final = (
    r"(?:[T ,:]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[.,]\d+)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_ZONE: Final = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?(?:\s*\(?UTC\)?)?$"
_YEAR_FIRST: Final = re.compile(r"(?P<y>\d{4})[-/.]\s?(?P<m>\d{1,2})[-/.]\s?(?P<d>\d{1,2})\.?" + _TIME + _ZONE)
_DIGITS: Final = re.compile(
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?$"
)
_YEAR_LAST: Final = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})" + _TIME + _ZONE)
_NAMED_MONTH: Final = re.compile(
    r"(?:[^\W\d_]+\.?,\s+)?(?:(?P<d>\d{1,2})(?:\.|st|nd|rd|th)?[\s/-]+(?:de\s+|ב)?(?P<m>[^\W\d_]+)\.?|"
    r"(?P<m2>[^\W\d_]+)\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?),?[\s/-]+(?:de\s+)?(?P<y>\d{4})" + _TIME + _ZONE
)
_EPOCH: Final = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d+)?$")


def date_order(cells: Iterable[str]) -> DateOrder:
    """Which comes first, day or month, in a column of which these are some cells."""
    firsts = {"dmy": False, "mdy": False}
    for found in map(_YEAR_LAST.match, cells):
        if found is not None:
            firsts["dmy"] |= int(found["a"]) > 12
            firsts["mdy"] |= int(found["b"]) > 12
    return "dmy" if firsts["dmy"] and not firsts["mdy"] else "mdy" if firsts["mdy"] and not firsts["dmy"] else ""


@lru_cache(maxsize=100_000)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def iso(cell: str, order: DateOrder = "") -> str:
    """A date or time in ISO 8601, in UTC where it names its zone; as written where its order is anybody's guess."""
    if len(cell) == 10 and cell[4] == "-" and _is_day(cell):
        return cell
    if len(cell) == 19 and cell[4] == "-" and cell[10] in " T" and cell[13] == ":" and _is_day(cell[:10]):
        return f"{cell[:10]}T{cell[11:]}"
    text = cell.strip()
    return "" if fold(text) in {"", "none", "null", "nan", "na"} else _read_date(text, order)


@lru_cache(maxsize=10_000)
def _read_date(text: str, order: DateOrder) -> str:
    try:
        if found := _EPOCH.match(text):
            return _written(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(found[1])))
        if found := _YEAR_FIRST.match(text) or _DIGITS.match(text):
            return _date_of(found, int(found["m"]), int(found["d"]))
        if found := _NAMED_MONTH.match(text):
            month = _MONTHS.get(fold(found["m"] or found["m2"]), 0)
            return _date_of(found, month, int(found["d"] or found["d2"]))
        if found := _YEAR_LAST.match(text):
            first, second = int(found["a"]), int(found["b"])
            # between dots the day comes first wherever people write so
            if first > 12 or order == "dmy" or text[len(found["a"])] == ".":
                return _date_of(found, second, first)
            if second > 12 or order == "mdy" or first == second:
                return _date_of(found, first, second)
    except (ValueError, OverflowError):  # no such day
        pass
    return text


def _date_of(found: re.Match[str], month: int, day: int) -> str:
    parts = found.groupdict()
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    if parts["hour"] is None:
        return date(year, month, day).isoformat()
    hour = int(parts["hour"])
    if half := parts.get("half"):
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    moment = datetime(year, month, day, hour, int(parts["minute"]), int(parts["second"] or 0))  # noqa: DTZ001 - below
    zone = parts.get("zone")
    if zone is None:
        return moment.isoformat()
    hours, minutes = (int(zone[1:3]), int(zone[-2:])) if zone[0] in "+-" else (0, 0)
    ahead = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    return _written((moment - ahead).replace(tzinfo=UTC))


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else moment.isoformat()
