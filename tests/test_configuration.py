"""``backlinkbot.toml``: every option, profiles, what wins, and what is said about mistakes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from backlinkbot import settings as ours
from backlinkbot.cli.configured import WITHOUT, own_flags
from backlinkbot.cli.main import build_parser, main
from backlinkbot.configuration import Configuration
from backlinkbot.configuration.configuration import COMMANDS, CRAWL_FLAGS, CRAWLS
from backlinkbot.configuration.masking import MASK
from backlinkbot.configuration.toml_file import TomlFile
from backlinkbot.errors import SettingError
from backlinkbot.option_table import TABLE, Option, defaults, seconds, whole_number, yes_or_no
from backlinkbot.options import apply
from tests.test_docs import ROOT

CONFIGURABLE = [option for option in TABLE if option.name not in {"config", "profile"}]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, and an environment without our variables."""
    monkeypatch.chdir(tmp_path)
    for option in TABLE:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.delenv("BACKLINKBOT_CI", raising=False)
    return tmp_path


def write(text: str, name: str = "backlinkbot.toml") -> None:
    Path(name).write_text(text)


def settings_of(priority: str = "project") -> Settings:
    """Settings as of a project whose settings module is ours, or, with ``addon``, of one that uses the add-on."""
    settings = Settings()
    for name, value in (vars(ours) | defaults({})).items():
        if name.startswith("BACKLINKBOT_") or (name.isupper() and priority == "project"):
            settings.set(name, value, priority=priority)
    return settings


def applied(spider: str = "discover", priority: str = "project", **arguments: Any) -> Settings:
    settings = settings_of(priority)
    apply(settings, spider, arguments)
    return settings


def two_values(option: Option) -> tuple[Any, Any]:
    """Two values of an option as TOML has them, none of them its default."""
    if option.read is yes_or_no:
        return (not option.default,) * 2
    if option.read is whole_number:
        return 7, 8
    if option.read is seconds:
        return 2.5, 3.5
    if option.choices:
        others = [choice for choice in option.choices if choice != option.default]
        return others[0], others[-1]
    texts = {
        "headers": ("a.example: X: 1", "a.example: X: 2"),
        "aliases": ("a.example=t.example", "b.example=t.example"),
        "columns": ("target", "anchor"),
    }
    one, other = texts.get(option.name, ("one.example", "other.example"))
    return ([one], [other]) if option.is_list else (one, other)


def as_toml(value: Any) -> str:
    return json.dumps(value)


@pytest.mark.parametrize("option", CONFIGURABLE, ids=lambda option: option.name)
def test_every_option_may_stand_in_the_file_and_its_profiles(option: Option) -> None:
    one, other = two_values(option)
    key = option.name.replace("_", "-")
    write(f"{key} = {as_toml(one)}\n[profile.second]\n{option.name} = {as_toml(other)}\n")
    found = Configuration.read("", "").options()[option.name]
    assert found.value == one
    assert Configuration.read("", "second").options()[option.name].value == other
    command = next(iter(option.spiders))
    write(f"{key} = {as_toml(one)}\n[{command}]\n{option.flag.removeprefix('--')} = {as_toml(other)}\n")
    assert Configuration.read("", "").options(command)[option.name].value == other
    assert Configuration.read("", "").options()[option.name].value == one


def test_the_order_of_what_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = (
        "max-pages = 1\n",
        "[discover]\nmax-pages = 2\n",
        "[profile.p]\nmax-pages = 3\n",
        "[profile.p.discover]\nmax-pages = 4\n",
    )
    assert applied(profile="")["BACKLINKBOT_MAX_PAGES"] == 100_000
    for number in range(1, 5):
        write("".join(layers[:number]))
        assert applied(profile="p" if number > 2 else "")["BACKLINKBOT_MAX_PAGES"] == number
    assert applied()["BACKLINKBOT_MAX_PAGES"] == 2
    monkeypatch.setenv("BACKLINKBOT_PROFILE", "p")
    settings = settings_of()
    settings.set("BACKLINKBOT_PROFILE", "p", priority="project")
    monkeypatch.setenv("BACKLINKBOT_MAX_PAGES", "5")
    settings.set("BACKLINKBOT_MAX_PAGES", "5", priority="project")
    apply(settings, "discover", {})
    assert settings["BACKLINKBOT_MAX_PAGES"] == 5
    settings.set("BACKLINKBOT_MAX_PAGES", "6", priority="cmdline")
    apply(settings, "discover", {})
    assert settings["BACKLINKBOT_MAX_PAGES"] == 6
    apply(settings, "discover", {"max_pages": 7})
    assert settings["BACKLINKBOT_MAX_PAGES"] == 7


def test_settings_of_a_project_win_even_if_they_are_our_defaults() -> None:
    """With the add-on, what the project sets stands above ours."""
    write("delay = 0\nmax-pages = 3\nconcurrency = 5\n")
    settings = settings_of("addon")
    settings.set("DOWNLOAD_DELAY", 1.0, priority="project")
    settings.set("BACKLINKBOT_MAX_PAGES", 100_000, priority="project")
    apply(settings, "discover", {})
    assert settings["DOWNLOAD_DELAY"] == 1.0
    assert settings["BACKLINKBOT_MAX_PAGES"] == 100_000
    assert settings["CONCURRENT_REQUESTS"] == 5
    settings.set("CONCURRENT_REQUESTS", 100, priority="addon")  # as the add-on does afterwards
    assert settings["CONCURRENT_REQUESTS"] == 5


def test_what_the_file_says_stays_when_scrapy_sets_the_process_settings_again() -> None:
    write("max-pages = 3\nchecks = 'c.csv'\n[settings]\nDOWNLOAD_TIMEOUT = 5\n")
    settings = applied("verify")
    settings.update(settings_of())
    assert (settings["BACKLINKBOT_CHECKS"], settings["DOWNLOAD_TIMEOUT"]) == ("c.csv", 5)
    settings.set("BACKLINKBOT_CHECKS", "d.csv", priority="cmdline")
    assert settings["BACKLINKBOT_CHECKS"] == "d.csv"


def test_targets_that_are_given_replace_the_files_with_its_aliases() -> None:
    write('targets = ["a.example"]\naliases = ["b.example=a.example"]\n')
    assert applied()["BACKLINKBOT_ALIASES"] == ["b.example=a.example"]
    settings = applied(targets="c.example")
    assert settings["BACKLINKBOT_TARGETS"] == ["c.example"]
    assert not settings["BACKLINKBOT_ALIASES"]


def test_scrapys_settings() -> None:
    write("[settings]\nDOWNLOAD_TIMEOUT = 5\nMY_OWN = [1]\n[profile.slow.settings]\nDOWNLOAD_TIMEOUT = 50\n")
    assert (applied()["DOWNLOAD_TIMEOUT"], applied()["MY_OWN"]) == (5, [1])
    assert applied(profile="slow")["DOWNLOAD_TIMEOUT"] == 50
    settings = settings_of()
    settings.set("DOWNLOAD_TIMEOUT", 9, priority="cmdline")
    apply(settings, "verify", {})
    assert settings["DOWNLOAD_TIMEOUT"] == 9


def test_no_file_where_none_is_wanted_and_another_where_it_is_named(folder: Path) -> None:
    write("max-pages = 3\n")
    write("max-pages = 4\n", "other.toml")
    assert applied(config="none")["BACKLINKBOT_MAX_PAGES"] == 100_000
    assert applied(config="other.toml")["BACKLINKBOT_MAX_PAGES"] == 4
    below = folder / "below"
    below.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(below)
        assert applied()["BACKLINKBOT_MAX_PAGES"] == 100_000


def test_files_lie_in_the_folder_of_the_configuration(folder: Path) -> None:
    site = folder / "site"
    site.mkdir()
    (site / "export.csv").write_text("url\n")
    write(
        'history = "backlinks.db"\nseeds = ["@seeds.txt", "https://a.example"]\n'
        'candidates = ["export.csv", "https://a.example/x", "absent.csv"]\nsummary = "-"\n'
        '[verify]\noutput = ["rows.csv", "-"]\nchecks = "/tmp/checks.csv"\n[profile.pg]\nhistory = "postgresql://h/d"\n',
        "site/b.toml",
    )
    read = Configuration.read("site/b.toml", "")
    options = read.options("verify") | {"seeds": read.options()["seeds"]}
    assert {name: one.value for name, one in options.items()} == {
        "history": "site/backlinks.db",
        "seeds": ["@site/seeds.txt", "https://a.example"],
        "candidates": ["site/export.csv", "https://a.example/x", "absent.csv"],
        "summary": "-",
        "checks": "/tmp/checks.csv",
    }
    assert read.flags("verify")["output"].value == ["site/rows.csv", "-"]
    assert Configuration.read("site/b.toml", "pg").history() == "postgresql://h/d"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(site)
        assert Configuration.read("b.toml", "").history() == "backlinks.db"


MISTAKES = {
    "max-page = 3": "line 1: there is no option max-page; did you mean max-pages?",
    "# a\n\nfollow = 'everything'": 'line 3: follow: "same-domain" or "same-host" or "all" is expected',
    "targets = [\n 'a.example',\n]\nmax-pages = '3'": "line 4: max-pages: a whole number from 0 is expected",
    "max-pages = true": "line 1: max-pages: a whole number from 0 is expected",
    "max-pages = -1": "line 1: max-pages: a whole number from 0 is expected",
    "delay = inf": "line 1: delay: a number of seconds from 0 is expected",
    "sitemaps = 'yes'": "line 1: sitemaps: true or false is expected",
    "seeds = [1]": "line 1: seeds: a list of texts is expected",
    "seeds = {a = 1}": "line 1: seeds: a list of texts is expected",
    "history = 1979-05-27": "line 1: history: a text is expected",
    "seed = ['a']\nseeds = ['b']": "line 2: seeds is given twice; the other is seed",
    "output = 'x.csv'": "line 1: there is no option output; it belongs to a command",
    "sort = 'target'": "line 1: there is no option sort",
    "config = 'x'": "line 1: there is no option config; it chooses the file",
    "[verfy]\nchecks = 'x'": "line 1: there is no option verfy; did you mean verify?",
    "[verify]\nmax-pages = 3": "line 2: verify has no option max-pages; it is one of discover",
    "[recheck]\nbugdet = 3": "line 2: recheck has no option bugdet; did you mean budget?",
    "[show]\n\nsotr = 'x'": "line 3: show has no option sotr; did you mean sort?",
    "[show]\nall = 'x'": "line 2: all: true or false is expected",
    "[web]\nport = '1'": "line 2: port: a whole number is expected",
    "[changes]\nformat = 'xml'": 'line 2: format: "table" or "csv" or "jsonl" or "md" is expected',
    "[settings]\nDOWNLOAD_DELAY = 1": "line 2: write delay outside of [settings]",
    "[settings]\nlog_level = 'x'": "line 2: Scrapy's settings have names in capitals",
    "profile = 'x'": "line 1: a profile is a table: [profile.NAME]",
    "[profile.x.show]\ntext = '''\na = 1\n'''\nb = 1": "line 2: show has no option text",
    "[profile.a]\nmax-pages = 1\n[profile.b]\nmax-pages = 'x'": "line 4: max-pages",
    "max-pages 3": "not TOML: Expected '=' after a key in a key/value pair (at line 1",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(text)
    assert main(["config", *(["--profile", "x"] if "profile.x" in text else [])]) == 2
    assert (
        f"backlinkbot: backlinkbot.toml{':' if 'not TOML' in MISTAKES[text] else ','} {MISTAKES[text]}"
        in (told := capsys.readouterr()).err
    )
    assert told.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--config absent.toml", "absent.toml: No such file or directory"),
        ("--profile weekly", "there is no backlinkbot.toml here"),
        ("--config here.toml --profile weekli", "here.toml has no table [profile.weekli]; did you mean weekly?"),
        ("--config none --profile weekly", "there is no backlinkbot.toml here"),
    ],
)
def test_a_file_or_profile_that_is_not_there(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("[profile.weekly]\n", "here.toml")
    for line in (f"config {words}", f"{words} config"):
        assert main(line.split()) == 2
        assert said in capsys.readouterr().err


def test_a_misspelt_setting_of_scrapy_is_told_with_its_line() -> None:
    write("[settings]\n\nDOWNLOAD_TIMOUT = 3\n")
    with pytest.raises(
        SettingError, match=r"line 3: Scrapy has no setting DOWNLOAD_TIMOUT; did you mean DOWNLOAD_TIMEOUT"
    ):
        applied()


def test_the_line_of_a_key() -> None:
    text = '# a = 1\na = """\nb = 2\n"""\n\nb = [\n  1,\n]\n[c.d]\n"e f" = 1\nlast = {x = 1}'
    file = TomlFile(name="f", folder=Path(), text=text, content=tomllib.loads(text))
    keys = [("a",), ("b",), ("c", "d"), ("c", "d", "e f"), ("c", "d", "last", "x"), ("z",)]
    assert [file.line_of(key) for key in keys] == [2, 6, 9, 10, 11, 0]


def test_the_commands_and_flags_are_those_there_are() -> None:
    commands = build_parser().commands
    assert {*COMMANDS} == commands.keys() - WITHOUT
    for command in CRAWLS:
        assert {*own_flags(command, commands[command])} == {*CRAWL_FLAGS, "set"}


def test_every_own_flag_has_a_variable_and_a_place_in_the_file() -> None:
    """With a value of its type, the command gets it."""
    for command, parser in build_parser().commands.items():
        for name, flag in own_flags(command, parser).items():
            choice = next(iter(flag.action.choices), "") if flag.action.choices else ""
            text = "yes" if flag.is_switch else choice or ("3" if flag.action.type is int else "x")
            value: Any = True if flag.is_switch else 3 if flag.action.type is int else text
            wanted = flag.action.const if flag.is_switch else [value] if flag.is_list else value
            assert flag.read(text) == wanted, (command, name)
            assert flag.value_of(value) == wanted, (command, name)


def test_flags_of_single_commands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("rows.csv").write_text(
        "target,source_url,anchor\nt.example,https://a.example/,x\nt.example,https://b.example/,y\n"
    )
    write("[show]\nsort = 'anchor:desc'\ncolumns = 'anchor'\n")
    assert main(["show", "rows.csv"]) == 0
    assert capsys.readouterr().out.split() == ["anchor", "y", "x"]
    monkeypatch.setenv("BACKLINKBOT_SHOW_SORT", "anchor")
    assert main(["show", "rows.csv"]) == 0
    assert capsys.readouterr().out.split() == ["anchor", "x", "y"]
    assert main(["show", "rows.csv", "--sort", "anchor:desc"]) == 0
    assert capsys.readouterr().out.split() == ["anchor", "y", "x"]
    monkeypatch.setenv("BACKLINKBOT_WEB_PORT", "high")
    assert main(["web"]) == 2
    assert "BACKLINKBOT_WEB_PORT=high: a whole number is expected" in capsys.readouterr().err


def test_the_history_of_the_file_is_that_of_all_commands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("history = 'there.db'\n[changes]\nhistory = 'elsewhere.db'\n")
    for words, name in (("runs", "there.db"), ("changes", "elsewhere.db"), ("runs --history x.db", "x.db")):
        assert main(words.split()) == 2
        assert name in capsys.readouterr().err
    monkeypatch.setenv("BACKLINKBOT_HISTORY_URL", "env.db")
    for words in ("runs", "changes", "gap a.example --against b.example"):
        assert main(words.split()) == 2
        assert "env.db" in capsys.readouterr().err


def test_a_flag_that_is_required_may_stand_in_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    write("history = 'there.db'\n[gap]\nagainst = ['b.example']\n")
    assert main(["gap", "a.example"]) == 2
    assert "there.db" in capsys.readouterr().err  # the history, not the flag, is what is missing


def test_importing_stores_only_where_it_is_asked_to(capsys: pytest.CaptureFixture[str]) -> None:
    Path("list.txt").write_text("https://a.example/\n")
    write("history = 'there.db'\n")
    assert main(["import", "list.txt"]) == 0
    assert not Path("there.db").exists()
    write("history = 'there.db'\n[import]\nhistory = true\n")
    assert main(["import", "list.txt"]) == 0
    assert Path("there.db").exists()
    capsys.readouterr()


def test_config_shows_values_and_where_they_come_from(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        "max-pages = 5\nnotify-secret = 'hidden1'\nhistory = 'postgresql://me:hidden2@db/x'\n"
        "[profile.p]\nmax-depth = 2\n[settings]\nAWS_SECRET_ACCESS_KEY = 'hidden3'\n[show]\nall = true\n"
        "[discover]\nfollow = 'all'\nbing-key = 'hidden4'\n"
    )
    monkeypatch.setenv("BACKLINKBOT_NOTIFY", "slack://hidden5")
    monkeypatch.setenv("BACKLINKBOT_MAX_HOPS", "3")
    monkeypatch.setenv("BACKLINKBOT_MAX_HOP", "3")
    assert main(["config", "--profile", "p", "--json"]) == 0
    told = capsys.readouterr()
    assert "hidden" not in told.out + told.err
    assert (
        "BACKLINKBOT_MAX_HOP in the environment is no option, and has no effect; did you mean BACKLINKBOT_MAX_HOPS?"
        in told.err
    )
    shown = {(one["command"], one["option"]): one for one in json.loads(told.out)}
    assert {option.name.replace("_", "-") for option in CONFIGURABLE} <= {name for _, name in shown}
    wanted = {
        ("", "max-pages"): (5, "file", "backlinkbot.toml, line 1"),
        ("", "max-depth"): (2, "profile", "backlinkbot.toml, line 5"),
        ("", "max-hops"): (3, "environment", "BACKLINKBOT_MAX_HOPS"),
        ("", "order"): ("best-first", "default", ""),
        ("", "notify"): ([MASK], "environment", "BACKLINKBOT_NOTIFY"),
        ("", "notify-secret"): (MASK, "file", "backlinkbot.toml, line 2"),
        ("", "history"): (f"postgresql://me:{MASK}@db/x", "file", "backlinkbot.toml, line 3"),
        ("", "AWS_SECRET_ACCESS_KEY"): (MASK, "file", "backlinkbot.toml, line 7"),
        ("show", "all"): (True, "file", "backlinkbot.toml, line 9"),
        ("discover", "follow"): ("all", "file", "backlinkbot.toml, line 11"),
        ("discover", "bing-key"): (MASK, "file", "backlinkbot.toml, line 12"),
    }
    assert {key: (one["value"], one["source"], one["place"]) for key, one in shown.items() if key in wanted} == wanted
    assert main(["config", "verify"]) == 0
    table = capsys.readouterr().out.split()
    assert "max-pages" not in table
    assert "checks" in table
    assert main(["config", "verfy"]) == 2
    assert "did you mean verify?" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["docs/configuration.md"])
def test_the_example_of_the_documentation_is_valid(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = (ROOT / text).read_text().split("```toml\n")[1:]
    assert blocks
    for name in ("STAGING_TOKEN", "SESSION", "LOGIN"):
        monkeypatch.setenv(name, "me:x")
    for block in blocks:
        write(block.partition("```")[0])
        assert main(["config", "--json"]) == 0
        applied()
