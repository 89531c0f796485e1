"""Text of tables as arrays of NumPy: where its lines and cells end, and the decimal numbers before some places, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

try:
    import numpy as np
except ImportError:  # the extra `speed`
    HAS_NUMPY = False
else:
    HAS_NUMPY = True

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.uint64]
    Places = npt.NDArray[np.intp]

_PADDING: Final = b"\n" * 16
"""Before each block, so that 16 bytes can be read before the end of each number."""
_WORD: Final = 8
"""Bytes that are looked at as one number."""


class TextArrays:
    """A block of lines, as bytes and as numbers of eight bytes."""

    def __init__(self, block: bytes) -> None:
        self._block = block
        padded = b"".join((_PADDING, block, bytes(-len(block) % _WORD)))
        self.codes = np.frombuffer(block, np.uint8)
        self.before: Numbers = np.ndarray((len(block),), "<u8", padded, len(_PADDING) - 8, (1,))
        """The eight bytes before each place, the last of them the most significant."""
        self._words: Numbers = np.frombuffer(padded, "<u8")
        self._long_before: Numbers = np.ndarray((len(block),), "<u8", padded, len(_PADDING) - 16, (1,))

    def line_of(self, place: int) -> bytes:
        """Returns the line in which a place is, without its end."""
        start = self._block.rfind(b"\n", 0, place) + 1
        return self._block[start : self._block.find(b"\n", start)]

    def places(self, character: bytes) -> Places:
        """Returns the places of a character, ascending."""
        return np.flatnonzero(self.codes == ord(character))

    def line_ends(self) -> tuple[Places, Numbers]:
        """Returns the places of all newlines, ascending, and the eight bytes before each, as in ``before``.

        Words of eight bytes are looked at where they lie, which takes two thirds of the time of a look at each byte.
        """
        first = len(_PADDING) // _WORD
        words = self._words[first:]
        marks = (words.view(np.uint8) == ord("\n")).view(np.uint64)  # a byte is 1 where a newline stands
        at = np.flatnonzero(marks != 0)
        found = marks.take(at)
        lower = found - np.uint64(1)
        if (found & lower).any():  # lines so short that two end in one word
            ends = self.places(b"\n")
            return ends, self.before[ends]
        shift = np.bitwise_count(lower).astype(np.uint64)  # the bits of a word before its newline
        last = words.take(at) << (np.uint64(64) - shift)  # a shift by 64 bits leaves 0
        last |= self._words[first - 1 :].take(at) >> shift
        return at * _WORD + (shift >> np.uint64(3)).view(np.int64), last

    def between(self, starts: Places, stops: Places) -> npt.NDArray[np.uint8]:
        """Returns the characters from each start to its stop, one after the other; starts and stops must ascend."""
        is_between = np.zeros(len(self.codes) + 1, np.int8)
        is_between[starts] = 1
        is_between[stops] -= 1
        return self.codes[np.cumsum(is_between[:-1], dtype=np.int8).view(np.bool_)]

    def numbers(self, ends: Places) -> tuple[Numbers, Places]:
        """Returns the decimal numbers that end before some places, and how many digits they have, at most 16."""
        numbers, count = _decimal(self.before[ends])
        are_long = np.flatnonzero(count == 8)
        if len(are_long):
            high, more = _decimal(self._long_before[ends[are_long]])
            numbers[are_long] += high * np.uint64(10**8)
            count[are_long] += more
        return numbers, count


def _decimal(eight: Numbers) -> tuple[Numbers, Places]:
    """Returns the number at the end of each eight bytes, and how many digits it has.

    All eight bytes are looked at by one operation, and summed in three, pairs first:
    https://lemire.me/blog/2022/01/21/swar-explained-parsing-eight-digits/.
    """
    shift, each = np.uint64, 0x0101010101010101
    values = eight ^ np.uint64(ord("0") * each)  # a digit's is 0 to 9
    others = (values & np.uint64(0xF0 * each)) | ((values & np.uint64(0x0F * each)) + np.uint64(0x06 * each))
    others |= others >> shift(2)
    others |= others >> shift(1)
    others &= np.uint64(0x10 * each)
    for bits in (8, 16, 32):  # digits before another character are no part of the number
        others |= others >> shift(bits)
    values &= ~((others >> shift(4)) * np.uint64(0xFF))
    values = values * np.uint64(10) + (values >> shift(8)) & np.uint64(0x00FF00FF00FF00FF)
    values = values * np.uint64(100) + (values >> shift(16)) & np.uint64(0x0000FFFF0000FFFF)
    values = values * np.uint64(10_000) + (values >> shift(32)) & np.uint64(0xFFFFFFFF)
    return values, 8 - np.bitwise_count(others).astype(np.intp)
