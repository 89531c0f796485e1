"""Tells cheaply that an expression cannot match a text, which spares most searches."""

from __future__ import annotations


def folded(text: str) -> str:
    """Returns a text in which letters are equal that ``re.IGNORECASE`` takes for equal."""
    text = text.casefold()
    return (
        text
        if text.isascii()
        else text.replace("\N{LATIN SMALL LETTER DOTLESS I}", "i").replace("\N{COMBINING DOT ABOVE}", "")
    )


def holds_one_of(stems: tuple[str, ...], text: str) -> bool:
    """True if a text holds one of these, in capital or small letters."""
    text = folded(text)
    for stem in stems:  # noqa: SIM110 - any() would make a generator for each of many links
        if stem in text:
            return True
    return False
