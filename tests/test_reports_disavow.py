"""``backlinkbot disavow``: a file that Google takes, whatever goes in, and nothing of others' in it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tldextract import TLDExtract

from backlinkbot.cli.main import main
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items import Backlink
from backlinkbot.reports.disavowing.advice import LARGE_DOMAINS, Advice, Need
from backlinkbot.reports.disavowing.disavow import (
    LONGEST_URL,
    MOST_BYTES,
    MOST_LINES,
    Entry,
    Merged,
    Refusal,
    domain_entry,
    encoded,
    merge,
    parse_entry,
)
from backlinkbot.reports.disavowing.referrers import read_allowed, read_lines
from backlinkbot.reports.quality.markers import Mark, Marker
from tests.conftest import examples, run_command
from tests.linkrows import NASTY, backlink, backlinks, pages, write_rows

# --- Google's side, as its help page has it, and not a line of ours ---------------------------------------------------

SUFFIXES = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def accepted(content: bytes) -> list[str]:
    """The entries of a file that Google takes; fails where it would not."""
    assert len(content) <= 2 * 1000 * 1000
    text = content.decode("utf-8")
    assert not text.startswith("\ufeff")
    lines = text.splitlines()  # which knows more line breaks than LF
    assert len(lines) == text.count("\n") <= 100_000
    entries = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        entries.append(line)
        if line.startswith("domain:"):
            host = line.removeprefix("domain:")
            assert re.fullmatch(r"[a-z0-9._-]+", host), line
            assert SUFFIXES(host).domain, line
            assert SUFFIXES(host).suffix or host.count(".") >= 1, line
        else:
            assert len(line) <= 2048
            parts = urlsplit(line)
            assert parts.scheme in {"http", "https"}
            assert parts.hostname
            assert line.isascii()
            assert not set(line) & set(" \t")
    assert len(set(entries)) == len(entries)
    return entries


def covered(entries: list[str]) -> list[str]:
    """Entries that a domain: line says already."""
    domains = {line.removeprefix("domain:") for line in entries if line.startswith("domain:")}
    found = []
    for line in entries:
        host = (urlsplit(line).hostname if "://" in line else line.removeprefix("domain:")) or ""
        above = [host.split(".", n)[n] for n in range(host.count(".") + 1)]
        if set(above if "://" in line else above[1:]) & domains:
            found.append(line)
    return found


@pytest.mark.parametrize(
    "content",
    [
        b"domain:github.io\n", b"domain:co.uk\n", b"domain:com\n", b"domain:a.example/path\n", b"example.com\n",
        b"ftp://a.example/\n", b"https://a.example/ b\n", b"\xff\n", b"domain:a.example\ndomain:a.example\n",
        b"#\n" * 100_001, b"#" * 2_000_001, b"https://a.example/" + b"x" * 2048 + b"\n",
    ],
)  # fmt: skip
def test_the_judge_says_no(content: bytes) -> None:
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        accepted(content)


# --- entries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("domain:example.com", "domain:example.com"),
        (" DOMAIN: Example.COM. ", "domain:example.com"),
        ("domain:bücher.example", "domain:xn--bcher-kva.example"),
        ("domain:alice.github.io", "domain:alice.github.io"),
        ("domain:www.example.com", "domain:www.example.com"),
        ("http://Example.com/a|b#top", "http://example.com/a|b"),
        ("https://user:word@example.com/ä", "https://example.com/%C3%A4"),
        ("https://github.io/", "https://github.io/"),
        ("http://192.0.2.7/x", "http://192.0.2.7/x"),
    ],
)
def test_an_entry_is_written_in_one_way(text: str, entry: str) -> None:
    parsed = parse_entry(text)
    assert isinstance(parsed, Entry)
    assert str(parsed) == entry
    assert parse_entry(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("domain:github.io", "public suffix"),
        ("domain:web.app", "public suffix"),
        ("domain:blogspot.com", "public suffix"),
        ("domain:co.uk", "public suffix"),
        ("domain:com", "public suffix"),
        ("domain:localhost", "public suffix"),
        ("domain:anything.ck", "public suffix"),
        ("domain:192.0.2.7", "an IP address"),
        ("domain:[2001:db8::1]", "is not a domain"),
        ("domain:example.com/en/", "is not a domain"),
        ("domain:https://example.com", "is not a domain"),
        ("domain:*.example.com", "is not a domain"),
        ("domain:a..b.example", "is not a domain"),
        ("domain:", "is not a domain"),
        ("domain:example.com domain:b.example", "is not a domain"),
        ("example.com", "neither an http(s) URL"),
        ("ftp://example.com/", "not an http"),
        ("https://example.com/x # spam", "white space"),
        ("domain:example.com # spam", "is not a domain"),
        ("https://", "not an http"),
        ("mailto:a@example.com", "neither an http(s) URL"),
    ],
)
def test_what_is_no_entry_is_left_out_with_its_reason(text: str, why: str) -> None:
    parsed = parse_entry(text)
    assert isinstance(parsed, Refusal)
    assert why in str(parsed)


def test_a_list_of_ours_may_have_bare_domains() -> None:
    assert parse_entry("Example.com", bare_domains=True) == Entry(domain="example.com")
    for text in ("example.com/path", "a@example.com", "github.io", "two words"):
        assert isinstance(parse_entry(text, bare_domains=True), Refusal)


# --- merging ----------------------------------------------------------------------------------------------------------


def entries(*texts: str) -> list[Entry]:
    found = [parse_entry(text) for text in texts]
    assert all(isinstance(entry, Entry) for entry in found)
    return [entry for entry in found if isinstance(entry, Entry)]


def new(*texts: str, reason: str = "seen") -> list[tuple[Entry, str]]:
    return [(entry, reason) for entry in entries(*texts)]


def test_the_list_in_use_keeps_its_comments_and_order() -> None:
    current = ["# ours", "", "domain:b.example", "# a page", "https://a.example/x", "# end"]
    merged = merge(current, new("domain:c.example"), head=["first"])
    assert merged.lines == ["# backlinkbot: first", *current, "# reason: seen", "domain:c.example"]
    assert (merged.added, merged.kept, merged.dropped, merged.refused) == (1, 2, 0, [])


def test_what_is_said_already_is_dropped() -> None:
    current = [
        "domain:a.example",
        "https://www.a.example/x",
        "DOMAIN:a.example",
        "https://b.example/",
        "domain:sub.a.example",
    ]
    merged = merge(current, new("https://a.example/new", "domain:b.example", "domain:a.example"))
    assert merged.lines == ["domain:a.example", "# reason: seen", "domain:b.example"]
    assert (merged.added, merged.kept, merged.dropped) == (1, 1, 6)


def test_lookalikes_are_not_covered() -> None:
    merged = merge(
        ["domain:a.example"], new("https://nota.example/", "http://a.example.b.example/", "domain:xa.example")
    )
    assert (merged.added, merged.dropped) == (3, 0)


def test_a_reason_goes_with_the_last_of_its_entries() -> None:
    current = [
        "# reason: network",
        "domain:a.example",
        "domain:b.example",
        "# mine",
        "# reason: other",
        "domain:c.example",
    ]
    without_a = merge(current, [], allowed=entries("domain:a.example"))
    assert without_a.lines == ["# reason: network", *current[2:]]
    without_c = merge(current, [], allowed=entries("domain:c.example"))
    assert without_c.lines == current[:4]


@pytest.mark.parametrize(
    ("allow", "entry", "is_left_out"),
    [
        ("domain:a.example", "domain:a.example", True),
        ("domain:a.example", "domain:sub.a.example", True),
        ("domain:a.example", "https://sub.a.example/x", True),
        ("domain:sub.a.example", "domain:a.example", True),
        ("https://a.example/good", "domain:a.example", True),
        ("https://a.example/good", "https://a.example/good", True),
        ("https://a.example/good", "https://a.example/bad", False),
        ("domain:a.example", "domain:b.example", False),
        ("domain:a.example", "domain:nota.example", False),
    ],
)
def test_the_allow_list_holds_for_new_lines_and_old_ones(allow: str, entry: str, is_left_out: bool) -> None:  # noqa: FBT001
    for merged in (merge([entry], [], allowed=entries(allow)), merge([], new(entry), allowed=entries(allow))):
        assert (entry in merged.lines) is not is_left_out
        assert [str(refusal).partition(": left out, the allow-list")[0] for refusal in merged.refused] == [
            entry
        ] * is_left_out


def test_what_the_list_in_use_should_not_have_is_left_out_with_a_notice() -> None:
    current = ["domain:github.io", "no entry", "domain:com", "domain:bob.github.io"]
    merged = merge(current, [])
    assert merged.lines == ["domain:bob.github.io"]
    assert [refusal.text for refusal in merged.refused] == ["domain:github.io", "no entry", "domain:com"]


hosts = st.sampled_from(
    ("a.example", "sub.a.example", "b.example", "alice.github.io", "github.io", "com", "1.2.3.4", "ü.example")
)
written = st.one_of(
    hosts.map("domain:{}".format),
    st.builds("https://{}/{}".format, hosts, st.sampled_from(("", "x", "x y", "#z"))),
    st.sampled_from(("# a comment", "", "#", "# backlinkbot: old", "# reason: old", "nonsense", "domain:")),
    st.text(max_size=30),
    st.sampled_from(
        ("# one\u2028https://bank.example/", "# one\x0bdomain:bank.example", "# one\x85domain:bank.example")
    ),
    st.sampled_from(NASTY),
)
good = st.one_of(hosts, st.builds("https://{}/{}".format, hosts, st.sampled_from(("", "x")))).map(
    lambda text: parse_entry(text, bare_domains=True)
).filter(lambda entry: isinstance(entry, Entry))  # fmt: skip
reasons = st.sampled_from(("seen", "network", "")) | st.text(max_size=40) | st.sampled_from(("x\ndomain:bank.example", "\u2028https://bank.example/", "\rdomain:c.example"))  # fmt: skip


def read_text(folder: Path, text: str) -> list[str]:
    path = folder / "current.txt"
    path.write_bytes(text.encode("utf-8", "replace"))
    return read_lines(path)


@pytest.mark.slow
@given(st.lists(written, max_size=12), st.lists(st.tuples(good, reasons), max_size=8), st.lists(good, max_size=2), st.lists(st.text(max_size=20), max_size=2))  # fmt: skip
@example(
    ["# reason: old", "domain:a.example", "# backlinkbot:"],
    [(Entry(domain="b.example"), "x\ndomain:c.example")],
    [],
    ["a\nb"],
)
@settings(deadline=None, max_examples=examples(300))
def test_any_merge_is_a_file_that_google_takes_and_merging_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    current: list[str],
    found: list[tuple[Entry, str]],
    allowed: list[Entry],
    head: list[str],
) -> None:
    folder = tmp_path_factory.getbasetemp()
    merged = merge(read_text(folder, "\n".join(current)), found, head=head, allowed=allowed)
    content = encoded(merged.lines)
    told = accepted(content)
    assert covered(told) == []
    assert len(told) == merged.added + merged.kept
    given_entries = {str(parse_entry(line)) for line in read_text(folder, "\n".join(current))} | {
        str(entry) for entry, _ in found
    }
    assert set(told) <= given_entries  # nothing comes from a reason or comment
    again = merge(read_text(folder, content.decode()), found, head=head, allowed=allowed)
    assert encoded(again.lines) == content
    assert again.added == 0


# --- limits -----------------------------------------------------------------------------------------------------------


def domains(count: int) -> list[tuple[Entry, str]]:
    return [(Entry(domain=f"d{number}.de"), "seen") for number in range(count)]


@pytest.mark.slow
def test_just_as_many_lines_as_google_takes() -> None:
    merged = merge([], domains(MOST_LINES - 1))  # and one reason for all
    assert len(merged.lines) == MOST_LINES
    accepted(encoded(merged.lines))
    with pytest.raises(OutputError, match=r"100,001 lines, comments and blank ones included.*--by domain.*nothing is"):
        encoded(merge([], domains(MOST_LINES)).lines)
    with pytest.raises(OutputError, match="100,001 lines"):
        encoded(["#", *merged.lines])
    with pytest.raises(OutputError, match="100,001 lines"):
        encoded(["", *merged.lines])


def test_just_as_many_bytes_as_google_takes() -> None:
    line = "# " + "ä" * 997 + "\n"  # 1,997 bytes
    count = MOST_BYTES // len(line.encode())
    rest = MOST_BYTES - count * len(line.encode())
    lines = [line.rstrip("\n")] * count + ["#" * (rest - 1)]
    assert len(encoded(lines)) == MOST_BYTES
    with pytest.raises(OutputError, match="2,000,001 bytes"):
        encoded([*lines[:-1], "#" * rest])


def test_just_as_long_a_url_as_google_takes() -> None:
    url = "https://a.example/".ljust(LONGEST_URL, "x")
    accepted(encoded([url]))
    with pytest.raises(OutputError, match=r"line 2 .* URL of 2,049 characters.*--by domain"):
        encoded(["# reason: seen", url + "x"])


# --- is it needed at all? ---------------------------------------------------------------------------------------------


def advised(schemed: int, others: int, *, follow: bool = True) -> Advice:
    advice = Advice()
    mark = Mark(marker=Marker.NETWORK, evidence="seen")
    for number in range(schemed + others):
        row = backlink(f"https://d{number}.example/", follow=follow)
        advice.add(row, [mark] if number < schemed else [Mark(marker=Marker.SITEWIDE, evidence="seen")])
    return advice


@pytest.mark.parametrize(
    ("advice", "need"),
    [
        (Advice(), Need.UNKNOWN),
        (advised(0, 50), Need.PROBABLY_NOT),
        (advised(LARGE_DOMAINS - 1, 0), Need.PROBABLY_NOT),
        (advised(LARGE_DOMAINS, 0), Need.PERHAPS),
        (advised(LARGE_DOMAINS, 3 * LARGE_DOMAINS), Need.PERHAPS),
        (advised(LARGE_DOMAINS, 3 * LARGE_DOMAINS + 1), Need.PROBABLY_NOT),
        (advised(LARGE_DOMAINS, 0, follow=False), Need.PROBABLY_NOT),
    ],
)
def test_the_advice_follows_from_the_figures(advice: Advice, need: Need) -> None:
    assert advice.need is need
    conclusion = advice.lines()[2]
    assert ("probably not needed" in conclusion) is (need is not Need.PERHAPS)


def test_one_odd_link_of_many_makes_no_scheme() -> None:
    advice = Advice()
    for number in range(3 * LARGE_DOMAINS):
        odd = number % 3 == 0
        row = backlink(f"https://d{number // 3}.example/{number}")
        advice.add(row, [Mark(marker=Marker.HIDDEN, evidence="seen")] if odd else [])
    assert advice.need is Need.PROBABLY_NOT
    assert "of 0 of these" in advice.lines()[1]


# --- the command ------------------------------------------------------------------------------------------------------


def network(count: int = 4) -> list[Backlink]:
    """Domains with the same two links, and some that have nothing to do with them."""
    same = [
        backlink(f"https://net{number}.example/p", target_url=f"https://target.example/{page}", anchor=f"cheap {page}")
        for number in range(count)
        for page in ("pills", "loans")
    ]
    return [*same, *(backlink(f"https://good{number}.example/", anchor=f"word {number}") for number in range(9))]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    monkeypatch.chdir(tmp_path)

    def disavow(*words: str) -> tuple[int, list[str], str]:
        status = main(["disavow", *words, "-o", "disavow.txt"])
        output = tmp_path / "disavow.txt"
        return status, accepted(output.read_bytes()) if output.exists() else [], capsys.readouterr().err

    return disavow


def test_the_flagged_referrers_each_with_its_reason(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_rows(tmp_path / "rows.csv", network())
    status, told, errors = run("--rows", "rows.csv", "--flagged", "network,hidden")
    assert (status, told) == (0, [f"domain:net{n}.example" for n in range(4)])
    assert "4 added, 0 kept, 0 dropped because others cover them, 0 left out" in errors
    lines = (tmp_path / "disavow.txt").read_text().splitlines()
    for number in range(4):
        reason = lines[lines.index(f"domain:net{number}.example") - 1]
        assert reason.startswith(
            f"# reason: net{number}.example: network (2 of 2 links: 3 other domains have the same 2"
        )
    head = [line.removeprefix("# backlinkbot: ") for line in lines if line.startswith("# backlinkbot: ")]
    assert lines[0].startswith("# backlinkbot: Is this file needed? Google says that most sites need none")
    assert any("probably not needed" in line for line in head)
    assert [line.removeprefix("backlinkbot: ") for line in errors.splitlines()][: len(head)] == head


def test_by_url(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_rows(tmp_path / "rows.csv", network())
    _, told, _ = run("--rows", "rows.csv", "--flagged", "network", "--by", "url")
    assert told == [f"https://net{n}.example/p" for n in range(4)]


def test_a_good_domain_with_a_bad_page_loses_the_page_only(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_rows(tmp_path / "rows.csv", [*pages("a.example", 9), backlink("https://a.example/bad", flags=("hidden",))])
    _, told, _ = run("--rows", "rows.csv", "--flagged", "hidden")
    assert told == ["https://a.example/bad"]


def test_pages_of_suffixes_and_addresses_go_by_their_urls(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    sources = ("https://github.io/x", "http://192.0.2.7/x", "https://alice.github.io/x")
    write_rows(tmp_path / "rows.csv", [backlink(source, flags=("hidden",)) for source in sources])
    _, told, _ = run("--rows", "rows.csv", "--flagged", "hidden")
    assert sorted(told) == ["domain:alice.github.io", "http://192.0.2.7/x", "https://github.io/x"]


def test_lost_links_own_pages_and_other_targets_are_left_alone(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = [
        backlink("https://a.example/", flags=("hidden",), state="lost"),
        backlink("https://target.example/", flags=("hidden", "same_domain")),
        backlink("https://b.example/", flags=("hidden",), target="other.example"),
        backlink("https://c.example/", flags=("hidden",)),
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    _, told, _ = run("--rows", "rows.jsonl", "--flagged", "hidden", "--target", "target.example")
    assert told == ["domain:c.example"]


def test_the_rows_of_a_query_are_taken_whole(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_rows(tmp_path / "query.jsonl", [backlink("https://a.example/"), backlink("https://b.example/")])
    _, told, _ = run("--rows", "query.jsonl")
    assert told == ["domain:a.example", "domain:b.example"]
    assert "# reason: a.example: among the rows of query.jsonl" in (tmp_path / "disavow.txt").read_text()


def test_a_plain_list_as_it_is_written_or_by_domain(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "bad.txt").write_text("# bad ones\nhttps://www.a.example/x\nb.example\ndomain:c.example\nco.uk\n")
    _, told, errors = run("--list", "bad.txt")
    assert told == ["domain:b.example", "domain:c.example", "https://www.a.example/x"]
    assert "domain:co.uk: left out, it is a public suffix" in errors
    assert "There are no rows to judge by" in errors
    _, told, _ = run("--list", "bad.txt", "--by", "domain")
    assert told == ["domain:a.example", "domain:b.example", "domain:c.example"]


def test_an_export_is_a_list_to_be_read_and_shortened_by_hand(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_rows(tmp_path / "rows.csv", network())
    main(["export", "--rows", "rows.csv", "--view", "domains", "--markers", "-o", "review.csv"])
    review = (tmp_path / "review.csv").read_text()
    (tmp_path / "review.csv").write_text("".join(line for line in review.splitlines(keepends=True) if "good" not in line or line.startswith("target,source")))  # fmt: skip
    _, told, _ = run("--list", "review.csv")
    assert "domain:net0.example" in told
    assert "3 other domains have the same 2 links" in (tmp_path / "disavow.txt").read_text()


def test_merged_with_the_list_in_use_into_the_same_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    write_rows(tmp_path / "rows.csv", network())
    (tmp_path / "allow.txt").write_text("# partners\nnet1.example\ngithub.io\n")
    (tmp_path / "disavow.txt").write_text("\ufeff# from 2019\r\ndomain:old.example\r\nhttps://net0.example/p\r\ndomain:alice.github.io\r\ndomain:web.app\r\n", newline="")  # fmt: skip
    words = ("--rows", "rows.csv", "--flagged", "network", "--merge", "disavow.txt", "--allow", "allow.txt")
    _, told, errors = run(*words)
    assert told == ["domain:old.example", "domain:net0.example", "domain:net2.example", "domain:net3.example"]
    for notice in ("domain:alice.github.io: left out, the allow-list", "domain:net1.example: left out, the allow-list", "domain:web.app: left out, it is a public suffix"):  # fmt: skip
        assert notice in errors
    assert "3 added, 1 kept, 1 dropped" in errors
    before = (tmp_path / "disavow.txt").read_bytes()
    assert b"# from 2019\n" in before
    run(*words)
    assert (tmp_path / "disavow.txt").read_bytes() == before


def test_hostile_rows_put_nothing_into_the_file(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    evil = "x\ndomain:bank.example\r\u2028https://bank.example/\n"
    rows = [
        backlink(f"https://a{n}.example/", anchor=evil, source_title=f"parked page {evil}", flags=("hidden",))
        for n in range(9)
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    _, told, _ = run("--rows", "rows.jsonl", "--flagged", "hidden,parked,anchor_repetition")
    assert told == [f"domain:a{n}.example" for n in range(9)]


@pytest.mark.slow
@given(st.lists(backlinks(), max_size=15))
@settings(deadline=None, max_examples=examples(25))
def test_any_rows_make_a_file_that_google_takes(tmp_path_factory: pytest.TempPathFactory, rows: list[Backlink]) -> None:
    folder = tmp_path_factory.mktemp("disavow")
    write_rows(folder / "rows.jsonl", rows)
    output = folder / "disavow.txt"
    live = [row for row in rows if row.state != "lost" and "same_domain" not in row.flags]
    is_address = {row.source_url: row.source_domain == "192.0.2.7" for row in live}
    expected = {
        "url": set(is_address),
        "domain": {row.source_url if is_address[row.source_url] else f"domain:{row.source_domain}" for row in live},
    }
    for by, entries_by in expected.items():
        assert main(["disavow", "--rows", str(folder / "rows.jsonl"), "--by", by, "-o", str(output)]) == 0
        told = accepted(output.read_bytes())
        assert covered(told) == []
        assert set(told) == entries_by


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        ([], 2, "a history contains good referrers"),
        (["--history", "x.db"], 2, "a history contains good referrers"),
        (["--rows", "rows.csv", "--flagged", "toxic"], 2, "'toxic' is not a marker; the markers are network"),
        (["--rows", "rows.csv", "--flagged", ""], 2, "no marker is named"),
        (["--list", "nowhere.txt"], 2, "nowhere.txt: No such file"),
        (["--list", "latin.txt"], 2, "it is not UTF-8"),
        (["--list", "none.csv"], 2, "no value in a column source_domain"),
        (["--list", "bad.txt", "--flagged", "hidden"], 2, "--flagged selects rows"),
        (["--list", "bad.txt", "--merge", "nowhere.txt"], 2, "nowhere.txt"),
        (
            ["--list", "bad.txt", "--allow", "wrong.txt"],
            2,
            "line 1 ('no domain') is neither a domain nor an http(s) URL",
        ),
        (["--list", "long.txt"], 1, "URL of 3,018 characters"),
        (["--rows", "nowhere.csv"], 1, "nowhere.csv"),
    ],
)
def test_mistakes_write_nothing(run, tmp_path: Path, words: list[str], status: int, complaint: str) -> None:  # type: ignore[no-untyped-def]
    write_rows(tmp_path / "rows.csv", network())
    (tmp_path / "bad.txt").write_text("b.example\n")
    (tmp_path / "latin.txt").write_bytes("# für\nb.example\n".encode("latin-1"))
    (tmp_path / "none.csv").write_text("name\nx\n")
    (tmp_path / "wrong.txt").write_text("no domain\n")
    (tmp_path / "long.txt").write_text("https://a.example/" + "x" * 3000)
    found, told, errors = run(*words)
    assert (found, told) == (status, [])
    assert complaint in errors
    assert not (tmp_path / "disavow.txt").exists()


def test_the_ending_is_txt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["disavow", "--list", "x", "-o", str(tmp_path / "disavow.csv")]) == 2
    assert "Google accepts a .txt file only" in capsys.readouterr().err


def test_only_the_list_in_use_is_cleaned_up_where_nothing_else_is_given(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "old.txt").write_text("domain:a.example\nhttps://a.example/x\n")
    _, told, errors = run("--merge", "old.txt")
    assert told == ["domain:a.example"]
    assert "0 added, 1 kept, 1 dropped" in errors


def test_an_allow_list_protects_what_is_below_a_suffix(tmp_path: Path) -> None:
    path = tmp_path / "allow.txt"
    path.write_text("github.io\ndomain:Example.COM\nhttps://b.example/good\n# c.example\n\n")
    assert list(read_allowed(path)) == [
        Entry(domain="github.io"),
        Entry(domain="example.com"),
        Entry(domain="b.example", url="https://b.example/good"),
    ]
    path.write_text("not a domain\n")
    with pytest.raises(UsageError, match="line 1"):
        list(read_allowed(path))


def test_an_empty_merge() -> None:
    assert merge([], []) == Merged()
    assert encoded([]) == b""
    assert isinstance(domain_entry("example.com"), Entry)


@pytest.mark.subprocess
def test_the_installed_command(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv", network(30))
    ran = run_command(
        "backlinkbot",
        "disavow",
        "--rows",
        "rows.csv",
        "--flagged",
        "network",
        "-o",
        "d.txt",
        cwd=tmp_path,
        installed=True,
    )
    assert (ran.status, ran.out) == (0, "")
    assert "That is a large part." in ran.err
    assert len(accepted((tmp_path / "d.txt").read_bytes())) == 30
