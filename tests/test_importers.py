"""Candidate lists as people have them: plain, or a table from whatever tool wrote it."""

from __future__ import annotations

import codecs
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.errors import CandidateFileError
from backlinkbot.importers import URL_COLUMNS, read_candidates

A, B = "https://a.example/?x=1,2", "http://b.example/ü"
PLAIN = f"{A}\n{B}\n"
TABLE = f'Name,Source URL,Date\nfirst,"{A}",2026-01-01\n"second, ""quoted""\nand on","{B}",2026-01-02\n'


def read(folder: Path, data: str | bytes) -> list[str]:
    path = folder / "candidates"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return [candidate.url for candidate in read_candidates(path)]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        f"# a comment\n\n  {A}  \n# another\n{B}",
        PLAIN.replace("\n", "\r\n"),
        f'"{A}"\n"{B}"\n',
        TABLE,
        TABLE.replace("\n", "\r\n"),
        f"URL\n{A}\n{B}\n".replace("?x=1,2", "?x=1,2"),
        f"ID;URL;Date\n1;{A};x\n2;{B};y\n",
        f"id\turl\n1\t{A}\n2\t{B}\n",
        f"id|url\n1|{A}\n2|{B}\n",
        f"Exported by a tool\n\nid;Referring page URL\n1;{A}\n2;{B}\n",
        f"what;where\n1;{A}\n2;{B}\n",
        f"1;{A}\n2;{B}\n",
        f'source_url,url\n"{A}",https://target.example/\n{B},https://target.example/\n',
        f"id;url\n1;'{A}\n2;{B}\n\n;\n3;\n",
    ],
    ids=[
        "plain", "comments", "windows lines", "quoted", "table", "table with windows lines", "one column", "semicolons",
        "tabs", "bars", "words before the header", "a column without a known name", "no header", "the page, not the target",
        "guards and gaps",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be with mark", "windows-1252"])
def test_forms_and_encodings(tmp_path: Path, text: str, encoding: str) -> None:
    if encoding == "utf-16-be with mark":
        data = codecs.BOM_UTF16_BE + text.encode("utf-16-be")
    else:
        data = text.encode(encoding)
    assert read(tmp_path, data) == [A, B]


@pytest.mark.parametrize("name", URL_COLUMNS)
def test_a_column_of_each_known_name(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, f"a,{name.title()} ,b\n1,https://a.example/,2\n") == ["https://a.example/"]


def test_the_row_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "candidates"
    path.write_text(TABLE)
    assert [candidate.claims[0].row for candidate in read_candidates(path)] == [2, 3]
    path.write_text(f"# first\n\n{A}\n")
    assert [candidate.claims[0].row for candidate in read_candidates(path)] == [3]


def test_what_is_no_url_is_kept_for_an_answer(tmp_path: Path) -> None:
    assert read(tmp_path, "a.example\nnot a url\nftp://x\n") == ["a.example", "not a url", "ftp://x"]
    assert read(tmp_path, "url\n\nnot a url\n") == ["not a url"]


@pytest.mark.parametrize("content", ["name\nno url here\n", "words,and words\n1,2\n", "{}"])
def test_a_file_of_something_else_is_refused_with_the_way_out(tmp_path: Path, content: str) -> None:
    with pytest.raises(CandidateFileError, match="one URL per line, or a table"):
        read(tmp_path, content)


def test_a_file_that_is_not_there_or_empty(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(CandidateFileError, match="candidates"):
            list(read_candidates(path))
    assert read(tmp_path, "") == []


def test_hostile_files_are_read_to_their_end(tmp_path: Path) -> None:
    huge = "x" * 3_000_000
    assert (
        read(tmp_path, f"url,note\n{A.partition('?')[0]},\0\n{huge},\nhttps://c.example/,\n")[::2][0]
        == "https://a.example/"
    )
    assert read(tmp_path, f'url,note\nhttps://a.example/,"{huge}"\nhttps://c.example/,x\n')[-1] == "https://c.example/"
    assert read(tmp_path, b"https://a.example/\xff\n" * 3)[0].startswith("https://a.example/")


@pytest.mark.slow
def test_a_long_file_is_read_as_it_is_consumed(tmp_path: Path) -> None:
    path = tmp_path / "candidates"
    with path.open("w") as file:
        file.writelines(f"https://a.example/{n}\n" for n in range(300_000))
    candidates = read_candidates(path)
    assert next(candidates).url == "https://a.example/0"
    assert sum(1 for _ in candidates) == 299_999


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_our_own_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    with suppress(CandidateFileError):
        read(tmp_path_factory.getbasetemp(), data)
