"""backlinkbot as a Scrapy project like any other: Scrapy's own commands, other people's spiders, pipelines and middlewares."""

from __future__ import annotations

import csv
import json
import marshal
import pickle
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from scrapy.settings import default_settings

from backlinkbot import settings
from backlinkbot.items import Backlink
from backlinkbot.items.columns import columns_of
from tests.conftest import ROOT, Ran, link, run_command
from tests.fakeweb import FakeWeb

pytestmark = pytest.mark.subprocess

OTHER = """
import scrapy


class Other(scrapy.Spider):
    name = "other"
    start_urls = ["http://other.example/"]

    def parse(self, response):
        yield {"title": response.css("title::text").get(), "seen": response.meta.get("depth")}
        yield response.follow("/missing", self.parse)
        yield response.follow("/", self.parse)  # a duplicate from the second time on
"""
OWN = """
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem

from backlinkbot.items import Page
from backlinkbot.pipelines.judge import JudgeBacklinks
from backlinkbot.spiders.discover import DiscoverSpider


class Followed:
    def process_item(self, item):
        row = ItemAdapter(item)
        if not row["follow"]:
            raise DropItem("nofollow")
        row["anchor"] = row["anchor"].upper()
        return item


class Scored:
    async def process_item(self, item, spider=None):
        return {**ItemAdapter(item), "score": len(item["anchor"])}


class Broken:
    def process_item(self, item):
        if item["anchor"] == "second":
            return 1 / 0
        return item


class OfPages(JudgeBacklinks):
    def process_item(self, page):
        assert isinstance(page, Page)
        raise LookupError(page.url)


class Header:
    def process_request(self, request):
        request.headers["X-Own"] = "yes"


class Mine(DiscoverSpider):
    name = "mine"
"""
OTHERS_ITEMS = '{"title": "Other", "seen": 0}\n{"title": "Other", "seen": 1}\n'
ADDON = """
ADDONS = {"backlinkbot.Addon": 500}
COMMANDS_MODULE = "backlinkbot.commands"
DOWNLOAD_DELAY = 0
"""
CRAWL = ("-a", "targets=target.example", "-s", "DOWNLOAD_DELAY=0")
SEED = ("-a", "seeds=http://ref.example/")
DISCOVER = ("crawl", "discover", *CRAWL, *SEED)
COLUMNS = [column.name for column in columns_of(Backlink)]


@pytest.fixture
def planted(web: FakeWeb) -> FakeWeb:
    """Two rows on one page, one of them nofollow, and a page without any."""
    body = link(text="first") + link("https://target.example/b", "second", rel="nofollow") + link("/empty", "on")
    web.page("http://ref.example/", body)
    web.page("http://ref.example/empty", "<p>nothing</p>")
    web.page("http://other.example/", "<title>Other</title>")
    return web


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``scrapy startproject`` makes."""
    folder = tmp_path_factory.mktemp("template")
    assert run_command("scrapy", "startproject", "theirs", ".", cwd=folder).status == 0
    return folder


@pytest.fixture
def fresh(template: Path, tmp_path: Path) -> Path:
    """A new project of somebody else's, with modules of its own beside it; nothing of ours is in its settings."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "other.py").write_text(OTHER)
    shutil.copy(tmp_path / "other.py", tmp_path / "theirs" / "spiders")
    return tmp_path


@pytest.fixture(params=["checkout", "add-on"])
def project(request: pytest.FixtureRequest, fresh: Path) -> Path:
    """A folder whose settings are ours, as the repository's; a new project that uses the add-on."""
    if request.param == "checkout":
        (fresh / "scrapy.cfg").write_text((ROOT / "scrapy.cfg").read_text())
    else:
        configure(fresh, ADDON)
    return fresh


def configure(folder: Path, text: str) -> None:
    """Add lines to a project's settings."""
    with (folder / "theirs" / "settings.py").open("a") as file:
        file.write(text)


def scrapy(web: FakeWeb, folder: Path, *words: str, **variables: str) -> Ran:
    return run_command("scrapy", *words, web=web, cwd=folder, env={"PYTHONPATH": str(folder), **variables})


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def own(*pipelines: str) -> tuple[str, str]:
    return "-s", f"ITEM_PIPELINES={json.dumps({f'own.{name}': 50 + place for place, name in enumerate(pipelines)})}"


# --- Scrapy's commands ---


def test_the_shell(planted: FakeWeb, project: Path) -> None:
    words = ("shell", "--nolog", "http://other.example/", "-c", "response.css('title::text').get()")
    ran = scrapy(planted, project, *words)
    assert (ran.status, ran.out.strip()) == (0, "Other"), ran.err


def test_fetch(planted: FakeWeb, project: Path) -> None:
    ran = scrapy(planted, project, "fetch", "--nolog", "http://other.example/")
    assert (ran.status, ran.out.strip()) == (0, "<title>Other</title>"), ran.err


def test_another_spider_runs_as_scrapy_runs_it(planted: FakeWeb, project: Path) -> None:
    ran = scrapy(planted, project, "runspider", "other.py", "-s", "DOWNLOAD_DELAY=0", "-O", "other.jsonl")
    assert ran.status == 0, ran.err
    assert "Traceback" not in ran.err
    # The page that is missing does not come to its callback, and the duplicate filter ends the crawl.
    assert (project / "other.jsonl").read_text() == OTHERS_ITEMS


@pytest.mark.slow
@pytest.mark.parametrize("spider", ["discover", "verify"])
def test_parse_shows_what_a_spider_makes_of_a_page(planted: FakeWeb, project: Path, spider: str) -> None:
    (project / "candidates.txt").write_text("http://ref.example/")
    begin = SEED if spider == "discover" else ("-a", "candidates=candidates.txt")
    words = ("parse", f"--spider={spider}", *CRAWL[:2], *begin, "--nocolour", "http://ref.example/")
    lenient = {"PYTHONPATH": str(project), "PYTHONWARNINGS": "default"}  # Scrapy warns of its own command
    ran = run_command("scrapy", *words, web=planted, cwd=project, env=lenient, installed=True)
    assert ran.status == 0, ran.err
    assert "Traceback" not in ran.err
    items, requests = ran.out.split("# Requests")
    assert "'url': 'http://ref.example/'" in items
    assert ("<GET http://ref.example/empty>" in requests) is (spider == "discover")


# --- what users add ---


def test_a_subclass_has_the_arguments_of_its_base(planted: FakeWeb, project: Path) -> None:
    words = ("-a", "max_pages=1", "-s", "SPIDER_MODULES=own", "-O", "a.csv")
    ran = scrapy(planted, project, "crawl", "mine", *CRAWL, *SEED, *words)
    assert ran.status == 0, ran.err
    assert len(rows(project / "a.csv")) == 2
    assert "/empty" not in planted.paths("ref.example")


def test_pipelines_of_ones_own_filter_and_enrich_each_row(planted: FakeWeb, project: Path) -> None:
    outputs = ("-O", "a.csv", "-O", "a.jsonl", "-O", "a.xml")
    ran = scrapy(planted, project, *DISCOVER, *own("Followed", "Scored"), *outputs)
    assert ran.status == 0, ran.err
    assert "Traceback" not in ran.err
    (row,) = rows(project / "a.csv")
    assert (row["target_url"], row["anchor"], row["follow"]) == ("https://target.example/", "FIRST", "true")
    assert "the CSV has no column score, which a pipeline added" in ran.err
    (line,) = lines(project / "a.jsonl")
    assert list(line) == [*COLUMNS, "score"]
    assert (line["anchor"], line["rel"], line["score"]) == ("FIRST", [], 5)
    assert ET.parse(project / "a.xml").findtext("item/score") == "5"


def test_a_feed_names_the_columns_that_a_pipeline_adds(planted: FakeWeb, project: Path) -> None:
    feed = {"a.csv": {"format": "csv", "fields": ["anchor", "score"]}}
    ran = scrapy(planted, project, *DISCOVER, *own("Scored"), "-s", f"FEEDS={json.dumps(feed)}")
    assert ran.status == 0, ran.err
    assert rows(project / "a.csv") == [{"anchor": "first", "score": "5"}, {"anchor": "second", "score": "6"}]


def test_columns_name_what_a_pipeline_adds(planted: FakeWeb, project: Path) -> None:
    outputs = ("-O", "a.csv", "-O", "a.jsonl")
    ran = scrapy(planted, project, *DISCOVER, *own("Scored"), "-a", "columns=score,anchor", *outputs)
    assert ran.status == 0, ran.err
    assert "a pipeline added" not in ran.err
    assert rows(project / "a.csv") == [{"score": "5", "anchor": "first"}, {"score": "6", "anchor": "second"}]
    assert lines(project / "a.jsonl") == [{"score": 5, "anchor": "first"}, {"score": 6, "anchor": "second"}]
    ran = scrapy(planted, project, *DISCOVER, "-a", "columns=score,anchor", *outputs)
    assert ran.status == 2
    assert "there is no column score" in ran.err


@pytest.mark.slow
def test_a_pipeline_that_fails_is_named_and_the_crawl_goes_on(planted: FakeWeb, project: Path) -> None:
    words = ("-O", "a.csv", "-a", "summary=summary.json")
    ran = scrapy(planted, project, *DISCOVER, *own("Broken", "Scored"), *words)
    assert ran.status == 1
    told = (
        "the pipeline own.Broken failed on 1 item (lost): ZeroDivisionError: division by zero, on the link from "
        "http://ref.example/ to https://target.example/b"
    )
    assert f"backlinkbot: {told}\n" in ran.err
    assert "a bug in backlinkbot" not in ran.err
    assert ran.err.count("Traceback") == 1
    assert [row["anchor"] for row in rows(project / "a.csv")] == ["first"]
    assert "/empty" in planted.paths("ref.example")
    summary = json.loads((project / "summary.json").read_text())
    assert (summary["exit_status"], summary["outcome"], summary["pipelines_failed"]) == (1, told, [told])
    assert "outcome/bug" not in summary["counts"]


def test_a_subclass_of_a_pipeline_takes_pages_and_its_fault_is_its_own(planted: FakeWeb, project: Path) -> None:
    instead = {"backlinkbot.pipelines.judge.JudgeBacklinks": None, "own.OfPages": 300}
    ran = scrapy(planted, project, *DISCOVER, "-s", f"ITEM_PIPELINES={json.dumps(instead)}", "-O", "a.csv")
    assert ran.status == 1
    assert "backlinkbot: the pipeline own.OfPages failed on 2 items" in ran.err
    assert "LookupError: http://ref.example/, on the page http://ref.example/" in ran.err
    assert "a bug in backlinkbot" not in ran.err


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (
            {"backlinkbot.pipelines.drop.DropDuplicates": 10},
            "DropDuplicates takes JudgedPage, which JudgeBacklinks returns; give JudgeBacklinks the lower number",
        ),
        (
            {"own.OfPages": 50},
            "OfPages takes ExtractedPage, which ExtractBacklinks returns; give ExtractBacklinks the lower number",
        ),
    ],
)
def test_a_wrong_order_is_refused_before_anything_is_fetched(
    planted: FakeWeb, project: Path, order: dict[str, int], said: str
) -> None:
    ran = scrapy(planted, project, *DISCOVER, "-s", f"ITEM_PIPELINES={json.dumps(order)}", "-O", "a.csv")
    assert ran.status == 2
    assert f"backlinkbot: ITEM_PIPELINES: {said}\n" in ran.err
    assert planted.hits == []


def test_a_downloader_middleware_of_ones_own_stands_beside_ours(planted: FakeWeb, project: Path) -> None:
    ran = scrapy(planted, project, *DISCOVER, "-s", 'DOWNLOADER_MIDDLEWARES={"own.Header": 10}', "-O", "a.csv")
    assert ran.status == 0, ran.err
    assert len(rows(project / "a.csv")) == 2
    asked = {hit.target: hit.headers.get("x-own") for hit in planted.hits if hit.host == "ref.example"}
    assert asked["/"] == "yes"
    assert "/robots.txt" in asked  # ours, too


def test_feeds_of_every_format_have_a_rows_columns(planted: FakeWeb, project: Path) -> None:
    outputs = ("-O", "a.xml", "-O", "a.pickle", "-O", "a.marshal")
    ran = scrapy(planted, project, *DISCOVER, *outputs)
    assert ran.status == 0, ran.err
    read = ET.parse(project / "a.xml").getroot()
    assert [[cell.tag for cell in item] for item in read] == [COLUMNS, COLUMNS]
    for name, load in (("a.pickle", pickle.load), ("a.marshal", marshal.load)):
        with (project / name).open("rb") as file:
            loaded = [load(file), load(file)]
        assert [list(row) for row in loaded] == [COLUMNS, COLUMNS]
        assert [row["anchor"] for row in loaded] == ["first", "second"]


# --- the add-on ---


def test_the_add_on_beside_components_of_scrapy_and_of_others(planted: FakeWeb, fresh: Path) -> None:
    configure(
        fresh,
        'ADDONS = {"backlinkbot.Addon": 500}\nDOWNLOAD_DELAY = 0\nHTTPCACHE_ENABLED = True\nAUTOTHROTTLE_ENABLED = True\n'
        'AUTOTHROTTLE_START_DELAY = 0.1\nITEM_PIPELINES = {"own.Followed": 300}\n'
        'DOWNLOADER_MIDDLEWARES = {"own.Header": 543}\nBACKLINKBOT_TARGETS = ["target.example"]\n',
    )
    for _ in range(2):
        ran = scrapy(planted, fresh, "crawl", "discover", *SEED, "-O", "a.csv")
        assert ran.status == 0, ran.err
        assert "Traceback" not in ran.err
        assert [row["anchor"] for row in rows(fresh / "a.csv")] == ["FIRST"]
    assert {hit.headers.get("x-own") for hit in planted.hits if hit.target == "/"} == {"yes"}
    assert planted.paths("ref.example").count("/") == 1  # the second time, it came from the cache
    ran = scrapy(planted, fresh, "crawl", "other", "-s", "ITEM_PIPELINES={}", "-O", "b.jsonl")
    assert (fresh / "b.jsonl").read_text() == OTHERS_ITEMS, ran.err


def test_importing_the_package_imports_no_scrapy() -> None:
    script = "import backlinkbot, sys; print('scrapy' in sys.modules); print(backlinkbot.Addon.__module__)"
    ran = run_command("python", "-c", script, installed=True)
    assert ran.out.split() == ["False", "backlinkbot.addon"], ran.err


# --- documented examples, and single components in a project without the add-on ---


def documented(section: str, number: int = 0) -> str:
    """An example of ``docs/scrapy.md``."""
    text = (ROOT / "docs" / "scrapy.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    examples: list[str] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return examples[number]


def test_the_documented_add_on_spider_and_pipeline(planted: FakeWeb, fresh: Path) -> None:
    configure(fresh, documented("The add-on") + documented("Pipelines of your own", 1))
    (fresh / "theirs" / "spiders" / "mine.py").write_text(documented("A spider of your own"))
    (fresh / "mine.py").write_text(documented("Pipelines of your own"))
    words = (*CRAWL, *SEED, "-s", 'ITEM_PIPELINES={"mine.OnlyFollowed": 1}')
    ran = scrapy(planted, fresh, "crawl", "mine", *words)
    assert ran.status == 0, ran.err
    assert rows(fresh / "rows.csv") == [{"source_url": "http://ref.example/", "words": "1"}]


VISITOR = """
import scrapy


class Visitor(scrapy.Spider):
    name = "visitor"
    start_urls = URLS

    async def start(self):
        for url in self.start_urls:
            yield scrapy.Request(url, errback=self.failed)

    def parse(self, response):
        yield {"url": response.url}
        for url in response.css("a::attr(href)").getall():
            yield scrapy.Request(url)

    def failed(self, failure):
        yield {"url": failure.request.url, "error": str(failure.value)}
"""


def visit(web: FakeWeb, folder: Path, settings: str, *pages: str, **variables: str) -> list[dict[str, str]]:
    """Visit pages in a project with these settings and no add-on."""
    configure(folder, f"{settings}DOWNLOAD_DELAY = 0\nCONCURRENT_REQUESTS = 1\n")
    (folder / "visitor.py").write_text(VISITOR.replace("URLS", repr(pages)))
    ran = scrapy(web, folder, "runspider", "visitor.py", "-O", "a.jsonl", **variables)
    assert ran.status == 0, ran.err
    assert "Traceback" not in ran.err
    return lines(folder / "a.jsonl")


def test_the_fair_queue_alone(web: FakeWeb, fresh: Path) -> None:
    pages = [f"http://{host}/{page}" for host in ("www.a.example", "a.example", "b.example") for page in range(2)]
    web.page("http://start.example/", "".join(map(link, pages)))
    for page in pages:
        web.page(page, "<p>page</p>")
    queue = documented("Single components") + "ROBOTSTXT_OBEY = False\n"
    visit(web, fresh, queue, "http://start.example/")
    domains = [hit.host.removeprefix("www.") for hit in web.hits]  # two hosts of a registrable domain share its turn
    assert domains == ["start.example", "a.example", "b.example", "a.example", "b.example", "a.example", "a.example"]


def test_robots_txt_alone(web: FakeWeb, fresh: Path) -> None:
    for host in ("down.example", "none.example", "closed.example"):
        web.page(f"http://{host}/", "<p>page</p>")
    web.page("http://down.example/robots.txt", "", status=503)
    web.robots("closed.example", "User-agent: mybot\nDisallow: /")
    pages = ("http://down.example/", "http://none.example/", "http://closed.example/")
    found = visit(web, fresh, documented("Single components", 1), *pages)
    assert sorted(found, key=lambda item: pages.index(item["url"])) == [
        {"url": "http://down.example/", "error": "robots.txt answered 503"},
        {"url": "http://none.example/"},
        {"url": "http://closed.example/", "error": "disallowed by robots.txt"},
    ]


def test_robots_txt_alone_says_what_it_needs(web: FakeWeb, fresh: Path) -> None:
    configure(fresh, documented("Single components", 1) + 'DOWNLOADER = "scrapy.core.downloader.Downloader"\n')
    ran = scrapy(web, fresh, "runspider", "other.py")
    assert ran.status == 1
    assert "RobotsTxt needs DOWNLOADER = 'backlinkbot.download.slots.DomainDownloader'" in ran.err


def test_guards_against_private_addresses_alone(web: FakeWeb, fresh: Path) -> None:
    pages = ("http://10.0.0.1/", "http://localhost:9/", "http://other.example/")
    direct = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "")
    settings = documented("Single components", 2) + "ROBOTSTXT_OBEY = False\nRETRY_ENABLED = False\n"
    found = visit(web, fresh, settings, *pages[:2], **direct)
    assert {item["url"]: item["error"] for item in found} == dict.fromkeys(pages[:2], "private address")
    web.page(pages[2], "<p>page</p>")
    assert visit(web, fresh, settings, pages[2]) == [{"url": pages[2]}]


def test_every_setting_that_is_read_is_declared() -> None:
    """By us or by Scrapy, with a default; scrapy-playwright has its own."""
    read = re.compile(r"""settings(?:\[|\.get\w*\()\s*"([A-Z][A-Z_0-9]+)\"""")
    known = {*vars(settings), *vars(default_settings)}
    found = {name for path in (ROOT / "backlinkbot").rglob("*.py") for name in read.findall(path.read_text())}
    assert len(found) > 40
    unknown = {name for name in found - set(known) if not name.startswith("PLAYWRIGHT_")}
    assert not unknown
