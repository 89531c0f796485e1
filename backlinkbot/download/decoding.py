"""Decodes responses, and notes if the compressed stream was cut off.

Scrapy's middleware returns what it could decode of a stream that was cut, without telling so. Here the request's meta
records it (``CUT_OFF``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scrapy.exceptions import IgnoreRequest
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

from backlinkbot.download.failures import CUT_OFF, BrokenOffError
from backlinkbot.extract import content_encoding

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

CUT: Final = "the compressed answer broke off"
ACCEPTED: Final = b"gzip, deflate, br, zstd"


class TooLargeError(IgnoreRequest):
    """The response exceeds the size limit once it is decoded."""


class Decoding:
    """Downloader middleware: requests compressed responses, and decodes them.

    If an encoding is unknown, or the body does not match it, header and body stay as they are, as in browsers.
    """

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    async def process_request(self, request: Request) -> None:
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    async def process_exception(self, request: Request, exception: Exception) -> Response | None:
        """Returns the partial response of a broken download after all retries: it may contain links."""
        if not isinstance(exception, BrokenOffError) or "visit" not in request.meta or not exception.response.body:
            return None
        request.meta[CUT_OFF] = exception.failure.reason
        return exception.response

    async def process_response(self, request: Request, response: Response) -> Response:
        """Returns the decoded response.

        Raises:
            TooLargeError: the body exceeds the size limit.
        """
        named = response.headers.getlist("Content-Encoding")
        if not named or request.method == "HEAD":
            return response
        encodings = content_encoding.tokens_of(named)
        if encodings is None:
            return response
        most = request.meta.get("download_maxsize", self._max_size)
        try:
            body, is_whole = content_encoding.decode(response.body, encodings, most)
        except content_encoding.DecodingError:
            return response
        except content_encoding.TooLargeError as error:
            raise TooLargeError(f"larger than DOWNLOAD_MAXSIZE ({most} bytes)") from error
        headers = response.headers.copy()
        del headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        changed = {"encoding": None} if issubclass(kind, TextResponse) else {}
        if not is_whole:
            request.meta.setdefault(CUT_OFF, CUT)
        return response.replace(cls=kind, body=body, headers=headers, **changed)
