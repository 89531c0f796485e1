"""Link headers by RFC 8288, and as broken as servers send them."""

from __future__ import annotations

import pytest

from backlinkbot import urls
from backlinkbot.extract.other_links import link_headers
from backlinkbot.extract.other_links.link_headers import HeaderLink
from tests.cost import cpu_seconds_at_most

PAGE = "https://a.example/page?x"


def read(*headers: str) -> list[HeaderLink]:
    page = urls.parse(PAGE)
    assert page is not None
    return list(link_headers.read(headers, page))


# https://www.rfc-editor.org/rfc/rfc8288#section-3.5, and what is seen in the wild.
HEADERS = {
    "one": (
        '<http://x.example/b>; rel="previous"; title="previous chapter"',
        [("http://x.example/b", "previous", "previous chapter")],
    ),
    "token": ("</>; rel=canonical", [("/", "canonical", "")]),
    "no space": ("</>;rel=canonical", [("/", "canonical", "")]),
    "spaces everywhere": ("  < / > ;  rel =  x ", [(" / ", "x", "")]),
    "two in one": ('</a>; rel="x y", </b>; rel=z', [("/a", "x y", ""), ("/b", "z", "")]),
    "comma in the address": ("</a,b>; rel=x, </c>", [("/a,b", "x", ""), ("/c", "", "")]),
    "comma and angle in quotes": ('</a>; title="a, <b>; rel=y"; rel=x', [("/a", "x", "a, <b>; rel=y")]),
    "quoted pair": (r'</a>; title="say \"it\""; rel=x', [("/a", "x", 'say "it"')]),
    "title in another alphabet": (
        "</a>; rel=x; title*=UTF-8''letztes%20Kapit%c3%a4l; title=b",
        [("/a", "x", "letztes Kapitäl")],
    ),
    "broken title*": ("</a>; rel=x; title*=nowhere''%ff; title=b", [("/a", "x", "b")]),
    "the first rel counts": ("</a>; rel=x; rel=y", [("/a", "x", "")]),
    "names in any case": ("</a>; REL=x", [("/a", "x", "")]),
    "parameter without value": ("</a>; crossorigin; rel=preload; nopush", [("/a", "preload", "")]),
    "empty items": (", , </a>; rel=x , ,", [("/a", "x", "")]),
    "about the page itself": (f'</a>; rel=x; anchor="{PAGE}#part"', [("/a", "x", "")]),
    "about another page": ("</a>; rel=x; anchor='/other', </b>; rel=y", [("/b", "y", "")]),
    "no angle brackets": ("https://x.example/; rel=x", []),
    "never closed": ("<https://x.example/; rel=x", []),
    "quote never closed": ('</a>; title="x; rel=y', [("/a", "y", '"x')]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("header", "right"), HEADERS.values(), ids=HEADERS)
def test_a_header_is_read(header: str, right: list[tuple[str, str, str]]) -> None:
    assert [(link.reference, " ".join(link.rel), link.title) for link in read(header)] == right


def test_headers_are_read_in_order_up_to_a_bound() -> None:
    assert [link.reference for link in read("</a>", "</b>")] == ["/a", "/b"]
    many = ", ".join(f"</{n}>; rel=x" for n in range(5_000))
    assert 500 < len(read(many, many)) < 2_000


@pytest.mark.parametrize(
    "header",
    [
        "<" * 60_000,
        "</a>" + ";" * 60_000,
        '</a>; t="' + '\\"' * 30_000,
        "</a> ;x= " * 9_000,
        " ," * 30_000,
        "</a>;" + "x " * 30_000,
    ],
)
def test_a_hostile_header_costs_no_more_than_its_length(header: str) -> None:
    with cpu_seconds_at_most(2):
        read(header)
