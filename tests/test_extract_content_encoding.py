"""Content encodings: what browsers undo is undone, and a stream that was cut is known for one."""

from __future__ import annotations

import gzip
import random
import sys
import zlib
from collections.abc import Callable
from typing import Final

import brotli
import pytest

from backlinkbot.extract.content_encoding import DecodingError, TooLargeError, decode

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACK: Final[dict[str, tuple[bytes, Callable[[bytes], bytes]]]] = {
    "gzip": (b"gzip", gzip.compress),
    "x-gzip": (b"x-gzip", gzip.compress),
    "deflate": (b"deflate", zlib.compress),
    "deflate without its header": (b"deflate", raw_deflate),
    "br": (b"br", lambda data: brotli.compress(data, quality=3)),
    "zstd": (b"zstd", zstd.compress),
}
WORDS: Final = random.Random(7)
PAGES: Final = {
    "tiny": b"<p>a",
    "ordinary": b"<!doctype html>" + b"".join(b"<p>%d %s" % (n, WORDS.randbytes(9).hex().encode()) for n in range(900)),
    "of many steps": b"".join(WORDS.randbytes(40).hex().encode() for _ in range(10_000)),
    "very repetitive": b"<p>and so on</p>" * 60_000,
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize(("name", "pack"), PACK.values(), ids=PACK)
def test_a_whole_stream_is_whole(name: bytes, pack: Callable[[bytes], bytes], page: bytes) -> None:
    assert decode(pack(page), [name]) == (page, True)


@pytest.mark.parametrize("page", [PAGES["ordinary"], PAGES["of many steps"]], ids=["ordinary", "of many steps"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(("name", "pack"), PACK.values(), ids=PACK)
def test_of_a_stream_that_was_cut_the_beginning_is_read(
    name: bytes, pack: Callable[[bytes], bytes], share: float, page: bytes
) -> None:
    packed = pack(page)
    body, is_whole = decode(packed[: int(len(packed) * share)], [name])
    assert not is_whole
    assert page.startswith(body)
    assert len(body) > 0.5 * share * len(page) - 200_000  # a decoder may hold a block back


@pytest.mark.parametrize("missing", [1, 4, 8])
def test_a_gzip_stream_without_its_end_is_not_whole(missing: int) -> None:
    page = PAGES["ordinary"]
    assert decode(gzip.compress(page)[:-missing], [b"gzip"]) == (page, False)


def test_streams_one_behind_the_other_are_one_body() -> None:
    one, two = PAGES["tiny"], PAGES["ordinary"]
    assert decode(gzip.compress(one) + gzip.compress(two), [b"gzip"]) == (one + two, True)
    assert decode(zstd.compress(one) + zstd.compress(two), [b"zstd"]) == (one + two, True)


@pytest.mark.parametrize("behind", [b"\0\0\0", b"\r\n", b"junk"])
def test_what_stands_behind_a_gzip_stream_does_not_count(behind: bytes) -> None:
    assert decode(gzip.compress(b"<p>a") + behind, [b"gzip"]) == (b"<p>a", True)


def test_encodings_are_undone_from_the_last_to_the_first() -> None:
    page = PAGES["ordinary"]
    assert decode(brotli.compress(gzip.compress(page)), [b"gzip", b"br"]) == (page, True)
    assert decode(brotli.compress(gzip.compress(page)[:900]), [b"gzip", b"br"])[1] is False


def test_a_plain_page_that_calls_itself_gzip_is_read() -> None:
    assert decode(b"<p>plain", [b"gzip"]) == (b"<p>plain", True)
    assert decode(b"", [b"gzip"]) == (b"", True)


@pytest.mark.parametrize("name", [b"br", b"zstd", b"deflate"])
def test_another_encoding_than_the_header_names_is_a_fault(name: bytes) -> None:
    with pytest.raises(DecodingError):
        decode(b"<!doctype html><title>plain</title><p>text that nobody has packed", [name])


@pytest.mark.parametrize(("name", "pack"), PACK.values(), ids=PACK)
def test_the_size_limit_holds_while_decoding(name: bytes, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(PAGES["very repetitive"])
    assert len(packed) < 100_000
    with pytest.raises(TooLargeError, match="larger than 100000 bytes"):
        decode(packed, [name], 100_000)


@pytest.mark.parametrize("page", [PAGES["ordinary"], PAGES["of many steps"]], ids=["ordinary", "of many steps"])
def test_a_stream_with_a_wrong_checksum_is_read(page: bytes) -> None:
    body, is_whole = decode(gzip.compress(page)[:-8] + bytes(8), [b"gzip"])
    assert not is_whole
    assert body
    assert page.startswith(body)
    assert len(body) > 0.9 * len(page)


def test_of_a_stream_that_is_wrong_from_the_beginning_nothing_is_read() -> None:
    packed = bytearray(gzip.compress(PAGES["ordinary"]))
    packed[10:14] = b"\xff\xff\xff\xff"
    with pytest.raises(DecodingError):
        decode(bytes(packed), [b"gzip"])
