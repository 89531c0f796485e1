"""Parses a TOML file and finds the lines of its keys, for messages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlinkbot.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """A parsed TOML file."""

    name: str
    """As messages name it."""
    folder: Path
    """Where it lies."""
    text: str
    content: Mapping[str, Any]

    @classmethod
    def read(cls, name: str) -> TomlFile:
        """Reads a file.

        Raises:
            SettingError: it cannot be read, or is not TOML.
        """
        path = Path(name)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise SettingError(f"{name}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingError(f"{name}: not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingError(f"{name}: not TOML: {error}") from error
        return cls(name=name, folder=path.parent, text=text, content=content)

    def line_of(self, keys: Sequence[str]) -> int:
        """Returns the number of the line where a key stands, from 1; 0 if the file has no such key.

        The statement that gives the key its value is the one with which the beginning of the file first has the key.
        """
        lines = self.text.splitlines(keepends=True)
        parsed = 0
        for number in range(1, len(lines) + 1):
            try:
                content = tomllib.loads("".join(lines[:number]))
            except tomllib.TOMLDecodeError:  # a value of several lines
                continue
            if _has(content, keys):
                return next(line for line in range(parsed + 1, number + 1) if _is_statement(lines[line - 1]))
            parsed = number
        return 0

    def place_of(self, keys: Sequence[str]) -> str:
        """Returns the file and the line of a key, for messages."""
        return f"{self.name}, line {self.line_of(keys)}"


def _is_statement(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _has(content: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(content, dict) or key not in content:
            return False
        content = content[key]
    return True
