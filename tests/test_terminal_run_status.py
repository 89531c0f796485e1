"""The line that says how far a crawl is, in little room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.terminal.cells import cells
from backlinkbot.terminal.run_status import Figures, Speed, clock, status_text

VERIFY = Figures(
    elapsed=250.0,
    visited=16_204,
    planned=21_300,
    links=3_204,
    domains=87,
    not_found=40,
    unchecked=612,
    domain="magazine.example",
)


@pytest.mark.parametrize(
    ("figures", "width", "shown"),
    [
        (VERIFY, 79, "━━━━━━━─── 76%  16,204/21,300  14.0/s  4:10, 6:04 left  3,204 links  magaz…mple"),
        (VERIFY, 60, "━━━━━━━─── 76%  16,204/21,300  4:10, 6:04 left  3,204 links"),
        (VERIFY, 30, "━━━━━━━─── 76%  16,204/21,300"),
        (VERIFY, 9, "━━━━━━━─…"),
        (replace(VERIFY, elapsed=1.0), 50, "━━━━━━━─── 76%  16,204/21,300  0:01  3,204 links"),
        (
            replace(VERIFY, planned=None, queued=353),
            119,
            "16,204 pages  14.0/s  4:10  3,204 links  from 87 domains  612 unchecked  40 not found  353 queued  magazine.example",
        ),
        (Figures(elapsed=0.2, visited=1), 79, "1 page  14.0/s  0:00  0 links"),
        (Figures(elapsed=0.2, visited=0, planned=0), 79, "0 pages  14.0/s  0:00  0 links"),
    ],
)
def test_the_line_says_what_is_worth_most(figures: Figures, width: int, shown: str) -> None:
    assert status_text(figures, 14.0, width) == shown


@given(
    st.builds(
        Figures,
        elapsed=st.floats(0, 1e6),
        visited=st.integers(0, 10**7),
        planned=st.none() | st.integers(0, 10**7),
        queued=st.integers(0, 10**7),
        links=st.integers(0, 10**7),
        domains=st.integers(0, 10**6),
        not_found=st.integers(0, 10**6),
        unchecked=st.integers(0, 10**6),
        domain=st.text(max_size=70) | st.just("漢字" * 30),
    ),
    st.floats(0, 1e4),
    st.integers(1, 200),
)
def test_it_never_wraps(figures: Figures, speed: float, width: int) -> None:
    line = status_text(figures, speed, width)
    assert cells(line) <= width
    assert line.isprintable()


def test_the_speed_is_that_of_the_last_half_minute() -> None:
    speed = Speed()
    for second in range(100):
        found = speed.measured(second, second * 10 if second <= 50 else 500 + second - 50)
    assert found == pytest.approx(1.0)
    assert Speed().measured(2.0, 10) == pytest.approx(5.0)


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (187, "3:07"), (7559, "2:05:59")])
def test_a_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
