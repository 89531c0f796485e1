"""Fetches a response that every library rejects and browsers accept: an own connection, parsed by ``http1``."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final

import aiohappyeyeballs

from backlinkbot.download.failures import BROKE_OFF
from backlinkbot.download.http1 import MalformedError, ResponseParser
from backlinkbot.download.lenient_request import (
    BodyTooLargeError,
    LenientResponse,
    NoResponseError,
    UnreadableResponseError,
)
from backlinkbot.download.network_errors import CONNECTING, READING, WAITING, reason_of

if TYPE_CHECKING:
    import ssl

    from backlinkbot.download.lenient_request import LenientRequest

PIECE: Final = 64 * 1024
DELAY: Final = 0.25
"""Seconds before the next address is tried in parallel: RFC 8305 §5."""
_DEFAULT_PORT: Final = 80


async def fetch(request: LenientRequest, tls: ssl.SSLContext | None) -> LenientResponse:
    """Sends the request and reads the response.

    Raises:
        UnreadableResponseError: the response is malformed for browsers, too.
        BodyTooLargeError: the body is too large.
        NoResponseError: no response came.
    """
    answer = ResponseParser(method=request.method, may_be_headless=request.port == _DEFAULT_PORT and tls is None)
    phase = CONNECTING
    try:
        async with asyncio.timeout(request.seconds):
            reader, writer = await _connect(request, tls)
            phase = WAITING
            try:
                writer.write(_head(request))
                await _read(reader, answer, request.max_size)
            finally:
                writer.transport.abort()
    except MalformedError as error:
        raise UnreadableResponseError(str(error)) from error
    except (OSError, TimeoutError) as error:
        phase = READING if answer.body else phase
        if not answer.body:
            raise NoResponseError(reason_of(error, phase)) from error
        answer.fault = f"timed out {phase}" if isinstance(error, TimeoutError) else BROKE_OFF
    if answer.head is None:
        raise NoResponseError("connection closed without an answer")
    fault = answer.fault and (answer.fault if answer.fault.startswith("timed out") else BROKE_OFF)
    return LenientResponse(status=answer.head.status, headers=answer.head.headers, body=bytes(answer.body), fault=fault)


async def _read(reader: asyncio.StreamReader, answer: ResponseParser, max_size: int) -> None:
    while not answer.is_done:
        piece = await reader.read(PIECE)
        if piece:
            answer.feed(piece)
        else:
            answer.end()
        if 0 < max_size < len(answer.body):
            raise BodyTooLargeError


async def _connect(
    request: LenientRequest, tls: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    infos = [_info(address, port) for address, port in request.addresses]
    sock = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=DELAY)
    if not request.proxy or tls is None:
        name = request.host if tls is not None else None
        return await asyncio.open_connection(sock=sock, ssl=tls, server_hostname=name)
    reader, writer = await asyncio.open_connection(sock=sock)
    await _tunnel(request, reader, writer)
    await writer.start_tls(tls, server_hostname=request.host)
    return reader, writer


def _info(address: str, port: int) -> aiohappyeyeballs.AddrInfoType:
    is_ipv6 = ":" in address
    where = (address, port, 0, 0) if is_ipv6 else (address, port)
    family = socket.AF_INET6 if is_ipv6 else socket.AF_INET
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where


async def _tunnel(request: LenientRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Opens a tunnel to the host through the proxy: RFC 9110 §9.3.6."""
    where = f"[{request.host}]" if ":" in request.host else request.host
    lines = [f"CONNECT {where}:{request.port} HTTP/1.1", f"Host: {where}:{request.port}", *_secret(request), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1"))
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise NoResponseError("the proxy could not reach the host") from error
    if head.split(b" ")[1:2] != [b"200"]:
        raise NoResponseError("the proxy could not reach the host")


def _secret(request: LenientRequest) -> list[str]:
    return [f"Proxy-Authorization: {request.proxy_secret}"] if request.proxy_secret else []


def _head(request: LenientRequest) -> bytes:
    by_proxy = bool(request.proxy) and not request.is_https
    lines = [
        f"{request.method} {request.url if by_proxy else request.target} HTTP/1.1",
        f"Host: {request.authority}",
        *(f"{name}: {value}" for name, value in request.headers),
        *(_secret(request) if by_proxy else []),
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")
