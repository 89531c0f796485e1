"""Links that a page holds and no browser lists: in comments, templates and frames' ``srcdoc``."""

from __future__ import annotations

import pytest

from backlinkbot.extract.link import Link
from backlinkbot.extract.other_links import comments_and_frames
from backlinkbot.extract.page import PageContent
from backlinkbot.items import FetchedPage
from backlinkbot.targets import Targets
from tests.cost import cpu_seconds_at_most

pytestmark = pytest.mark.usefixtures("each_parser")

PAGE = "https://page.example/folder/"
VISIT = FetchedPage(url=PAGE, requested_url=PAGE, fetched_at="")
A = "<a href=https://target.example/x>words</a>"


def found(body: str | bytes, charset: str = "utf-8") -> list[Link]:
    content = PageContent(body.encode() if isinstance(body, str) else body, PAGE, charset)
    match = Targets.parse(["target.example"]).match
    finders = (comments_and_frames.comments, comments_and_frames.templates, comments_and_frames.frames)
    links = [link for find in finders for link, _ in find(content, match)]
    # What a browser lists is as it was.
    assert [link.url for link in content.links()] == [url.href for url in content.linked_urls]
    return links


COMMENT, TEMPLATE, FRAME = ("commented:comment",), ("template:element template",), ("iframe:srcdoc",)
OLD = ("commented:comment for browsers that are lt IE 9",)
CASES = {
    "a comment": (f"<!-- {A} -->", [COMMENT]),
    "before the page": (f"<!--{A}--><!doctype html><p>", [COMMENT]),
    "behind the page": (f"<p></html><!--{A}-->", [COMMENT]),
    "two of them": (f"<!--{A}--><p><!-- {A} {A} -->", [COMMENT] * 3),
    "one that is not closed": (f"<!-- {A}", [COMMENT]),
    "one that looks closed": (f"<!-- {A} -- > ", [COMMENT]),
    "for an old browser": (f"<!--[if lt IE 9]><p>{A}</p><![endif]-->", [OLD]),
    "a comment in a comment ends it": (f"<!-- <!-- --> {A} -->", []),
    "to elsewhere": ("<!-- <a href=https://elsewhere.example/>target.example</a> -->", []),
    "no link": ("<!-- href=https://target.example/ -->", []),
    "in a script": (f"<script>'<!-- {A} -->'</script>", []),
    "in a text area": (f"<textarea><!-- {A} --></textarea>", []),
    "escaped": ("<!-- <A HREF='https&#58;//target.example/'>t -->", [COMMENT]),
    "an area": ("<!-- <area href='//target.example/'> -->", [COMMENT]),
    "in a shadow tree": (f"<div><template shadowrootmode=open><!--{A}--></template></div>", [COMMENT]),
    "in SVG": (f"<svg><!--{A}--></svg>", [COMMENT]),
    "a bogus comment": ("<? <a href=https://target.example/ ?>", []),
    "a template": (f"<template><p>{A}</template>", [TEMPLATE]),
    "in one another": (f"<template><template>{A}</template>{A}</template>", [TEMPLATE] * 2),
    "in a shadow tree's": (f"<div><template shadowrootmode=open><template>{A}</template></template></div>", [TEMPLATE]),
    "a shadow tree is none": (f"<div><template shadowrootmode=open>{A}</template></div>", []),
    "SVG's is none": (f"<svg><template>{A}</template></svg>", []),
    "a frame": (f'<iframe srcdoc="{A}"></iframe>', [FRAME]),
    "a frame's frame": (f"<iframe srcdoc='<iframe srcdoc=&quot;{A}&quot;></iframe>'></iframe>", [FRAME]),
    "a hidden frame": (
        f"<div hidden><iframe srcdoc='{A}'></iframe></div>",
        [("hidden:attribute hidden on div", "iframe:srcdoc")],
    ),
    "a frame of no size": (
        f"<iframe width=0 height=0 srcdoc='{A}'></iframe>",
        [("hidden:attribute width=0 on iframe", "iframe:srcdoc")],
    ),
    "hidden in a frame": (
        f"<iframe srcdoc='<p style=display:none>{A}'></iframe>",
        [("hidden:style display:none on p", "iframe:srcdoc")],
    ),
    "a frame with an address": (f"<iframe src='/x'>{A}</iframe>", []),
    "a frame in a template": (f"<template><iframe srcdoc='{A}'></iframe></template>", []),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_links_that_no_browser_lists(body: str, expected: list[tuple[str, ...]]) -> None:
    links = found(body)
    assert [link.flags_by for link in links] == expected
    for link in links:
        assert link.flags == tuple(by.partition(":")[0] for by in link.flags_by)
        assert link.has_vote == (not {"commented", "template"} & {*link.flags})
        assert (link.context.position, link.context.placement) == (0, "")


def test_they_are_read_with_the_pages_base_and_encoding() -> None:
    inside = "<a href=x?ü>t</a>"
    body = (
        f"<meta charset=windows-1252><base href=https://target.example/b/><!--{inside}--><template>{inside}</template>"
    )
    links = found(f"{body}<iframe srcdoc='{inside}'></iframe>".encode("windows-1252"), "")
    assert [link.url for link in links] == ["https://target.example/b/x?%FC"] * 3


def test_a_frame_may_have_a_base_of_its_own() -> None:
    (link,) = found(
        "<base href=https://a.example/><iframe srcdoc='<base href=//target.example/c/><a href=x>t</a>'></iframe>"
    )
    assert link.url == "https://target.example/c/x"


def test_what_is_said_of_a_link_is_said_of_one_in_a_comment() -> None:
    (link,) = found("<!-- <a href=//target.example/ rel='nofollow ugc'><img alt='A cat'></a> -->")
    assert (link.anchor, link.anchor_source, link.link_type, link.rel) == ("A cat", "alt", "image", ("nofollow", "ugc"))


def test_frames_in_one_another_have_an_end() -> None:
    body = A
    for _ in range(comments_and_frames.MOST_DEPTH + 2):
        body = f'<iframe srcdoc="{body.replace("&", "&amp;").replace(chr(34), "&quot;")}"></iframe>'
    assert found(body) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "<!---->" * 200_000,
        "<!--href-->" * 100_000,
        "<!--<a href=https://elsewhere.example/>-->" * 20_000,
        f"<!--{A}-->" * 20_000,
        "<!--" + "href=" * 200_000,
        "<!--" + "href='" * 100_000 + "-->",
        "<!--" + "[if " * 100_000 + A + "-->",
        "<template>" * 20_000 + A,
        f"<template>{A}</template>" * 5_000,
        f"<iframe srcdoc='{A}'></iframe>" * 5_000,
    ],
    ids=lambda body: body[:30],
)
def test_no_page_takes_long(body: str) -> None:
    with cpu_seconds_at_most(20):
        assert len(found(body)) <= 5_000
