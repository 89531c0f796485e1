"""Accounts of analytics, advertising and verification services in the bytes of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot.extract.accounts import MOST_ACCOUNTS, accounts_of
from backlinkbot.prefilter import account_signs_in
from tests.conftest import CrawlFunction
from tests.cost import cpu_seconds_at_most
from tests.fakeweb import FakeWeb

FOUND = {
    "<script>ga('create', 'UA-1234567-1', 'auto')</script>": ["UA-1234567"],
    "<script>_setAccount', 'UA-1234567-12'; 'UA-7654321-1'</script>": ["UA-1234567", "UA-7654321"],
    "<script async src='https://www.googletagmanager.com/gtag/js?id=G-AB12CD34EF'></script>": ["G-AB12CD34EF"],
    "<script>gtag('config', \"G-AB12CD34EF\"); gtag('config', 'AW-123456789')</script>": [
        "G-AB12CD34EF",
        "AW-123456789",
    ],
    "<script>(window,document,'script','dataLayer','GTM-ABC123')</script>": ["GTM-ABC123"],
    "<ins data-ad-client='ca-pub-1234567890123456'>": ["pub-1234567890123456"],
    "<meta name=google-site-verification content='a-B_c1234567890'>": ["google-site-verification:a-B_c1234567890"],
    '<meta content="a1b2c3d4e5f6" name="yandex-verification" />': ["yandex-verification:a1b2c3d4e5f6"],
    "<META NAME='msvalidate.01' CONTENT='0123456789ABCDEF'>": ["msvalidate.01:0123456789ABCDEF"],
    "<meta property='fb:app_id' content='123456789012345'>": ["fb:app_id:123456789012345"],
    "<script>fbq('init', '123456789012345');</script>": ["facebook-pixel:123456789012345"],
    "<script>ym(12345678, 'init', {})</script><img src='https://mc.yandex.ru/watch/12345678'>": [
        "yandex-metrika:12345678"
    ],
    "<script>var u='//stats.a.example/'; _paq.push(['setTrackerUrl', u+'m.php']); _paq.push(['setSiteId', '7'])</script>": [
        "matomo:stats.a.example/7"
    ],
    "<script>var sc_project=1234567;</script>": ["statcounter:1234567"],
    "<script>h._hjSettings={hjid:1234567,hjsv:6}</script>": ["hotjar:1234567"],
    '<script>})(window, document, "clarity", "script", "abcd1234ef")</script>': ["clarity:abcd1234ef"],
    '<script data-cf-beacon=\'{"token": "0123456789abcdef0123456789abcdef"}\' src=cloudflareinsights.com/x>': [
        "cloudflare-beacon:0123456789abcdef0123456789abcdef"
    ],
    "<meta name=google-site-verification content='Abcdefghijklmnopqrstuvwxyz0123456789ABCDE-q'>": [
        "google-site-verification:Abcdefghijklmnopqrstuvwxyz0123456789ABCDE-q"
    ],
}
NONE = (
    "<meta http-equiv=X-UA-Compatible content='IE=edge'>",
    "<p>G-FORCE G-1 AW-1 UA-1 pub-12",
    "<meta name=google-site-verification content=''>",
    "<meta name=description content='google-site-verification'>",
    "<script>_paq.push(['setSiteId', '7'])</script>",
    "<script>ga('create', 'UA-0000000-1'); gtag('config', 'G-XXXXXXXXXX')</script>GTM-XXXXXX",
    "",
)


@pytest.mark.parametrize(("page", "right"), FOUND.items())
def test_accounts_are_found_with_and_without_a_scan(page: str, right: list[str]) -> None:
    body = page.encode()
    assert accounts_of(body) == accounts_of(body, account_signs_in(body)) == tuple(right)


@pytest.mark.parametrize("page", NONE)
def test_what_is_no_account(page: str) -> None:
    body = page.encode()
    assert accounts_of(body) == accounts_of(body, account_signs_in(body)) == ()


def test_accounts_are_bounded_and_no_page_takes_long() -> None:
    body = b"".join(b"'UA-%d-1' " % (1_000_000 + number) for number in range(100_000))
    with cpu_seconds_at_most(3):
        assert len(accounts_of(body, account_signs_in(body))) == MOST_ACCOUNTS
        accounts_of(b"<meta google-site-verification fb:app_id UA-" * 50_000)


def test_rows_have_the_accounts_of_their_page(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    a, b = "https://a.example/", "https://b.example/"
    web.page(a, "<script>ga('create', 'UA-1234567-1')</script><a href=https://target.example/>t</a>")
    web.page(b, "<a href=https://target.example/>t</a>")
    (tmp_path / "list.txt").write_text(f"{a}\n{b}")
    rows = crawl("verify", candidates=str(tmp_path / "list.txt")).rows
    assert {row.source_url: row.source_accounts for row in rows} == {a: ("UA-1234567",), b: ()}
