"""CSS colours: parses values to red, green, blue and alpha, and computes their contrast."""

from __future__ import annotations

import colorsys
import re
from typing import Final, NamedTuple

LEAST_CONTRAST: Final = 1.1
"""The contrast below which text counts as invisible; WCAG asks for 4.5, the palest text in designs has about 1.5."""
LEAST_ALPHA: Final = 0.05


class Colour(NamedTuple):
    """Channels from 0 to 255, alpha from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    @property
    def is_transparent(self) -> bool:
        """True if the colour is fully transparent."""
        return self.alpha < LEAST_ALPHA

    @property
    def hexadecimal(self) -> str:
        """``#rrggbb``, without alpha."""
        return "#" + "".join(f"{round(channel):02x}" for channel in self[:3])

    def over(self, background: Colour) -> Colour:
        """Returns the visible colour when it is painted on an opaque background."""
        mixed = (
            mine * self.alpha + other * (1 - self.alpha) for mine, other in zip(self[:3], background[:3], strict=True)
        )
        red, green, blue = mixed
        return Colour(red, green, blue)

    def contrast(self, other: Colour) -> float:
        """Returns the contrast of two opaque colours, from 1 (the same) to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
        light, dark = sorted((_luminance(self), _luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    channels = (channel / 255 for channel in colour[:3])
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


TRANSPARENT: Final = Colour(0, 0, 0, 0)
WHITE: Final = Colour(255, 255, 255)

# https://www.w3.org/TR/css-color-4/#named-colors
_NAMES: Final = """
    aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4
    black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887
    cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc
    crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9
    darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00
    darkorchid 9932cc darkred 8b0000 darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b
    darkslategray 2f4f4f darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493
    deepskyblue 00bfff dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0
    forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 gray 808080
    green 008000 greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082
    ivory fffff0 khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd
    lightblue add8e6 lightcoral f08080 lightcyan e0ffff lightgoldenrodyellow fafad2 lightgray d3d3d3
    lightgreen 90ee90 lightgrey d3d3d3 lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa
    lightskyblue 87cefa lightslategray 778899 lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0
    lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa
    mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee
    mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa
    mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23
    orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee
    palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6
    purple 800080 rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513
    salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb
    slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c
    teal 008080 thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff
    whitesmoke f5f5f5 yellow ffff00 yellowgreen 9acd32
"""
_WORDS: Final = _NAMES.split()
NAMED: Final = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""Maps colour names to six hexadecimal digits."""

_NUMBER: Final = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?"
_HEX: Final = re.compile(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})")
_FUNCTION: Final = re.compile(r"(rgb|hsl)a?\(\s*([^()]*?)\s*\)")
_PART: Final = re.compile(rf"({_NUMBER})(%|deg|rad|grad|turn)?|none")
_TURNS: Final = {"deg": 1 / 360, "grad": 1 / 400, "rad": 1 / 6.283185307179586, "turn": 1.0, "": 1 / 360}


def parse(value: str) -> Colour | None:
    """Returns the colour of a CSS value; None if it is invalid or needs a browser (``currentcolor``, ``var()``)."""
    text = value.strip().lower()
    if text == "transparent":
        return TRANSPARENT
    if text in NAMED:
        return _of_digits(NAMED[text])
    if found := _HEX.fullmatch(text):
        return _of_digits(found[1])
    if found := _FUNCTION.fullmatch(text):
        return _of_function(found[1], found[2])
    return None


def parse_legacy(value: str) -> Colour | None:
    """Returns the colour of an attribute such as ``bgcolor``, where ``ffffff`` is valid; None if it is invalid."""
    text = value.strip().lower()
    found = re.fullmatch(r"#?([0-9a-f]{6}|[0-9a-f]{3})", text)
    return _of_digits(found[1]) if found is not None else _of_digits(NAMED[text]) if text in NAMED else None


def _of_digits(digits: str) -> Colour:
    full = digits if len(digits) > 4 else "".join(2 * digit for digit in digits)
    red, green, blue, alpha = bytes.fromhex(full.ljust(8, "f"))
    return Colour(red, green, blue, alpha / 255)


def _of_function(name: str, arguments: str) -> Colour | None:
    parts = [_PART.fullmatch(part) for part in re.split(r"[\s,/]+", arguments)]
    if len(parts) not in {3, 4} or None in parts:
        return None
    values = [(float(part[1] or 0), part[2] or "") for part in parts if part is not None]
    alpha = _clamp(values[3][0] / (100 if values[3][1] == "%" else 1)) if len(values) == 4 else 1.0
    if name == "rgb":
        red, green, blue = (255 * _clamp(number / (100 if unit == "%" else 255)) for number, unit in values[:3])
        return Colour(red, green, blue, alpha)
    (hue, unit), (saturation, _), (lightness, _) = values[:3]
    turn = hue * _TURNS.get(unit, 1 / 360) % 1 if abs(hue) < 1e9 else 0.0
    red, green, blue = colorsys.hls_to_rgb(turn, _clamp(lightness / 100), _clamp(saturation / 100))
    return Colour(255 * red, 255 * green, 255 * blue, alpha)


def _clamp(value: float) -> float:
    return min(max(value, 0.0), 1.0)
