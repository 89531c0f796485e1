"""Hostile JSON: a value, or None."""

from __future__ import annotations

from typing import Any

from backlinkbot.text.json_text import loads


def json_value(body: bytes) -> Any:
    """What a JSON document says; None where it is none, is broken off, or nests deeper than can be read."""
    try:
        return loads(body)
    except ValueError:
        return None


def text_at(value: Any, *path: str) -> str:
    """The text at a path of keys; empty where there is none, or no text."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
