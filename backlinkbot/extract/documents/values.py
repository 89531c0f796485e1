"""Parses untrusted JSON into a value, or None."""

from __future__ import annotations

from typing import Any

from backlinkbot.text.json_text import loads


def json_value(body: bytes) -> Any:
    """Returns the value of a JSON document; None if it is invalid, truncated, or nested too deeply."""
    try:
        return loads(body)
    except ValueError:
        return None


def text_at(value: Any, *path: str) -> str:
    """Returns the text at a path of keys; empty if there is none or it is not text."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def objects_at(value: Any, *path: str) -> list[dict[str, Any]]:
    """Returns the objects of the list at a path of keys; empty if there is no list."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
