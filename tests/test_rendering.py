"""A site that scripts build, rendered by the real Chromium: every planted link is found, and where it was seen."""

from __future__ import annotations

import json

import pytest

from tests.chromium import chromium
from tests.conftest import CrawlFunction, link
from tests.fakeweb import FakeWeb
from tests.processes import marked

__all__ = ["marked"]

T = "https://target.example"
SCRIPT = "text/javascript"


def shell(script: str, served: str = "") -> str:
    """What a site that scripts build serves."""
    return f'<!doctype html><html lang="de"><title>Shell</title><body>{served}<div id="root"></div><script>{script}</script>'


def a(path: str, words: str = "") -> str:
    return f"<a href='{T}/{path}' {words}>{path}</a>"


# page -> (what it serves, path at the target -> where that link is seen)
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "/raw-only": (
        shell("document.querySelector('p').remove()", f"<p>{a('removed')}</p>{a('kept')}"),
        {"removed": "raw_only", "kept": "both"},
    ),
    "/both": (shell("", a("both", "rel=nofollow") + "<a href='/relative'>elsewhere</a>"), {"both": "both"}),
    "/rendered-only": (shell(f'root.innerHTML = "{a("written")}"'), {"written": "rendered_only"}),
    "/renamed": (
        shell("document.querySelector('a').textContent = 'by script'", a("renamed")),
        {"renamed": "both"},
    ),
    "/unfollowed": (
        shell("document.querySelector('a').rel = 'nofollow'", a("unfollowed")),
        {"unfollowed": "raw_only rendered_only"},
    ),
    "/noscript": (shell("", f"<noscript>{a('noscript')}</noscript>"), {"noscript": "raw_only"}),
    "/timer": (shell(f'setTimeout(() => {{ root.innerHTML = "{a("timer")}" }}, 4000)'), {"timer": "rendered_only"}),
    "/fetched": (
        shell("fetch('/api').then(r => r.text()).then(t => setTimeout(() => { root.innerHTML = t }, 900))"),
        {"fetched": "rendered_only"},
    ),
    "/posted": (
        shell("fetch('/graphql', {method: 'POST', body: '{}'}).then(r => r.text()).then(t => { root.innerHTML = t })"),
        {"posted": "rendered_only"},
    ),
    "/shadow": (
        shell(f'root.attachShadow({{mode: "closed"}}).innerHTML = "{a("shadow")}"'),
        {"shadow": "rendered_only"},
    ),
    "/module": ("<div id=app></div><script type=module src=/module.js></script>", {"module": "rendered_only"}),
    "/pushed": (
        shell("history.pushState(null, '', '/elsewhere/'); root.innerHTML = \"<a href='../out'>x</a>\""),
        {},
    ),
}


def plant(web: FakeWeb) -> None:
    for path, (body, _) in PAGES.items():
        web.page(f"https://js.example{path}", body)
    web.page(
        "https://js.example/",
        shell(f"root.innerHTML = {json.dumps(' '.join(f'<a href={path}>.</a>' for path in PAGES))}"),
    )
    web.page("https://js.example/api", a("fetched"))
    web.page("https://js.example/graphql", lambda asked: a("posted") if asked.method == "POST" else a("got"))
    web.page(
        "https://js.example/module.js", "import {words} from './words.js'; app.innerHTML = words", content_type=SCRIPT
    )
    web.page("https://js.example/words.js", f'export const words = "{a("module")}"', content_type=SCRIPT)
    web.page("https://js.example/out", a("out"))
    web.redirect("https://js.example/relative", "/out")


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_every_planted_link_is_found_and_where_it_was_seen(crawl: CrawlFunction, web: FakeWeb) -> None:
    plant(web)
    found = crawl("discover", seeds="https://js.example/", browser=chromium(), render="always")
    seen: dict[str, dict[str, str]] = {path: {} for path in PAGES}
    for row in found.rows:
        page, path = row.source_url.removeprefix("https://js.example"), row.target_url.removeprefix(f"{T}/")
        if page in seen:
            seen[page][path] = " ".join(filter(None, (seen[page].get(path), row.rendered)))
    assert seen == {path: truth for path, (_, truth) in PAGES.items()}
    rows = {(row.target_url.removeprefix(f"{T}/"), row.rendered): row for row in found.rows}
    assert rows["both", "both"].rel == ("nofollow",)
    assert rows["renamed", "both"].anchor == "by script"
    assert rows["unfollowed", "raw_only"].follow is True
    assert rows["unfollowed", "rendered_only"].nofollow_by == ("rel:nofollow",)
    assert rows["shadow", "rendered_only"].flags == ("shadow",)
    assert rows["written", "rendered_only"].source_title == "Shell"
    # The browser is the crawler: one name, one robots.txt, one log.
    agents = {hit.headers["user-agent"] for hit in web.hits if hit.host == "js.example"}
    assert len(agents) == 1
    assert agents.pop().startswith("backlinkbot/")
    assert web.paths("js.example").count("/robots.txt") == 1
    assert found.stats["backlinks/rendering/browsers"] == 1
    assert "backlinks/rendering/not_at_rest" not in found.stats
    assert not any(name.startswith("backlinks/rendering/failed") for name in found.stats)


def test_auto_asks_for_no_browser_where_a_page_has_links_or_shows_the_target(
    crawl: CrawlFunction, web: FakeWeb
) -> None:
    many = "".join(f"<a href='/{n}'>{n}</a>" for n in range(12))
    web.page("https://served.example/", shell("", many))
    for number in range(12):
        web.page(f"https://served.example/{number}", shell("document.title = 1", link()))
    found = crawl("discover", seeds="https://served.example/", browser=chromium(), render="auto")
    assert len(found.rows) == 12
    assert {row.rendered for row in found.rows} == {""}
    assert found.stats["backlinks/rendering/looks_script_built"] == 12
    assert "backlinks/rendering/pages" not in found.stats


@pytest.mark.slow
def test_auto_looks_at_a_page_with_served_links_and_a_part_that_scripts_fill(
    crawl: CrawlFunction, web: FakeWeb
) -> None:
    many = "".join(f"<a href='https://elsewhere.example/{n}'>{n}</a>" for n in range(12))
    side = f"<p>{many}</p><aside id=side></aside>"
    web.page("https://inline.example/", shell(f'side.innerHTML = "{a("inline")}"', side))
    web.page(
        "https://fetched.example/", shell("fetch('/l').then(r => r.text()).then(t => { side.innerHTML = t })", side)
    )
    web.page("https://fetched.example/l", a("fetched"))
    web.page("https://file.example/", f"{side}<script src=/sidebar.js></script>")
    web.page("https://file.example/sidebar.js", f'side.innerHTML = "{a("file")}"', content_type=SCRIPT)
    web.page("https://linked.example/", shell(f'side.innerHTML = "{a("more")}"', side + a("linked")))
    part = f"<p>{many}</p><div id=partners></div>"
    web.page(
        "https://part.example/", shell("fetch('/p').then(r => r.text()).then(t => { partners.innerHTML = t })", part)
    )
    web.page("https://part.example/p", a("part"))
    web.page("https://menu.example/", f"<p>{many}</p><div id=root></div><script src=/main.js></script>")
    web.page("https://menu.example/main.js", f'root.innerHTML = "{a("menu")}"', content_type=SCRIPT)
    seeds = [f"https://{name}.example/" for name in ("inline", "fetched", "file", "linked", "part", "menu")]
    found = crawl("discover", seeds=" ".join(seeds), browser=chromium(), render="auto", max_pages_per_domain=1)
    assert {(row.target_url.removeprefix(f"{T}/"), row.rendered) for row in found.rows} == {
        *((name, "rendered_only") for name in ("inline", "fetched", "file", "part", "menu")),
        ("linked", ""),
    }
    assert found.stats["backlinks/rendering/target_in_script"] == 2
    assert found.stats["backlinks/rendering/scripted_sidebar"] == 2
    assert found.stats["backlinks/rendering/scripted_part"] == 2
    assert found.stats["backlinks/rendering/pages"] == 5
