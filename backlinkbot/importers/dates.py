"""Parses dates in the many formats of tools."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from backlinkbot.importers.formats.header_aliases import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

DateOrder: TypeAlias = Literal["dmy", "mdy", ""]
"""The order of day and month in ``03/04/2026``; empty if it is unknown."""

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
    """Determines the order of day and month in a column from some of its cells."""
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
    """Returns a date or time in ISO 8601, in UTC if it has a zone; returns it as written if its order is unknown."""
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
            # everywhere the day is first between dots
            if first > 12 or order == "dmy" or text[len(found["a"])] == ".":
                return _date_of(found, second, first)
            if second > 12 or order == "mdy" or first == second:
                return _date_of(found, first, second)
    except (ValueError, OverflowError):  # not a valid day
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
