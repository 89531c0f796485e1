"""The Encoding Standard for parsers that take text: maps labels to encodings and decodes bytes with Python's codecs."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import partial
from typing import Final, cast

import webencodings

_MARKS: Final = {"utf-8": b"\xef\xbb\xbf", "utf-16le": b"\xff\xfe", "utf-16be": b"\xfe\xff"}

# https://encoding.spec.whatwg.org/#names-and-labels: the names that are not in upper case.
_MIXED_CASE: Final = {"shift_jis": "Shift_JIS", "big5": "Big5"}
_LOWER_CASE: Final = ("windows-", "gb18030", "macintosh", "x-", "replacement")

# The bytes that the standard reads as one character, or as one error; for all else an error is a single byte.
_WIDE: Final = {
    "big5": rb"[\x81-\xfe][\x80-\xff]",
    "euc-jp": rb"\x8f[\xa1-\xfe][\x80-\xff]?|[\x8e\x8f\xa1-\xfe][\x80-\xff]",
    "euc-kr": rb"[\x81-\xfe][\x80-\xff]",
    "gb18030": rb"[\x81-\xfe](?:[0-9](?:[\x81-\xfe](?:[0-9]|\Z)|\Z)|[\x80-\xff])",
    "gbk": rb"[\x81-\xfe](?:[0-9](?:[\x81-\xfe](?:[0-9]|\Z)|\Z)|[\x80-\xff])",
    "shift_jis": rb"[\x81-\x9f\xe0-\xfc][\x80-\xff]",
}
# What Python's decoder reads -> what the standard reads, where both know the bytes.
_GB: Final = dict(
    zip(
        (*range(0xE78D, 0xE797), 0xE7C7, 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864, 0xE5E5),
        (0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A), 0x1E3F, *range(0x9FB4, 0x9FBC), 0x3000),
        strict=True,
    )
)
_READ_AS: Final[dict[str, dict[int, int]]] = {
    "euc-jp": {0x301C: 0xFF5E, 0x2016: 0x2225, 0x2212: 0xFF0D, 0xA2: 0xFFE0, 0xA3: 0xFFE1, 0xAC: 0xFFE2},
    "gb18030": _GB,
    "gbk": _GB,
    "koi8-u": {0x255D: 0x45E, 0x256C: 0x40E},  # the standard's is KOI8-RU
    "shift_jis": dict.fromkeys(range(0xF8F0, 0xF8F4), 0xFFFD),
}


def named(label: str) -> str:
    """Returns the encoding of a label in lower case; empty for an unknown label."""
    try:
        encoding = webencodings.lookup(label)
    except ValueError:  # a lone surrogate
        return ""
    return encoding.name if encoding is not None else ""


def marked(body: bytes) -> str:
    """Returns the encoding that a byte order mark declares; empty if there is none."""
    return next((encoding for encoding, mark in _MARKS.items() if body.startswith(mark)), "")


def display_name(encoding: str) -> str:
    """Returns the name as the standard writes it."""
    return _MIXED_CASE.get(encoding) or (encoding if encoding.startswith(_LOWER_CASE) else encoding.upper())


def decode(body: bytes, encoding: str) -> str:
    """Returns the text without its byte order mark; invalid bytes become U+FFFD, as in a browser.

    Args:
        body: the bytes.
        encoding: as :func:`named` or :func:`marked` says.
    """
    if encoding == "replacement":
        return "\ufffd" if body else ""
    if encoding == "iso-2022-jp":
        return _iso_2022_jp(body)
    codec = cast("webencodings.Encoding", webencodings.lookup("gb18030" if encoding == "gbk" else encoding))
    errors = f"whatwg-{encoding}" if encoding in _WIDE else "replace"
    errors = "whatwg-windows" if encoding.startswith("windows-") else errors
    text, _ = codec.codec_info.decode(body.removeprefix(_MARKS.get(encoding, b"")), errors)
    return text.translate(_READ_AS[encoding]) if encoding in _READ_AS else text


def incremental(encoding: str) -> codecs.IncrementalDecoder:
    """Returns an incremental decoder; the byte order mark is left out and invalid bytes become U+FFFD.

    Args:
        encoding: as :func:`named` or :func:`marked` says.
    """
    if encoding == "utf-8":
        return codecs.getincrementaldecoder("utf-8-sig")("replace")
    codec = cast("webencodings.Encoding", webencodings.lookup("gb18030" if encoding == "gbk" else encoding))
    return codec.codec_info.incrementaldecoder("replace")


# --- where Python's decoder has no character ----------------------------------------------------------------------------


def _mend_windows(error: UnicodeDecodeError) -> tuple[str, int]:
    """Decodes the gaps below 0xA0 as controls and that of Hebrew as a letter, as the standard does."""
    byte = error.object[error.start]
    return "\u05ba" if byte == 0xCA else chr(byte) if byte < 0xA0 else "\ufffd", error.start + 1


def _mend_wide(encoding: str, error: UnicodeDecodeError) -> tuple[str, int]:
    found = re.match(_WIDE[encoding], error.object[error.start : error.start + 4], re.DOTALL)
    broken = found[0] if found is not None else error.object[error.start : error.start + 1]
    character = "\u20ac" if broken == b"\x80" and encoding.startswith("gb") else "\ufffd"
    if encoding == "euc-jp" and len(broken) == 2:
        character = _jis_0208(*broken)
    return character, error.start + len(broken)


def _jis_0208(first: int, second: int) -> str:
    """Decodes a pair of EUC-JP by the standard's table of Shift_JIS, which has all of its characters."""
    if not (0xA1 <= first <= 0xFE and 0xA1 <= second <= 0xFE):
        return "\ufffd"
    row, cell = first - 0xA1, second - 0xA1
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + (0x9F if row % 2 else 0x40 + (cell >= 63))
    return bytes([lead, trail]).decode("cp932", "replace")[:1]


# --- ISO-2022-JP: https://encoding.spec.whatwg.org/#iso-2022-jp-decoder -------------------------------------------------

_ESCAPE: Final = re.compile(rb"\x1b(\([BIJ]|\$[@B])")
_PAIRS: Final = re.compile(rb"((?:[!-~]{2})+)|[!-~]?[^!-~\x1b]|[!-~]|\x1b", re.DOTALL)
_TO_EUC: Final = bytes(byte | 0x80 for byte in range(256))
_ASCII: Final = dict.fromkeys((0x0E, 0x0F, 0x1B, *range(0x80, 0x100)), 0xFFFD)
_SINGLE: Final = {
    b"(B": _ASCII,
    b"(J": {**_ASCII, 0x5C: 0xA5, 0x7E: 0x203E},
    b"(I": {byte: byte + 0xFF40 if 0x21 <= byte <= 0x5F else 0xFFFD for byte in range(0x100)},
}


def _iso_2022_jp(body: bytes) -> str:
    parts: list[str] = []
    pieces = iter([b"(B", *_ESCAPE.split(body)])
    for state, piece in zip(pieces, pieces, strict=True):
        if len(parts) > 1 and not parts[-1]:
            parts.append("\ufffd")  # one escape right behind another
        if state in _SINGLE:
            parts.append(piece.decode("latin-1").translate(_SINGLE[state]))
        else:
            pairs = _PAIRS.finditer(piece)
            parts.append("".join(decode(m[1].translate(_TO_EUC), "euc-jp") if m[1] else "\ufffd" for m in pairs))
    return "".join(parts)


_Mend = Callable[[UnicodeError], tuple[str, int]]  # of decoding errors only: nothing is encoded here
codecs.register_error("whatwg-windows", cast("_Mend", _mend_windows))
for _encoding in _WIDE:
    codecs.register_error(f"whatwg-{_encoding}", cast("_Mend", partial(_mend_wide, _encoding)))
