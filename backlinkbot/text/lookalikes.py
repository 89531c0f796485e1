"""Tells labels of host names that may be read as what they are from those that look like a name in Latin letters.

The rules are those of Chromium that need no list of well-known names: https://chromium.googlesource.com/chromium/src/+/main/docs/idn.md
"""

from __future__ import annotations

import unicodedata
from typing import Final

_CHINESE, _JAPANESE, _KOREAN = (
    frozenset({"CJK", "BOPOMOFO"}),
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "HANGUL"}),
)
_TOGETHER: Final = tuple(frozenset({"LATIN"}) | scripts for scripts in (_CHINESE, _JAPANESE, _KOREAN))
"""Scripts that may stand in one label: "highly restrictive" of UTS #39."""
_LIKE_LATIN: Final = {
    "CYRILLIC": frozenset("аысԁеԍһіюјӏорԗԛѕԝхуъьҽпгѵѡ"),
    "GREEK": frozenset("αικνρυωηοτ"),
    "ARMENIAN": frozenset("ագզէլհյոսւօ"),
    "GEORGIAN": frozenset("იოყძხჽჿ"),
    "HEBREW": frozenset("דוחיןסװײ"),
}
"""Script -> its letters that look like Latin ones."""
_HOMES: Final = {
    "CYRILLIC": frozenset({"bg", "by", "kz", "ru", "su", "ua", "uz"}),
    "GREEK": frozenset({"gr"}),
    "ARMENIAN": frozenset({"am"}),
    "GEORGIAN": frozenset({"ge"}),
    "HEBREW": frozenset({"il"}),
}
"""Script -> the top-level domains where its words are expected."""
_LIKE_STROKES: Final = frozenset("ンノソゾー一丨丶丿工二十卜口")
"""Signs that look like slashes, hyphens or letters among Latin letters."""


def is_plain(label: str, top_level_domain: str) -> bool:
    """True if a label shows what it is: letters and digits of one script, or of scripts that are written together.

    A label that consists of letters that look like Latin ones does not, except where its script is at home.

    Args:
        label: in Unicode.
        top_level_domain: the last label of its host, in Unicode.
    """
    if not all(map(_is_common, label)) or unicodedata.normalize("NFKC", label) != label:
        return False
    letters = [sign for sign in label if not sign.isascii() or sign.isalpha()]
    scripts = frozenset(map(_script, letters))
    if len(scripts) > 1:
        strokes = "LATIN" in scripts and any(sign in _LIKE_STROKES for sign in letters)
        return not strokes and any(scripts <= together for together in _TOGETHER)
    script = next(iter(scripts), "LATIN")
    if script not in _LIKE_LATIN or not _LIKE_LATIN[script].issuperset(letters):
        return True
    return top_level_domain in _HOMES[script] or script in map(_script, top_level_domain)


def _is_common(sign: str) -> bool:
    """True for letters, marks and digits of words as they are written today, and the hyphen."""
    is_phonetic_or_loose = "\u0180" <= sign <= "\u036f"
    return sign == "-" or (unicodedata.category(sign)[0] in "LMN" and (not is_phonetic_or_loose or sign in "ơưșțəǎǐǒǔ"))


def _script(sign: str) -> str:
    """Returns the script of a letter, as its name in Unicode begins."""
    name = unicodedata.name(sign, "")
    return "CJK" if name.startswith("IDEOGRAPHIC") else name.replace("-", " ").partition(" ")[0]
