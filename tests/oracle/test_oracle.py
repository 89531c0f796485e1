"""Each named cause on a page of its own: what the standard says is what we say, and what the browser makes of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.conformance.shared_data import SavedPage
from tests.oracle.__main__ import table
from tests.oracle.browser import HOW_TO_INSTALL, NAMES, BrowserError, Chromium, find_chromium
from tests.oracle.compare import CAUSES, Comparison, compare
from tests.oracle.readings import EXPRESSION, Reading, Row, read_browsers, read_ours

PAGE = "https://page.example/folder/page.html?q#top"
LATE = b"<iframe></iframe><!--" + b"x" * 1024 + b"--><meta charset=koi8-r><a href=/>\xd4</a>"
HEADER = "utf-8"

# name of the cause -> where, the header's charset, the body; our encoding and link; the browser's.
CASES: dict[str, tuple[str, str, bytes, tuple[str, str, str], tuple[str, str, str]]] = {
    "undeclared encoding: the browser guesses": (
        "https://page.example.ru/",
        "",
        "<a href='?ф'>ф</a>".encode(),
        ("windows-1252", "https://page.example.ru/?%D1%84", "Ñ„"),
        ("windows-1251", "https://page.example.ru/?%D1%84", "С„"),
    ),
    "late <meta charset>: the browser stops looking": (
        PAGE,
        "",
        LATE,
        ("koi8-r", "https://page.example/", "т"),
        ("windows-1252", "https://page.example/", "Ô"),
    ),
    "<base> that does not parse: the browser has none": (
        PAGE,
        HEADER,
        b"<base href=http://[><a href=https:c>x</a>",
        ("utf-8", "https://page.example/folder/c", "x"),
        ("utf-8", "https://c/", "x"),
    ),
    "| in a path: the browser escapes it": (
        PAGE,
        HEADER,
        b"<a href='/a|b?c|d#e|f'>x</a>",
        ("utf-8", "https://page.example/a|b?c|d#e|f", "x"),
        ("utf-8", "https://page.example/a%7Cb?c|d#e|f", "x"),
    ),
    "* in a host: the browser escapes it": (
        PAGE,
        HEADER,
        b"<a href='//*.target.example/*'>x</a>",
        ("utf-8", "https://*.target.example/*", "x"),
        ("utf-8", "https://%2A.target.example/*", "x"),
    ),
    "' in a user name: the browser escapes it": (
        PAGE,
        HEADER,
        b"<a href=//o'neil@target.example/'>x</a>",
        ("utf-8", "https://o'neil@target.example/'", "x"),
        ("utf-8", "https://o%27neil@target.example/'", "x"),
    ),
    "no host to the standard: the browser takes it": (
        PAGE,
        HEADER,
        b"<a href='//tar get.example/'>x</a>",
        ("utf-8", "", ""),
        ("utf-8", "https://tar%20get.example/", "x"),
    ),
}


T = TypeVar("T")


def run(asking: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: the reactor's event loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asking).result()


def saved(url: str, charset: str) -> SavedPage:
    return SavedPage("pages", "case.html", url, charset, Path("case.html"))


def facts(reading: Reading) -> tuple[str, str, str]:
    """Encoding, URL and text of the only link; no link is an empty one."""
    (row,) = reading.rows or (Row("", (), "", ""),)
    return reading.encoding, row.url, row.text


def test_every_cause_has_its_page() -> None:
    assert [cause.name for cause in CAUSES] == list(CASES)
    assert all(cause.why for cause in CAUSES)


@pytest.mark.parametrize("name", CASES)
def test_we_read_it_as_the_standard_does(name: str) -> None:
    url, charset, body, ours, _ = CASES[name]
    assert facts(read_ours(body, url, charset)) == ours


# --- with the browser -------------------------------------------------------------------------------------------------

# What agrees, and has to: the rules that the real pages seldom need.
AGREEMENTS: dict[str, str | bytes] = {
    "noscript": "<noscript><a href=/a rel='nofollow  ugc'>no <b>script</b></a></noscript><script>x</script>",
    "template": "<template><a href=/in>in</a></template><a href=/out>out</a>",
    "area": "<map name=m><area href=/area><area></map><a>none</a>",
    "SVG": "<svg><a href=/svg?ф>s</a><a xlink:href=/old>o</a><a href=/new xlink:href=/old>n</a></svg>",
    "open shadow tree": "<div><template shadowrootmode=open><a href=/shadow>s</a></template></div><a href=/light>l</a>",
    "base": "<base target=x><base href=/other/><base href=/third/><a href=a>x</a><a href=#f>y</a>",
    "base that counts as none": "<base href='data:text/plain,x'><a href=a>x</a>",
    "shadowed properties": "<form name=querySelectorAll></form><img name=baseURI><form name=URL></form><a href=/x>x</a>",
    "text": "<a href=/><style>s</style>a<script>s</script> \u00a0 <b>b</b>\n<!-- c --><textarea>\nt</textarea></a>",
    "metas": "<meta name=' Robots ' content=noindex><meta name=googlebot content=none><meta name=x content=y><meta name>",
    "refresh": "<meta http-equiv=refresh content='0;url=/elsewhere'><a href=/here>x</a>",
    "frames and images": "<iframe src=/f></iframe><iframe srcdoc='<a href=/g>g</a>'></iframe><img src=/i><a href=/x>x</a>",
    "broken links": "<a href='http://['>a</a><a href='http://a:99999/'>b</a><a href=mailto:a@b.example>c</a><a href>d</a>",
    "caret": "<a href=/a^b>x</a><a href='/a^b c'>y</a><a href='?^#^'>z</a>",
    "odd schemes": "<a href='ht&#9;tps:\\\\h.example\\a'>x</a><a href='http:/b'>y</a><a href='https:c'>z</a>",
    "nested links": "<a href=/1>1<a href=/2>2<p>3</a>4</p><table><a href=/5>5<tr><td>6</table>",
    "XML declaration": b'<?xml version="1.0" encoding="koi8-r"?><a href=?\xd4>\xd4</a>',
    "XML declaration, then meta": b'<?xml encoding="koi8-r"?><meta charset=windows-1251><a href=?\xd4>\xd4</a>',
    "late meta in a head": b"<title>x</title><!--" + b"x" * 2000 + b"--><meta charset=koi8-r><a href=?\xd4>\xd4</a>",
    "UTF-16 without a mark": "<?xml version='1.0'?><a href='?ф'>ф</a>".encode("utf-16-le"),
}


@pytest.fixture(scope="module")
def executable() -> str:
    found = find_chromium()
    if found is None:
        if os.environ.get("BACKLINKBOT_CI") == "1":
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    return found


@pytest.fixture(scope="module")
def answers(executable: str) -> dict[str, Any]:
    """What the browser says of every page here, by name; asked once."""
    pages = {name: (url, charset, body) for name, (url, charset, body, _, _) in CASES.items()}
    for name, text in AGREEMENTS.items():
        pages[name] = (PAGE, "", text) if isinstance(text, bytes) else (PAGE, HEADER, text.encode())

    async def ask() -> dict[str, Any]:
        found = {}
        async with Chromium(executable) as browser:
            for name, (url, charset, body) in pages.items():
                kind = f"text/html; charset={charset}" if charset else "text/html"
                found[name] = await browser.read(url, kind, body, EXPRESSION)
        return found

    return run(ask())


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_the_browser_departs_from_it(name: str, answers: dict[str, Any]) -> None:
    url, charset, body, _, browsers = CASES[name]
    theirs = read_browsers(answers[name])
    assert facts(theirs) == browsers
    found = compare(saved(url, charset), body, theirs)
    assert found.unexplained == ()
    assert dict(found.causes) == {name: 1}


@pytest.mark.slow
@pytest.mark.parametrize("name", AGREEMENTS)
def test_we_agree_with_the_browser(name: str, answers: dict[str, Any]) -> None:
    page = AGREEMENTS[name]
    body, charset = (page, "") if isinstance(page, bytes) else (page.encode(), HEADER)
    assert answers[name]["url"] == PAGE
    assert read_ours(body, PAGE, charset) == read_browsers(answers[name])


@pytest.mark.slow
def test_a_page_that_does_not_load_is_an_error(executable: str) -> None:
    async def ask() -> None:
        async with Chromium(executable) as browser:
            with pytest.raises(BrowserError, match="invalid URL"):
                await browser.read("http://[", "text/html", b"", "1")
            assert await browser.read(PAGE, "text/html", b"", "1") == 1

    run(ask())


@pytest.mark.slow
def test_a_browser_that_is_gone_is_an_error(executable: str) -> None:
    async def ask() -> None:
        async with Chromium(executable) as browser:
            os.killpg(browser._process.pid, 9)
            with pytest.raises(BrowserError):
                await browser.read(PAGE, "text/html", b"", "1")

    run(ask())


# --- without ----------------------------------------------------------------------------------------------------------


def test_a_difference_without_a_cause_is_unexplained() -> None:
    body = b"<base href=/b/><meta name=robots content=none><a href=/x>x</a><a href=/y>y</a>"
    page = saved(PAGE, HEADER)
    ours = read_ours(body, PAGE, HEADER)
    assert compare(page, body, ours) == Comparison(page, 2)
    others = [
        Reading("koi8-r", ours.base, ours.metas, ours.rows),
        Reading(ours.encoding, PAGE, ours.metas, ours.rows),
        Reading(ours.encoding, ours.base, (), ours.rows),
        Reading(ours.encoding, ours.base, ours.metas, ours.rows[:1]),
        Reading(ours.encoding, ours.base, ours.metas, (*ours.rows, ours.rows[0])),
        Reading(ours.encoding, ours.base, ours.metas, ours.rows[::-1]),
    ]
    for theirs in others:
        found = compare(page, body, theirs)
        assert found.unexplained
        assert not found.causes
        assert "case.html" in table([found], "Chrome", 1)


def test_a_declared_encoding_is_no_guess() -> None:
    for charset, body in ((HEADER, b"x"), ("", b"<meta charset=utf-8>"), ("", b"\xef\xbb\xbf")):
        ours = read_ours(body, PAGE, charset)
        assert compare(saved(PAGE, charset), body, Reading("koi8-r", ours.base, (), ())).unexplained


def test_the_browser_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BACKLINKBOT_CHROMIUM", raising=False)
    assert find_chromium() == str(tmp_path / NAMES[0])
    monkeypatch.setenv("BACKLINKBOT_CHROMIUM", str(tmp_path / NAMES[2]))
    assert find_chromium() == str(tmp_path / NAMES[2])
    monkeypatch.setenv("BACKLINKBOT_CHROMIUM", str(tmp_path / "missing"))
    assert find_chromium() is None
