"""One name for a choice, as flag, argument and setting; lists as people write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from backlinkbot import settings as defaults
from backlinkbot.addon import Addon
from backlinkbot.errors import SettingError, UsageError
from backlinkbot.extract.link_bound import MOST_OF_PAGE, MOST_OF_TARGET
from backlinkbot.options import OPTIONS, apply, link_bounds, listed, options_of, split_list


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
        assert option.setting.startswith("BACKLINKBOT_") or option.setting in {"DOWNLOAD_DELAY", "CONCURRENT_REQUESTS"}
        assert hasattr(defaults, option.setting), option.name
    assert {option.name for option in options_of("verify")} < {option.name for option in OPTIONS}


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
