"""The application: routes, checks of each request, and the headers of each answer.

Only this module imports Starlette.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from backlinkbot.history.observation import key_of
from backlinkbot.text.csv_escaping import guard
from backlinkbot.web import queries
from backlinkbot.web.overview import overview
from backlinkbot.web.pages import Pages
from backlinkbot.web.tables import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from backlinkbot.web.frames import Frame
    from backlinkbot.web.queries import TableQuery
    from backlinkbot.web.snapshots import Snapshots

HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""The names under which the page answers: any other is another site's, whose name leads here (DNS rebinding)."""
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
_LONGEST: Final = 8_000
"""Most bytes of a query string."""
_LINES_AT_ONCE: Final = 2_000
_ICON: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#2f6d9e"/>'
    '<path d="M9 4l-4 4 4 4M5 8h7" fill="none" stroke="#fff" stroke-width="2"/></svg>'
)
"""Browsers ask for one."""


def application(snapshots: Snapshots) -> ASGIApp:
    """Returns the application that shows a history."""
    site = _Site(snapshots, Pages())
    routes = [
        Route("/", site.overview),
        Route("/style.css", site.style),
        Route("/favicon.ico", site.icon),
        Route("/link/{backlink_id:int}", site.link),
        Route("/{table}.csv", site.csv),
        Route("/{table}", site.table),
    ]
    return _Guarded(Starlette(routes=routes, exception_handlers={HTTPException: site.error}))


class _Guarded:
    """Refuses requests under foreign names, and adds the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((k.encode(), v.encode()) for k, v in HEADERS.items())]
            await send(message)

        refusal = _refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def _refusal(scope: Scope) -> Response | None:
    """Returns the answer to a request that is not for this page; None if it is."""
    named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if len(named) != 1 or _without_port(named[0]) not in HOSTS:
        return PlainTextResponse("This page answers under 127.0.0.1 and localhost only.\n", 421)
    if scope["method"] not in {"GET", "HEAD"}:
        return PlainTextResponse("This page can be read only.\n", 405, headers={"allow": "GET, HEAD"})
    if len(scope["query_string"]) > _LONGEST:
        return PlainTextResponse("The address is too long.\n", 414)
    return None


def _without_port(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()


class _Site:
    """The pages. Starlette calls each in a thread of its own."""

    def __init__(self, snapshots: Snapshots, pages: Pages) -> None:
        self._snapshots = snapshots
        self._pages = pages

    def overview(self, _request: Request) -> Response:
        frames = self._snapshots.current().frames
        return HTMLResponse(self._pages.render("overview.html", here="overview", **overview(frames)))

    def style(self, _request: Request) -> Response:
        return Response(self._pages.style, media_type="text/css")

    def icon(self, _request: Request) -> Response:
        return Response(_ICON, media_type="image/svg+xml")

    def table(self, request: Request) -> Response:
        frame, query = self._asked(request)
        return HTMLResponse(
            self._pages.render(
                "table.html",
                here=query.table.name,
                query=query,
                page=frame.page(query),
                every=len(frame),
                links_of=queries.links_of,
            )
        )

    def csv(self, request: Request) -> Response:
        frame, query = self._asked(request)
        disposition = f'attachment; filename="{query.table.name}.csv"'
        return StreamingResponse(
            _csv(frame, query), media_type="text/csv; charset=utf-8", headers={"content-disposition": disposition}
        )

    def link(self, request: Request) -> Response:
        backlink_id = request.path_params["backlink_id"]
        links = self._snapshots.link(backlink_id) if backlink_id < 1 << 62 else []
        if not links:
            raise HTTPException(404, f"there is no link {backlink_id}")
        changes = self._snapshots.current().frames["changes"]
        wanted = queries.read(changes.table, [("backlink_id", str(backlink_id)), ("sort", "at")])
        return HTMLResponse(
            self._pages.render(
                "link.html",
                here="links",
                links=links,
                link=links[0],
                changes=list(changes.rows(wanted)),
                claims=self._snapshots.claims(key_of(links[0]["source_url"])),
            )
        )

    def error(self, _request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) else ""
        return HTMLResponse(self._pages.render("error.html", here="", status=status, detail=detail), status)

    def _asked(self, request: Request) -> tuple[Frame, TableQuery]:
        table = BY_NAME.get(request.path_params["table"])
        if table is None:
            raise HTTPException(404, "there is no such page")
        try:
            query = queries.read(table, request.query_params.multi_items())
        except queries.QueryError as error:
            raise HTTPException(400, str(error)) from error
        return self._snapshots.current().frames[table.name], query


def _csv(frame: Frame, query: TableQuery) -> Iterator[bytes]:
    """Yields CSV (RFC 4180, UTF-8) of every row, with cells escaped against formulas."""
    columns = query.table.shown
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    for number, row in enumerate(frame.rows(query), start=1):
        writer.writerow([_cell(row[name]) for name in columns])
        if number % _LINES_AT_ONCE == 0:
            yield stream.getvalue().encode()
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return guard(value) if isinstance(value, str) else str(value)
