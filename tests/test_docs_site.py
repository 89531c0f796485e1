"""The documentation site is built from the pages without a warning, and each page is in it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    words = (sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", DOCS, folder)
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


@pytest.mark.slow
def test_the_site_has_every_page(site: Path) -> None:
    pages = {page.relative_to(DOCS).with_suffix("") for page in DOCS.rglob("*.md")}
    built = {page.relative_to(site).with_suffix("") for page in site.rglob("*.html")}
    assert len(pages) > 30
    assert pages <= built


@pytest.mark.slow
def test_the_reference_has_the_docstrings_and_the_search_an_index(site: Path) -> None:
    reference = (site / "api.html").read_text()
    assert 'id="backlinkbot.items.Backlink"' in reference
    assert (site / "search.html").exists()
    assert "nofollow" in (site / "searchindex.js").read_text()


@pytest.mark.slow
def test_pages_elsewhere_in_the_repository_are_included_or_named_without_a_link(site: Path) -> None:
    assert "loopback" in (site / "demonstration.html").read_text()
    contributing = (site / "contributing.html").read_text()
    assert "Words" in contributing
    assert not [address for address in re.findall(r'href="([^"]*)"', contributing) if "CONTRIBUTING" in address]
