"""Writes web archives of given pages: WARC, WACZ and WAT, the last in the form that Common Crawl writes."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backlinkbot.extract.page import PageContent

DATE = "2026-06-01T01:02:03Z"


@dataclass(frozen=True, kw_only=True)
class Capture:
    """A response as a crawler kept it."""

    url: str
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/html; charset=utf-8"
    kind: str = "response"
    date: str = DATE

    @property
    def message(self) -> bytes:
        if self.kind == "resource":
            return self.body
        said = {"Content-Type": self.content_type, **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        return f"HTTP/1.1 {self.status} OK\r\n{lines}\r\n".encode() + self.body


def record(kind: str, url: str, content: bytes, content_type: str, date: str = DATE) -> bytes:
    """One WARC record."""
    uri = f"WARC-Target-URI: {url}\r\n" if url else ""
    return (
        (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\n{uri}WARC-Date: {date}\r\nWARC-Record-ID: <urn:uuid:{zlib.crc32(url.encode())}>\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode()
        + content
        + b"\r\n\r\n"
    )


def warc_records(captures: Iterable[Capture]) -> list[bytes]:
    """The records of a WARC file: warcinfo, then request and response of each capture."""
    records = [record("warcinfo", "", b"software: tests\r\n", "application/warc-fields")]
    for capture in captures:
        records.append(
            record("request", capture.url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "application/http; msgtype=request")
        )
        of_http = "application/http; msgtype=response"
        records.append(
            record(
                capture.kind,
                capture.url,
                capture.message,
                capture.content_type if capture.kind == "resource" else of_http,
                capture.date,
            )
        )
    return records


def members(records: Iterable[bytes]) -> bytes:
    """Records compressed each by itself, as archives have them."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def warc(captures: Iterable[Capture]) -> bytes:
    """A WARC file, compressed."""
    return members(warc_records(captures))


def wacz(path: Path, captures: Iterable[Capture]) -> None:
    """A WACZ file of one WARC file."""
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("datapackage.json", "{}")
        packed.writestr("archive/data.warc.gz", warc(captures))
        packed.writestr("pages/pages.jsonl", "{}")


def wat_json(capture: Capture) -> dict[str, Any]:
    """What Common Crawl's extractor says of a capture."""
    content = PageContent(capture.body, capture.url, "utf-8")
    links: list[dict[str, str]] = []
    for element in content.document.elements("a", "area", "iframe", "form"):
        attribute = {"iframe": "src", "form": "action"}.get(element.tag, "href")
        written = element.attr(attribute)
        if written is None:
            continue
        link = {"path": f"{element.tag.upper()}@/{attribute}", "url": written}
        for name in ("title", "rel"):
            if value := element.attr(name):
                link[name] = value
        if element.tag == "a" and (text := content.words_of(element)):
            link["text"] = text[:128]
        links.append(link)
    metas = [
        {name: value for name in ("name", "http-equiv", "content") if (value := element.attr(name))}
        for element in content.document.elements("meta")
    ]
    head: dict[str, Any] = {"Title": content.title, "Metas": metas}
    bases = [href for element in content.document.elements("base") if (href := element.attr("href"))]
    if bases:
        head["Base"] = bases[0]
    head["Link"] = [
        {"path": "LINK@/href", "url": element.attr("href") or "", "rel": element.attr("rel") or ""}
        for element in content.document.elements("link")
    ]
    return {
        "Container": {"Filename": "x.warc.gz", "Compressed": True, "Offset": "0"},
        "Envelope": {
            "Format": "WARC",
            "WARC-Header-Metadata": {
                "WARC-Type": "response",
                "WARC-Date": capture.date,
                "WARC-Target-URI": capture.url,
            },
            "Payload-Metadata": {
                "Actual-Content-Type": "application/http; msgtype=response",
                "HTTP-Response-Metadata": {
                    "Response-Message": {"Version": "HTTP/1.1", "Status": str(capture.status), "Reason": "OK"},
                    "Headers": {"Content-Type": capture.content_type, **capture.headers},
                    "HTML-Metadata": {"Head": head, "Links": links},
                },
            },
        },
    }


def wat_record(url: str, value: Any) -> bytes:
    """A WAT record, its JSON as Common Crawl's tools write it: UTF-8, and ``</`` escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return record("metadata", url, text.encode("utf-8", "surrogatepass"), "application/json")


def wat_records(captures: Iterable[Capture]) -> list[bytes]:
    """The records of a WAT file: a warcinfo, then the metadata of request and response of each capture."""
    records = [record("warcinfo", "", b"software: tests\r\n", "application/warc-fields")]
    for capture in captures:
        about = {"WARC-Type": "request", "WARC-Target-URI": capture.url}
        records.append(wat_record(capture.url, {"Envelope": {"WARC-Header-Metadata": about}}))
        records.append(wat_record(capture.url, wat_json(capture)))
    return records


def wat(captures: Iterable[Capture]) -> bytes:
    """A WAT file, compressed."""
    return members(wat_records(captures))
