"""A machine that is short of descriptors is slower, and says nothing wrong of the web."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from backlinkbot.download.descriptors import MOST_KEPT, RESERVE, open_now, raise_limit, shares
from benchmarks.few_descriptors import run, start_server


@pytest.mark.parametrize("limit", [1, 64, 128, 256, 1024, 65_536, 1_000_000])
@pytest.mark.parametrize("requests", [0, 1, 100, 10_000])
def test_all_shares_together_are_no_more_than_there_is(limit: int, requests: int) -> None:
    got = shares(limit, 20, requests=requests, lookups=40)
    assert min(got.requests, got.kept, got.lookups) >= 1
    assert got.kept <= MOST_KEPT
    assert got.lookups <= 40
    if limit >= 128:
        assert 2 * got.requests + got.kept + 2 * got.lookups <= limit - 20 - RESERVE
    if requests and limit >= 1024:
        assert got.requests <= requests


def test_what_is_usual_is_not_cut() -> None:
    assert shares(1024, 20, requests=100, lookups=40).requests == 100
    assert shares(1024, 20, requests=100, lookups=40).lookups == 40


def test_the_limit_is_raised_as_far_as_it_may_be() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[0], 512), before[1]))
        assert raise_limit() == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert raise_limit() >= min(before[1] if before[1] > 0 else 65_536, 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_open_descriptors_are_counted() -> None:
    before = open_now()
    with open(__file__, "rb"):  # noqa: PTH123 - a descriptor, whoever opens it
        assert open_now() == before + 1


@pytest.mark.subprocess
@pytest.mark.slow
def test_many_hosts_are_all_reached_with_few_descriptors() -> None:
    _, states, status = run(300, start_server(), 128)
    assert (states, status) == ({"linked": 300}, 0)


RUNS_OUT = """
import resource, sys
from backlinkbot.cli.main import main
from backlinkbot.download import handler

if __name__ == "__main__":
    handler.raise_limit = lambda: 4096  # the crawl is told of descriptors that others have taken meanwhile
    resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
    sys.exit(main())
"""


@pytest.mark.subprocess
@pytest.mark.slow
def test_where_descriptors_run_out_pages_wait_and_no_site_is_blamed(tmp_path: Path) -> None:
    port = start_server()
    script, log = tmp_path / "runs_out.py", tmp_path / "log.txt"
    script.write_text(RUNS_OUT)
    urls = [f"http://127.0.{n // 200}.{1 + n % 200}:{port}/" for n in range(300)]
    (tmp_path / "list.txt").write_text("\n".join(urls))
    words = ["verify", "target.example", "--candidates", "list.txt", "--checks", "checks.jsonl", "--allow-private"]
    words += ["--delay", "0", "--render", "never", "--history", "", "-s", f"LOG_FILE={log}", "-s", "LOG_LEVEL=INFO"]
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, str(script), *words], cwd=tmp_path, env=kept, capture_output=True, timeout=280, check=False
    )
    checks = [json.loads(line) for line in (tmp_path / "checks.jsonl").read_text().splitlines()]
    assert Counter((check["state"], check["reason"]) for check in checks) == {("linked", ""): len(urls)}
    assert done.returncode == 0
    assert "backlinks/fetching/out_of_descriptors" in log.read_text(), "there were enough, so nothing is shown"
