"""Answers that browsers read and that the standard forbids; the right answers are Chromium's."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from backlinkbot.download.http1 import MalformedError, ResponseParser, headers_of

BODY = b'<!doctype html><title>Blog</title><p>See <a href="https://target.example/page">the target</a>.</p>'
SIZE = len(BODY)
TYPE = b"Content-Type: text/html\r\n"
LENGTH = b"Content-Length: %d\r\n" % SIZE
CHUNKED = b"Transfer-Encoding: chunked\r\n"
IN_CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (SIZE, BODY)


def answer(headers: bytes, body: bytes = BODY, line: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return line + b"\r\n" + TYPE + headers + b"\r\n" + body


READ = {
    "length_negative": answer(b"Content-Length: -5\r\n"),
    "length_with_plus": answer(b"Content-Length: +%d\r\n" % SIZE),
    "length_empty": answer(b"Content-Length: \r\n"),
    "length_in_words": answer(b"Content-Length: %d bytes\r\n" % SIZE),
    "length_as_list": answer(b"Content-Length: %d, %d\r\n" % (SIZE, SIZE)),
    "length_twice": answer(LENGTH * 2),
    "length_without_bound": answer(b"Content-Length: 99999999999999999999999\r\n"),
    "length_and_chunks": answer(b"Content-Length: 10\r\n" + CHUNKED, IN_CHUNKS),
    "lengths_that_differ_and_chunks": answer(LENGTH + b"Content-Length: 10\r\n" + CHUNKED, IN_CHUNKS),
    "garbage_behind": answer(LENGTH, BODY + b"GARBAGE"),
    "no_colon": answer(b"X-XSS-Protection=1;\r\n" + LENGTH),
    "html_among_headers": answer(b"<b>Warning</b>: Cannot modify\r\n" + LENGTH),
    "space_in_name": answer(b"X Echo: 1\r\n" + LENGTH),
    "space_before_colon": answer(b"Content-Length : %d\r\n" % SIZE),
    "folded": answer(b"X-A: b\r\n\tc\r\n" + LENGTH),
    "bare_lf": answer(LENGTH).replace(b"\r\n", b"\n"),
    "bare_cr": answer(b"X-A: b\rX-B: c\r\n" + LENGTH),
    "not_ascii": answer(b"X-\xe9: \xff\r\n" + LENGTH),
    "many_headers": answer(b"".join(b"X-%d: v\r\n" % n for n in range(1500)) + LENGTH),
    "long_header": answer(b"X: " + b"a" * 200_000 + b"\r\n" + LENGTH),
    "status_twice": b"HTTP/1.1 200 OK\r\n" + answer(LENGTH),
    "no_reason": answer(LENGTH, line=b"HTTP/1.1 200"),
    "no_status": answer(LENGTH, line=b"HTTP/1.1"),
    "lower_case": answer(LENGTH, line=b"http/1.1 200 OK"),
    "other_version": answer(LENGTH, line=b"HTTP/2 200 OK"),
    "shoutcast": answer(LENGTH, line=b"ICY 200 OK"),
    "mark_before": b"\xef\xbb\xbf" + answer(LENGTH),
    "informational_first": b"HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n" + answer(LENGTH),
    "chunks_with_lf": answer(CHUNKED, IN_CHUNKS.replace(b"\r\n", b"\n")),
    "chunks_with_extensions": answer(CHUNKED, b"%x;a=b\r\n%b\r\n0;c\r\n\r\n" % (SIZE, BODY)),
    "chunks_padded": answer(CHUNKED, b"00%X  \r\n%b\r\n0 \r\n\r\n" % (SIZE, BODY)),
    "chunks_with_trailer": answer(CHUNKED, IN_CHUNKS[:-2] + b"X: y\r\n\r\n"),
}  # fmt: skip
IN_PART = {
    "shorter_than_said": answer(b"Content-Length: 500\r\n"),
    "no_last_chunk": answer(CHUNKED, IN_CHUNKS[:-5]),
    "no_end_of_chunks": answer(CHUNKED, IN_CHUNKS[:-2]),
    "chunk_without_size": answer(CHUNKED, IN_CHUNKS[:-5] + b"zz\r\n"),
}
REFUSED = {
    "lengths_that_differ": (answer(LENGTH + b"Content-Length: 10\r\n"), "two Content-Length headers that differ"),
    "lengths_in_a_list_that_differ": (answer(b"Content-Length: 98, 10\r\n"), "two Content-Length headers that differ"),
    "locations_that_differ": (answer(b"Location: /a\r\nLocation: /b\r\n"), "two Location headers that differ"),
    "nul": (answer(b"X-A: a\0b\r\n" + LENGTH), "a NUL in the headers"),
    "no_status_line": (BODY, "no HTTP status line"),
    "headers_without_bound": (answer(b"X: " + b"a" * 300_000 + b"\r\n"), "headers of more than 256 KB"),
    "hexadecimal_prefix": (answer(CHUNKED, b"0x" + IN_CHUNKS), "a chunk without a size"),
    "space_before_size": (answer(CHUNKED, b" " + IN_CHUNKS), "a chunk without a size"),
}


def read(data: bytes, step: int, **given: bool) -> ResponseParser:
    found = ResponseParser(**given)  # type: ignore[arg-type]
    for begin in range(0, len(data), step):
        if not found.is_done:
            found.feed(data[begin : begin + step])
    if not found.is_done:
        found.end()
    return found


@pytest.mark.parametrize("step", [1, 7, 1_000_000])
@pytest.mark.parametrize("name", READ)
def test_what_browsers_read_is_read(name: str, step: int) -> None:
    data = READ[name]
    found = read(data, step if len(data) < 2000 else 4096)
    assert found.head is not None
    assert (found.head.status, bytes(found.body[:SIZE]), found.fault) == (200, BODY, "")
    assert (b"Content-Type", b"text/html") in found.head.headers


@pytest.mark.parametrize("name", IN_PART)
def test_a_part_is_told_from_the_whole(name: str) -> None:
    found = read(IN_PART[name], 10)
    assert bytes(found.body) == BODY
    assert found.fault


@pytest.mark.parametrize("name", REFUSED)
def test_what_browsers_refuse_is_refused_with_a_reason(name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(MalformedError, match=reason):
        read(data, 4096)


def test_an_answer_without_a_head_is_one_where_that_is_allowed() -> None:
    assert bytes(read(BODY, 5, may_be_headless=True).body) == BODY


def test_a_head_that_breaks_off_says_what_it_says() -> None:
    found = read(b"HTTP/1.1 404 Not Found\r\nX-A: b", 5)
    assert found.head is not None
    assert (found.head.status, found.head.headers) == (404, ((b"X-A", b"b"),))


def test_lines_that_are_no_headers_are_left_out() -> None:
    lines = [b" first", b"A: b", b"  c", b"no colon", b" d", b": e", b"F g: h", b"I :j"]
    assert headers_of(lines) == ((b"A", b"b c"), (b"I", b"j"))


# --- the whole way ------------------------------------------------------------------------------------------------------


class RawServer:
    """Answers, byte for byte, by path; counts what is asked."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = answers
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            peer.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head:
                more = peer.recv(65536)
                if not more:
                    return
                head += more
            path = head.split(b" ")[1].decode()
            self.asked.append(path)
            self.heads.append(head)
            missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            peer.sendall(self._answers.get(path, missing))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def raw() -> Iterator[RawServer]:
    answers = {f"/{name}": data for name, data in READ.items()}
    answers |= {f"/{name}": data for name, (data, _) in REFUSED.items() if name != "no_status_line"}
    server = RawServer(answers)
    yield server
    server.close()


@pytest.mark.subprocess
def test_what_one_reader_refuses_another_reads(raw: RawServer, tmp_path: Path) -> None:
    names = [name for name in (*READ, *REFUSED) if name not in {"no_status_line", "nul"}]
    urls = {name: f"http://127.0.0.1:{raw.port}/{name}" for name in names}
    (tmp_path / "list.txt").write_text("\n".join(urls.values()))
    words = ("verify", "target.example", "--candidates", "list.txt", "--checks", "checks.jsonl", "--history", "")
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-m", "backlinkbot.cli.main", *words, "--allow-private", "--delay", "0", "--render", "never"],
        cwd=tmp_path, env=kept, capture_output=True, text=True, timeout=300, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    checks = [json.loads(line) for line in (tmp_path / "checks.jsonl").read_text().splitlines()]
    states = {check["candidate"]: (check["state"], check["reason"]) for check in checks}
    assert {name for name in READ if states[urls[name]][0] != "linked"} == set()
    assert all(
        states[urls[name]][0] == "unreachable" for name in REFUSED if name in urls and name != "locations_that_differ"
    )
    assert states[urls["lengths_that_differ"]][1] == "malformed answer: two Content-Length headers that differ"
    assert max(Counter(raw.asked).values()) <= 3, "once for each reader"
    agents = {line for head in raw.heads for line in head.split(b"\r\n") if line.lower().startswith(b"user-agent")}
    assert agents == {b"User-Agent: backlinkbot/0.1.0"}
