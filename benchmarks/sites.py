"""The real pages of the shared archives, served by nginx on loopback as they were recorded; what it served is counted."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from benchmarks.measuring import MissingError, shared
from tests.conformance.shared_data import saved_pages, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

ROBOTS = "User-agent: *\nDisallow: /private/\n\nUser-agent: NobodyBot\nDisallow: /\n"

MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format served "$status\\t$sent_http_content_type\\t$host$request_uri";
  access_log {folder}/access.log served;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 1000000;
  sendfile on;
  tcp_nopush on;
  absolute_redirect off;
  server_names_hash_bucket_size 128;
  types {{ }}
  default_type "text/html; charset=utf-8";
{servers}
}}
"""
LIST_SERVER = """
  server {{
    listen 127.0.0.1:{port} default_server;
    root {folder}/list;
    location = /robots.txt {{ default_type text/plain; }}
{locations}
  }}
"""
NOBODY = """
  server {{
    listen 127.0.0.1:{port} default_server;
    return 502;
  }}
"""
HOST_SERVER = """
  server {{
    listen 127.0.0.1:{port};
    server_name {host};
    root {folder}/web/{host};
    index index.html;
    types {{ application/xml xml; text/plain txt; }}
    if (-d $request_filename) {{ rewrite ^(.*[^/])$ $1/ permanent; }}
    location / {{ try_files $uri $uri/ $uri.html =404; }}
    error_page 403 =404 /404;
  }}
"""


MOVED = {"doc.crates.io"}
"""Its front page sends readers to another host, which then counts as a seed for some and not for others."""


@dataclass(frozen=True, slots=True)
class Served:
    """What nginx has answered since the last look."""

    requests: int
    pages: int
    """Distinct HTML pages answered with 200."""
    statuses: Counter[str]


class Nginx:
    """Serves both collections from a folder of its own: a list of pages, and, as a proxy, the little web's hosts."""

    def __init__(self, folder: Path, cpus: set[int]) -> None:
        """Take an empty folder, and the processors to run on."""
        self.folder, self._cpus = folder, cpus
        self._command = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        if self._command is None:
            raise MissingError("nginx is not installed (Debian, Ubuntu: apt-get install nginx-light)")
        self._seen = 0
        self._list_port, self._web_port = _free_ports(2)
        self.proxy = f"http://127.0.0.1:{self._web_port}"
        self.urls: list[str] = []
        self.hosts: list[str] = []

    def lay_out(self, pages: int) -> None:
        """Write the pages of the list, those of the little web, and the configuration."""
        charsets = self._lay_out_list(pages)
        self._lay_out_web()
        self._configure(charsets)

    def lay_out_planted(self, webs: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
        """Write webs of made-up pages, each in a folder with its name; returns their URLs: ``/NAME/0``, ``/NAME/1`` and on."""
        found: dict[str, list[str]] = {}
        (self.folder / "list").mkdir()
        (self.folder / "list" / "robots.txt").write_text(ROBOTS, encoding="ascii")
        for name, pages in webs.items():
            (self.folder / "list" / name).mkdir()
            for number, page in enumerate(pages):
                (self.folder / "list" / name / str(number)).write_text(page, encoding="utf-8")
                found.setdefault(name, []).append(f"http://127.0.0.1:{self._list_port}/{name}/{number}")
        self._configure({})
        return found

    def _configure(self, charsets: Mapping[str, int]) -> None:
        locations = "\n".join(
            f'    location /{number}/ {{ default_type "text/html{f"; charset={charset}" if charset else ""}"; }}'
            for charset, number in charsets.items()
        )
        servers = [
            LIST_SERVER.format(port=self._list_port, folder=self.folder, locations=locations),
            NOBODY.format(port=self._web_port),
            *(HOST_SERVER.format(port=self._web_port, folder=self.folder, host=host) for host in self.hosts),
        ]
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        text = MAIN.format(user=user, folder=self.folder, servers="".join(servers))
        (self.folder / "nginx.conf").write_text(text, encoding="utf-8")

    def _lay_out_list(self, pages: int) -> dict[str, int]:
        """The pages of the first collection, over again until there are enough; short URLs, for some take them as words."""
        saved = shared(saved_pages, "pages")
        charsets = {charset: n for n, charset in enumerate(sorted({page.charset for page in saved}))}
        for n in charsets.values():
            (self.folder / "list" / str(n)).mkdir(parents=True)
        (self.folder / "list" / "robots.txt").write_text(ROBOTS, encoding="ascii")
        for number in range(pages):
            page = saved[number % len(saved)]
            path = f"{charsets[page.charset]}/{number}"
            (self.folder / "list" / path).symlink_to(page.file)
            self.urls.append(f"http://127.0.0.1:{self._list_port}/{path}")
        return charsets

    def _lay_out_web(self) -> None:
        """The little web with its own addresses written http://, since nginx as a proxy has no tunnel for https://."""
        source = shared(unpacked, "little-web")
        self.hosts = sorted(path.name for path in source.iterdir() if path.is_dir())
        own = re.compile(rb"https(?=://(?:%s)(?![\w.-]))" % b"|".join(re.escape(h.encode()) for h in self.hosts))
        for file in source.rglob("*"):
            if file.is_file() and file.parent != source:
                copy = self.folder / "web" / file.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(own.sub(b"http", file.read_bytes()))

    @property
    def seeds(self) -> list[str]:
        """The front page of each host that has one of its own."""
        fronts = (host for host in self.hosts if (self.folder / "web" / host / "index.html").is_file())
        return [f"http://{host}/" for host in fronts if host not in MOVED]

    def served(self) -> Served:
        """Count what was answered since this was last asked."""
        with (self.folder / "access.log").open(encoding="latin-1") as log:
            log.seek(self._seen)
            lines = [line.rstrip("\n").split("\t") for line in log]
            self._seen = log.tell()
        pages = {url for status, kind, url in lines if status == "200" and kind.startswith("text/html")}
        return Served(len(lines), len(pages), Counter(status for status, _, _ in lines))

    def __enter__(self) -> Self:
        conf = self.folder / "nginx.conf"
        assert self._command is not None
        self._process = subprocess.Popen([self._command, "-p", self.folder, "-c", conf], stderr=subprocess.PIPE)
        if self._cpus:
            os.sched_setaffinity(self._process.pid, self._cpus)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._web_port)) == 0:
                    return self
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        self._process.kill()
        raise MissingError(f"nginx does not start: {self._process.communicate()[1].decode(errors='replace')}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
