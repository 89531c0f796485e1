"""Makes Playwright start its driver outside the process group, so that signals do not end it before the crawl does.

A service manager and ``kill`` of a group send SIGTERM to all at once. The driver would end before the pages that are being
rendered, and Playwright complain of each on standard error.
"""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

NODE: Final = "PLAYWRIGHT_NODEJS_PATH"
"""Playwright's variable for the Node.js that runs its driver; the only say that it gives about how that is started."""


@contextmanager
def in_a_session_of_its_own() -> Iterator[None]:
    """A driver that is started meanwhile gets a session of its own, where this system can start programs so."""
    before = os.environ.get(NODE)
    node = before or str(Path(playwright.__file__).parent / "driver" / "node")
    setsid = shutil.which("setsid")
    with tempfile.TemporaryDirectory(prefix="backlinkbot-") as folder:
        script = Path(folder) / "node"
        script.write_text(f'#!/bin/sh\nexec {setsid} {shlex.quote(node)} "$@"\n', encoding="utf-8")
        script.chmod(0o700)
        # Not executable: the folder for temporary files forbids programs.
        if setsid is None or not Path(node).is_file() or not os.access(script, os.X_OK):
            yield
            return
        os.environ[NODE] = str(script)
        try:
            yield
        finally:
            if before is None:
                del os.environ[NODE]
            else:
                os.environ[NODE] = before
