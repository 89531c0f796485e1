"""Parses untrusted JSON: integers of any length; deep nesting is an ordinary error."""

from __future__ import annotations

import json
from typing import Any, Final

_SAFE_DIGITS: Final = 18
"""The number of digits that always fit 64 bits."""
_FLOAT_DIGITS: Final = 400
"""The number of digits of an integer beyond every float."""


def _whole_number(text: str) -> int | float:
    """Converts an integer; beyond 64 bits to a float, as in JavaScript and databases, beyond floats to infinity.

    Python refuses more than 4,300 digits, because the time grows with their square.
    """
    if len(text) <= _SAFE_DIGITS:
        return int(text)
    if len(text) > _FLOAT_DIGITS:
        return float("-inf" if text[0] == "-" else "inf")
    number = int(text)
    return number if -(2**63) <= number < 2**63 else float(text)


DECODER: Final = json.JSONDecoder(parse_int=_whole_number)


def loads(text: str | bytes) -> Any:
    """Returns the value of a JSON text.

    Raises:
        ValueError: the text is not JSON, not UTF-8, or nested too deeply.
    """
    try:
        if isinstance(text, str):
            return DECODER.decode(text)
        return json.loads(text, parse_int=_whole_number)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
