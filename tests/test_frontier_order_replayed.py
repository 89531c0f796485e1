"""The crawl orders of ``benchmarks.order`` in a generated web: each visits every page once, and the product's beats breadth first."""

from __future__ import annotations

from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

import pytest

from benchmarks import in_host, order, order_cost
from benchmarks.crawl_orders import BREADTH_FIRST, ORACLE, ORDERS, PRODUCT, Crawl, NamedOrder
from benchmarks.generated_web import generated_web
from benchmarks.recorded_web import Recorded, RecordedWeb, of_pages

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def web() -> RecordedWeb:
    return generated_web(1, hosts=16, pages=1_500)


@pytest.mark.parametrize("name", ORDERS, ids=lambda one: one.name)
def test_an_order_visits_each_reachable_page_once_the_seeds_first(web: RecordedWeb, name: NamedOrder) -> None:
    hits = next(iter(web.referrers.values()))
    visited = name.function(Crawl(web, hits, web.seeds, budget=len(web.pages)))
    assert len(set(visited)) == len(visited)
    if name is ORACLE:  # stops when it has found everything
        assert hits <= set(visited)
    else:
        assert sorted(visited) == sorted(web.reachable)
        assert set(visited[: len(web.seeds)]) == set(web.seeds) or name.name == "SB-CLASSIFIER"


def test_the_product_finds_more_than_breadth_first_and_less_than_the_oracle(web: RecordedWeb) -> None:
    results = [order.replay(web, (BREADTH_FIRST, PRODUCT, ORACLE), 12, 0.0, seed) for seed in (1, 2)]
    pages = {
        name: fmean(recall.pages for one in results for recall in one.recalls[name]) for name in results[0].recalls
    }
    assert pages[BREADTH_FIRST.name] + 0.05 < pages[PRODUCT.name] < pages[ORACLE.name]


def test_evidence_is_visited_first_and_a_quarter_of_it_is_wrong(web: RecordedWeb) -> None:
    target = max(web.referrers, key=lambda host: len(web.referrers[host]))
    crawl = order._crawl(web, target, 0.1, 10, seed=1)
    share = len(crawl.evidence & crawl.hits) / len(crawl.evidence)
    assert 0.7 < share < 0.9
    assert set(crawl.start[: len(crawl.evidence)]) == crawl.evidence


def test_targets_are_drawn_from_each_class_of_popularity(web: RecordedWeb) -> None:
    names = order.targets_of(web, 8, Random(1))
    assert len(set(names)) == len(names)
    counts = [len(web.referrers[name]) for name in names]
    assert sum(3 <= count <= 10 for count in counts) == 2
    assert sum(11 <= count <= 40 for count in counts) == 2
    assert names == order.targets_of(web, 8, Random(1))


def test_links_lead_to_the_pages_as_static_hosts_serve_them() -> None:
    def page(key: str, *links: str) -> Recorded:
        return Recorded(
            key, key.partition("/")[0], tuple((link, link.partition("/")[0], "", "html body a") for link in links)
        )

    web = of_pages(
        [
            page("a.example/", "a.example/x", "b.example/sub", "c.example/"),
            page("a.example/x.html"),
            page("b.example/sub/"),
        ],
        by_registrable_domain=True,
    )
    assert [link.page for link in web.links[0]] == [1, 2]
    assert web.outside[0] == {"b.example", "c.example"}


def test_a_web_that_is_not_there_is_said_to_be_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert order.main(["--web", "/nowhere/at/all"]) == 0
    assert "skipped: /nowhere/at/all is not on this machine" in capsys.readouterr().out


def test_the_cost_is_measured_with_every_page_waiting() -> None:
    cost = order_cost.measure(hosts=5, waiting=300, visits=50)
    assert cost.order > 0
    assert cost.features > 0


def test_rows_that_know_the_pages_differ_in_what_they_know() -> None:
    target = "target.example"

    def page(path: str, *outside: str) -> Recorded:
        return Recorded(f"a.example{path}", "a.example", tuple((f"{host}/", host, "", "") for host in outside))

    own = tuple((f"a.example{path}", "a.example", "", "") for path in ("/x/1", "/x/2", "/y/1", "/z/1", "/z/2"))
    web = of_pages(
        [
            Recorded("a.example/", "a.example", own),
            page("/x/1"),
            page("/x/2", target),
            page("/y/1", "b.example", "c.example", "d.example"),
            page("/z/1", target),
            page("/z/2", target, "b.example"),
        ],
        by_registrable_domain=True,
    )
    root = web.pages.index("a.example/")
    crawl = Crawl(web, web.referrers[target], [root], budget=len(web.pages))

    def paths(function: Callable[[Crawl], list[int]]) -> list[str]:
        return [web.pages[page].removeprefix("a.example") for page in function(crawl)]

    assert paths(in_host.by_folder) == ["/", "/z/1", "/z/2", "/x/1", "/x/2", "/y/1"]
    assert paths(in_host.by_outside_hosts) == ["/", "/y/1", "/z/2", "/x/2", "/z/1", "/x/1"]
    assert paths(in_host.by_both) == ["/", "/z/2", "/z/1", "/x/2", "/x/1", "/y/1"]
