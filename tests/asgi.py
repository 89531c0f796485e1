"""Asks an ASGI application without a server and without a network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass
class Answer:
    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Sends requests as a browser of this machine does."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", address, headers)

    def request(self, method: str, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        answer = Answer()
        # A loop of its own, in a thread of its own: that of the tests is the reactor's.
        thread = threading.Thread(target=lambda: asyncio.run(self._ask(method, address, headers or {}, answer)))
        thread.start()
        thread.join(60)
        assert answer.status_code, "no answer"
        return answer

    async def _ask(self, method: str, address: str, headers: Mapping[str, str], answer: Answer) -> None:
        path, _, query = address.partition("?")
        named = {"host": "127.0.0.1:8642", **headers}
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": unquote(path), "raw_path": path.encode(), "root_path": "", "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "server": ("127.0.0.1", 8642), "client": ("127.0.0.1", 9), "state": {},
        }  # fmt: skip
        is_asked = False

        async def receive() -> dict[str, Any]:
            nonlocal is_asked
            if is_asked:
                await asyncio.sleep(60)  # the browser keeps the connection
            is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        await self._app(scope, receive, send)
