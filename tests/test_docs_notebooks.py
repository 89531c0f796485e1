"""The notebooks of the documents run from beginning to end, in the demonstration web."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.fakeweb import FakeWeb
from tests.test_docs import ROOT

NOTEBOOKS = sorted((ROOT / "docs").rglob("*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-any-return, no-untyped-call]


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = read(ROOT / "docs" / "examples" / "backlinks.ipynb")
    with FakeWeb.from_folder(ROOT / "demo") as web:
        for name, value in (web.environ | {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path)}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("BACKLINKBOT_HISTORY_URL", raising=False)
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = text_of(notebook)
    assert "https://news.example/meta/nofollow.html -> https://target.example/" in shown
    assert "('meta:robots',)" in shown
    assert "https://blog.example/no-such-page gone 404" in shown
    assert "no-such-file.csv" in shown
    assert (tmp_path / "notebook.db").exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_holds_no_output(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert text_of(notebook) == ""
    assert all(not cell.get("execution_count") for cell in notebook.cells)
