"""Nothing hostile reaches a terminal, whatever prints it; what goes to a file or a pipe stays as it is."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TextIO, cast

import pytest

from backlinkbot.text.terminal_escaping import EscapingStream, escape, escaped_streams, raw, replaced
from tests.conftest import ROOT, as_quick_command, environment, link, run_command
from tests.fakeweb import FakeWeb
from tests.terminals import everything_sent_to

# Clear the screen, set the title, ask for an answer, C1 forms of the same, turn the direction, hide.
EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp.exe\u2066\u200b\ufeff\x7f\x08\r!"
KEPT = "a\tb\n\u00e4 \u6f22 \U0001f468\u200d\U0001f469 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u00ad \u00a0"


def is_harmless(text: str) -> bool:
    shown = text.replace("\r\n", "").replace("\n", "").replace("\t", "")
    return not any(
        unicodedata.category(sign) in {"Cc", "Zl", "Zp"} or sign in "\u202e\u2066\u200b\ufeff" for sign in shown
    )


def test_what_drives_a_terminal_is_escaped() -> None:
    assert escape("\x1b[31m") == "\\x1b[31m"
    assert escape("a\u202eb\x9b") == "a\\u202eb\\x9b"
    assert escape("\udc9b") == "\\udc9b"
    assert escape("a\rb\r\n") == "a\\x0db\r\n"
    assert is_harmless(escape(EVIL))
    assert replaced("a\r\n\tb\x1b") == "a\ufffd\ufffd\ufffdb\ufffd"


def test_what_people_write_with_is_kept() -> None:
    assert escape(KEPT) == KEPT


def test_every_control_character_and_every_turn_of_direction_is_escaped() -> None:
    for number in range(sys.maxunicode + 1):
        sign = chr(number)
        if unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} or unicodedata.bidirectional(sign) in {
            *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
        }:
            assert (escape(sign) == sign) == (sign in "\t\n"), hex(number)


def test_a_stream_takes_text_and_bytes_in_any_pieces() -> None:
    into = io.StringIO(newline="")
    stream = EscapingStream(into)
    stream.write("a\r")
    stream.write("\nb\r")
    stream.write("c")
    for byte in "\u202e\x9bü\r\n".encode():
        stream.buffer.write(bytes([byte]))
    stream.buffer.write(b"\x9b")
    stream.write("\r")
    stream.close()
    assert into.getvalue() == "a\r\nb\\x0dc\\u202e\\x9bü\r\n\\udc9b\\x0d"
    assert raw(cast("TextIO", EscapingStream(into))) is into


def test_only_what_a_terminal_reads_and_messages_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    with escaped_streams():
        sys.stdout.write("\x1b[0m")
        sys.stderr.write("\x1b[0m")
    assert capsys.readouterr() == ("\x1b[0m", "\\x1b[0m")


# --- commands on a terminal ---------------------------------------------------------------------------------------------


def on_a_terminal(*words: str | Path, web: FakeWeb | None = None, cwd: Path | None = None) -> str:
    """All that a terminal is sent."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        as_quick_command(*words),
        env=environment(web) | {"TERM": "dumb"},
        stdout=theirs,
        stderr=theirs,
        stdin=theirs,
        cwd=cwd,
    )
    os.close(theirs)
    sent = everything_sent_to(ours)
    child.wait(timeout=300)
    return sent.decode(errors="surrogateescape")


def is_calm(sent: str) -> bool:
    """Whether nothing of EVIL is in it; the terminal itself makes CR LF of a line feed, and rich may draw."""
    return not any(
        part in sent for part in ("\x1b[2J", "\x1b]0;", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\x7f", "\x08")
    )


@pytest.fixture
def hostile(web: FakeWeb, tmp_path: Path) -> FakeWeb:
    web.page("https://blog.example/", f"<title>{EVIL}</title>" + link("https://target.example/", EVIL))
    (tmp_path / "list.txt").write_text("https://blog.example/\n")
    return web


VERIFY = ("verify", "target.example", "--candidates", "list.txt", "--delay", "0", "--history", "h.db")


@pytest.mark.subprocess
@pytest.mark.slow
def test_rows_without_an_output_are_escaped_on_a_terminal_and_nowhere_else(hostile: FakeWeb, tmp_path: Path) -> None:
    sent = on_a_terminal("backlinkbot", *VERIFY, web=hostile, cwd=tmp_path)
    assert "blog.example/" in sent
    assert is_calm(sent)
    sent = on_a_terminal("backlinkbot", *VERIFY, "-o", "-", web=hostile, cwd=tmp_path)
    assert "\\x1b[2J" in sent
    assert is_calm(sent)
    piped = run_command("backlinkbot", *VERIFY, web=hostile, cwd=tmp_path)
    assert "\x1b[2J" in piped.out
    for words in (
        ("changes", "--history", "h.db", "--since", "0"),
        ("changes", "--history", "h.db", "--since", "0", "--format", "csv"),
        ("runs", "--history", "h.db"),
        ("export", "--history", "h.db"),
    ):
        assert is_calm(on_a_terminal("backlinkbot", *words, cwd=tmp_path)), words


@pytest.mark.subprocess
def test_scrapy_crawl_shows_nothing_raw(hostile: FakeWeb, tmp_path: Path) -> None:
    words = ("targets=target.example", f"candidates={tmp_path / 'list.txt'}", "delay=0", "history=")
    arguments = [word for pair in words for word in ("-a", pair)]
    sent = on_a_terminal("scrapy", "crawl", "verify", *arguments, "-o", "-:csv", web=hostile, cwd=ROOT)
    assert "\\x1b[2J" in sent
    assert is_calm(sent)


@pytest.mark.subprocess
@pytest.mark.slow
def test_messages_that_quote_a_file_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(f"target,source_url\nx,{EVIL}\n")
    (tmp_path / "rows.jsonl").write_text(f'"{EVIL}"\n')
    (tmp_path / "list.csv").write_text(f"url,anchor\nnot a url {EVIL},x\nhttps://a.example/,y\n")
    (tmp_path / "targets.txt").write_text(f"not a host {EVIL}\n")
    evil_name = tmp_path / "\x1b[2Jx.csv"
    evil_name.write_text("nothing of ours")
    for words in (
        ("show", "rows.csv"),
        ("show", "rows.jsonl"),
        ("report", "--rows", "rows.csv", "-o", "r.html"),
        ("import", "list.csv"),
        ("import", evil_name.name),
        ("verify", "@targets.txt", "--candidates", "list.csv"),
    ):
        sent = on_a_terminal("backlinkbot", *words, cwd=tmp_path)
        assert sent.strip(), words
        assert is_calm(sent), (words, sent)
