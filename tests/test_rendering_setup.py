"""Rendering is on where the user wants it and there is a browser; where it is off, nothing of it is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings

from backlinkbot import addon
from backlinkbot.addon import Addon
from backlinkbot.errors import SettingError, UsageError
from backlinkbot.rendering import setup
from tests.conftest import ROOT, crawl_settings
from tests.fakeweb import FakeWeb

STEP = "backlinkbot.middlewares.rendering.RenderPages"


@pytest.fixture
def browsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path on which there is no browser yet, and a cache without Playwright's."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "ms-playwright"))
    return tmp_path


def add(folder: Path, name: str) -> str:
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


def updated(**changed: object) -> Settings:
    settings = crawl_settings(**{"BACKLINKBOT_RENDER": "", **changed})
    Addon().update_settings(settings)
    return settings


def without_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright", None)
    for module in (addon, setup):
        monkeypatch.setattr(module, "find_spec", lambda _: None)


def test_the_systems_browser_comes_first(browsers: Path) -> None:
    (browsers / "ms-playwright" / "chromium-1200").mkdir(parents=True)
    assert setup.find_browser("") == ""
    chrome = add(browsers, "google-chrome")
    assert setup.find_browser("") == chrome
    chromium = add(browsers, "chromium")
    assert setup.find_browser("") == chromium
    assert setup.find_browser(chrome) == chrome
    assert setup.find_browser("google-chrome") == chrome


def test_it_is_auto_where_there_is_a_browser(browsers: Path) -> None:
    settings = updated()
    assert settings["BACKLINKBOT_RENDER"] == "never"
    assert STEP not in settings.getdict("SPIDER_MIDDLEWARES")
    add(browsers, "chromium")
    settings = updated()
    assert settings["BACKLINKBOT_RENDER"] == "auto"
    assert settings["BACKLINKBOT_BROWSER"] == str(browsers / "chromium")
    assert STEP in settings.getdict("SPIDER_MIDDLEWARES")
    assert updated(BACKLINKBOT_RENDER="never")["BACKLINKBOT_RENDER"] == "never"


@pytest.mark.parametrize("asked", ["auto", "always"])
def test_who_asks_for_it_is_told_what_is_missing(browsers: Path, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    with pytest.raises(UsageError, match=r"apt-get install chromium.*--browser PATH.*--render never"):
        updated(BACKLINKBOT_RENDER=asked)
    with pytest.raises(UsageError, match="--browser no-such-program: there is no such program"):
        updated(BACKLINKBOT_RENDER=asked, BACKLINKBOT_BROWSER="no-such-program")
    add(browsers, "chromium")
    without_playwright(monkeypatch)
    with pytest.raises(SettingError, match=r'pip install "backlinkbot\[browser\]"'):
        updated(BACKLINKBOT_RENDER=asked)
    assert updated()["BACKLINKBOT_RENDER"] == ""


def test_a_named_browser_needs_playwright_too(browsers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chromium = add(browsers, "chromium")
    without_playwright(monkeypatch)
    with pytest.raises(SettingError, match=r'pip install "backlinkbot\[browser\]"'):
        updated(BACKLINKBOT_RENDER="auto", BACKLINKBOT_BROWSER=chromium)


def test_a_browser_that_scrapy_playwright_s_settings_name_need_not_be_here(browsers: Path) -> None:
    for named in (
        {"PLAYWRIGHT_CDP_URL": "http://127.0.0.1:9222"},
        {"PLAYWRIGHT_CONNECT_URL": "ws://127.0.0.1:9222/x"},
        {"PLAYWRIGHT_BROWSER_PROVIDER": "tests.rendering_providers.Own"},
        {"PLAYWRIGHT_LAUNCH_OPTIONS": '{"channel": "chrome"}'},
    ):
        settings = updated(**named)
        assert settings["BACKLINKBOT_RENDER"] == "auto", named
        assert STEP in settings.getdict("SPIDER_MIDDLEWARES")
        own = named.get("PLAYWRIGHT_BROWSER_PROVIDER", "backlinkbot.rendering.provider.GuardedProvider")
        assert settings["PLAYWRIGHT_BROWSER_PROVIDER"] == own
        is_remote = "URL" in next(iter(named))
        assert ("args" in settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")) is not is_remote
    with pytest.raises(UsageError, match="playwright install firefox"):
        updated(BACKLINKBOT_RENDER="auto", PLAYWRIGHT_BROWSER_TYPE="firefox")
    (browsers / "ms-playwright" / "firefox-1500").mkdir(parents=True)
    options = updated(PLAYWRIGHT_BROWSER_TYPE="firefox").getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    assert options["proxy"]["server"].startswith("socks5://nowhere.")
    assert not options.keys() & {"args", "executable_path", "chromium_sandbox"}


def test_the_user_s_launch_options_come_before_what_keeps_the_network_away(browsers: Path) -> None:
    chromium = add(browsers, "chromium")
    given = {"args": ["--proxy-server=direct://"], "timeout": 5, "proxy": {"server": "http://p"}, "handle_sigint": True}
    given["ignore_default_args"] = ["--mute-audio"]
    settings = updated(PLAYWRIGHT_LAUNCH_OPTIONS=given, BACKLINKBOT_BROWSER_ARGUMENTS=["--no-sandbox"])
    options = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
    assert (options["executable_path"], options["timeout"], options["handle_sigint"]) == (chromium, 5, False)
    assert "proxy" not in options
    assert {"--mute-audio", "--disable-popup-blocking"} == set(options["ignore_default_args"])
    proxies = [argument for argument in options["args"] if argument.startswith("--proxy-server=")]
    assert proxies == ["--proxy-server=direct://", "--proxy-server=socks5://nowhere.invalid:1"]
    assert "--no-sandbox" in options["args"]
    assert updated(CONCURRENT_REQUESTS=0)["PLAYWRIGHT_MAX_PAGES_PER_CONTEXT"] == 1


LOOK = """
import sys
from backlinkbot.cli.main import main
status = main(sys.argv[1:])
loaded = [name for name in sys.modules if name.split(".")[0] in {"playwright", "scrapy_playwright", "greenlet", "pyee"}]
loaded += [name for name in sys.modules if name.startswith("backlinkbot.rendering")]
assert not loaded, loaded
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.subprocess
def test_with_rendering_off_nothing_of_it_is_imported(web: FakeWeb, tmp_path: Path) -> None:
    web.page("https://page.example/", "<div id=root></div><script src=/app.js></script>")
    words = ["discover", "target.example", "--seed", "https://page.example/", "--render", "never", "--history", ""]
    ran = subprocess.run(
        [sys.executable, "-c", LOOK, *words, "-o", str(tmp_path / "rows.csv")],
        env=web.environ | {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    assert web.paths("page.example").count("/") == 1
