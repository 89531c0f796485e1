"""One name for a choice, as flag, argument and setting; lists as people write them."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from types import ModuleType
from typing import Any

import pytest
from scrapy.settings import Settings, default_settings

from backlinkbot import settings as defaults
from backlinkbot.addon import Addon
from backlinkbot.errors import SettingError, UsageError
from backlinkbot.extract.link_bound import MOST_OF_PAGE, MOST_OF_TARGET
from backlinkbot.option_table import OPTIONS, TABLE, Option
from backlinkbot.options import apply, link_bounds, listed, options_of, split_list
from tests.conftest import link, run_command
from tests.fakeweb import FakeWeb


def applied(spider: str = "discover", **arguments: Any) -> Settings:
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    apply(settings, spider, arguments)
    return settings


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a.example", ["a.example"]),
        ("a.example b.example\nc.example", ["a.example", "b.example", "c.example"]),
        ("a.example,b.example, c.example", ["a.example", "b.example", "c.example"]),
        ("https://a.example/x,y https://b.example", ["https://a.example/x,y", "https://b.example"]),
        ("https://a.example/,https://b.example/", ["https://a.example/", "https://b.example/"]),
        ("exact:https://a.example/?q=1,2,b.example/x", ["exact:https://a.example/?q=1,2,b.example/x"]),
        ("@one.txt,@two.txt", ["@one.txt", "@two.txt"]),
        ("domain:a.example,prefix:b.example/x", ["domain:a.example", "prefix:b.example/x"]),
        (" ,, ", []),
    ],
)
def test_lists(text: str, items: list[str]) -> None:
    assert split_list(text) == items


def test_files_of_lists(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\ufeff# comment\na.example # why\n\n  b.example/#part  \r\n", encoding="utf-8")
    assert listed(["first", f"@{path}", "last"]) == ["first", "a.example", "b.example/#part", "last"]
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="UTF-8"):
        listed([f"@{path}"])
    for wrong in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError, match=wrong.name):
            listed([f"@{wrong}"])


def test_an_argument_is_a_setting() -> None:
    settings = applied(max_pages="50", follow="ALL", include_same_domain="", delay="0.5", targets="a.example b.example")
    assert settings.getint("BACKLINKBOT_MAX_PAGES") == 50
    assert settings["BACKLINKBOT_FOLLOW"] == "all"
    assert settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN") is True
    assert settings.getfloat("DOWNLOAD_DELAY") == 0.5
    assert settings.getlist("BACKLINKBOT_TARGETS") == ["a.example", "b.example"]
    assert applied(targets=["a,b"]).getlist("BACKLINKBOT_TARGETS") == ["a,b"]


def test_an_argument_wins_over_a_setting() -> None:
    settings = Settings()
    settings.set("BACKLINKBOT_MAX_PAGES", 7, priority="cmdline")
    apply(settings, "discover", {"max_pages": "9"})
    assert settings.getint("BACKLINKBOT_MAX_PAGES") == 9


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_pages", "x"),
        ("max_pages", "-1"),
        ("max_pages", "1.5"),
        ("delay", "-1"),
        ("delay", "nan"),
        ("delay", "inf"),
        ("follow", "everything"),
        ("sitemaps", "maybe"),
        ("allow_private", "2"),
    ],
)
def test_values_outside_their_range_are_refused_with_the_right_form(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"--{name.replace('_', '-')} {value}.* expected"):
        applied(**{name: value})


def test_an_unknown_argument_is_no_silent_wish() -> None:
    with pytest.raises(SettingError, match="max_pages"):
        applied(max_page="5")
    with pytest.raises(SettingError, match="verify has no argument 'seeds'"):
        applied("verify", seeds="a.example")


def test_every_option_has_a_setting_with_a_default() -> None:
    for option in OPTIONS:
        assert option.setting.startswith("BACKLINKBOT_") or hasattr(default_settings, option.setting)
        assert hasattr(defaults, option.setting), option.name
    assert {option.name for option in options_of("verify")} < {option.name for option in OPTIONS}


def read_from_environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    """The settings of ``backlinkbot.settings``, imported with these environment variables."""
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    module = ModuleType("settings")
    vars(module).update(run_path(str(defaults.__file__)))
    settings = Settings()
    settings.setmodule(module, priority="project")
    return settings


EXAMPLES = {
    "FORMAT": "json",
    "N": "7",
    "SECONDS": "2.5",
    "yes|no": "no",
    "WHERE": "all",
    "ORDER": "breadth-first",
    "WHEN": "never",
}
EXAMPLES |= {"WHAT": "allow", "HEADER": "a.example: X: y"}


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_names_derive_from_one_and_each_wins_over_the_next(
    option: Option, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Argument, setting, environment variable, default; the command hands its flags on as arguments."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.example/x", "backlinkbot.toml"):  # which --config and --profile name below
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('[profile."a.example/x"]\n')
    name = option.name.upper()
    assert option.variable in {f"BACKLINKBOT_{name}", "BACKLINKBOT_HISTORY_URL"}
    if option.has_flag:
        assert option.flag.removeprefix("--").replace("-", "_") in {option.name, option.name[:-1], "alias", "mention"}
    spider = next(iter(option.spiders))
    text = EXAMPLES.get(option.metavar, "a.example/x")
    value = [option.read(text)] if option.is_list else option.read(text)
    for other in TABLE:
        monkeypatch.delenv(other.variable, raising=False)
    settings = read_from_environment(monkeypatch)
    assert settings[option.setting] == option.default
    history = {} if option.setting == "BACKLINKBOT_HISTORY_URL" else {"BACKLINKBOT_HISTORY_URL": "h.db"}
    settings = read_from_environment(monkeypatch, **{option.variable: text}, **history)
    apply(settings, spider, {})
    assert settings[option.setting] == value
    other_text = {"7": "8", "2.5": "3", "no": "yes", "all": "same-host", "never": "always", "json": "text"}.get(
        text, text
    )
    settings.set(option.setting, other_text, priority="cmdline")  # -s
    apply(settings, spider, {})
    assert settings[option.setting] == ([option.read(other_text)] if option.is_list else option.read(other_text))
    if option.has_flag:
        apply(settings, spider, {option.name: text})
        assert settings[option.setting] == value


def test_a_variable_with_a_wrong_value_is_refused_and_an_empty_one_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = {"BACKLINKBOT_MAX_PAGES": "", "BACKLINKBOT_TARGETS": "", "BACKLINKBOT_HISTORY_URL": ""}
    settings = read_from_environment(monkeypatch, **empty)
    apply(settings, "discover", {})
    assert (settings["BACKLINKBOT_MAX_PAGES"], settings["BACKLINKBOT_HISTORY_URL"]) == (100_000, "")
    assert settings["BACKLINKBOT_TARGETS"] == ()
    for name, text in (("MAX_PAGES", "many"), ("WAIT_MAX", "-1"), ("PROGRESS", "perhaps"), ("DELAY", "nan")):
        with monkeypatch.context() as patch:
            settings = read_from_environment(patch, **{f"BACKLINKBOT_{name}": text})
            with pytest.raises(SettingError, match=f"{text}: .* is expected"):
                apply(settings, "discover", {})


@pytest.mark.subprocess
def test_a_flag_wins_over_a_setting_and_that_over_a_variable(web: FakeWeb, tmp_path: Path) -> None:
    for page in range(5):
        web.page(f"http://a.example/{page}", link(f"/{page + 1}"))
    crawl = ("discover", "target.example", "--seed", "http://a.example/0", "--source", "none", "--delay", "0")
    pages = []
    for words in ((), ("-s", "BACKLINKBOT_MAX_PAGES=2"), ("-s", "BACKLINKBOT_MAX_PAGES=2", "--max-pages", "3")):
        before = len(web.paths("a.example"))
        ran = run_command("backlinkbot", *crawl, *words, web=web, cwd=tmp_path, env={"BACKLINKBOT_MAX_PAGES": "1"})
        assert ran.status == 0, ran.err
        pages.append(len(web.paths("a.example")) - before - 1)  # robots.txt
    assert pages == [1, 2, 3]


def test_the_user_agent_follows_from_the_contact() -> None:
    for contact, expected in (
        ("", "backlinkbot/0.1.0"),
        ("https://me.example", "backlinkbot/0.1.0 (+https://me.example)"),
    ):
        settings = applied(contact=contact)
        Addon().update_settings(settings)
        assert settings["USER_AGENT"] == expected
    settings = Settings()
    settings.set("USER_AGENT", "mine", priority="cmdline")
    Addon().update_settings(settings)
    assert settings["USER_AGENT"] == "mine"


@pytest.mark.parametrize(("name", "form"), [("c.csv", "csv"), ("c.jsonl", "jsonl"), ("c.jl", "jsonl"), ("c", "csv")])
def test_checks_are_a_feed_of_their_own(name: str, form: str) -> None:
    settings = applied("verify", checks=name)
    settings.set("FEEDS", {"rows.csv": {"format": "csv"}}, priority="cmdline")
    Addon().update_settings(settings)
    feeds = settings.getdict("FEEDS")
    assert set(feeds) == {"rows.csv", name}
    assert (feeds[name]["format"], feeds[name]["item_classes"]) == (form, ["backlinkbot.items.Check"])


@pytest.mark.parametrize("value", ["-1", "many", ""])
@pytest.mark.parametrize("name", ["BACKLINKBOT_MAX_LINKS_PER_TARGET", "BACKLINKBOT_MAX_LINKS_PER_PAGE"])
def test_a_bound_of_links_that_is_no_number_is_refused(name: str, value: str) -> None:
    settings = Settings()
    settings.setmodule("backlinkbot.settings", priority="project")
    assert link_bounds(settings) == (MOST_OF_TARGET, MOST_OF_PAGE)
    settings.set(name, value, priority="cmdline")
    with pytest.raises(SettingError, match=f"{name}={value}"):
        link_bounds(settings)
