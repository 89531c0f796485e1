"""Why a visit showed no page: the web's mistakes as data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scrapy import exceptions as scrapy_errors
from scrapy.exceptions import IgnoreRequest

from backlinkbot.items import Failure, State

if TYPE_CHECKING:
    from scrapy.http import Response


class VisitRefusedError(IgnoreRequest):
    """We do not fetch this, for a reason; the spider makes a page of it."""

    def __init__(self, state: State, reason: str) -> None:
        super().__init__(reason)
        self.failure = Failure(state=state, reason=reason)


class UnansweredError(scrapy_errors.DownloadFailedError):
    """There was no answer; another try may have one."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.failure = Failure(state=State.UNREACHABLE, reason=reason)


class BrokenOffError(scrapy_errors.ResponseDataLossError):
    """Only a part of the answer came."""

    def __init__(self, reason: str, response: Response) -> None:
        super().__init__(reason)
        self.failure = Failure(state=State.INCOMPLETE, reason=reason)
        self.response = response
        """What came, with Scrapy's flag for it, ``dataloss``."""


class MalformedAnswerError(Exception):
    """What came is no HTTP that the reader understands; asking the same reader again would not help."""

    def __init__(self, reason: str, *, is_last: bool) -> None:
        super().__init__(reason)
        self.failure = Failure(state=State.UNREACHABLE, reason=f"{MALFORMED}: {reason}")
        self.is_last = is_last
        """Whether there is no more lenient reader."""


class CertificateNameError(Exception):
    """The server's certificate is another host's: so is, most likely, what it would answer."""

    def __init__(self) -> None:
        super().__init__(OTHER_NAME.reason)
        self.failure = OTHER_NAME


MALFORMED: Final = "malformed answer"
BROKE_OFF: Final = "the answer broke off"
CERTIFICATE_FAULT: Final = "certificate_fault"
"""In a request's meta once it is answered over https: what is wrong with the certificate, in words; empty: nothing."""
CUT_OFF: Final = "cut_off"
"""In a request's meta: why only a part of its answer came, in words."""
REASON: Final = "reason"
"""In a request's meta: more than its status to say of an answer that is no page."""
PRIVATE_ADDRESS: Final = Failure(state=State.UNREACHABLE, reason="private address")
OTHER_NAME: Final = Failure(state=State.UNREACHABLE, reason="TLS: the certificate is for another name")
OUT_OF_DESCRIPTORS: Final = Failure(state=State.UNREACHABLE, reason="out of file descriptors on this machine")
TOO_LARGE: Final = Failure(state=State.UNREACHABLE, reason="larger than the size limit")

_OURS: Final = (VisitRefusedError, UnansweredError, BrokenOffError, MalformedAnswerError, CertificateNameError)
# Of Scrapy and other clients. First match wins; an exception that is none of these is named as it is.
_REASONS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...]] = (
    (scrapy_errors.CannotResolveHostError, "no such host"),
    (scrapy_errors.DownloadTimeoutError, "no whole answer in time"),
    (scrapy_errors.DownloadConnectionRefusedError, "connection refused"),
    (scrapy_errors.DownloadCancelledError, TOO_LARGE.reason),
    (scrapy_errors.ResponseDataLossError, BROKE_OFF),
    ((scrapy_errors.UnsupportedURLSchemeError, scrapy_errors.NotSupported), "not http or https"),
    (scrapy_errors.DownloadFailedError, "connection lost"),
)


def failure_of_exception(exception: BaseException) -> Failure:
    """What a request's exception means for its page; never raises."""
    if isinstance(exception, _OURS):
        return exception.failure
    for kind, reason in _REASONS:
        if isinstance(exception, kind):
            return Failure(state=State.INCOMPLETE if reason == BROKE_OFF else State.UNREACHABLE, reason=reason)
    if isinstance(exception, IgnoreRequest):
        reason = TOO_LARGE.reason if "DOWNLOAD_MAXSIZE" in str(exception) else str(exception)
        return Failure(state=State.UNREACHABLE, reason=reason)
    text = " ".join(str(exception).split())[:200]
    if "CONNECT tunnel" in text:
        text = "the proxy could not reach the host"
    return Failure(state=State.UNREACHABLE, reason=text or type(exception).__name__)


PAGES: Final = frozenset({200, 203})
"""The statuses of whole answers that hold the page: https://www.rfc-editor.org/rfc/rfc9110#name-successful-2xx."""
_BINARY: Final = re.compile(
    rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]"
)  # https://mimesniff.spec.whatwg.org/#binary-data-byte
_SNIFFED: Final = 1445


def doubt_of(response: Response) -> Failure | None:
    """Why an answer that may hold a page proves nothing by what it does not hold; None where it is whole."""
    if response.status not in PAGES:
        return Failure(state=State.INCOMPLETE, reason=f"{response.status}: no whole page")
    reason = response.meta.get(CUT_OFF) if response.request is not None else None
    if reason:
        return Failure(state=State.INCOMPLETE, reason=reason)
    if not response.body or response.body.isspace():
        return Failure(state=State.INCOMPLETE, reason="the answer is empty")
    return None


def failure_of_encoding(response: Response) -> Failure | None:
    """Why a body cannot be read whose content encoding nobody could undo; None where it can, as it is."""
    named = response.headers.get("Content-Encoding")
    if not named or _BINARY.search(response.body, 0, _SNIFFED) is None:
        return None
    return Failure(state=State.INCOMPLETE, reason=f"content encoding {named.decode('latin-1')!r} cannot be undone")


_STATES: Final = {404: State.GONE, 410: State.GONE}


def failure_of_status(response: Response) -> Failure | None:
    """What an answer's status means; None where it is a page."""
    status = response.status
    if 200 <= status < 300:
        return None
    if status >= 500:
        state = State.SERVER_ERROR
    elif status >= 400:
        state = _STATES.get(status, State.REFUSED)
    else:  # a redirect that leads nowhere we may go
        state = State.UNREACHABLE
    said = response.request.meta.get(REASON) if response.request is not None else None
    return Failure(state=state, reason=said or str(status))
