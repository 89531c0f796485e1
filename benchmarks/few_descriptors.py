"""Does a crawl of many hosts find everything, and how much longer does it take, where file descriptors are few?

    python -m benchmarks.few_descriptors [--hosts N] [--limits N,N]

So many hosts with a page each, on loopback addresses of their own, whose server keeps every connection open. One `verify`
of all of them without a bound on descriptors, then one under each limit, soft and hard, as `ulimit -n` sets it. Every page
must be `linked`; the goal for the time is a ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
GOAL = 1.5
LOADED = 3
"""Descriptors for each host that the server may need: connections of runs that have just ended linger."""
BODY = b"<!doctype html><title>Page</title><p><a href='https://target.example/'>the one that we look for</a>"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Answering(asyncio.Protocol):
    """A server that never closes a connection itself."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._head = b""

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            self._transport.write(MISSING if b"/robots.txt" in head.split(b"\r\n")[0] else PAGE)


def start_server() -> int:
    """Serve every loopback address until the process ends; returns the port."""
    ports: list[int] = []
    is_ready = threading.Event()

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "0.0.0.0", 0, backlog=4096)
        ports.append(server.sockets[0].getsockname()[1])
        is_ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    is_ready.wait()
    return ports[0]


def run(hosts: int, port: int, limit: int) -> tuple[float, Counter[str], int]:
    """(seconds, how many pages of each state and reason, exit status) of one `verify`; ``limit`` 0: as it is here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        urls = [f"http://127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}:{port}/" for n in range(hosts)]
        (folder / "list.txt").write_text("\n".join(urls))
        words = ["verify", "target.example", "--candidates", "list.txt", "--checks", "checks.jsonl", "--allow-private"]
        words += ["--delay", "0", "--render", "never", "--history", "history.db"]
        environ = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        bound = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))) if limit else None
        begin = perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "backlinkbot", *words],
            cwd=folder,
            env=environ | {"PYTHONPATH": str(ROOT)},
            preexec_fn=bound,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        seconds = perf_counter() - begin
        checks = [json.loads(line) for line in (folder / "checks.jsonl").read_text().splitlines()]
    return seconds, Counter(f"{check['state']} {check['reason']}".strip() for check in checks), done.returncode


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.few_descriptors", description=__doc__.split("\n")[0])
    parser.add_argument("--hosts", type=int, default=3000)
    parser.add_argument("--limits", default="1024,256")
    options = parser.parse_args(arguments)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = LOADED * options.hosts + 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    port = start_server()
    first = 0.0
    is_good = True
    for limit in (0, *map(int, options.limits.split(","))):
        seconds, states, status = run(options.hosts, port, limit)
        first = first or seconds
        is_right = states == {"linked": options.hosts} and status == 0
        is_good = is_good and is_right and seconds <= GOAL * first
        print(f"{limit or 'no limit':>8}  {seconds:6.1f} s  {seconds / first:.2f}  exit {status}  {dict(states)}")
    print(
        f"goal, {options.hosts} right answers in at most {GOAL} times the time: {'reached' if is_good else 'NOT reached'}"
    )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
