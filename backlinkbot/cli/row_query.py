"""Selects and sorts rows of a file by conditions on their columns: ``--where follow=false --sort external_links:desc``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import UsageError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.text.suggestions import did_you_mean, known_ones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

DESCENDING: Final = ":desc"
_CONDITION: Final = re.compile(r"(?P<name>[^=!~<>]+)(?P<operator>!=|!~|>=|<=|=|~|>|<)(?P<value>.*)", re.DOTALL)
_NUMBERS: Final = frozenset({Kind.NUMBER, Kind.REAL})
_LISTS: Final = {Kind.LIST: ",", Kind.LINES: "\n"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on a column of a row."""

    column: Column
    operator: str
    value: str

    def holds(self, row: Mapping[str, Any]) -> bool:
        """True if the row has such a value; a list has it if one of its items is such a value."""
        return _OPERATORS[self.operator](self, row.get(self.column.name))


def conditions(words: Iterable[str], columns: Sequence[Column]) -> tuple[Condition, ...]:
    """Reads conditions: a column, one of ``= != ~ !~ > >= < <=``, and a value; ``~`` means "contains", in any case.

    Raises:
        UsageError: there is no such column, or it is no condition.
    """
    return tuple(_condition(word, columns) for word in words)


def sorted_rows(rows: Iterable[Mapping[str, Any]], names: str, columns: Sequence[Column]) -> list[Mapping[str, Any]]:
    """Returns the rows in the order of these columns, separated by commas, each with ``:desc`` behind it if it descends.

    Empty values come last in both directions.

    Raises:
        UsageError: there is no such column.
    """
    found = list(rows)
    for name in reversed([name.strip() for name in names.split(",") if name.strip()]):
        column = _column(name.removesuffix(DESCENDING), columns, "--sort")
        empty = [row for row in found if _text(column, row.get(column.name)) == ""]
        full = [row for row in found if _text(column, row.get(column.name)) != ""]
        full.sort(key=lambda row, column=column: _key(column, row.get(column.name)), reverse=name.endswith(DESCENDING))  # type: ignore[misc]
        found = full + empty
    return found


def _condition(word: str, columns: Sequence[Column]) -> Condition:
    read = _CONDITION.fullmatch(word)
    if read is None:
        raise UsageError(f"--where {word}: expected COLUMN=VALUE, or != ~ !~ > >= < <= in place of =")
    column = _column(read["name"].strip(), columns, "--where")
    if read["operator"][0] in "<>" and column.kind in _NUMBERS and _number(read["value"]) is None:
        raise UsageError(f"--where {word}: {column.name} is a number; {read['value']!r} is none")
    return Condition(column, read["operator"], read["value"].strip())


def _column(name: str, columns: Sequence[Column], flag: str) -> Column:
    known = {column.name: column for column in columns}
    if name not in known:
        raise UsageError(f"{flag}: no column {name!r}{did_you_mean(name, known) or f'; there are {known_ones(known)}'}")
    return known[name]


def _text(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return _LISTS.get(column.kind, ",").join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _key(column: Column, value: Any) -> tuple[float, str]:
    """Returns what a value is sorted by: numbers by their size, and before texts, which no case matters to."""
    number = _number(value) if column.kind in _NUMBERS or column.kind is Kind.TEXT else None
    return (number, "") if number is not None else (float("inf"), _text(column, value).casefold())


def _items(condition: Condition, value: Any) -> list[str]:
    text = _text(condition.column, value).casefold()
    separator = _LISTS.get(condition.column.kind)
    return text.split(separator) if separator else [text]


def _equals(condition: Condition, value: Any) -> bool:
    number, wanted = _number(value), _number(condition.value)
    if number is not None and wanted is not None and not isinstance(value, bool):
        return number == wanted
    return condition.value.casefold() in _items(condition, value)


def _contains(condition: Condition, value: Any) -> bool:
    return condition.value.casefold() in _text(condition.column, value).casefold()


def _compared(condition: Condition, value: Any, is_so: Callable[[Any, Any], bool]) -> bool:
    if value is None or value == "":
        return False
    return is_so(_key(condition.column, value), _key(condition.column, condition.value))


_OPERATORS: Final[dict[str, Callable[[Condition, Any], bool]]] = {
    "=": _equals,
    "!=": lambda condition, value: not _equals(condition, value),
    "~": _contains,
    "!~": lambda condition, value: not _contains(condition, value),
    ">": lambda condition, value: _compared(condition, value, lambda one, other: one > other),
    ">=": lambda condition, value: _compared(condition, value, lambda one, other: one >= other),
    "<": lambda condition, value: _compared(condition, value, lambda one, other: one < other),
    "<=": lambda condition, value: _compared(condition, value, lambda one, other: one <= other),
}
