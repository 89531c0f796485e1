"""Is a page that has lost its link the same page? Real removals of every kind are; walls nobody has listed are not."""

from __future__ import annotations

import pytest

from backlinkbot.extract.page import PageContent
from backlinkbot.history.page_sketch import Known, is_another, is_same, sketch_of

URL = "https://a.example/posts/harbour"
TEXT = (
    "The old harbour was closed for the winter and the fishermen moved to the new quay where the wind comes from the sea. "
    "They mended their nets in the morning and sold mackerel at noon to whoever came down the long street from the market. "
    "In spring they came back one after the other and said that they had never left the place where their boats were built."
)
MENU = "".join(
    f'<li class="item-{name}"><a href="/{name}">{name}</a>'
    for name in ("boats", "nets", "quays", "fish", "tea", "maps")
)
LINK = '<a href="https://target.example/">the tide tables</a>'


def page(
    title: str = "The old harbour", text: str = TEXT, menu: str = MENU, link: str = LINK, block: str = "post"
) -> str:
    return f"<title>{title}</title><ul class=menu>{menu}</ul><div class={block}><p>{text} {link}</p></div>"


def content(html: str) -> PageContent:
    return PageContent(html.encode(), URL, "utf-8")


def known(html: str, links: int = 7) -> Known:
    before = content(html)
    sketch = sketch_of(before, {"https://target.example/"}, ["the tide tables"])
    return Known(title=before.title, links=links, sketch=sketch)


REMOVALS = {
    "the link alone": page(link=""),
    "title changed": page("Winter at sea", link=""),
    "half of the text went": page(text=TEXT[: len(TEXT) // 2], link=""),
    "title changed and half of the text went": page("Winter at sea", TEXT[len(TEXT) // 2 :], link=""),
    "a new design": f"<title>The old harbour</title><section class=neu>{TEXT}</section>",
    "new text under the old menu": page(
        "Boats for sale", "All boats are sold by the brothers at the end of the street.", link=""
    ),
    "no menu any more": page(menu="", link=""),
    "the text went, the title stayed": "<title>The old harbour</title><p>Soon.",
}
WALLS = {
    "a wall": "<title>One moment</title><div class=box><h1>Are you a person?</h1><p>Press and hold the button to go on.</div>",
    "a wall with the host's name": "<title>a.example</title><script src=/x.js></script><p>Please enable scripts and reload.",
    "another customer's site": "<title>Buy tiles</title><div class=shop><a href='/tiles'>Tiles</a><a href='/'>Home</a>Cheap tiles for you.",
    "an index of a new server": "<title>Welcome to my server</title><h1>It works</h1><p>The server runs. Configure it now.",
}


@pytest.mark.parametrize(
    ("after", "is_it"),
    [
        (page(link=""), True),
        (page("Winter at sea", link=""), False),
        (page(text=TEXT[: len(TEXT) // 2], link=""), False),
        (page(text="Sorry, we cannot find the page that you are looking for.", link=""), False),
        ("", False),
    ],
)
def test_a_page_with_its_old_title_and_text_is_the_same(after: str, *, is_it: bool) -> None:
    assert is_same(known(page()), content(after)) == is_it
    assert not is_same(Known(title="The old harbour"), content(after))


def test_an_error_page_in_the_design_of_a_small_page_is_not_the_same() -> None:
    small = page(text="Pier nine stays closed until May because big waves broke its lamp.")
    assert is_same(
        known(small), content(page(text="Pier nine stays closed until May because big waves broke its lamp.", link=""))
    )
    assert not is_same(known(small), content(page(text="This page does not exist any more, it was removed.", link="")))


@pytest.mark.parametrize("after", REMOVALS.values(), ids=REMOVALS)
@pytest.mark.parametrize("is_sketched", [True, False])
def test_a_page_that_has_lost_its_link_is_that_page(after: str, *, is_sketched: bool) -> None:
    before = known(page())
    if not is_sketched:
        before = Known(title=before.title, links=before.links)
    assert not is_another(before, content(after))


@pytest.mark.parametrize("name", [name for name in REMOVALS if name != "new text under the old menu"])
def test_so_is_one_without_links_of_its_own(name: str) -> None:
    assert not is_another(known(page(menu=""), links=1), content(REMOVALS[name]))


@pytest.mark.parametrize("after", WALLS.values(), ids=WALLS)
@pytest.mark.parametrize("menu", [MENU, ""])
def test_what_has_nothing_of_it_is_another(after: str, menu: str) -> None:
    assert is_another(known(page(menu=menu)), content(after))


@pytest.mark.parametrize("after", WALLS.values(), ids=WALLS)
def test_without_a_sketch_the_title_and_the_number_of_links_tell(after: str) -> None:
    assert is_another(Known(title="The old harbour", links=60), content(after))
    assert not is_another(Known(title="The old harbour", links=3), content(after))


def test_of_a_page_that_is_nothing_but_its_link_nobody_can_tell() -> None:
    assert not is_another(known(LINK), content("<p>Something else."))
    assert not is_another(Known(), content("<p>Something else."))


def test_a_sketch_is_small_and_the_same_for_the_same_page() -> None:
    long = page(text=TEXT * 50, menu=MENU * 50)
    sketch = sketch_of(content(long))
    assert sketch == sketch_of(content(long))
    assert len(sketch) <= 3 + 3 * 48
    assert not is_another(Known(title="", sketch=sketch), content(long))
