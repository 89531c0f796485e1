"""The reader for answers that every library refuses and browsers read: a connection of its own, read by ``http1``."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final

import aiohappyeyeballs

from backlinkbot.download.failures import BROKE_OFF
from backlinkbot.download.http1 import Answer, MalformedError
from backlinkbot.download.lenient_request import NoReplyError, NotUnderstoodError, Reply, TooMuchError
from backlinkbot.download.network_errors import CONNECTING, READING, WAITING, reason_of

if TYPE_CHECKING:
    import ssl

    from backlinkbot.download.lenient_request import Question

PIECE: Final = 64 * 1024
DELAY: Final = 0.25
"""Seconds before the next address is tried, too: RFC 8305 §5."""
_DEFAULT_PORT: Final = 80


async def ask(question: Question, tls: ssl.SSLContext | None) -> Reply:
    """Send the request, and read the answer.

    Raises:
        NotUnderstoodError: a browser would not show it either.
        TooMuchError: its body is too large.
        NoReplyError: there is none.
    """
    answer = Answer(method=question.method, may_be_headless=question.port == _DEFAULT_PORT and tls is None)
    phase = CONNECTING
    try:
        async with asyncio.timeout(question.seconds):
            reader, writer = await _connect(question, tls)
            phase = WAITING
            try:
                writer.write(_request(question))
                await _read(reader, answer, question.max_size)
            finally:
                writer.transport.abort()
    except MalformedError as error:
        raise NotUnderstoodError(str(error)) from error
    except (OSError, TimeoutError) as error:
        phase = READING if answer.body else phase
        if not answer.body:
            raise NoReplyError(reason_of(error, phase)) from error
        answer.fault = f"timed out {phase}" if isinstance(error, TimeoutError) else BROKE_OFF
    if answer.head is None:
        raise NoReplyError("connection closed without an answer")
    fault = answer.fault and (answer.fault if answer.fault.startswith("timed out") else BROKE_OFF)
    return Reply(status=answer.head.status, headers=answer.head.headers, body=bytes(answer.body), fault=fault)


async def _read(reader: asyncio.StreamReader, answer: Answer, max_size: int) -> None:
    while not answer.is_done:
        piece = await reader.read(PIECE)
        if piece:
            answer.feed(piece)
        else:
            answer.end()
        if 0 < max_size < len(answer.body):
            raise TooMuchError


async def _connect(question: Question, tls: ssl.SSLContext | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    infos = [_info(address, port) for address, port in question.addresses]
    sock = await aiohappyeyeballs.start_connection(infos, happy_eyeballs_delay=DELAY)
    if not question.proxy or tls is None:
        name = question.host if tls is not None else None
        return await asyncio.open_connection(sock=sock, ssl=tls, server_hostname=name)
    reader, writer = await asyncio.open_connection(sock=sock)
    await _tunnel(question, reader, writer)
    await writer.start_tls(tls, server_hostname=question.host)
    return reader, writer


def _info(address: str, port: int) -> aiohappyeyeballs.AddrInfoType:
    is_ipv6 = ":" in address
    where = (address, port, 0, 0) if is_ipv6 else (address, port)
    family = socket.AF_INET6 if is_ipv6 else socket.AF_INET
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where


async def _tunnel(question: Question, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Have the proxy connect us with the host: RFC 9110 §9.3.6."""
    where = f"[{question.host}]" if ":" in question.host else question.host
    lines = [f"CONNECT {where}:{question.port} HTTP/1.1", f"Host: {where}:{question.port}", *_secret(question), "", ""]
    writer.write("\r\n".join(lines).encode("latin-1"))
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise NoReplyError("the proxy could not reach the host") from error
    if head.split(b" ")[1:2] != [b"200"]:
        raise NoReplyError("the proxy could not reach the host")


def _secret(question: Question) -> list[str]:
    return [f"Proxy-Authorization: {question.proxy_secret}"] if question.proxy_secret else []


def _request(question: Question) -> bytes:
    by_proxy = bool(question.proxy) and not question.is_https
    lines = [
        f"{question.method} {question.url if by_proxy else question.target} HTTP/1.1",
        f"Host: {question.authority}",
        *(f"{name}: {value}" for name, value in question.headers),
        *(_secret(question) if by_proxy else []),
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")
