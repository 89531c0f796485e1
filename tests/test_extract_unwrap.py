"""Links that carry their target: read without fetching, by a table and by a rule, and crawled."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot import urls
from backlinkbot.extract import unwrap
from backlinkbot.extract.unwrap import carried, chain
from backlinkbot.extract.unwrap.table import KNOWN
from tests.conftest import CrawlFunction
from tests.cost import cpu_seconds_at_most
from tests.fakeweb import FakeWeb

T = "https://target.example/a?b=c"
E = "https%3A%2F%2Ftarget.example%2Fa%3Fb%3Dc"
EE = E.replace("%", "%25")

# wrapper -> what it carries
WRAPPED = {
    # the table
    f"https://www.google.com/url?q={E}&sa=D&ust=1": T,
    f"https://www.google.co.uk/url?sa=t&url={E}": T,
    f"https://google.de/url?q={E}": T,
    "https://www.google.com/amp/s/target.example/a?b=c": T,
    "https://target-example.cdn.ampproject.org/c/s/target.example/a?b=c": T,
    "https://target-example.cdn.ampproject.org/v/target.example/a": "http://target.example/a",
    "https://www.bing.com/ck/a?!&&p=1f&u=a1aHR0cHM6Ly90YXJnZXQuZXhhbXBsZS9hP2I9Yw&ntb=1": T,
    f"https://duckduckgo.com/l/?uddg={E}&rut=1": T,
    f"https://r.search.yahoo.com/_ylt=A0/RV=2/RE=1/RO=10/RU={E}/RK=2/RS=x-": T,
    f"https://www.baidu.com/link?url={E}": T,
    f"https://yandex.ru/clck/jsredir?from=x&url={E}": T,
    f"https://l.facebook.com/l.php?u={E}&h=AT0": T,
    f"https://www.facebook.com/l.php?u={E}": T,
    f"https://l.instagram.com/?u={E}&e=AT0": T,
    f"https://l.threads.com/?u={E}": T,
    f"https://www.youtube.com/redirect?event=x&q={E}&v=1": T,
    f"https://www.linkedin.com/redir/redirect?url={E}&urlhash=x": T,
    f"https://www.linkedin.com/safety/go?url={E}": T,
    f"https://out.reddit.com/t3_x?url={E}&token=A": T,
    f"https://vk.com/away.php?to={E}&cc_key=": T,
    f"https://away.vk.com/away.php?to={E}": T,
    f"https://ok.ru/dk?cmd=logExternal&st.link={E}": T,
    f"https://slack-redir.net/link?url={E}": T,
    f"https://steamcommunity.com/linkfilter/?u={E}": T,
    "https://steamcommunity.com/linkfilter/https://target.example/a?b=c": T,
    f"https://t.umblr.com/redirect?z={E}&t=x": T,
    f"https://medium.com/r/?url={E}": T,
    f"https://weibo.cn/sinaurl?u={E}": T,
    f"https://link.zhihu.com/?target={E}": T,
    f"https://getpocket.com/redirect?url={E}&h=1": T,
    f"https://exit.sc/?url={E}": T,
    f"https://disq.us/url?url={E}%3AmBqhCdrvQYdHl6KyaTBMlLzpDSY&cuid=1": T,
    f"https://eur01.safelinks.protection.outlook.com/?url={E}&data=05": T,
    "https://urldefense.proofpoint.com/v2/url?u=https-3A__target.example_a-3Fb-3Dc&d=Dw": T,
    "https://urldefense.com/v3/__https://target.example/a?b=c__;!!x!y$": T,
    f"https://linkprotect.cudasvc.com/url?a={E}&c=E": T,
    f"https://protect-us.fireeye.com/v1/url?k=1&u={E}": T,
    f"https://secure-web.cisco.com/1abc-def/{E}": T,
    "https://href.li/?https://target.example/a?b=c": T,
    f"https://www.awin1.com/cread.php?awinmid=1&awinaffid=2&ued={E}": T,
    f"https://shareasale.com/r.cfm?b=1&urllink={E}": T,
    f"https://click.linksynergy.com/deeplink?id=x&murl={E}": T,
    f"https://go.skimresources.com/?id=1&url={E}": T,
    f"https://redirect.viglink.com/?key=1&u={E}": T,
    f"https://merchant.sjv.io/c/1/2/3?u={E}": T,
    f"https://clk.tradedoubler.com/click?p=1&a=2&url={E}": T,
    f"https://clk.tradedoubler.com/click?p(1)a(2)url({E})": T,
    f"https://prf.hn/click/camref:x/destination:{E}": T,
    "https://www.anrdoezrs.net/links/1/type/dlg/sid/x/https://target.example/a?b=c": T,
    f"https://www.kqzyfj.com/click-1-2?url={E}": T,
    # the rule
    f"https://blog.example/out?url={E}": T,
    f"https://blog.example/out?url={EE}": T,
    "https://blog.example/redirect/https://target.example/a?b=c": T,
    "https://blog.example/redirect/https:/target.example/a?b=c": T,
    f"https://blog.example/redirect/{E}": T,
    f"https://blog.example/wp-content/plugins/x/go.php?id=1&to={E}": T,
    "https://blog.example/go.php?https://target.example/a?b=c": T,
    f"https://blog.example/bitrix/rk.php?id=1&goto={E}": T,
    "https://blog.example/engine/go.php?url=aHR0cHM6Ly90YXJnZXQuZXhhbXBsZS9hP2I9Yw==": T,
    "https://blog.example/engine/go.php?url=aHR0cHM6Ly90YXJnZXQuZXhhbXBsZS9hP2I9Yw%3D%3D": T,
    "https://blog.example/Out-Link?u=http://Target.example:8080/": "http://target.example:8080/",
}
NO_WRAPPERS = (
    # share buttons
    f"https://www.facebook.com/sharer/sharer.php?u={E}",
    f"https://twitter.com/intent/tweet?url={E}",
    f"https://x.com/share?url={E}",
    f"https://www.linkedin.com/shareArticle?mini=true&url={E}",
    f"https://www.linkedin.com/sharing/share-offsite/?url={E}",
    f"https://pinterest.com/pin/create/button/?url={E}",
    f"https://www.reddit.com/submit?url={E}",
    f"https://t.me/share/url?url={E}",
    f"https://api.whatsapp.com/send?text={E}",
    f"https://vk.com/share.php?url={E}",
    f"https://getpocket.com/edit?url={E}",
    f"https://blog.example/share/out?url={E}",
    f"mailto:?body={E}",
    # copies
    "https://web.archive.org/web/20200101000000/https://target.example/a?b=c",
    f"https://translate.google.com/translate?sl=de&u={E}",
    "https://target-example.translate.goog/a?b=c&_x_tr_sl=de",
    f"https://webcache.googleusercontent.com/search?q=cache:{E}",
    "https://archive.ph/2020/https://target.example/",
    # services, log-ins, articles
    f"https://validator.w3.org/check?uri={E}",
    f"https://blog.example/login?redirect={E}",
    f"https://blog.example/oauth/redirect?redirect_uri={E}",
    f"https://blog.example/oembed?url={E}",
    f"https://blog.example/article?url={E}",
    f"https://evil.test/?u={E}",
    # nothing that is carried
    "https://blog.example/out?id=5",
    "https://blog.example/out?url=target.example",
    "https://blog.example/out?url=/local",
    "https://blog.example/out?url=ftp://target.example/",
    "https://blog.example/out?url=https://",
    "https://blog.example/out?url=https://t%61rget.example/",
    "https://blog.example/out?url=https://b%C3%BCcher.example/",
    "https://blog.example/out?url=https://user@target.example/",
    "https://blog.example/go.php?url=aHR0cHM6",
    "https://blog.example/go.php?url=aHR0cHM6Ly8=",
    f"https://blog.example/out?url={E}&pad={'x' * 9_000}",
)


def inside(text: str) -> str | None:
    url = urls.parse(text)
    assert url is not None
    found = carried(url)
    return found.href if found is not None else None


@pytest.mark.parametrize(("wrapper", "right"), WRAPPED.items())
def test_what_a_wrapper_carries(wrapper: str, right: str) -> None:
    assert inside(wrapper) == right


@pytest.mark.parametrize("text", NO_WRAPPERS)
def test_what_carries_nothing(text: str) -> None:
    assert inside(text) is None


def test_every_entry_of_the_table_has_an_example() -> None:
    for wrapper in KNOWN:
        tried = [urls.parse(text) for text in WRAPPED]
        assert any(wrapper in list(unwrap._wrappers_of(url)) and list(wrapper.read(url)) for url in tried if url), (
            wrapper
        )


def test_one_in_another() -> None:
    inner = f"https://www.google.com/url?q={E}"
    outer = urls.parse("https://blog.example/out?url=" + inner.replace("%", "%25").replace("&", "%26"))
    assert outer is not None
    assert [(url.href, via) for url, via in chain(outer)] == [(inner, (outer.href,)), (T, (outer.href, inner))]


def test_they_do_not_go_on_for_ever() -> None:
    text = T
    for _ in range(12):
        text = f"https://blog.example/out?url={text.replace('%', '%25').replace('/', '%2F').replace('&', '%26')}"
    url = urls.parse(text)
    assert url is not None
    assert len(list(chain(url))) <= unwrap.MOST_WRAPPERS


@given(st.text(alphabet="/:?&=%2F3Ahtpsorgu.li_-a1HR0cDovL", max_size=60))
def test_it_never_fails_and_gives_only_web_addresses(text: str) -> None:
    url = urls.parse(f"https://blog.example/out?url={text}")
    found = carried(url) if url is not None else None
    assert found is None or urls.is_web(found)


@pytest.mark.parametrize(
    "text", ["http%3A" * 1_000, "https%3A%2F%2F" + "%2F" * 2_500, "?https://" + "a." * 3_900, "/http://" * 900]
)
def test_a_hostile_address_costs_little(text: str) -> None:
    url = urls.parse(f"https://blog.example/out/redirect?url={text}")
    assert url is not None
    with cpu_seconds_at_most(1):
        list(chain(url))


def test_rows_name_the_target_and_the_way(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    page = "https://blog.example/"
    web.robots("blog.example", "User-agent: Googlebot\nDisallow: /out")
    web.page(
        page,
        "<a href='/go?to=https%3A%2F%2Ftarget.example%2Fone'>one</a>"
        "<a rel=ugc href='https://l.facebook.com/l.php?u=https%3A%2F%2Ftarget.example%2Ftwo'>two</a>"
        "<a href='/out?url=https://target.example/three'>three</a>"
        "<a href='https://www.facebook.com/sharer.php?u=https://target.example/'>share</a>"
        "<a href='/go?to=https://target\n.example/four'>four</a>"
        "<a href='https://target.example/go?to=https://target.example/five'>five</a>",
    )
    (tmp_path / "list.txt").write_text(page)
    crawled = crawl("verify", candidates=str(tmp_path / "list.txt"))
    rows = {row.anchor: row for row in crawled.rows}
    assert set(rows) == {"one", "two", "three", "five"}
    assert rows["one"].target_url == "https://target.example/one"
    assert rows["one"].via == ("https://blog.example/go?to=https%3A%2F%2Ftarget.example%2Fone",)
    assert rows["one"].raw_href == "/go?to=https%3A%2F%2Ftarget.example%2Fone"
    assert (rows["one"].follow, rows["one"].link_type) == (True, "text")
    assert (rows["two"].follow, rows["two"].nofollow_by) == (False, ("rel:ugc",))
    assert (rows["three"].follow, rows["three"].nofollow_by) == (False, ("via:robots.txt:googlebot",))
    assert (rows["five"].via, rows["five"].follow) == ((), True)
    assert crawled.asked == [page]
