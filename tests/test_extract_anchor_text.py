"""The words of a link, case by case; what is expected is what Chromium's ``innerText`` says, white space collapsed."""

from __future__ import annotations

import pytest

from backlinkbot.extract.html import Parser
from backlinkbot.extract.page import PageContent

PAGE = "https://page.example/"

# What stands in the link -> its words. tests/oracle asks a browser the same of all links of real pages.
INSIDE = {
    # blocks
    "<div>Best pens</div><p>From 5 euros</p>": "Best pens From 5 euros",
    "<ul><li>One</li><li>Two</li></ul>": "One Two",
    "<h3>Title</h3><span>2024-01-02</span><span>Read more</span>": "Title 2024-01-02Read more",
    "<figure><img src=x><figcaption>Blue pens</figcaption></figure><p>Read more</p>": "Blue pens Read more",
    "<h2>Blue pens</h2><time>12 May</time>": "Blue pens 12 May",
    "Blue<hr>pens": "Blue pens",
    "a<br>b": "a b",
    "a<wbr>b": "ab",
    "a<dl><dt>t<dd>d</dl>b": "a t d b",
    "a<details><summary>s</summary>hid</details>b": "a s b",
    "a<details open><summary>s</summary>shown</details>b": "a s shown b",
    "a<fieldset><legend>L</legend>f</fieldset>b": "a L f b",
    "a<search>x</search>b": "a x b",
    "a<custom-card>x</custom-card>b": "axb",
    # tables
    "<table><tr><td>a<td>b<tr><td>c</table>": "a b c",
    "<table><caption>cap</caption><thead><tr><th>h</th></tr></thead><tr><td>a</td></tr></table>": "cap h a",
    "a<span style='display:table-cell'>x</span><span style='display:table-cell'>y</span>": "ax y",
    "a<table style='display:inline-table'><tr><td>x</table>b": "axb",
    # forms and what is embedded
    "a<select><option>x<option>y</select>b": "a x y b",
    "a<textarea>x</textarea>b": "ab",
    "a<button>x</button>b": "axb",
    "a<button><div>x</div></button>b": "a x b",
    "a<datalist><option>m</datalist>b": "ab",
    "a<video>old browsers</video><iframe>old browsers</iframe><audio>x</audio>b": "ab",
    "a<noscript>no script</noscript>b": "ano scriptb",
    "a<template>x</template>b": "ab",
    # drawings
    "<svg><text>x</text><text>y</text></svg>": "x y",
    "<svg><title>t</title><desc>d</desc><g><text>x<tspan>y</tspan></text></g></svg>": "xy",
    "a<svg><foreignObject><div>x</div></foreignObject></svg>b": "a x b",
    "a<svg>raw<text>x</text><g>raw</g></svg>b": "a x b",
    "a<svg> <title>t</title> </svg>b": "ab",
    "a<svg><text><tspan>x</tspan></text><switch><text>y</text></switch></svg>b": "a x y b",
    # formulas
    "a<math> raw <mi>x</mi><mo>+</mo><mn>1</mn></math>b": "a x + 1 b",
    "<math><semantics><mi>x</mi><annotation>tex</annotation></semantics></math>": "x",
    # boxes in a line: white space at their inner edges is gone
    "a<span style='display:inline-block'> x </span>b": "axb",
    "a <span style='display:inline-block'> x </span> b": "a x b",
    "a<span style='display:inline-flex'> x </span>b": "axb",
    "a<span style='display:inline-block'> </span>b": "ab",
    "a<span style='display:inline-block'> <b> x</b> </span>b": "axb",
    "a<span style='display:inline-block'>\n<div>x</div>\n</span>b": "a x b",
    "a<span style='display:inline-block'>x <span style='display:inline-block'> y</span></span>b": "ax yb",
    "a<button> x </button>b": "axb",
    "a<marquee> x </marquee>b": "axb",
    # hidden, or not
    "Pens <span hidden>(secret)</span>": "Pens",
    "<span hidden style='display:inline'>x</span>y": "xy",
    "<span hidden=until-found>x</span>y": "xy",
    "<div hidden=until-found>x</div>y": "y",
    "a<dialog>d</dialog>b": "ab",
    "a<dialog open>d</dialog>b": "a d b",
    "a<span style='display:none'>x</span>b": "ab",
    "a<span style='visibility:hidden'>x<b style='visibility:visible'>v</b></span>b": "avb",
    "<div style='content-visibility:hidden'>x</div>y": "y",
    "<span style='content-visibility:hidden'>x</span>y": "xy",
    "<span aria-hidden=true>x</span><span style='opacity:0'>y</span><span style='font-size:0'>z</span>": "xyz",
    "<ruby>漢<rp>(</rp><rt>kan</rt></ruby>x": "漢kanx",
    # other displays
    "a<span style='display:block'>x</span>b": "a x b",
    "a<div style='display:inline'>x</div>b": "axb",
    "a<span style='display:inline-block'>x</span>b": "axb",
    "a<span style='display:inline-flex'><i>x</i><i>y</i></span>b": "a x y b",
    "a<span style='float:left'>x</span>b": "a x b",
    "a<span style='position:absolute'>x</span>b": "a x b",
    "a<span style='position:relative'>x</span>b": "axb",
    "a<div style='display:contents'>x</div>b": "axb",
    "a<img style='display:block'>b": "a b",
    "a<img>b": "ab",
}

# A page with one link -> its words.
PAGES = {
    "the page's style sheet": (
        "<style>.n{display:none}.b{display:block}</style><a href=/>a<i class=n>x</i><i class=b>y</i>z</a>",
        "a y z",
    ),
    "one for small windows": (
        "<style>@media (max-width:100px){.n{display:none}}</style><a href=/>a<i class=n>x</i>",
        "ax",
    ),
    "a row of boxes": ("<a href=/ style='display:flex'><span>x</span><span>y</span>z</a>", "x y z"),
    "in a row of boxes": ("<div style='display:flex'><a href=/>x<b>y</b></a></div>", "xy"),
    # Of what nobody sees, an anchor says what it would show; a browser says nothing, or all that there is.
    "not displayed as a whole": ("<div style='display:none'><a href=/><div>A</div><div>B</div></a></div>", "A B"),
    "not visible as a whole": ("<div style='visibility:hidden'><a href=/><b>A</b> B</a></div>", "A B"),
    "not visible itself": ("<a href=/ style='visibility:hidden'>x<b>y</b></a>", "xy"),
}


def words(body: str, parse: Parser) -> str:
    (link,) = PageContent(body.encode(), PAGE, "utf-8", parse).links()
    assert link.anchor_source in {"text", ""}
    return link.anchor


@pytest.mark.parametrize("inside", INSIDE)
def test_the_words_are_those_of_a_browser(inside: str, each_parser: Parser) -> None:
    assert words(f"<!doctype html><a href=/>{inside}</a>", each_parser) == INSIDE[inside]


@pytest.mark.parametrize("name", PAGES)
def test_style_sheets_and_hidden_links(name: str, each_parser: Parser) -> None:
    body, expected = PAGES[name]
    assert words(f"<!doctype html>{body}", each_parser) == expected


def test_the_pages_style_sheets_say_nothing_in_a_shadow_tree(each_parser: Parser) -> None:
    shadow = "<div><template shadowrootmode=open><a href=/>a<b class=n>x</b></a></template></div>"
    assert words(f"<!doctype html><style>.n{{display:none}}</style>{shadow}", each_parser) == "ax"


def test_where_nothing_shows_an_image_speaks(each_parser: Parser) -> None:
    body = b"<a href=/><span hidden>secret</span><img alt=shown></a>"
    (link,) = PageContent(body, PAGE, "utf-8", each_parser).links()
    assert (link.anchor, link.anchor_source, link.link_type) == ("shown", "alt", "image")
