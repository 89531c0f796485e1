"""Hostile JSON: a value, or None."""

from __future__ import annotations

import json
from typing import Any


def json_value(body: bytes) -> Any:
    """What a JSON document says; None where it is none, is broken off, or nests deeper than can be read."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def text_at(value: Any, *path: str) -> str:
    """The text at a path of keys; empty where there is none, or no text."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
