"""Removes accents, for texts that are compared however they were typed: capital letters often go without them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_MARKS: Final = re.compile(r"[\u0300-\u036f]")
"""The combining marks of Latin, Greek and Cyrillic letters; of other scripts the marks are letters of their own."""
_DOTLESS: Final = "\u0131"


@lru_cache(maxsize=1_024)
def without_accents(text: str) -> str:
    """Returns the text with the letters alone: ``page non trouvée`` becomes ``page non trouvee``, ``página`` becomes ``pagina``.

    Args:
        text: in lower case. A regular expression stays one, since none of its signs has an accent.
    """
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text.replace(_DOTLESS, "i"))
    return unicodedata.normalize("NFC", _MARKS.sub("", decomposed))
