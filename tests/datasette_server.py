"""Runs Datasette on a loopback address for tests."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from tests.conftest import BIN


@contextmanager
def datasette(*files: Path) -> Iterator[str]:
    """Serves the database files with Datasette while the context lasts; yields the base URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The default, a second, would say how busy the machine is.
    limit = ["--setting", "sql_time_limit_ms", "180000"]
    command = [str(BIN / "datasette"), "serve", *map(str, files), "--host", "127.0.0.1", "--port", str(port), *limit]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        printed = ""
        for line in server.stderr:
            printed += line
            if "Uvicorn running" in line:
                break
        else:
            raise AssertionError(f"Datasette ended with {server.wait()}: {printed}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=180)
        server.stderr.close()


def asked(address: str) -> Any:
    """Returns what stands at an address, read as JSON."""
    with build_opener(ProxyHandler({})).open(address, timeout=180) as answer:
        return json.load(answer)
