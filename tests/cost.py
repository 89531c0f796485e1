"""What a piece of work may cost, measured so that a slow or busy machine fails no test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import thread_time
from typing import Final

_ROUNDS: Final = 300_000
_REFERENCE_SECONDS: Final = 0.02
"""What ``_loop`` takes on the machine that the limits were chosen on."""


def _loop() -> float:
    """Returns the CPU time of a fixed piece of work in seconds."""
    began = thread_time()
    sum(number * number for number in range(_ROUNDS))
    return thread_time() - began


@contextmanager
def cpu_seconds_at_most(limit: float) -> Iterator[None]:
    """Fails if the block needs more CPU time.

    Args:
        limit: in seconds, at least five times what the work takes: it tells what is linear from what is not. A slower
            machine gets as much more as it needs for a known loop, which is run before and after.
    """
    before = _loop()
    began = thread_time()
    yield
    seconds = thread_time() - began
    slowness = max(1.0, before / _REFERENCE_SECONDS, _loop() / _REFERENCE_SECONDS)
    assert seconds < limit * slowness, (
        f"{seconds:.1f} s of CPU; the machine is {slowness:.1f} times slower than assumed"
    )
