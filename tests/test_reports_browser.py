"""The report in a real browser: drawn, sorted, filtered, light, dark, on a phone, on paper, and deaf to what strangers wrote."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from backlinkbot.items import Backlink, LinkState
from backlinkbot.reports.page import html
from tests.browser import HOW_TO_INSTALL, find_chromium
from tests.opened_page import OpenedPage
from tests.sample_links import sample
from tests.test_reports import count, hostile_changes, hostile_rows

pytestmark = pytest.mark.slow

T = TypeVar("T")

CHARTS = 11
"""All of them."""
SCREENS = {"desktop": (1250, 900), "tablet": (800, 1000), "phone": (360, 740)}


class Loop:
    """An event loop of its own, in a thread: that of the tests is the reactor's."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def young_rows() -> Iterator[Backlink]:
    """Of the first four weeks."""
    for row in sample(links=60).rows:
        if row.first_seen < "2026-02-01":
            yield replace(row, state=LinkState.LIVE, fetched_at="2026-02-01T00:00:00Z")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("reports")
    made = sample()
    figures = {
        "usual": count(made.rows, made.changes, authority=lambda domains: {d: len(d) for d in domains if "a" in d}),
        "hostile": count(hostile_rows(), hostile_changes()),
        "young": count(young_rows()),
        "empty": count([], [], targets=["target.example"]),
    }
    for name, found in figures.items():
        (folder / f"{name}.html").write_text(html.page(found), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in figures}


@pytest.fixture(scope="module")
def browser() -> Iterator[tuple[OpenedPage, Loop]]:
    executable = find_chromium()
    if executable is None:
        if os.environ.get("BACKLINKBOT_CI") == "1":
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    loop = Loop()
    opened = OpenedPage(executable)
    try:
        loop.run(opened.__aenter__())
        yield opened, loop
        loop.run(opened.__aexit__(None, None, None))
    finally:
        loop.close()


class Tab:
    """The browser's tab, to be used without ``await``."""

    def __init__(self, opened: OpenedPage, loop: Loop, files: dict[str, Path]) -> None:
        self.page, self._loop, self._files = opened, loop, files

    def open(self, name: str, screen: str = "desktop", *, scheme: str = "light", media: str = "screen") -> None:
        self._loop.run(self.page.screen(*SCREENS[screen], scheme=scheme, media=media))
        self._loop.run(self.page.open(self._files[name]))

    def value(self, expression: str) -> Any:
        return self._loop.run(self.page.value(expression))

    def click(self, selector: str) -> None:
        self._loop.run(self.page.click(selector))

    def type(self, text: str) -> None:
        self._loop.run(self.page.type(text))

    def call(self, method: str, **params: Any) -> None:
        self._loop.run(self.page.call(method, **params))

    def print(self) -> bytes:
        return self._loop.run(self.page.print())

    def column(self, table: str, number: int) -> list[str]:
        """The cells of a column, of the rows that are shown."""
        shown = f"[...document.querySelectorAll('#{table} tbody tr')].filter(row => !row.hidden)"
        cells: list[str] = self.value(f"{shown}.map(row => row.cells[{number}].innerText.trim())")
        return cells


@pytest.fixture
def tab(browser: tuple[OpenedPage, Loop], files: dict[str, Path]) -> Tab:
    return Tab(*browser, files)


@pytest.mark.parametrize("name", ["usual", "hostile", "empty"])
def test_it_complains_of_nothing_and_asks_for_nothing(tab: Tab, files: dict[str, Path], name: str) -> None:
    tab.open(name)
    tab.value("new Promise(resolve => setTimeout(resolve, 200))")
    assert tab.page.complaints == []
    assert tab.page.requests == [files[name].as_uri()]
    assert tab.value("typeof window.hacked") == "undefined"
    assert tab.value("document.styleSheets.length") == 1


# --- charts -----------------------------------------------------------------------------------------------------------

MARKS = """[...document.querySelectorAll('.chart')].map(chart => {
  const box = chart.querySelector('svg').getBoundingClientRect();
  const marks = [...chart.querySelectorAll('.role-mark:is(.mark-area, .mark-line, .mark-rect, .mark-symbol) path')];
  return {
    name: chart.previousElementSibling.querySelector('h3').textContent, words: chart.getAttribute('aria-label'),
    width: box.width, height: box.height,
    sizes: marks.map(mark => mark.getBBox()).map(box => Math.max(box.width, box.height)),
    colours: marks.map(mark => getComputedStyle(mark)).map(style => style.fill === 'none' ? style.stroke : style.fill),
  };
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_is_drawn(tab: Tab, scheme: str) -> None:
    tab.open("usual", scheme=scheme)
    charts = {chart["name"]: chart for chart in tab.value(MARKS)}
    assert len(charts) == CHARTS
    for name, chart in charts.items():
        assert chart["width"] > 250, name
        assert chart["height"] > 40, name
        assert max(chart["sizes"]) > 50, name
        assert {colour for colour in chart["colours"] if colour in {"none", "rgb(0, 0, 0)"}} == set(), name
        assert len(chart["words"]) > 20, name
    assert len(charts["Follow"]["sizes"]) == 4
    assert len(set(charts["New and lost"]["colours"])) == 2


CLIPPED = """[...document.querySelectorAll('.chart text')].filter(text => {
  const inside = text.getBoundingClientRect(), card = text.closest('.card').getBoundingClientRect();
  return inside.width > 0 && (inside.left < card.left || inside.right > card.right);
}).map(text => text.textContent)"""

OVERLAPPING = """[...document.querySelectorAll('.chart .role-axis-label')].flatMap(axis => {
  const labels = [...axis.querySelectorAll('text')].filter(text => getComputedStyle(text).opacity > 0);
  const boxes = labels.map(text => text.getBoundingClientRect());
  return labels.filter((text, n) => n > 0
    && boxes[n - 1].left < boxes[n].right && boxes[n].left < boxes[n - 1].right
    && boxes[n - 1].top + 2 < boxes[n].bottom && boxes[n].top + 2 < boxes[n - 1].bottom
  ).map(text => text.textContent);
})"""


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["usual", "young", "hostile"])
def test_no_label_is_clipped_and_the_page_is_no_wider_than_the_screen(tab: Tab, name: str, screen: str) -> None:
    tab.open(name, screen)
    assert tab.value(CLIPPED) == []
    assert tab.value(OVERLAPPING) == []
    labels = tab.value("document.querySelectorAll('.chart .role-axis-label text').length")
    assert labels > 10 if name != "hostile" else labels == 0  # all of its rows are of one week
    assert tab.value("document.documentElement.scrollWidth") <= SCREENS[screen][0]
    if screen == "phone":
        assert tab.value("getComputedStyle(document.querySelector('.scroll')).overflowX") == "auto"
        assert tab.value("parseFloat(getComputedStyle(document.querySelector('td')).fontSize)") >= 13


# --- tables -----------------------------------------------------------------------------------------------------------


def test_a_click_sorts_by_a_number_and_another_turns_it(tab: Tab) -> None:
    tab.open("usual")
    tab.click("#domains .more")
    by_backlinks = "#domains th:nth-child(3) button"
    found = {}
    for direction in ("descending", "ascending"):
        tab.click(by_backlinks)
        assert tab.value("document.querySelector('#domains th:nth-child(3)').ariaSort") == direction
        found[direction] = [int(cell) for cell in tab.column("domains", 2)]
    assert found["descending"] == sorted(found["descending"], reverse=True)
    assert found["ascending"] == sorted(found["descending"])
    assert len(set(found["ascending"])) > 5
    assert tab.value("document.querySelectorAll('#domains [aria-sort]').length") == 1


def test_text_sorts_from_a_and_takes_numbers_in_it_as_numbers(tab: Tab) -> None:
    tab.open("usual")
    tab.click("#domains .more")
    tab.click("#domains th:nth-child(1) button")
    names = tab.column("domains", 0)
    assert tab.value("document.querySelector('#domains th').ariaSort") == "ascending"
    assert names[0][0] == "a"
    assert [name[0] for name in names] == sorted(name[0] for name in names)


def test_what_is_not_known_stands_last_either_way(tab: Tab) -> None:
    tab.open("usual")
    tab.click("#domains .more")
    for _ in range(2):
        tab.click("#domains th:nth-child(2) button")
        authorities = tab.column("domains", 1)
        unknown = authorities.count("\N{EN DASH}")
        assert 0 < unknown < len(authorities)
        assert set(authorities[-unknown:]) == {"\N{EN DASH}"}


def test_a_header_is_a_button_for_the_keyboard_too(tab: Tab) -> None:
    tab.open("usual")
    tab.value("document.querySelector('#anchors th:nth-child(4) button').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Enter", windowsVirtualKeyCode=13, text="\r")
    assert tab.value("document.querySelector('#anchors th:nth-child(4)').ariaSort") == "descending"
    backlinks = [int(cell) for cell in tab.column("anchors", 3)]
    assert backlinks == sorted(backlinks, reverse=True)


def test_filtering(tab: Tab) -> None:
    tab.open("usual")
    everything = tab.value("document.querySelectorAll('#links tbody tr').length")
    assert len(tab.column("links", 0)) == 15
    tab.click("#links input")
    tab.type("REL:SPONSORED")
    assert all("rel:sponsored" in cell for cell in tab.column("links", 3))
    shown = tab.value("document.querySelector('#links output').textContent")
    assert shown == f"15 of {everything} rows"
    tab.click("#links .more")
    found = tab.column("links", 3)
    assert 15 < len(found) < everything
    assert all("rel:sponsored" in cell for cell in found)
    tab.type(" and something that is nowhere")
    assert tab.column("links", 3) == []
    assert tab.value("document.querySelector('#links output').textContent") == f"0 of {everything} rows"


def test_sorting_keeps_the_filter(tab: Tab) -> None:
    tab.open("usual")
    tab.click("#anchors input")
    tab.type("generic")
    before = sorted(tab.column("anchors", 0))
    tab.click("#anchors th:nth-child(3) button")
    assert sorted(tab.column("anchors", 0)) == before
    assert set(tab.column("anchors", 1)) == {"generic"}


def test_without_scripts_everything_is_there(tab: Tab) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open("usual")
        assert len(tab.column("links", 0)) > 500
        assert tab.value("document.querySelector('#links .tools').checkVisibility()") is False
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


# --- how it looks -----------------------------------------------------------------------------------------------------

CONTRAST = """(() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
  };
  const seen = {};
  for (const element of document.querySelectorAll('h1, h2, .note, small, td, th, a, b, code, label, .more, .chart text, dt')) {
    const style = getComputedStyle(element);
    const pair = [element instanceof SVGElement ? style.fill : style.color, behind(element)];
    const [a, b] = pair.map(light).sort((x, y) => y - x);
    seen[pair.join(' on ')] = (a + 0.05) / (b + 0.05);
  }
  return seen;
})()"""


def test_light_and_dark_differ_and_can_be_read(tab: Tab) -> None:
    backgrounds = {}
    for scheme in ("light", "dark"):
        tab.open("usual", scheme=scheme)
        contrasts = tab.value(CONTRAST)
        assert len(contrasts) > 6
        assert {pair: ratio for pair, ratio in contrasts.items() if ratio < 4.5} == {}  # WCAG 2.2, 1.4.3
        backgrounds[scheme] = tab.value("getComputedStyle(document.body).backgroundColor")
    assert backgrounds["light"] == "rgb(246, 247, 249)"
    assert backgrounds["dark"] == "rgb(18, 22, 27)"


def test_on_paper_it_is_light_and_without_what_paper_cannot_do(tab: Tab) -> None:
    tab.open("usual", scheme="dark", media="print")
    assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for selector in ("nav", ".tools", ".more"):
        assert tab.value(f"document.querySelector('{selector}').checkVisibility()") is False
    assert tab.value("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    tab.open("usual", scheme="dark", media="")  # the printer says what it is
    assert 3 <= tab.print().count(b"/Type /Page\n") <= 4


# --- the policy -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attack",
    [
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s)",
        "document.body.innerHTML = '<p onclick=\\'window.hacked = 1\\'>x</p>'; document.body.firstChild.click()",
        "document.body.insertAdjacentHTML('beforeend', '<img src=https://evil.example/x.png>')",
        "document.body.insertAdjacentHTML('beforeend', '<iframe src=https://evil.example/></iframe>')",
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"background: url(https://evil.example/x)\">x</p>')",
        "fetch('https://evil.example/').catch(() => 0)",
    ],
)
def test_what_would_get_in_could_do_nothing(tab: Tab, attack: str) -> None:
    tab.open("usual")
    tab.value(f"{attack}; new Promise(resolve => setTimeout(resolve, 50))")
    assert tab.value("typeof window.hacked") == "undefined"
    assert [
        url for url in tab.page.requests if url.startswith("http")
    ] == []  # a frame that is refused shows an error's own pictures
    assert "Content Security Policy" in "".join(tab.page.complaints)
