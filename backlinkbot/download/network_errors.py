"""Describes network errors in plain words: DNS, connections, TLS, proxies."""

from __future__ import annotations

import errno
import re
import ssl
from typing import TYPE_CHECKING, Final

import aiohttp

from backlinkbot.download.failures import BROKE_OFF, OUT_OF_DESCRIPTORS
from backlinkbot.download.resolver import ResolvingError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTING: Final = "while connecting"
HANDSHAKING: Final = "during the TLS handshake"
WAITING: Final = "waiting for the answer"
READING: Final = "while reading the body"

DESCRIPTOR_ERRNOS: Final = frozenset({errno.EMFILE, errno.ENFILE})
_ERRNOS: Final[dict[int | None, str]] = {
    **dict.fromkeys(DESCRIPTOR_ERRNOS, OUT_OF_DESCRIPTORS.reason),
    errno.ENOBUFS: "out of memory for connections on this machine",
    errno.EADDRNOTAVAIL: "out of local ports on this machine",
    errno.ECONNREFUSED: "connection refused",
    **dict.fromkeys((errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE), "connection reset"),
    **dict.fromkeys((errno.ENETUNREACH, errno.ENETDOWN, errno.EAFNOSUPPORT), "network unreachable"),
    **dict.fromkeys((errno.EHOSTUNREACH, errno.EHOSTDOWN), "host unreachable"),
    errno.ETIMEDOUT: f"timed out {CONNECTING}",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "connection forbidden by this machine"),
}
_NOT_TLS: Final = "the server answered without TLS"
_NO_CIPHER: Final = "no cipher in common"
_NO_VERSION: Final = "no protocol version in common"
_WANTS_CERTIFICATE: Final = "the server requires a client certificate"
# OpenSSL's names; the names with ALERT are sent by the server (RFC 8446 §6.2).
_TLS_FAULTS: Final[dict[str, str]] = {
    "UNSUPPORTED_PROTOCOL": _NO_VERSION,
    "NO_PROTOCOLS_AVAILABLE": _NO_VERSION,
    "TLSV1_ALERT_PROTOCOL_VERSION": _NO_VERSION,
    "WRONG_SSL_VERSION": _NO_VERSION,
    "WRONG_VERSION_NUMBER": _NOT_TLS,
    "HTTP_REQUEST": _NOT_TLS,
    "PACKET_LENGTH_TOO_LONG": _NOT_TLS,
    "RECORD_LAYER_FAILURE": _NOT_TLS,
    "UNKNOWN_PROTOCOL": _NOT_TLS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NO_CIPHER,
    "SSL/TLS_ALERT_HANDSHAKE_FAILURE": _NO_CIPHER,
    "NO_SHARED_CIPHER": _NO_CIPHER,
    "NO_CIPHERS_AVAILABLE": _NO_CIPHER,
    "WRONG_CIPHER_RETURNED": _NO_CIPHER,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _NO_CIPHER,
    "TLSV1_UNRECOGNIZED_NAME": "the server does not know the host name",
    "TLSV1_ALERT_UNRECOGNIZED_NAME": "the server does not know the host name",
    "TLSV1_ALERT_INTERNAL_ERROR": "the server reported an internal error",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": "the server does not support HTTP/1.1",
    "UNEXPECTED_EOF_WHILE_READING": "connection closed during the handshake",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _WANTS_CERTIFICATE,
    "SSLV3_ALERT_BAD_CERTIFICATE": _WANTS_CERTIFICATE,
    "DH_KEY_TOO_SMALL": "the server's key exchange is too weak",
    "EE_KEY_TOO_SMALL": "the certificate's key is too weak",
    "BAD_SIGNATURE": "the server's signature is wrong",
}
_ERRNO_IN_WORDS: Final = re.compile(r"\[Errno (\d+)\]")
_STATUS_OF_A_PROXY: Final = {407: "the proxy requires a password", 403: "the proxy refuses the host"}


def reason_of(error: BaseException, phase: str) -> str:
    """Returns why there was no response.

    Args:
        error: what aiohttp, the event loop or the resolver raised.
        phase: how far the request had come, one of this module's constants.
    """
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, ResolvingError):
            return cause.reason
    if isinstance(error, TimeoutError) and not getattr(error, "errno", None):
        return f"timed out {phase}"
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "the request cannot be written"  # a header that HTTP does not allow, say
    of_a_proxy = "the proxy: " if isinstance(error, aiohttp.ClientProxyConnectionError) else ""
    return of_a_proxy + next(filter(None, (_words(cause, phase) for cause in chain)), "connection lost")


def errno_of(error: BaseException) -> int | None:
    """Returns the system's error number; of several failed connections, the most informative one."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and not isinstance(cause, (ssl.SSLError, ResolvingError)):
            if cause.errno is not None:
                return cause.errno
            numbers = [int(number) for number in _ERRNO_IN_WORDS.findall(str(cause))]
            known = [number for number in _ERRNOS if number in numbers]
            if known or numbers:
                return (known or numbers)[0]
    return None


def tls_reason(fault: str | None) -> str:
    """Describes a TLS error, given by OpenSSL's name."""
    name = (fault or "").upper().replace(" ", "_")
    return f"TLS: {_TLS_FAULTS.get(name) or name.lower().replace('_', ' ') or 'the handshake failed'}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yields the error and its causes; the innermost cause of an aiohttp error comes first."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        error = getattr(error, "os_error", None) or error.__cause__
    return reversed(seen)


def _words(error: BaseException, phase: str) -> str:
    """Describes one error; empty if it has no description."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return _STATUS_OF_A_PROXY.get(error.status, "the proxy could not reach the host")
    if isinstance(error, aiohttp.ClientPayloadError):
        return BROKE_OFF
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "connection closed without an answer" if isinstance(error.message, str) else BROKE_OFF
    if isinstance(error, ssl.SSLError):
        return tls_reason(error.reason)
    return _words_of_the_system(error, phase) if isinstance(error, OSError) else ""


def _words_of_the_system(error: OSError, phase: str) -> str:
    if isinstance(error, TimeoutError) and not error.errno:
        return f"timed out {phase}"
    words = _ERRNOS.get(errno_of(error), "")
    if not words and isinstance(error, ConnectionResetError):
        words = "connection reset"
    if not words and error.errno:
        words = (error.strerror or str(error)).lower()
    return f"TLS: {words} during the handshake" if words == "connection reset" and phase == HANDSHAKING else words
