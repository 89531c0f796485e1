"""The Chromium that the tests of rendering use; without it they skip, saying how to get it."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

from tests.browser import HOW_TO_INSTALL, find_chromium


def chromium() -> str:
    executable = find_chromium() if find_spec("scrapy_playwright") else None
    if executable is not None:
        return executable
    why = (
        HOW_TO_INSTALL
        if find_spec("scrapy_playwright")
        else 'no scrapy-playwright here: pip install "backlinkbot[browser]"'
    )
    if os.environ.get("BACKLINKBOT_CI") == "1":
        pytest.fail(why)
    pytest.skip(why)
