"""Why a visit showed no page: the web's mistakes as data."""

from __future__ import annotations

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


TOO_LARGE: Final = Failure(state=State.UNREACHABLE, reason="larger than the size limit")

# First match wins; an exception that is none of these is named as it is.
_REASONS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...]] = (
    (scrapy_errors.CannotResolveHostError, "no such host"),
    (scrapy_errors.DownloadTimeoutError, "no whole answer in time"),
    (scrapy_errors.DownloadConnectionRefusedError, "connection refused"),
    (scrapy_errors.DownloadCancelledError, TOO_LARGE.reason),
    (scrapy_errors.ResponseDataLossError, "the answer broke off"),
    ((scrapy_errors.UnsupportedURLSchemeError, scrapy_errors.NotSupported), "not http or https"),
    (scrapy_errors.DownloadFailedError, "connection lost"),
)


def failure_of_exception(exception: BaseException) -> Failure:
    """What a request's exception means for its page; never raises."""
    if isinstance(exception, VisitRefusedError):
        return exception.failure
    for kind, reason in _REASONS:
        if isinstance(exception, kind):
            return Failure(state=State.UNREACHABLE, reason=reason)
    if isinstance(exception, IgnoreRequest):
        reason = TOO_LARGE.reason if "DOWNLOAD_MAXSIZE" in str(exception) else str(exception)
        return Failure(state=State.UNREACHABLE, reason=reason)
    text = " ".join(str(exception).split())[:200]
    if "CONNECT tunnel" in text:
        text = "the proxy could not reach the host"
    return Failure(state=State.UNREACHABLE, reason=text or type(exception).__name__)


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
    return Failure(state=state, reason=str(status))
