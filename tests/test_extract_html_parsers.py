"""Two parsers, one reading: whatever the page, links, anchors, encoding and what a page says of itself are the same.

What they read differently is named below, with who is right; a new version that mends it makes a test fail here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode
from turbohtml import detect
from webencodings import labels

from backlinkbot.extract.html import encodings, turbo
from tests.conftest import examples
from tests.cost import cpu_seconds_at_most
from tests.readings import Reading, read
from tests.reference_parsers import lexbor, lexbor_bounds

PAGE = "https://page.example/folder/"


# --- the same reading -----------------------------------------------------------------------------------------------------


def readings(body: bytes, charset: str = "utf-8") -> tuple[Reading, Reading]:
    return read(turbo.Document, body, PAGE, charset), read(lexbor.Document, body, PAGE, charset)


# What is in DEPARTURES is not among them.
TAGS = """
    a a a area abbr address annotation-xml article b base blockquote body br button caption code col colgroup dd desc
    details div div dl dt em font foreignObject form h1 hr html i iframe img input li link listing map marquee math
    menu meta mglyph mi mo mtext nobr noembed noframes noscript object ol optgroup option p p plaintext pre rp rt ruby
    script section select span strong style summary svg svg table tbody td template th title tr tt ul video x-y xmp
""".split()  # noqa: SIM905 - as a list it fills a page
ATTRIBUTES = """
    |href=/x|href=y rel="nofollow"|xlink:href=z|href='a>b'|href=/&amp;q|id=1|class=a|size=2|lang=de|type=hidden|hidden
    |style='display:none'|encoding=text/html|shadowrootmode=open|shadowrootmode=closed|name=robots content=none
    |charset=koi8-r|http-equiv=content-type content='text/html;charset=gbk'|rel=canonical
    |http-equiv=refresh content=0;/z
""".replace("\n", "").split("|")
TEXTS = ["t", " ", "a b", "&amp;", "&nbsp;", "\n", "é", "日", "<", "]]>", "&lt;"]
ODD = ["<!--", "-->", "<!doctype html>", "<![CDATA[", "]]>", "<?x?>", "</ >", "<!-- a --!>", "<!doctype x>"]

starts = st.builds("<{} {}{}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES), st.sampled_from(["", "/"]))
ends = st.builds("</{}>".format, st.sampled_from(TAGS))
soups = st.lists(st.one_of(starts, starts, ends, st.sampled_from(TEXTS), st.sampled_from(ODD)), max_size=25)


@pytest.mark.slow
@settings(max_examples=examples(500))
@given(soups.map("".join), st.sampled_from(["", "utf-8"]))
def test_tag_soup_is_read_the_same(soup: str, charset: str) -> None:
    ours, other = readings(soup.encode(), charset)
    assert ours == other


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "shift_jis", "iso-2022-jp", "x-user-defined"]))
def test_no_bytes_raise(body: bytes, charset: str) -> None:
    for parse in (turbo.Document, lexbor.parse):
        read(parse, body + b"<a href=/x>t</a>", PAGE, charset)


LABELS = ["utf-8", "koi8-r", "gbk", "utf-16", "x-user-defined", "nonsense", "utf-7", "latin1", "shift_jis", "big5", ""]
DECLARATIONS = [
    "<meta charset={}>",
    "<meta charset='{}'/>",
    "<META CHARSET = {} >",
    "<meta http-equiv=content-type content='text/html; charset={}'>",
    '<meta content="charset = {};x" http-equiv=Content-Type>',
    "<meta http-equiv=content-type content='charset charset={}'>",
    "<meta content='charset={}'>",
    "<meta name=x charset={}",
    "<template><meta charset={}></template>",
    "<script><meta charset={}></script>",
    "<title><meta charset={}></title>",
    "<noscript><meta charset={}></noscript>",
    "<!-- <meta charset={}> -->",
    "<svg><meta charset={}></svg>",
    "<a title='<meta charset={}>'>",
    "<p>{}é",
]
declared = st.builds(str.format, st.sampled_from(DECLARATIONS), st.sampled_from(LABELS))
xml = st.builds(str.format, st.sampled_from(['<?xml encoding="{}"?>', "<?xml encoding='{}'>"]), st.sampled_from(LABELS))
spaces = st.sampled_from(["", " " * 900, " " * 1024])
marks = st.sampled_from([b"", b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])


@pytest.mark.slow
@settings(max_examples=examples(500))
@given(
    marks,
    st.one_of(st.just(""), xml),
    st.lists(st.one_of(declared, spaces), max_size=4).map("".join),
    st.sampled_from(["utf-8", "latin-1", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["", "", *LABELS]),
)
def test_the_same_encoding_and_text(mark: bytes, start: str, text: str, codec: str, charset: str) -> None:
    ours, other = readings(mark + (start + text).encode(codec), charset)
    assert (ours.encoding, ours.text) == (other.encoding, other.text)


# --- known departures -------------------------------------------------------------------------------------------------------

NUL = "turbohtml opens formatting elements again for a NUL; the standard drops it first, as Lexbor and Chromium do"
TRACK = "turbohtml opens formatting elements again for <track> and <param>; the standard, Lexbor and Chromium do not"
ISINDEX = "turbohtml takes <isindex> for a block; it is none in the standard, in Lexbor and in Chromium"
HEAD = "turbohtml makes a shadow tree of a template in a second <head>; no head may have one, says the standard"
TEXTAREA = "Lexbor opens formatting elements again for <textarea>; the standard, turbohtml and Chromium do not"
IMAGE = "Lexbor leaves <image> in a table what it is; elsewhere, and in the standard, it is <img>"
FRAMESET = "the body that a <frameset> throws away, and with it the <meta> that Lexbor's tree no longer has"
DEEP = "below 509 elements turbohtml puts what is in an element behind it; Chromium, as deep, leaves a link its text"
HIDDEN_META = "turbohtml drops the encoding of a <meta> that this encoding itself hides; the standard keeps it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A page, and the fact on which the readings differ."""

    why: str
    body: bytes
    fact: Callable[[Reading], object]
    turbohtml: object
    lexbor: object
    charset: str = "utf-8"


def anchors(reading: Reading) -> list[str]:
    return [link.anchor for link in reading.links]


DEPARTURES = [
    Departure(why=NUL, body=b"<p><a href=/>t</p>\0", fact=anchors, turbohtml=["t", ""], lexbor=["t"]),
    Departure(why=TRACK, body=b"<p><a href=/>t</p><track>", fact=anchors, turbohtml=["t", ""], lexbor=["t"]),
    Departure(why=TRACK, body=b"<p><a href=/>t</p><param>", fact=anchors, turbohtml=["t", ""], lexbor=["t"]),
    Departure(why=ISINDEX, body=b"<a href=/>t<isindex></a>", fact=anchors, turbohtml=["t", ""], lexbor=["t"]),
    Departure(why=DEEP, body=b"<div>" * 510 + b"<a href=/>t</a>", fact=anchors, turbohtml=[""], lexbor=["t"]),
    Departure(
        why=HEAD,
        body=b"</head><head><template shadowrootmode=open><meta name=robots content=none></template>",
        fact=lambda reading: reading.metas,
        turbohtml=(("robots", "none"),),
        lexbor=(),
    ),
    Departure(
        why=TEXTAREA,
        body=b"<p><a href=/>t</p><textarea>u</textarea>",
        fact=anchors,
        turbohtml=["t"],
        lexbor=["t", "u"],
    ),
    Departure(
        why=IMAGE,
        body=b"<a href=/><table><image alt=t></table></a>",
        fact=anchors,
        turbohtml=["t"],
        lexbor=[""],
    ),
    Departure(
        why=FRAMESET,
        body=b"<x><meta charset=gbk><frameset>",
        charset="",
        fact=lambda reading: reading.encoding,
        turbohtml="GBK",
        lexbor="windows-1252",
    ),
    Departure(
        why=HIDDEN_META,
        body=b"\x1b$B<meta charset=iso-2022-jp>",
        charset="",
        fact=lambda reading: reading.encoding,
        turbohtml="windows-1252",
        lexbor="ISO-2022-JP",
    ),
]


@pytest.mark.parametrize("departure", DEPARTURES, ids=lambda departure: departure.body.decode()[:40])
def test_they_still_depart(departure: Departure) -> None:
    ours, other = readings(departure.body, departure.charset)
    assert (departure.fact(ours), departure.fact(other)) == (departure.turbohtml, departure.lexbor), departure.why
    assert departure.turbohtml != departure.lexbor


# --- the decoders of the second parser --------------------------------------------------------------------------------------

BIG5 = "characters of Hong Kong's of 2008, and a few that the standard reads otherwise than Python's big5hkscs"
DECODED_OTHERWISE = {"big5": (203, BIG5)}
ENCODINGS = sorted(set(labels.LABELS.values()) - {"replacement"})


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytes_are_decoded_as_turbohtml_does(encoding: str) -> None:
    singles = [bytes([byte]) for byte in range(256)]
    pairs = [bytes(pair) for pair in product(range(0x80, 0x100), range(0x20, 0x100))]
    codec = f"whatwg-{encoding}"
    assert detect is not None  # its import registers these codecs
    sequences = [sequence + b"<" for sequence in (*singles, *pairs) if not encodings.marked(sequence)]
    wrong = [sequence for sequence in sequences if encodings.decode(sequence, encoding) != sequence.decode(codec)]
    assert len(wrong) == DECODED_OTHERWISE.get(encoding, (0, ""))[0]


AWKWARD = [b"\x1b$B", b"\x1b(B", b"\x1b(J", b"\x1b(I", b"\x1b$@", b"\x8f\xa2\xaf", b"\x81\x30\x81\x30", b"\xed\xa0\x80"]


@given(
    st.sampled_from([encoding for encoding in ENCODINGS if encoding not in DECODED_OTHERWISE]),
    st.lists(st.one_of(st.binary(max_size=3), st.sampled_from(AWKWARD)), max_size=6).map(b"".join),
)
def test_broken_bytes_are_decoded_as_turbohtml_does(encoding: str, body: bytes) -> None:
    if not encodings.marked(body):
        assert encodings.decode(body, encoding) == body.decode(f"whatwg-{encoding}")


@pytest.mark.parametrize("label", [*labels.LABELS, " UTF-8\n", "utf-7", "hex", "", "\u00fctf-8\ud800"])
def test_labels_mean_the_same(label: str) -> None:
    named = encodings.named(label)
    expected = turbo.Document(b"<p>", label).encoding
    assert (encodings.display_name(named) if named else "windows-1252") == expected


# --- namespaces -----------------------------------------------------------------------------------------------------------


def is_foreign(node: LexborNode) -> bool:
    """As Lexbor writes it."""
    return (node.html_pretty(tag_with_ns=True) or "").startswith(("<svg:", "<math:"))


FOREIGN = """
    svg math foreignObject desc title mi mo mtext annotation-xml mglyph malignmark g a p div b table tr td meta base x
""".split()  # noqa: SIM905
foreign = st.builds(
    "<{}{}>".format, st.sampled_from(FOREIGN), st.sampled_from(["", "", " encoding=TEXT/html", " encoding=x"])
)


@given(st.lists(st.one_of(foreign, st.builds("</{}>".format, st.sampled_from(FOREIGN))), max_size=20).map("".join))
def test_namespaces_are_told_from_the_ancestors(soup: str) -> None:
    document = lexbor.Document(soup.encode(), "utf-8")
    for element in document.elements("*"):
        assert document._namespaces.is_html(element.node) != is_foreign(element.node), element.node.html


# --- bounds ---------------------------------------------------------------------------------------------------------------


def depth(html: str) -> int:
    root = LexborHTMLParser(html).root
    assert root is not None
    deepest, level, node = 0, 1, root
    while True:
        deepest = max(deepest, level)
        if node.first_child is not None:
            node, level = node.first_child, level + 1
            continue
        while node.next is None:
            if node.parent is None or level == 1:
                return deepest
            node, level = node.parent, level - 1
        node = node.next


@settings(max_examples=examples(300))
@given(soups.map("".join))
def test_no_page_is_deeper_or_larger_than_its_bound(soup: str) -> None:
    cost = lexbor_bounds.cost_of(soup.encode())
    assert depth(soup) <= cost.depth + 1  # text is no element
    most = 3 * soup.count("<") + 3 + cost.copied // lexbor_bounds._ELEMENT
    assert len(LexborHTMLParser(soup).css("*")) <= most


FONTS = "<font size={}>"
# Pages that cost Lexbor more than in proportion to their length, of any length.
SHAPES: dict[str, Callable[[int], str]] = {
    "nested blocks": lambda n: "<div>" * n,
    "options": lambda n: "<select>" + "<option>" * n,
    "ends of nothing": lambda n: "<svg>" + "<g>" * n + "</x>" * n,
    "formatting around blocks": lambda n: "".join(f"<b a{i}>" for i in range(n)) + "<div>" * n + "</b>" * n,
    "links around blocks": lambda n: ("<a href=x>" + "<div>" * 10) * n,
    "formatting in each paragraph": lambda n: "<p>" + "".join(map(FONTS.format, range(n))) + "<p>x" * n,
    "a long tag in each paragraph": lambda n: "<p><font size=" + "x" * 100 * n + ">" + "<p>x" * n,
    "attributes in each paragraph": lambda n: "<p><font" + "".join(f" a{i}" for i in range(n)) + ">" + "<p>x" * n,
    "many attributes": lambda n: "<p" + "".join(f" a{i}" for i in range(n)) + ">",
    "attributes behind an angle bracket": lambda n: "<p a='>'" + "".join(f" a{i}='>'" for i in range(n)) + ">",
    "attributes in a comment's quotes": lambda n: '<!-- a="--><p' + "".join(f" a{i}" for i in range(n)) + ">",
    "tags in quotes of tags": lambda n: '<b a="x>' * n,
    "templates": lambda n: "<template>" * n,
}
LINK = "<a href=/x>t</a>"


def is_within_limits(page: str) -> bool:
    return isinstance(lexbor.parse(page.encode(), "utf-8"), lexbor.Document)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_borne_is_read_in_time_and_what_is_not_by_turbohtml(shape: str) -> None:
    size, make = 1, SHAPES[shape]
    while lexbor_bounds.cost_of(make(size * 3 // 2 + 1).encode()).is_within_limits:
        size = size * 3 // 2 + 1
    with cpu_seconds_at_most(30):
        for wanted in (size, size * 2):
            assert is_within_limits(make(wanted)) == (wanted == size)
            read(lexbor.parse, make(wanted).encode(), PAGE, "utf-8")


def test_what_repeats_itself_is_not_borne() -> None:
    assert not is_within_limits("<select><button><SelectedContent></button><option>x")


def test_a_page_larger_than_is_downloaded_is_not_borne() -> None:
    assert is_within_limits("x" * lexbor_bounds.MOST_BYTES)
    assert not is_within_limits("x" * (lexbor_bounds.MOST_BYTES + 1))


@pytest.mark.parametrize("start", ["<!-- ' -->", "<p title='>'>", "<script>'</script>", '<a title="a > b">t</a>'])
def test_quotes_do_not_make_a_page_unbearable(start: str) -> None:
    assert is_within_limits(start + f"<p><b>{LINK}</b><i class='x'>it's</i></p>" * 100)


def test_what_is_beyond_takes_little_memory() -> None:
    """Lexbor takes three gigabytes for this page of 70 KB."""
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n"
        "from tests.reference_parsers import lexbor\n"
        "fonts = ''.join(f'<font size={i}>' for i in range(3_000))\n"
        "page = '<a href=/x>t</a><p>' + fonts + '<p>x' * 3_000\n"
        "document = lexbor.parse(page.encode(), 'utf-8')\n"
        "print(type(document).__module__, [link.text for link in document.elements('a')])\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "backlinkbot.extract.html.turbo ['t']\n"
