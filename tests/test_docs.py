"""The documents agree with the code: every setting, column, state, stat, option, module and link, and none besides."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import default_settings

from backlinkbot import settings, urls
from backlinkbot.cli.configured import own_flags
from backlinkbot.cli.main import build_parser
from backlinkbot.cli.parser import Parser
from backlinkbot.extensions.outcome import ExitStatus, summary
from backlinkbot.extract.flags import FLAGS, OTHERS
from backlinkbot.extract.page import UNREAD
from backlinkbot.extract.robots_directives import NOFOLLOW_RELS
from backlinkbot.importers import URL_COLUMNS
from backlinkbot.items import Backlink, Change, Check, State
from backlinkbot.items.columns import Kind, columns_of
from backlinkbot.option_table import OPTIONS, Follow, Option
from backlinkbot.page_status import walls
from backlinkbot.run import SPIDERS
from backlinkbot.sources import SOURCES
from backlinkbot.targets import MAX_TARGETS, Targets
from backlinkbot.text.csv_escaping import FORMULA_STARTS
from tests.generated_docs import (
    history_schema_document,
    modules_document,
    parsed,
    rows_document,
    settings_document,
    todo_document,
)

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "backlinkbot"
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs" / "how-to").glob("*.md"),
        ROOT / "demo" / "README.md",
        ROOT / "changelog.d" / "README.md",
    ]
)
USER_DOCUMENTS = [path for path in DOCUMENTS if path.parent.name in {ROOT.name, "docs", "how-to", "demo"}]

CODE = re.compile(r"`([^`]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TABLE_ROW = re.compile(r"^\|(.*)\|$", re.MULTILINE)
CELL_BORDER = re.compile(r"(?<!\\)\|")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands below a heading, down to the next of its level or a higher one."""
    level = "#" * heading.count("#")
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no heading {heading!r}"
    return found[1]


def table_rows(text: str) -> list[list[str]]:
    """The cells of every table, without the lines of dashes."""
    rows = [[cell.strip() for cell in CELL_BORDER.split(line)] for line in TABLE_ROW.findall(text)]
    return [row for row in rows if not re.fullmatch(r"-+", row[0])]


def first_codes(text: str) -> list[str]:
    """The code in the first cell of each table row that begins with some."""
    return [code for row in table_rows(text) if row[0].startswith("`") for code in CODE.findall(row[0])]


def assert_same(described: Iterable[str], real: Iterable[str]) -> None:
    """The same names, each once, in any order."""
    names = list(described)
    assert set(names) == set(real)
    assert len(set(names)) == len(names)


def prose(text: str) -> str:
    return FENCE.sub("", text)


@cache
def commands() -> dict[str, Parser]:
    return build_parser().commands


def flags_of(parser: Parser) -> set[str]:
    return {flag for action in parser.flags for flag in action.option_strings}


@cache
def known_flags() -> set[str]:
    return {flag for parser in (build_parser(), *commands().values()) for flag in flags_of(parser)}


# --- rows.md ----------------------------------------------------------------------------------------------------------


def test_the_tables_of_rows_are_the_schema() -> None:
    text = read("docs/rows.md")
    assert text == rows_document(text), "run: python -m tests.generated_docs"


def test_the_tables_of_views_are_the_published_schema() -> None:
    text = read("docs/history-schema.md")
    assert history_schema_document(text) == text, "python -m tests.generated_docs"


def test_the_columns_of_a_task_are_documented() -> None:
    text = read("docs/todo.md")
    assert todo_document(text) == text, "run: python -m tests.generated_docs"


def test_every_column_has_a_section_in_order() -> None:
    headings = re.findall(r"^### `(\w+)`$", read("docs/rows.md"), re.MULTILINE)
    assert headings == [column.name for column in columns_of(Backlink)]


@pytest.mark.parametrize("row_type", [Backlink, Check, Change])
def test_every_column_is_described(row_type: type[Any]) -> None:
    assert [column.name for column in columns_of(row_type) if not column.meaning] == []


def test_what_is_never_empty_is_no_list_and_nothing_that_may_lack() -> None:
    for column in columns_of(Backlink):
        never = column.empty == "never"
        assert not (never and column.is_list), column.name
        assert never or column.kind not in {Kind.NUMBER, Kind.FLAG} or column.may_lack, column.name


def test_the_columns_and_states_of_checks_are_described() -> None:
    columns, states = section(read("docs/rows.md"), "## Checks").split("| state |")
    assert first_codes(columns) == [column.name for column in columns_of(Check)]
    assert_same(first_codes(f"| state |{states}"), State)


def test_every_flag_and_rule_of_a_row_is_described() -> None:
    text = read("docs/rows.md")
    assert first_codes(section(text, "### `flags`")) == [*FLAGS, *OTHERS, "closed_to_googlebot", UNREAD, "same_domain"]
    rules = first_codes(section(text, "### `nofollow_by`"))
    assert {rule for rule in rules if rule.startswith("rel:")} == {f"rel:{token}" for token in NOFOLLOW_RELS}


def test_the_guard_is_described() -> None:
    told = {code for code in CODE.findall(section(read("docs/rows.md"), "## CSV")) if len(code) == 1}
    assert told == {start for start in FORMULA_STARTS if start.isascii() and start.isprintable()}


# --- settings.md ------------------------------------------------------------------------------------------------------


def as_documented(value: Any) -> str:
    """A default as the table writes it."""
    if value is None:  # the only one
        return "the user's own cache folder"
    if value in ((), ""):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def names_of(module: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.isupper() and not name.startswith("_")}


OURS = {name: value for name, value in names_of(settings).items() if name.startswith("BACKLINKBOT_")}
CHANGED = {name: value for name, value in names_of(settings).items() if name not in OURS}
VARIABLES = {option.variable for option in OPTIONS}
VARIABLES |= {
    flag.variable for name, parser in build_parser().commands.items() for flag in own_flags(name, parser).values()
}
BY_SETTING = {option.setting: option for option in OPTIONS}


def tables_of_settings() -> tuple[list[list[str]], list[list[str]]]:
    """The rows about our settings, and those about Scrapy's."""
    ours, scrapys = read("docs/settings.md").split("\n# Scrapy's settings\n")
    return (
        [row for row in table_rows(ours) if row[0].startswith("`")],
        [row for row in table_rows(scrapys) if row[0].startswith("`")],
    )


def test_every_setting_of_ours_is_described_once() -> None:
    described = [CODE.findall(row[0])[0] for row in tables_of_settings()[0]]
    assert_same(described, {*OURS, *BY_SETTING})


def test_the_tables_of_settings_are_the_options() -> None:
    text = read("docs/settings.md")
    assert settings_document(text) == text, "run: python -m tests.generated_docs"


def test_defaults_flags_and_arguments_are_right() -> None:
    known = names_of(settings)
    for cell, default, flag, argument, meaning in tables_of_settings()[0]:
        name = cell.strip("`")
        option = BY_SETTING.get(name)
        assert default == as_documented(known[name]), name
        assert argument == (f"`{option.name}`" if option else ""), name
        if name != "BACKLINKBOT_TARGETS":
            assert flag == (f"`{option.flag}`" if option else ""), name
        assert len(meaning) > 10, name


def test_what_has_no_flag() -> None:
    without = {"BACKLINKBOT_CACHE_DIR", "BACKLINKBOT_CRAWL_DELAY_MAX", "BACKLINKBOT_PROGRESS"}
    without |= {"BACKLINKBOT_RENDER_DEADLINE", "BACKLINKBOT_RENDER_RESTART", "BACKLINKBOT_BROWSER_ARGUMENTS"}
    without |= {"BACKLINKBOT_MAX_WAITING_PER_DOMAIN"}
    without |= {source.key.setting for source in SOURCES.values() if source.key is not None}
    without |= {"BACKLINKBOT_SOURCE_ADDRESSES", "BACKLINKBOT_NOTIFY_SECRET"}
    without |= {"BACKLINKBOT_WAIT_MAX", "BACKLINKBOT_MAX_LINKS_PER_TARGET", "BACKLINKBOT_MAX_LINKS_PER_PAGE"}
    assert OURS.keys() - BY_SETTING.keys() == without


def test_every_change_of_scrapys_settings_has_its_reason() -> None:
    rows = tables_of_settings()[1]
    described = [row[0].strip("`") for row in rows]
    lists = {"DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS"}
    assert_same([*described, *lists], CHANGED)
    assert [row for row in rows if len(row[-1]) < 5] == []


@pytest.mark.parametrize("row", tables_of_settings()[1], ids=lambda row: row[0].strip("`"))
def test_what_we_and_scrapy_say(row: list[str]) -> None:
    name = row[0].strip("`")
    scrapys = getattr(default_settings, name, None)
    for cell, value in ((row[1], CHANGED[name]), (row[2], scrapys)):
        if re.fullmatch(CODE, cell) and not isinstance(value, dict | list):
            assert cell.strip("`") in {str(value), repr(value)}
        for code in CODE.findall(cell):
            assert code.strip("'") in f"{value!r} {read('backlinkbot/settings.py')}", name


def test_every_middleware_pipeline_and_extension_is_named() -> None:
    _, scrapys = read("docs/settings.md").split("\n# Scrapy's settings\n")
    told = set(CODE.findall(prose(scrapys)))
    for table in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS"):
        assert table in told
        assert {path.rpartition(".")[2] for path in CHANGED[table]} <= told, table
    ours = [path.rpartition(".")[2] for path in CHANGED["ITEM_PIPELINES"]]
    assert ", ".join(f"`{name}`" for name in ours) in " ".join(scrapys.split())


# --- usage.md and README.md -------------------------------------------------------------------------------------------


def test_every_option_is_in_usage_with_the_commands_that_know_it() -> None:
    rows = [row for row in table_rows(section(read("docs/usage.md"), "## Every option")) if row[0].startswith("`")]
    described: dict[str, set[str]] = {}
    for cell, knowers, _meaning in rows:
        for flag in CODE.findall(cell):
            assert flag.split()[0] not in described
            described[flag.split()[0]] = set(commands()) if knowers == "all" else set(filter(None, knowers.split(", ")))
    real: dict[str, set[str]] = {flag: set() for flag in flags_of(build_parser())}
    for name, parser in commands().items():
        for flag in flags_of(parser):
            real.setdefault(flag, set()).add(name)
    assert described == real


@pytest.mark.parametrize("option", [option for option in OPTIONS if not option.is_flag], ids=lambda option: option.name)
def test_an_options_value_is_called_the_same(option: Option) -> None:
    if option.name != "targets":
        table = section(read("docs/usage.md"), "## Every option").replace("\\|", "|")
        assert f"`{option.flag} {option.metavar}`" in table


def test_the_commands_are_those_there_are() -> None:
    table = section(read("docs/usage.md"), "## Commands")
    told = [code.split()[-1] for code in first_codes(table) if code.startswith("backlinkbot ")]
    assert told == list(commands())
    assert [code.split()[-1] for code in first_codes(table) if code.startswith("scrapy crawl ")] == list(SPIDERS)
    headings = re.findall(r"^## (\w+)$", read("docs/usage.md"), re.MULTILINE)
    assert [heading for heading in headings if heading in commands()] == list(commands())


def test_the_extras_are_those_there_are() -> None:
    extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    rows = table_rows(section(read("docs/usage.md"), "## Extras"))[1:]
    assert sorted(extra for row in rows for extra in CODE.findall(row[0])) == sorted(extras)


def test_the_exit_statuses_are_those_there_are() -> None:
    statuses = [int(row[0]) for row in table_rows(read("docs/usage.md")) if row[0].isdigit()]
    assert statuses == sorted(ExitStatus)


def target_examples() -> Iterator[tuple[str, str, bool]]:
    for row in table_rows(section(read("docs/usage.md"), "## Targets"))[1:]:
        for cell, counts in ((row[1], True), (row[2], False)):
            yield from ((row[0].strip("`"), url, counts) for url in CODE.findall(cell))


@pytest.mark.parametrize(("target", "url", "counts"), list(target_examples()))
def test_a_target_counts_what_the_table_says(target: str, url: str, *, counts: bool) -> None:
    parsed = urls.parse(url)
    assert parsed is not None
    assert bool(Targets.parse([target]).match(parsed)) == counts


def test_the_number_of_targets_is_the_bound() -> None:
    assert f"up to {MAX_TARGETS:,} in one run" in read("docs/usage.md")


def test_the_names_of_url_columns_are_those_that_are_known() -> None:
    text = section(read("docs/usage.md"), "## Candidate files")
    assert CODE.findall(text.partition("first ten lines:")[2].partition("Without")[0]) == list(URL_COLUMNS)


def test_bounds_and_what_is_followed() -> None:
    text = read("docs/usage.md")
    assert first_codes(section(text, "## What is followed"))[1:] == list(Follow)
    assert f"{settings.URLLENGTH_LIMIT:,} characters" in section(text, "## What is followed")
    bounds = section(text, "## Bounds")
    defaults = {row[1].strip("`"): row[2] for row in table_rows(bounds)[1:]}
    for flag, default in defaults.items():
        value = getattr(settings, next(option.setting for option in OPTIONS if option.flag == flag))
        assert default == (str(value) if value else "none"), flag
    assert f"{settings.DOWNLOAD_MAXSIZE >> 20} MiB" in bounds
    assert f"{settings.DOWNLOAD_TIMEOUT} seconds" in " ".join(bounds.split())
    assert f"up to {OURS['BACKLINKBOT_CRAWL_DELAY_MAX']:.0f} seconds" in text


def test_the_readme_asks_for_the_python_that_the_package_asks_for() -> None:
    wanted = re.search(r'requires-python = ">=([\d.]+)"', read("pyproject.toml"))
    assert wanted
    assert f"Python {wanted[1]} or newer" in read("README.md")


# --- stats.md ---------------------------------------------------------------------------------------------------------


@cache
def stats_in_code() -> set[str]:
    """Every name under which a stat is counted; what is filled in as it happens is called ``<like this>``."""
    names: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        calls = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call) and node.args]
        for call in calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr in {"inc_value", "set_value", "max_value"}:
                names.add(_name_of(call.args[0]))
        reasons = {_name_of(c.args[0]) for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "_stat"}
        if reasons:  # the helper of a package, which fills in the last word
            template = next(name for name in names if name.endswith("/<reason>"))
            names.remove(template)
            names |= {template.replace("<reason>", reason) for reason in reasons}
    return {name for name in names if name.startswith("backlinks/")}


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_name_of, node.values))
    if isinstance(node, ast.FormattedValue):
        return f"<{ast.unparse(node.value).rpartition('.')[2].lower()}>"
    assert isinstance(node, ast.Constant), f"a stat without a name that can be read: {ast.unparse(node)}"
    return str(node.value)


def test_every_stat_is_described() -> None:
    assert_same(first_codes(section(read("docs/stats.md"), "## Every stat")), stats_in_code())


def test_the_summary_is_described() -> None:
    assert first_codes(section(read("docs/stats.md"), "## The summary")) == list(summary({}))


# --- architecture.md --------------------------------------------------------------------------------------------------


def test_the_list_of_modules_is_their_docstrings() -> None:
    assert read("docs/modules.md") == modules_document(), "run: python -m tests.generated_docs"


def test_the_drawing_fits_one_screen_and_the_text_another() -> None:
    drawing = section(read("docs/architecture.md"), "## The life of a row")
    assert len(drawing.splitlines()) <= 45
    assert len(read("docs/architecture.md").splitlines()) <= 110


def test_every_room_stands_on_the_floor_of_its_contract() -> None:
    layers = re.search(r"^layers = \[\n(.*?)^\]", read("pyproject.toml"), re.MULTILINE | re.DOTALL)
    assert layers
    lines = (line for line in layers[1].splitlines() if not line.strip().startswith("#"))
    contract = [set(re.findall(r"\w+", line)) for line in lines]
    rows = table_rows(section(read("docs/architecture.md"), "## The layers"))[1:]
    assert [set(CODE.findall(row[0])) for row in rows] == contract


# --- links, and names of things ---------------------------------------------------------------------------------------

LINK = re.compile(r"\]\(([^)\s]+)\)")


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", prose(path.read_text()), re.MULTILINE)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(prose(path.read_text(encoding="utf-8"))):
        if not link.startswith("https://"):
            name, _, anchor = link.partition("#")
            goal = (path.parent / name).resolve() if name else path
            assert goal.exists(), f"{path.name}: {link}"
            assert not anchor or anchor in anchors(goal), f"{path.name}: {link}"


def test_the_index_names_every_page() -> None:
    docs = ROOT / "docs"
    linked = {link for link in LINK.findall(read("docs/index.md")) if not link.startswith("../")}
    pages = {*docs.glob("*.md"), *(docs / "how-to").glob("*.md")}
    # The demonstration's page includes what stands beside it, which is what the index links to.
    assert linked == {path.relative_to(docs).as_posix() for path in pages} - {"index.md", "demonstration.md"}


ENVIRONMENT = {"BACKLINKBOT_CHROMIUM", "BACKLINKBOT_CI", "BACKLINKBOT_CONFORMANCE", "BACKLINKBOT_SHARED"}
"""Variables of the tests, described in contributing.md."""
FOREIGN_FLAGS = {
    "--now",
    "--always",
    "--no-sandbox",
    "--insecure",
    "--proxy",
    "--sample",
    "--upgrade",
    "--rm",
    "--stop-timeout",
    "--draft",
    "--strict",
    "--quick",
    "--guard",
    "--pages",
    "--hosts",
    "--kills",
    "--weeks",
    "--only",
    "--rounds",
    "--pairs",
    "--spider",
    "--web",
    "--registrable",
    "--generated",
    "--seeds",
    "--targets",
    "--evidence",
    "--cost",
    "--waiting",
    "--master",
    "--archives",
    "--conf",
}
"""Of curl, scrapy, systemctl, podman, make oracle, make lock, towncrier, spark-submit and mypy; `--version` of towncrier is one of ours as well."""


def strangers(found: Iterable[str], known: Iterable[str]) -> list[str]:
    return sorted(set(found) - set(known))


@pytest.mark.parametrize("path", USER_DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_mentioned_that_is_not_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    flags = known_flags()
    assert strangers(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text), flags | FOREIGN_FLAGS) == []
    assert strangers(re.findall(r"\bBACKLINKBOT_[A-Z_]+", text), OURS.keys() | ENVIRONMENT | VARIABLES) == []
    stats = {*stats_in_code(), "backlinks/<package>/<reason>"}
    assert strangers(re.findall(r"\bbacklinks/[a-z<][a-z_<>/]*[a-z>]", text), stats) == []
    targets = re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE)
    assert strangers(re.findall(r"(?:`| {4}|\$ )make ([a-z]+)", text), targets) == []
    arguments = {option.name for option in OPTIONS}
    assert strangers(re.findall(r" -a (\w+)=", text), arguments) == []


def test_architecture_mentions_modules_that_exist() -> None:
    for name in set(re.findall(r"[\w/]+\.py\b", read("docs/architecture.md"))):
        assert (ROOT / name).exists() or (PACKAGE / name).exists(), name
    names = {
        node.name for path in PACKAGE.rglob("*.py") for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)
    }
    scrapys = {"Scrapy", "OffsiteMiddleware", "Crawl"}
    told = {code for code in CODE.findall(read("docs/architecture.md")) if re.fullmatch(r"([A-Z][a-z]+){2,}", code)}
    assert strangers(told, names | scrapys) == []


def test_a_page_of_documents_speaks_plain_text() -> None:
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert re.search(r"[\U0001F300-\U0001FAFF\u2600-\u27BF]", text) is None, path.name


# --- walls.md ---------------------------------------------------------------------------------------------------------


def test_every_wall_is_documented() -> None:
    told = [tuple(row[:2]) for row in table_rows(section(read("docs/walls.md"), "## The table"))[1:]]
    assert told == [(wall.name, f"`{wall.state}`") for wall in (*walls.KNOWN, *walls.UNLISTED.values())]
