"""`backlinkbot help`: topics, sections, what a terminal and a pipe get, the documents inside a wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from rich.cells import cell_len

from backlinkbot.cli.documentation import sections, slug, topics
from backlinkbot.cli.help_table import COMMANDS
from backlinkbot.cli.main import main
from backlinkbot.terminal.markdown import rendered

ROOT = Path(__file__).parent.parent
UNLISTED = {"index", "demonstration"}
"""The index itself, and a page of the site that includes a file of another folder."""


def test_every_document_is_a_topic_and_says_what_it_answers() -> None:
    files = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")]
    known = topics()
    assert {path.stem for path in files} - UNLISTED <= set(known)
    assert all(topic.says and topic.group for topic in known.values())
    assert {described.document for described in COMMANDS.values()} <= set(known)
    assert next(iter(known.values())).group == "Tutorial"


def test_sections_end_at_the_next_heading_of_their_level_and_code_has_none() -> None:
    found = sections("# Title\n\n## One\na\n```sh\n# no heading\n```\n### Below\nb\n## Two, and more\nc\n")
    assert found == {
        "one": "## One\na\n```sh\n# no heading\n```\n### Below\nb",
        "below": "### Below\nb",
        "two-and-more": "## Two, and more\nc",
    }
    assert slug("What stands where links lead") == "what-stands-where-links-lead"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((), ["Tutorial:", "How do I begin?", "  usage ", "How do I ask?"]),
        (("mine",), ["Links in web archives", "WACZ"]),
        (("usage.md", "Every option"), ["Every option", "--max-pages N"]),
        (("politeness",), ["Politeness", "robots.txt"]),
        (("what", "counts"), ["What counts"]),
        (("discover",), ["discover", "backlinkbot discover example.com"]),
        (("history", "prune"), ["prune", "--visits-before"]),
    ],
)
def test_topics_are_plain_text_in_a_pipe(
    words: tuple[str, ...], shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help", *words]) == 0
    text = capsys.readouterr().out
    assert [one for one in shown if one not in text] == []
    assert "\x1b" not in text
    if words:
        assert max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("histroy",), "there is no topic 'histroy'; did you mean history?"),
        (("politness",), "there is no topic 'politness'; did you mean politeness?"),
        (("usage", "boundz"), "usage has no section 'boundz'; did you mean bounds?"),
        (("qqq",), "there is no topic 'qqq'; `backlinkbot help` lists them"),
    ],
)
def test_an_unknown_topic_suggests_one(words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", *words]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"backlinkbot: {told}\n")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_documents_fit_the_width_and_no_cell_is_cut(width: int) -> None:
    for name in ("settings", "sources"):
        text = topics()[name].text()
        lines = rendered(text, width=width, is_styled=False)
        assert max(map(cell_len, lines)) <= width
        assert sum(line.count("…") for line in lines) <= text.count("…")
    assert "\x1b[" not in "".join(lines)
    assert "\x1b[" in "".join(rendered("**bold**", width=width, is_styled=True))


def test_a_rendered_document_has_no_directives_and_no_addresses_of_pages() -> None:
    text = (
        "# A\n\n```{toctree}\n:hidden:\n\nb\n```\n<!-- written -->\n[a page](b.md#c) and [a site](https://x.example/)\n"
    )
    lines = [line for line in rendered(text, width=80, is_styled=False) if line]
    assert [line.strip() for line in lines] == ["A", "a page and a site (https://x.example/)"]


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_wheel_holds_the_documents(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for words, shown in ((["usage", "bounds"], "--max-pages"), (["win-back-lost-links"], "Win back lost links")):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "backlinkbot", "help", *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(site)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown in done.stdout
    where = "import backlinkbot; print(backlinkbot.__file__)"
    found = subprocess.run(
        [sys.executable, "-P", "-c", where],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith(str(site)), "the wheel's package was asked, not the checkout's"
