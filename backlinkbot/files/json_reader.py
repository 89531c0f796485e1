"""Reads rows from JSON: one object per line, an array, or objects nested in a document."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from backlinkbot.text.json_text import DECODER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_VALUE: Final = 64 * 1024 * 1024
"""Most characters of one object or line."""
MAX_DEPTH: Final = 6
"""Most levels of objects in which rows are searched."""
SAMPLE: Final = 50

_SIGN: Final = re.compile(r"[^\s\ufeff]")

Path: TypeAlias = tuple[str, ...]
"""Where the rows of a value are: nested keys; lists on the way are traversed."""


class BrokenJSONError(ValueError):
    """Raised for invalid or oversized JSON; the message is its first characters."""


class _Window:
    """The part of a text that has been read and not parsed yet."""

    def __init__(self, text: Iterator[str]) -> None:
        self._text = text
        self._buffer = ""
        self._position = 0
        self._decode = DECODER.raw_decode

    def sign(self) -> str:
        """Returns the next character that is not white space, without consuming it; empty at the end."""
        while True:
            if found := _SIGN.search(self._buffer, self._position):
                self._position = found.start()
                return found[0]
            self._position = len(self._buffer)
            if not self._read():
                return ""

    def step(self) -> None:
        """Skips that character."""
        self._position += 1

    def value(self) -> Any:
        """Parses the value at the current position."""
        while True:
            is_too_long = len(self._buffer) - self._position > MAX_VALUE
            try:
                value, end = self._decode(self._buffer, self._position)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or is_too_long or not self._read():
                    raise BrokenJSONError(self._buffer[self._position : self._position + 200]) from None
            else:
                # A number at the end of the window may continue.
                if end < len(self._buffer) or isinstance(value, dict | list | str) or is_too_long or not self._read():
                    # Nothing was read meanwhile: the value ends where the text does.
                    self._position = min(len(self._buffer), end)
                    return value

    def _read(self) -> bool:
        """Doubles the window, so that a long value is parsed few times; returns false at the end."""
        rest = self._buffer[self._position :]
        more = [rest]
        wanted, held = 2 * len(rest) + 1, len(rest)
        while held < wanted and (piece := next(self._text, None)) is not None:
            more.append(piece)
            held += len(piece)
        self._buffer, self._position = "".join(more), 0
        return held > len(rest)


def values(text: Iterator[str]) -> Iterator[Any]:
    """Yields each value of a text; the items of an array are separate values.

    Raises:
        BrokenJSONError: the JSON is invalid or cut off.
    """
    window = _Window(text)
    while sign := window.sign():
        if sign == "[":
            window.step()
            yield from _items(window)
        else:
            yield window.value()


def _items(window: _Window) -> Iterator[Any]:
    while (sign := window.sign()) != "]":
        if not sign:
            raise BrokenJSONError
        if sign == ",":
            window.step()
        else:
            yield window.value()
    window.step()


def paths(value: Any) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Yields the paths at which a value contains objects, each with its first objects; the outermost path first."""
    queue: deque[tuple[Path, Any]] = deque([((), value)])
    found: dict[Path, list[dict[str, Any]]] = {}
    while queue:
        path, here = queue.popleft()
        if isinstance(here, list):
            queue.extend((path, item) for item in here[:SAMPLE])
        elif isinstance(here, dict):
            found.setdefault(path, []).append(here)
            if len(path) < MAX_DEPTH:
                queue.extend(((*path, key), inner) for key, inner in here.items() if isinstance(inner, dict | list))
    yield from found.items()


def at_path(value: Any, path: Path) -> Iterator[Any]:
    """Yields the objects at a path."""
    waiting = [(value, path)]
    while waiting:
        here, rest = waiting.pop()
        if isinstance(here, list):
            waiting.extend((item, rest) for item in reversed(here))
        elif not rest:
            yield here
        elif isinstance(here, dict) and rest[0] in here:
            waiting.append((here[rest[0]], rest[1:]))


def flat(row: Mapping[str, Any]) -> dict[str, str]:
    """Flattens an object into cells: ``source.page`` for nested objects, list items separated by spaces."""
    cells: dict[str, str] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            cells |= {f"{key}.{inner}": as_text(deep) for inner, deep in value.items()}
        else:
            cells[key] = as_text(value)
    return cells


def as_text(value: Any) -> str:
    """Formats a value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(as_text, at_path(value, ())))
    try:
        return str(value)
    except RecursionError:
        return ""
