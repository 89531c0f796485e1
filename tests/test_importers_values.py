"""What single cells say: dates of all kinds, yes and no, rel, lost, pages and domains."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.extract.robots_directives import NOFOLLOW_RELS
from backlinkbot.importers.dates import DateOrder, date_order, iso
from backlinkbot.importers.outcomes import Fault
from backlinkbot.importers.values import domain, is_lost, place, plain, verdict

DATES = [
    ("2024-01-02", "2024-01-02"),
    ("2024-01-02 03:04:05", "2024-01-02T03:04:05"),
    ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
    ("2024-01-02T03:04:05.678901", "2024-01-02T03:04:05"),
    ("2024-01-02T03:04:05+02:00", "2024-01-02T01:04:05Z"),
    ("2019-01-01 00:00:00 +00:00", "2019-01-01T00:00:00Z"),
    ("2024/1/2", "2024-01-02"),
    ("2024. 1. 2.", "2024-01-02"),
    ("20240102", "2024-01-02"),
    ("20240102030405", "2024-01-02T03:04:05"),
    ("2.1.2024", "2024-01-02"),
    ("28/09/2026", "2026-09-28"),
    ("09/28/2026", "2026-09-28"),
    ("1/13/2024 5:06:07 PM", "2024-01-13T17:06:07"),
    ("12/31/2024 12:00 AM", "2024-12-31T00:00:00"),
    ("05/05/2024", "2024-05-05"),
    ("3/4/24", "3/4/24"),
    ("Sep 21, 2026", "2026-09-21"),
    ("21 Sep 2026", "2026-09-21"),
    ("21. September 2026", "2026-09-21"),
    ("September 1st, 2026", "2026-09-01"),
    ("8 may 2026", "2026-05-08"),
    ("8 mai 2026", "2026-05-08"),
    ("15 de ene. de 2024", "2024-01-15"),
    ("10 февраля 2024", "2024-02-10"),
    ("Tue, 10 Jun 2003 04:00:00 GMT", "2003-06-10T04:00:00Z"),
    ("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z"),
    ("1700000000", "2023-11-14T22:13:20Z"),
    ("1700000000000", "2023-11-14T22:13:20Z"),
    ("1700000000.123", "2023-11-14T22:13:20Z"),
    ("03/04/2026", "03/04/2026"),
    ("31/02/2024", "31/02/2024"),
    ("2024-02-30", "2024-02-30"),
    ("soon", "soon"),
    ("-", ""),
    ("None", ""),
    ("", ""),
]


@pytest.mark.parametrize(("cell", "expected"), DATES)
def test_a_date_is_iso_or_as_written(cell: str, expected: str) -> None:
    assert iso(cell) == expected
    assert iso(f"  {cell} ") == expected


@pytest.mark.parametrize(("order", "expected"), [("dmy", "2026-04-03"), ("mdy", "2026-03-04"), ("", "03/04/2026")])
def test_what_comes_first_is_known_or_left_alone(order: DateOrder, expected: str) -> None:
    assert iso("03/04/2026", order) == expected


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026", "28/04/2026"], "dmy"),
        (["03/04/2026", "04/28/2026"], "mdy"),
        (["03/04/2026", "05/06/2026"], ""),
        (["28/04/2026", "04/28/2026"], ""),
        (["", "x"], ""),
    ],
)
def test_the_order_of_a_column_is_told_by_its_other_cells(cells: list[str], order: str) -> None:
    assert date_order(cells) == order


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)), st.sampled_from(["dmy", "mdy"]))
def test_a_date_is_what_was_written_in_a_known_order(day: date, order: DateOrder) -> None:
    written = day.strftime("%d/%m/%Y" if order == "dmy" else "%m/%d/%Y")
    assert iso(written, order) == day.isoformat()


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_a_date_in_an_unknown_order_is_read_where_only_one_order_is_possible(day: date) -> None:
    written = day.strftime("%d/%m/%Y")
    is_plain = day.day > 12 or day.day == day.month
    assert iso(written) == (day.isoformat() if is_plain else written)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2099, 12, 31)))  # noqa: DTZ001 - no zone in the cell
def test_a_time_is_what_was_written(moment: datetime) -> None:
    seconds = moment.replace(microsecond=0)
    assert iso(seconds.strftime("%Y-%m-%d %H:%M:%S")) == seconds.isoformat()
    assert iso((seconds + timedelta(0)).strftime("%b %d, %Y")) == seconds.date().isoformat()


@given(st.text(max_size=40))
def test_no_cell_is_too_odd_to_be_read(cell: str) -> None:
    iso(cell)
    is_lost(cell)
    place(plain(cell))
    domain(cell)


PLACES = [
    ("https://a.example/x", ("https://a.example/x", False)),
    ("HTTPS://A.example", ("HTTPS://A.example", False)),
    ("//a.example/x", ("https://a.example/x", False)),
    ("'https://a.example/", ("https://a.example/", False)),
    ("a.example", ("a.example", True)),
    ("a.example/", ("a.example/", True)),
    ("a.example/x", ("a.example/x", False)),
    ("a.example?x=1", ("a.example?x=1", False)),
    ("a.example:8080", ("a.example:8080", True)),
    ("münchen.de", ("münchen.de", True)),
    ("192.0.2.7/x", ("192.0.2.7/x", False)),
    ("blog.co.uk", ("blog.co.uk", True)),
    ("", Fault.NO_URL),
    ("report.pdf", Fault.NOT_A_URL),
    ("1.5", Fault.NOT_A_URL),
    ("a", Fault.NOT_A_URL),
    ("/a/b", Fault.NOT_A_URL),
    ("not a url", Fault.NOT_A_URL),
    ("ann@a.example", Fault.NOT_A_URL),
    ("mailto:ann@a.example", Fault.NOT_A_URL),
    ("javascript:alert(1)", Fault.NOT_A_URL),
    ("ftp://a.example/", Fault.NOT_A_URL),
    ("https://", Fault.NOT_A_URL),
    ("https://[", Fault.NOT_A_URL),
]


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_a_page_a_domain_or_neither(text: str, expected: tuple[str, bool] | Fault) -> None:
    assert place(text) == expected


@pytest.mark.parametrize(
    ("text", "host"),
    [("a.example", "a.example"), ("https://www.a.example/x", "www.a.example"), ("*.a.example", "a.example"), (".a.example", "a.example"),
     ("A.Example.", "a.example"), ("//a.example/", "a.example")],
)  # fmt: skip
def test_a_domain_however_it_is_written(text: str, host: str) -> None:
    assert domain(text) == host


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" x ", "x"),
        ("'=1+1", "=1+1"),
        ("'-5", "-5"),
        ("'quoted'", "'quoted'"),
        ('=HYPERLINK("https://a.example/","text")', "https://a.example/"),
        ('=hyperlink( "https://a.example/" ; "text")', "https://a.example/"),
        ("=1+1", "=1+1"),
    ],
)
def test_a_cell_without_what_spreadsheets_need(cell: str, text: str) -> None:
    assert plain(cell) == text


NOTHING: dict[str, str | None] = dict.fromkeys(("rel", "nofollow", "follow", "ugc", "sponsored", "kind"))
VERDICTS = [
    ({}, (), None),
    ({"nofollow": "TRUE"}, ("nofollow",), False),
    ({"nofollow": "FALSE"}, (), True),
    ({"nofollow": "0"}, (), True),
    ({"nofollow": "-"}, (), True),
    ({"nofollow": ""}, (), None),
    ({"nofollow": "perhaps"}, (), None),
    ({"nofollow": "dofollow"}, (), True),
    ({"nofollow": "Nofollow"}, ("nofollow",), False),
    ({"nofollow": "false", "ugc": "true", "sponsored": "false"}, ("ugc",), False),
    ({"nofollow": "false", "ugc": "false", "sponsored": "TRUE"}, ("sponsored",), False),
    ({"follow": "true"}, (), True),
    ({"follow": "false"}, (), False),
    ({"follow": "nofollow"}, ("nofollow",), False),
    ({"rel": ""}, (), True),
    ({"rel": "noopener, UGC"}, ("noopener", "ugc"), False),
    ({"rel": "noopener noreferrer"}, ("noopener", "noreferrer"), True),
    ({"rel": "nofollow", "follow": "true"}, ("nofollow",), False),
    ({"kind": "Text, Nofollow"}, ("nofollow",), False),
    ({"kind": "Dofollow"}, (), True),
    ({"kind": "Text"}, (), None),
    ({"kind": "UGC"}, ("ugc",), False),
]


@pytest.mark.parametrize(("cells", "rel", "follow"), VERDICTS)
def test_the_sources_word_on_follow(cells: dict[str, str], rel: tuple[str, ...], follow: bool | None) -> None:  # noqa: FBT001
    assert verdict(**{**NOTHING, **cells}) == (rel, follow)
    assert follow is not True or NOFOLLOW_RELS.isdisjoint(rel)


@pytest.mark.parametrize(
    "cell", ["", "-", "false", "0", "No", "Live", "live", "n/a", "new", "Found ✅", "Error ❌ (timed out)", "linked"]
)
def test_not_lost(cell: str) -> None:
    assert not is_lost(cell)


@pytest.mark.parametrize(
    "cell", ["true", "2024-01-01", "Removed from HTML", "lost", "Not Found ❌", "not_linked", "gone", "Noindex", "1"]
)
def test_lost(cell: str) -> None:
    assert is_lost(cell)
