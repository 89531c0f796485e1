"""The calls that crawl, as async generators: each yields rows while the run goes on.

::

    async for row in backlinkbot.aio.verify("example.com", candidates="pages.txt"):
        print(row.source_url, row.follow)

Closing the generator, or cancelling the task that reads it, ends the run in order; ``contextlib.aclosing`` closes it at once where
the loop is left early.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Unpack

from backlinkbot.api.calls import rows_while_running
from backlinkbot.api.keywords import DiscoverOptions, RecheckOptions, VerifyOptions, Words
from backlinkbot.items import Backlink

__all__ = ["discover", "recheck", "verify"]


def discover(
    targets: Words, *, settings: Mapping[str, Any] | None = None, **options: Unpack[DiscoverOptions]
) -> AsyncGenerator[Backlink, None]:
    """Yields what :func:`backlinkbot.discover` returns; arguments and errors are the same."""
    return rows_while_running("discover", targets, settings, options)


def verify(
    targets: Words, *, settings: Mapping[str, Any] | None = None, **options: Unpack[VerifyOptions]
) -> AsyncGenerator[Backlink, None]:
    """Yields what :func:`backlinkbot.verify` returns; arguments and errors are the same."""
    return rows_while_running("verify", targets, settings, options)


def recheck(
    targets: Words = (), *, settings: Mapping[str, Any] | None = None, **options: Unpack[RecheckOptions]
) -> AsyncGenerator[Backlink, None]:
    """Yields what :func:`backlinkbot.recheck` returns; arguments and errors are the same."""
    return rows_while_running("recheck", targets, settings, options)
