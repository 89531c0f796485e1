"""Makes the pictures of README.md from real runs in the demonstration web: a terminal, and the page in the browser.

    python -m tests.pictures

They are written to ``docs/pictures``; ``make pictures`` is the same.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.chromium import chromium
from tests.conftest import as_command, environment
from tests.fakeweb import FakeWeb
from tests.terminals import ERASE, Shown, on_terminal

ROOT: Final = Path(__file__).resolve().parents[1]
PICTURES: Final = ROOT / "docs" / "pictures"
COLUMNS: Final = 100
WIDTH, HEIGHT = 1280, 860
"""Of the page, in CSS pixels."""


def terminal_picture(shown: Shown, command: str) -> str:
    """Returns what stays on a terminal, below the command that was typed, as SVG."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text(f"$ {command}", style="bold"))
    for line in shown.text.replace("\r\n", "\n").split("\n"):
        if kept := line.rpartition(ERASE)[2]:
            console.print(Text.from_ansi(kept), soft_wrap=True)
    svg = console.export_svg(title="backlinkbot", theme=MONOKAI, unique_id="terminal")
    # Rich names a font at an address of somebody else's, which no picture needs.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def main() -> int:
    """Makes both pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, FakeWeb.from_folder(ROOT / "demo") as web:
        folder = Path(name)
        words = ["discover", "target.example", "--seed", "https://blog.example"]
        quick = ["--delay", "0", "--history", "backlinks.db"]
        shown = on_terminal(web, "backlinkbot", *words, *quick, columns=COLUMNS, cwd=folder)
        (PICTURES / "terminal.svg").write_text(terminal_picture(shown, " ".join(["backlinkbot", *words])), "utf-8")
        everything = ["--seed", f"@{ROOT / 'demo/seeds.txt'}", "--candidates", f"{ROOT / 'demo/candidates.txt'}"]
        few = ["--max-pages-per-domain", "60", "-o", "rows.csv"]
        on_terminal(web, "backlinkbot", "discover", "target.example", *everything, *few, *quick, cwd=folder)
        server = subprocess.Popen(
            as_command("backlinkbot", "web", "--history", "backlinks.db", "--port", "0"),
            cwd=folder,
            env=environment(web),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert server.stdout is not None
            address = next(found[0] for line in server.stdout if (found := re.search(r"http://\S+", line)))
            page_picture(address, PICTURES / "page.png")
        finally:
            server.terminate()
            server.wait()
    return 0


def page_picture(address: str, file: Path) -> None:
    """Writes what Chromium shows at an address."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(address)
        page.screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
