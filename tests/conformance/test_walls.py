"""Real pages are no walls."""

from __future__ import annotations

from functools import partial

import pytest

from backlinkbot.download.wall_check import BLANK, wall_in
from backlinkbot.extract.page import PageContent
from tests.conformance.shared_data import saved_pages

pytestmark = pytest.mark.conformance

REAL_WALLS = frozenset(
    {
        "formasaurus/formasaurus/data/html/227.html",  # an "anti-ddos" captcha
        "formasaurus/formasaurus/data/html/229.html",  # "DDoS Protection", with a captcha
    }
)


def test_at_most_one_real_page_in_3000_counts_as_a_wall() -> None:
    pages = [page for corpus in ("pages", "little-web") for page in saved_pages(corpus) if page.path not in REAL_WALLS]
    alarms = []
    for page in pages:
        body = page.file.read_bytes()
        parse = partial(PageContent, body, page.url, page.charset)
        found = wall_in(body, parse, url=page.url, requested_url=page.url)
        if found not in {None, BLANK}:
            alarms.append((page.path, found))
    assert len(alarms) <= len(pages) / 3_000, alarms
