"""What of a page a reader does not see: forms of hiding by the page's own markup, held against a real browser's pixels."""

from __future__ import annotations

import asyncio
import json
import os
import re
import tracemalloc
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlinkbot.extract.html import Document, Parser
from backlinkbot.extract.page import PageContent
from backlinkbot.extract.visibility import LONGEST_EVIDENCE, Visibility, colours, forms, selectors
from backlinkbot.extract.visibility.computed import SCRIPT
from tests.browser import HOW_TO_INSTALL, Browser, find_chromium
from tests.conftest import examples
from tests.cost import cpu_seconds_at_most
from tests.hidden_cases import CASES, LINK, REMNANTS, box, css
from tests.reference_parsers import PARSERS

T = TypeVar("T")

MARK = "data-f3a1"
WIDTH, HEIGHT, COLUMNS = 150, 50, 10


def evidence(markup: str, parse: Parser) -> str:
    content = PageContent(f"<!doctype html>{markup}".encode(), "https://a.example/", "utf-8", parse)
    (link,) = content.document.elements("a", "area")
    return Visibility(content.document).evidence(link)


@pytest.mark.parametrize(("markup", "expected"), CASES)
def test_forms_of_hiding(markup: str, expected: str, each_parser: Parser) -> None:
    assert evidence(markup, each_parser) == expected


# Just below and just above each threshold; a browser's pixels cannot tell the two apart. Written as numbers on purpose: a
# threshold that moves must fail here.
BOUNDARIES = (
    (css("opacity:.049"), "style opacity:.049"),
    (css("opacity:.05"), ""),
    (css("filter:opacity(4.9%)"), "style filter:opacity(4.9%)"),
    (css("filter:opacity(5%)"), ""),
    (css("color:rgba(0,0,0,.049)"), "style color:transparent"),
    (css("color:rgba(0,0,0,.2)"), ""),
    (box("position:absolute;left:-500px"), "style left:-500px on div"),
    (box("position:absolute;left:-499px"), ""),
    (box("position:absolute;top:-500px"), "style top:-500px on div"),
    (box("position:absolute;top:-499px"), ""),
    (box("position:absolute;right:1000px"), "style right:1000px on div"),
    (box("position:absolute;right:999px"), ""),
    (box("margin-left:-500px"), "style margin-left:-500px on div"),
    (box("margin-left:-499px"), ""),
    (box("text-indent:-500px"), "style text-indent:-500px on div"),
    (box("text-indent:-499px"), ""),
    (box("transform:translateX(-500px)"), "style transform:translatex(-500px) on div"),
    (box("transform:translateX(-499px)"), ""),
    (css("font-size:1px"), "style font-size:1px"),
    (css("font-size:1.1px"), ""),
    (css("font-size:2px"), ""),
    (box("height:1px;overflow:hidden"), "style height:1px overflow:hidden on div"),
    (box("height:2px;overflow:hidden"), ""),
    (css("position:absolute;clip:rect(0,1px,9px,0)"), "style clip:rect(0,1px,9px,0)"),
    (css("position:absolute;clip:rect(0,2px,9px,0)"), ""),
    (f"<body bgcolor='#ffffff'>{css('color:#f4f4f4')}", "style color:#f4f4f4 on background #ffffff of body"),
    (f"<body bgcolor='#ffffff'>{css('color:#f2f2f2')}", ""),
)


@pytest.mark.parametrize(("markup", "expected"), BOUNDARIES)
def test_thresholds_of_hiding(markup: str, expected: str, each_parser: Parser) -> None:
    assert evidence(markup, each_parser) == expected


def test_the_script_for_rendered_pages_has_the_same_thresholds() -> None:
    said = dict(re.findall(r"\b(LEAST_ALPHA|LEAST_CONTRAST|TINY) = ([0-9.]+)", SCRIPT))
    same = {"LEAST_ALPHA": colours.LEAST_ALPHA, "LEAST_CONTRAST": colours.LEAST_CONTRAST, "TINY": forms.TINY}
    assert {name: float(number) for name, number in said.items()} == same


# --- whatever the page ------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "display:none",
            "color:#fff",
            "font:0 a",
            "opacity:",
            "clip-path:inset(",
            "left:-1e999px",
            "rgb(",
            "hsl(1e9turn 1% 1%)",
        ),
        *(
            ".a",
            "#b",
            "a",
            "[href",
            "=",
            ":not(",
            "::before",
            "@media ",
            "@supports not",
            "(min-width:",
            "1px",
            "all",
            "screen",
        ),
        *(
            "{",
            "}",
            "(",
            ")",
            "]",
            ";",
            ":",
            ",",
            ">",
            " ",
            "\n",
            "/*",
            "*/",
            "<!--",
            "-->",
            "'",
            '"',
            "\\",
            "!important",
            "%",
        ),
        *(
            "0",
            "-",
            "1e9",
            "٣",
            "\0",
            "é",
            "var(--x)",
            "url(",
            "background:",
            "padding:",
            "height:0;overflow:hidden;",
            "filter:",
        ),
    ]
)
STYLE = st.lists(PIECES, max_size=12).map("".join)


@pytest.mark.slow
@settings(max_examples=examples(300), deadline=None)
@given(sheet=STYLE, outer=STYLE, inner=STYLE, inside=STYLE)
def test_no_style_breaks_anything_and_both_parsers_say_the_same(
    sheet: str, outer: str, inner: str, inside: str
) -> None:
    def quoted(style: str) -> str:
        return style.replace("&", "&amp;").replace('"', "&quot;")

    markup = (
        f'<style>{sheet}</style><div id=b class=a style="{quoted(outer)}">'
        f'<a href=/ style="{quoted(inner)}">x<b style="{quoted(inside)}">y</b></a></div>'
    )
    said = [evidence(markup, parse) for parse in PARSERS.values()]
    assert said[0] == said[1]
    assert len(said[0]) <= LONGEST_EVIDENCE
    assert said[0].isprintable()


def test_what_is_hidden_stays_hidden_in_a_box() -> None:
    boxes = (
        "<div>{}</div>",
        "<div style='color:red'>{}</div>",
        "<div class=x>{}</div>",
        "<p style='margin:1px'>{}</p>",
    )
    for markup, expected in CASES:
        if expected and "<style>" not in markup and "<p" not in markup and "background" not in expected:
            for box in boxes:
                assert evidence(box.format(markup), Document) == expected, markup


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "<div style='color:red'>" * 5_000 + LINK * 1_000,
        "<p style='display:block'><b>" + f"<span style='opacity:1'>{LINK}</span>" * 10_000,
        "<style>"
        + "".join(f".c{n} .d{n} > a:not(.x){{display:none}}" for n in range(20_000))
        + "</style>"
        + LINK * 100,
        "<style>" + ".a a{color:red}" * 30_000 + "</style>" + "<div class=a>" * 500 + LINK * 500,
        "<style>" + ".a " * 100 + "a{display:none}</style>" + "<div class=a>" * 3_000 + LINK * 300,
        "<style>" + "@media all{" * 50_000 + "</style>" + LINK,
        "<style>" + "@media " * 50_000 + "</style>" + LINK,
        "<style>" + "a{" + "filter:opacity(" * 50_000 + "</style>" + LINK,
        "<style>" + "a{font:" + "1 " * 100_000 + "}</style>" + LINK,
        f"<style>{'a,' * 100_000}b{{display:none}}</style>" + LINK,
        f"<style>{''.join(f'a:nth-child({n}){{opacity:0}}' for n in range(500))}</style>" + "<i></i>" * 20_000 + LINK,
        f"<style>{'a ~ b ~ * ~ * ~ a{opacity:0}' * 500}</style>" + "<b></b>" * 20_000 + LINK,
        f"<style>{'* * ~ * * ~ * * ~ a{opacity:0}' * 500}</style>" + "<b><i></i>" * 500 + LINK,
        f"<style>{'body:has(u) a{opacity:0}' * 500}</style>" + "<b></b>" * 20_000 + LINK,
        f"<style>{'a:is(:not(:is(b c, b d, b e)), a b){opacity:0}' * 500}</style>" + "<b>" * 500 + LINK,
        "<a href=/ style='" + "display:none;" * 50_000 + "display:block'>x</a>",
        "<a href=/ class='" + " ".join(f"c{n}" for n in range(50_000)) + "'>x</a>",
        "<a href=/>" + "<b>" * 5_000 + "x</a>",
        "<a href=/>" + "<b></b>" * 50_000 + "x</a>",
        "<map name=m>" + "<area href=/>" * 5_000 + "</map>" + "<img usemap=#m hidden>" * 5_000,
    ],
    ids=lambda body: body[:40],
)
def test_no_page_takes_long(body: str) -> None:
    with cpu_seconds_at_most(15):
        content = PageContent(body.encode(), "https://a.example/", "utf-8")
        hiding = Visibility(content.document)
        for reference in content.references:
            hiding.evidence(reference.element)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "A",
        "*",
        ".b",
        "a.b.a",
        "#x",
        "p#x.b",
        ".b#x.a",
        "a > .c",
        "a\n>\tb",
        ".z .b.a",
        "a[href]",
        "a:not(.b)",
        ".ü a",
        "a:link.b",
        "a:first-child",
        "a + .b",
        "a ~ b#c",
        ".x:is(.y, .z b)",
    ],
)
def test_the_key_of_a_selector_is_known_before_it_is_parsed(text: str) -> None:
    selector = selectors.parse(text)
    assert selector is not None
    assert selectors.key_of(text) == selector.key


@pytest.mark.parametrize("text", ["", " ", "a:not(", "a || b", "& b[c]", "x" * 501 + "[a]"])
def test_an_invalid_selector_has_no_key(text: str) -> None:
    assert selectors.key_of(text) is None


def test_the_pages_of_a_site_share_their_style_sheets() -> None:
    sheet = "<style>.hid-{}{{display:none}} .shown-{}{{display:block}}</style>"
    for number in (1, 2, 1):  # a sheet that was read before says the same of another page, and of no page but its own
        body = f"{sheet.format(number, number)}<a class=hid-1 href=/1>x</a><a class='hid-2 shown-1' href=/2>x</a>"
        content = PageContent(body.encode(), "https://a.example/", "utf-8")
        found = [content.remarks.hidden(reference.element) for reference in content.references]
        assert found == [f"sheet .hid-{number} display:none" if at == number else "" for at in (1, 2)]


def peak_memory(count: int, separator: str) -> int:
    """Returns the bytes of memory for the evidence of so many links, of which no rule of as many applies to any."""
    # The selectors have names of their own, else those of an earlier call are parsed already.
    rules = separator.join(f"a[x{count}-{number}]{{color:red}}" for number in range(count))
    links = "".join(f"<a id=i{number} href=/>x</a> " for number in range(count))
    content = PageContent(f"<style>{rules}</style>{links}".encode(), "https://a.example/", "utf-8")
    elements = [reference.element for reference in content.references]
    assert len(elements) == count
    tracemalloc.start()
    try:
        hiding = Visibility(content.document)
        assert {hiding.evidence(element) for element in elements} == {""}
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("separator", ["", "</style><style>"], ids=["one sheet", "a sheet for each rule"])
def test_memory_grows_by_the_links_and_the_rules_and_not_by_their_product(separator: str) -> None:
    assert peak_memory(200, separator) < 2.5 * peak_memory(100, separator)


# --- a real browser -----------------------------------------------------------------------------------------------------

# Two pictures of all pages, one with the links and one without: what is the same in both shows no link.
_DIFFERS = """async ([before, after, width, height, columns, count]) => {
  const pixels = async (data) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + data;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return (n) => context.getImageData((n % columns) * width, Math.floor(n / columns) * height, width, height).data;
  };
  const [one, other] = [await pixels(before), await pixels(after)];
  return Array.from({length: count}, (_, n) => {
    const [a, b] = [one(n), other(n)];
    return a.some((value, i) => Math.abs(value - b[i]) > 12);
  });
}"""


class Judge(Browser):
    """A browser that shows many small pages at once."""

    async def evaluate(self, expression: str) -> Any:
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def show(self, pages: list[str]) -> None:
        rows = -(-len(pages) // COLUMNS)
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=COLUMNS * WIDTH,
            height=rows * HEIGHT,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.evaluate(
            f"""(async () => {{
              document.body.style.cssText = 'margin:0;display:grid;grid-template-columns:repeat({COLUMNS},{WIDTH}px)';
              await Promise.all({json.dumps(pages)}.map((page) => new Promise((done) => {{
                const frame = document.createElement('iframe');
                frame.style.cssText = 'border:0;width:{WIDTH}px;height:{HEIGHT}px;overflow:hidden';
                frame.onload = done;
                frame.srcdoc = '<!doctype html>' + page;
                document.body.append(frame);
              }})));
            }})()"""
        )

    async def shown(self, count: int) -> list[bool]:
        before = (await self.call("Page.captureScreenshot", format="png"))["data"]
        await self.evaluate(
            """[...document.querySelectorAll('iframe')].forEach((frame) => {
              const walk = (root) => {
                for (const element of root.querySelectorAll('*')) {
                  if (element.shadowRoot) walk(element.shadowRoot);
                  if (!element.matches('a, a *')) continue;
                  element.style.setProperty('opacity', '0', 'important');
                }
              };
              walk(frame.contentDocument);
            })"""
        )
        after = (await self.call("Page.captureScreenshot", format="png"))["data"]
        return list(await self.evaluate(f"({_DIFFERS})({json.dumps([before, after, WIDTH, HEIGHT, COLUMNS, count])})"))

    async def computed(self) -> list[str]:
        """What the script says of the link of each page."""
        return list(
            await self.evaluate(
                f"""[...document.querySelectorAll('iframe')].map((frame) => {{
                  const window = frame.contentWindow;
                  window.eval({json.dumps(SCRIPT)})({json.dumps(MARK)});
                  const find = (root) => root.querySelector('a, area') ||
                    [...root.querySelectorAll('*')].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
                  return find(frame.contentDocument).getAttribute({json.dumps(MARK)}) || '';
                }})"""
            )
        )


def _in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    """The loop of this thread is the reactor's."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


@pytest.mark.slow
def test_a_real_browser_shows_what_we_say() -> None:
    chromium = find_chromium()
    if chromium is None:
        assert "BACKLINKBOT_CI" not in os.environ, HOW_TO_INSTALL
        pytest.skip(HOW_TO_INSTALL)

    async def look() -> tuple[list[bool], list[str]]:
        async with Judge(chromium) as browser:
            await browser.show([markup for markup, _ in CASES])
            computed = await browser.computed()
            return await browser.shown(len(CASES)), computed

    shown, computed = _in_a_thread(look())
    for (markup, expected), is_shown, said in zip(CASES, shown, computed, strict=True):
        assert is_shown == (not expected or markup in REMNANTS), (markup, expected, said)
        assert is_shown == (not said or markup in REMNANTS), (markup, expected, said)
        assert said == "" or said.startswith("computed "), (markup, said)


OUTER_SHEETS = ("<link rel=stylesheet href=/theme.css>", "<style>@import url(/theme.css);</style>")


@pytest.mark.parametrize("outer", [*OUTER_SHEETS, ""])
@pytest.mark.parametrize("own", ["<style>a{color:#fff}</style>", ""])
def test_a_colour_that_an_outer_sheet_may_overrule_is_not_told(outer: str, own: str) -> None:
    style = "" if own else " style='color:#fff'"
    body = f"{outer}{own}<div style='background:#fff'>words <a href=https://target.example/{style}>it</a></div>"
    page = PageContent(body.encode(), "https://page.example/")
    (link,) = page.references
    is_told = "hidden" in dict(page.remarks.of(link.element))
    assert is_told is not (outer != "" and own != "")
