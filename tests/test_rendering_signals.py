"""Which served pages look script-built: shells of the common frameworks do, pages that were served whole do not."""

from __future__ import annotations

import pytest

from backlinkbot.rendering.scripted_parts import has_scripted_part
from backlinkbot.rendering.signals import (
    ENOUGH,
    FEW_LINKS,
    LITTLE_TEXT,
    MANY_LINKS,
    SIGNALS,
    has_scripted_sidebar,
    looks_script_built,
    names_in_script,
    signals_of,
)
from tests.conformance.shared_data import saved_pages
from tests.cost import cpu_seconds_at_most
from tests.test_docs import read, section, table_rows

TEXT = "Words that somebody wrote, for somebody else to read. " * 20
APP = '<script src="/app.js"></script>'
SHELLS = {
    "react": f'<div id="root"></div>{APP}',
    "react with a notice": f'<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>{APP}',
    "vue": "<div id=app></div><script type=module src=/assets/index-4f2a9c1d.js></script>",
    "angular": '<app-root></app-root><script src="main.1f2e3d4c5b6a7980.js" type="module"></script>',
    "angular, waiting": f"<app-root><div class=spinner></div>Loading…</app-root>{APP}",
    "angularjs": f'<body ng-app="shop"><h1>{{{{ title }}}}</h1><div ng-view></div>{TEXT}{APP}',
    "next": f'<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{{}}</script>{APP}',
    "write": "<script>document.write('<a href=https://target.example/>t</a>')</script>",
    "inner html": "<body><h1>News</h1><div id=list></div><script>list.innerHTML = '<a href=/>x</a>'</script>",
    "upper case": '<DIV ID="ROOT"></DIV><SCRIPT SRC="/APP.JS"></SCRIPT>',
    "web components": f"<my-header></my-header><my-page></my-page>{APP}",
    "utf-16": f'<div id="root"></div>{APP}'.encode("utf-16").decode("latin-1"),
}
WHOLE = {
    "empty": "",
    "no script": "<div id=root></div>",
    "a few words": "<title>It works</title><h1>It works</h1>",
    "an article": f"<h1>News</h1><p>{TEXT}</p><script>track()</script>",
    "served and hydrated": f'<div id="root"><main>{TEXT}<a href=/>x</a></main></div><script type=module src=/app.js></script>',
    "links": '<div id="root"></div>' + "<a href=/x>x</a>" * (MANY_LINKS + 1) + APP,
    "a form": "<form action=/login><input name=user><input name=password></form><script>check()</script>",
    "data, no script": '<script type="application/ld+json">{"@type": "Article"}</script><div></div>',
    "a notice of comments": f"<p>{TEXT}</p><noscript>Please enable JavaScript to view the comments.</noscript><script></script>",
}


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_looks_script_built(name: str) -> None:
    assert looks_script_built(SHELLS[name].encode("latin-1", "replace")), signals_of(SHELLS[name].encode())


@pytest.mark.parametrize("name", WHOLE)
def test_a_page_that_was_served_does_not(name: str) -> None:
    assert not looks_script_built(WHOLE[name].encode()), signals_of(WHOLE[name].encode())


MANY = "<a href=/x>x</a>" * (MANY_LINKS + 1)
SIDEBARS = {
    "fetched": "<aside id=links></aside><script>fetch('/l').then(r => r.text()).then(t => { links.innerHTML = t })</script>",
    "fetched, by element": "<aside> </aside><script>fetch('/l').then(r => show(document.querySelector('aside'), r))</script>",
    "jQuery": """<div class="col sidebar-right"></div><script>$('.sidebar-right').load('/links')</script>""",
    "another file": "<div id=sidebar></div><script src=/js/sidebar.min.js?v=1></script>",
    "blogroll": "<ul id='blog-roll'></ul><SCRIPT async SRC='https://cdn.example/blogroll.js'></SCRIPT>",
}
NO_SIDEBARS = {
    "a served one": f"<aside id=links>{MANY}</aside><script>fetch('/l').then(t => {{ links.innerHTML = t }})</script>",
    "one that nobody fills": "<aside id=ad></aside><script>fetch('/count')</script>",
    "another file": "<div id=sidebar></div><script src=/app.js></script>",
    "another element": "<div id=comments></div><script>fetch('/c').then(t => { comments.innerHTML = t })</script>",
    "data": "<aside id=links></aside><script type=application/json>{'links': 'fetch(1)'}</script>",
    "no script": "<aside id=links></aside> fetch(links)",
}


@pytest.mark.parametrize("name", SIDEBARS)
def test_an_empty_sidebar_that_a_script_fills(name: str) -> None:
    assert has_scripted_sidebar(f"<body>{MANY}{SIDEBARS[name]}".encode())


@pytest.mark.parametrize("name", NO_SIDEBARS)
def test_a_sidebar_that_no_script_fills(name: str) -> None:
    assert not has_scripted_sidebar(f"<body>{MANY}{NO_SIDEBARS[name]}".encode())


def into(element: str) -> str:
    return f"fetch('/l').then(r => r.text()).then(t => {{ {element}.innerHTML = t }})"


FOOTER = into("document.querySelector('footer')")
FRIENDS = into("document.querySelector('div.friends')")
RELATED = into("document.getElementById('related-links')")
W, PARTNERS, CONTENT = into("w"), into("partners"), into("content")
PARTS = {
    "an element of any name": f"<div id=partners></div><script>{PARTNERS}</script>",
    "by id": f"""<ul id="related-links"></ul><script>{RELATED}</script>""",
    "by class": f"""<div class="box friends"></div><script>{FRIENDS}</script>""",
    "a footer": f"<footer></footer><script>{FOOTER}</script>",
    "the main part": f"<main id=content></main><script>{CONTENT}</script>",
    "jQuery": "<tbody id=rows></tbody><script>$(function () { $.getJSON('links.json', d => $('#rows').append(d)) })</script>",
    "jQuery, load": "<div id=w></div><script>$(document).ready(function () { $('#w').load('/w.html') })</script>",
    "jQuery, ajax": "<ol id=w></ol><script>$.ajax({cache: false, url: '/w', success: d => $('#w').html(d)})</script>",
    "axios": "<nav id=more></nav><script>axios.get('./more').then(r => { more.innerHTML = r.data })</script>",
    "XMLHttpRequest": "<div id=w></div><script>var x = new XMLHttpRequest(); x.onload = () => { w.innerHTML = x.response }; x.open('GET', '/w'); x.send()</script>",
    "a function that is called": f"<div id=w></div><script>async function fill() {{ {W} }} fill()</script>",
    "once parsed": f"<div id=w></div><script>addEventListener('DOMContentLoaded', () => {{ {W} }})</script>",
    "created elements": "<div id=w></div><script>fetch('/l').then(l => { for (const u of l) { const a = document.createElement('a'); w.append(a) } })</script>",
    "React beside a menu": '<div id="root"></div><script defer src="/static/js/main.1.js"></script>',
    "Vue beside a menu": "<div id=app></div><script type=module src=/assets/index-4f2a9c1d.js></script>",
    "htmx": "<div hx-get=/links hx-trigger=load></div><script src=https://cdn.example/htmx.js></script>",
    "Turbo": "<turbo-frame id=links src=/links></turbo-frame><script src=/turbo.js></script>",
    "in upper case": "<DIV ID=W></DIV><SCRIPT>FETCH('/L').THEN(T => { W.INNERHTML = T })</SCRIPT>",
}
NO_PARTS = {
    "a served one": f"<div id=w><p>{TEXT}</p></div><script>{W}</script>",
    "one that nobody fills": f"<div id=ad></div><script>{W}</script>",
    "another host": "<div id=w></div><script>fetch('https://ads.example/w').then(t => { w.innerHTML = t })</script>",
    "once somebody clicks": f"<div id=w></div><script>more.addEventListener('click', () => {{ {W} }})</script>",
    "once somebody types": "<div id=w></div><script>$('#q').keyup(function () { $('#w').load('/search.php') })</script>",
    "what somebody sends": "<div id=w></div><script>$.ajax({url: '/vote', type: 'post', success: d => $('#w').html(d)})</script>",
    "a function that others call": f"<div id=w></div><script>function fill() {{ {W} }}</script>",
    "a comment": "<div id=w></div><script>\n  // $('#w').load('/w.html')\n</script>",
    "a library": "<div id=w></div><script>gapi.load('gapi.iframes', () => w.append(frame))</script>",
    "a counter": "<div id=w></div><script>fetch('/count')</script>",
    "far away": f"<div id=w></div><script>fetch('/count'); {'x = 1;' * 200} w.innerHTML = x</script>",
    "an empty root, and a script of another host": "<div id=root></div><script src=https://cdn.example/a.js></script>",
    "a served root": f"<div id=root><p>{TEXT}</p></div><script src=/static/js/main.1.js></script>",
    "htmx that waits": "<div hx-get=/links hx-trigger=click></div><script src=/htmx.js></script>",
    "a word in the text": f"<p>fetch('/l') innerHTML</p><div id=l></div>{APP}",
}


@pytest.mark.parametrize("name", PARTS)
def test_an_empty_part_that_a_script_fills_beside_served_links(name: str) -> None:
    page = f"<body>{MANY}{PARTS[name]}".encode()
    assert has_scripted_part(page)
    assert not looks_script_built(page)


@pytest.mark.parametrize("name", NO_PARTS)
def test_a_part_that_no_script_fills_by_itself(name: str) -> None:
    assert not has_scripted_part(f"<body>{MANY}{NO_PARTS[name]}".encode())


def test_many_empty_parts_beside_many_requests_are_looked_at_once() -> None:
    parts = "".join(f"<div id=q{number} class='a b{number}'></div>" for number in range(10_000))
    page = f"<body>{MANY}{parts}<script>{into('z') * 50}</script>"
    with cpu_seconds_at_most(5):
        assert not has_scripted_part(page.encode())
        assert has_scripted_part((page + "<div id=z></div>").encode())


def test_many_functions_in_one_script_are_looked_for_once() -> None:
    functions = "".join(f"function f{number}() {{ {PARTNERS} }}" for number in range(50))
    page = f"<body>{MANY}<div id=partners></div><script>{'x' * 800_000};{functions}CALL</script>"
    with cpu_seconds_at_most(5):
        assert not has_scripted_part(page.encode())
        assert has_scripted_part(page.replace("CALL", "f49()").encode())


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece", [b"<div id=a></div>", b"fetch('/a').innerhtml ", b"function a(", b"\n//", b"<div id="]
)
def test_no_page_with_scripted_parts_takes_long(piece: bytes) -> None:
    page = b"<div id=root></div><script>" + piece * (1_000_000 // len(piece)) + b"</script>" + piece * 20_000
    with cpu_seconds_at_most(10):
        has_scripted_part(page)


@pytest.mark.parametrize("others", [0, 100])
def test_a_target_that_a_script_names(others: int) -> None:
    hosts = frozenset({"target.example", *(f"{n}.other.example" for n in range(others))})
    for page, is_named in {
        "<script>x.innerHTML = '<a href=https://target.example/>t</a>'</script>": True,
        '<script type="application/json">{"url": "https:\\/\\/www.target.example\\/"}</script>': True,
        "<script>a()</script><p>https://target.example/<script>b()</script>": False,
        "<script type='application/ld+json'>{'url': 'https://target.example/'}</script>": False,
        "<script src=https://target.example/a.js></script>": False,
        "<a href=https://target.example/>t</a>": False,
    }.items():
        assert names_in_script(page.encode(), hosts) is is_named, page


@pytest.mark.parametrize(
    "script",
    [
        "<script>console.log('visited')</script>",
        "<script async src=https://www.googletagmanager.com/gtag/js?id=1></script>",
        "<script>(function(d, s) { const js = d.createElement(s); js.src = '//connect.facebook.net/sdk.js' })()</script>",
    ],
)
def test_a_script_that_writes_nothing_builds_no_page(script: str) -> None:
    assert not looks_script_built(f"<title>It works</title><h1>It works</h1>{script}".encode())
    assert looks_script_built(f"<title>It works</title><h1>It works</h1>{script}{APP}".encode())


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_each_signal_decides_over_some_page(signal: object) -> None:
    name = getattr(signal, "name", "")
    pages = [page.encode("latin-1", "replace") for page in (*SHELLS.values(), *WHOLE.values())]
    assert any(name in signals_of(page) for page in pages)
    assert any(name not in signals_of(page) for page in pages)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [b"<", b"<script>", b"<!--", b"<div id=root>", b"<noscript>", b"{{", b"<a", b"<x-y>", b"<div ", b"javascript"],
)
def test_no_page_takes_long(piece: bytes) -> None:
    page = piece * (2_000_000 // len(piece))
    with cpu_seconds_at_most(10):
        looks_script_built(page)


def test_real_pages_give_few_alarms() -> None:
    pages = [page.file.read_bytes() for page in saved_pages("pages")]
    alarms = sum(looks_script_built(page) or has_scripted_sidebar(page) or has_scripted_part(page) for page in pages)
    assert alarms < 0.02 * len(pages)


def test_the_signals_are_described() -> None:
    text = section(read("docs/rendering.md"), "## Which pages")
    described = {row[0].strip("`"): row[1:] for row in table_rows(text)[1:]}
    assert described == {signal.name: [str(signal.points), signal.meaning] for signal in SIGNALS}
    assert (ENOUGH, MANY_LINKS) == (4, 10)
    assert "more than ten links" in " ".join(text.split())
    assert "a page with a script and four points" in " ".join(text.split())
    assert str(FEW_LINKS) in described["few_links"][1]
    assert str(LITTLE_TEXT) in described["little_text"][1]
