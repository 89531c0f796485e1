"""The encodings in which a prefilter may scan a page, and the patterns of HTML that may hide a host from it.

The steps of the proof in :mod:`backlinkbot.prefilter` say what each pattern is for.
"""

from __future__ import annotations

import re
from typing import Final

from backlinkbot.extract.unwrap.table import ENCODERS

# Every label of the Encoding Standard for an encoding in which bytes below 0x80 are ASCII and stay in place
# (https://encoding.spec.whatwg.org/#names-and-labels), and the absence of one.
_LABELS: Final = """
    unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8
    866 cp866 csibm866 ibm866
    csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2
    csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3
    csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4
    csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988
    arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127
    iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987
    csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987
    sun_eu_greek
    csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8
    iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical
    csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6
    iso-8859-13 iso8859-13 iso885913 iso-8859-14 iso8859-14 iso885914
    csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 iso-8859-16
    cskoi8r koi koi8 koi8-r koi8_r koi8-ru koi8-u
    csmacintosh mac macintosh x-mac-roman x-mac-cyrillic x-mac-ukrainian
    dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874
    cp1250 windows-1250 x-cp1250 cp1251 windows-1251 x-cp1251
    ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1
    iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252
    cp1253 windows-1253 x-cp1253
    cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 windows-1254
    x-cp1254
    cp1255 windows-1255 x-cp1255 cp1256 windows-1256 x-cp1256 cp1257 windows-1257 x-cp1257 cp1258 windows-1258 x-cp1258
    chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030
    big5 big5-hkscs cn-big5 csbig5 x-x-big5
    cseucpkdfmtjapanese euc-jp x-euc-jp csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis
    cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949
    x-user-defined
"""
ASCII_TRANSPARENT: Final = frozenset({"", *_LABELS.split()})

REFERENCES: Final = ("bsol", "colon", "fjlig", "newline", "period", "plus", "sol", "tab")
"""The named references that can stand for a part of a scheme or of the slashes; none is legal without its semicolon."""

_IS: Final = r"[\t\n\f\r ]*=[\t\n\f\r ]*"
_VALUE: Final = rf"(?:href|src|data|action){_IS}"
_LEAD: Final = r"[\x00-\x20]*"  # the URL parser strips these
SCHEME: Final = r"[a-z0-9+.-]"
_REFERENCE: Final = rf"&(?:#|(?:{'|'.join(REFERENCES)});)"
_BEFORE_HOST: Final = r"(?:https?:[/\\]*|[/\\]{2,})"

_SPLIT_SCHEME: Final = (
    rf"{_VALUE}[\"']?{_LEAD}{SCHEME}*{_REFERENCE}",
    rf"{_VALUE}[\"']{_LEAD}{SCHEME}+[\t\n\r]",
)
_SPLIT_SLASHES: Final = (
    rf"{_VALUE}[\"']?{_LEAD}[/\\]{_REFERENCE}",
    rf"{_VALUE}[\"']{_LEAD}[/\\][\t\n\r]",
)
_ODD_AUTHORITY: Final = (
    rf"{_VALUE}\"{_LEAD}{_BEFORE_HOST}[^\"/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"{_VALUE}'{_LEAD}{_BEFORE_HOST}[^'/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"{_VALUE}{_LEAD}{_BEFORE_HOST}[^\t\n\f\r >/\\?#&%\x80-\xff]*[&%\x80-\xff]",
)

NAMES_INSIDE: Final = (*REFERENCES, "lowbar", "quest", "underbar")
"""The named references that can stand for a part of a host, or for a sign before one."""
_NUMBERED: Final = (  # the same by number: - . / : ? \ _, digits, letters; tab and newlines, which the URL parser drops
    r"#(?:0*(?:9|10|13|4[5-9]|5[0-8]|6[35-9]|[78][0-9]|9[0-57-9]|1[01][0-9]|12[0-2])(?:[^0-9]|$)"
    r"|x0*(?:[9ad]|2[def]|3[0-9af]|4[1-9a-f]|6[1-9a-f]|5[0-9acf]|7[0-9a])(?:[^0-9a-f]|$))"
)
_INSIDE: Final = rf"&(?:{_NUMBERED}|(?:{'|'.join(NAMES_INSIDE)});)"
_ANY_VALUE: Final = r"(?:\"{0}[^\"]*|'{0}[^']*|{0}[^\t\n\f\r >]*)"
ENCODED_SCHEME: Final = r"ahr0c(?:dovl|hm6l)"
"""``http://`` and ``https://`` in Base64, in lower case."""
_CARRIED: Final = (rf"href{_IS}{_ANY_VALUE.format('')}(?:{_INSIDE}|{ENCODED_SCHEME})",)
ENCODER_HOSTS: Final = tuple(rf"[./\\@:]{re.escape(host)}" for host in ENCODERS)

_NUMBER: Final = rf"{_LEAD}[0-9.&]"
_REFRESHING: Final = rf"content{_IS}{_ANY_VALUE.format(_NUMBER)}"
_REFRESHING_QUOTED: Final = rf"content{_IS}(?:\"{_NUMBER}[^\"]*|'{_NUMBER}[^']*)"
_REFRESH: Final = (
    f"{_REFRESHING}{_INSIDE}",
    rf"{_REFRESHING_QUOTED}(?:[:/\\][\t\n\r]+[/\\]|[htps][htps\t\n\r]*[\t\n\r][htps\t\n\r]*:)",
    rf"content{_IS}\"{_NUMBER}[^\"]*{_BEFORE_HOST}[^\"/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"content{_IS}'{_NUMBER}[^']*{_BEFORE_HOST}[^'/\\?#&%\t\n\r\x80-\xff]*[&%\t\n\r\x80-\xff]",
    rf"content{_IS}{_NUMBER}[^\t\n\f\r >]*{_BEFORE_HOST}[^\t\n\f\r >/\\?#&%\x80-\xff]*[&%\x80-\xff]",
)
_OTHER_DOCUMENT: Final = rf"srcdoc{_IS}"
SUSPICIOUS: Final = (
    *_SPLIT_SCHEME,
    *_SPLIT_SLASHES,
    *_ODD_AUTHORITY,
    *_CARRIED,
    *ENCODER_HOSTS,
    *_REFRESH,
    _OTHER_DOCUMENT,
)
"""What may hide a host; each is a regular expression over bytes, without regard to case."""

OTHER_ENCODING: Final = (b"\x00", b"\x1b")
"""What UTF-16 and ISO-2022-JP cannot do without; looked for apart, since single bytes slow a scan for names down."""
