"""What shells complete, as a real bash does it; zsh and fish read their scripts where they are installed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from backlinkbot.cli.completion import SHELLS, script
from backlinkbot.cli.main import build_parser

BASH = shutil.which("bash")
pytestmark = [pytest.mark.subprocess, pytest.mark.skipif(BASH is None, reason="no bash")]
COMPLETE = r"""
source "$1"
while IFS= read -r line; do
    COMP_WORDS=() ; COMPREPLY=()
    IFS=' ' read -r -a COMP_WORDS <<< "${line%|}"
    [[ "$line" == *" |" ]] && COMP_WORDS+=("")
    COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    COMP_LINE="${line%|}" ; COMP_POINT=${#COMP_LINE}
    $(complete -p backlinkbot | sed -E 's/.*-F ([^ ]+) .*/\1/') backlinkbot "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
    echo "$(IFS=' '; echo "${COMPREPLY[*]}")"
done
"""
LINES = {
    "backlinkbot dis|": {"discover", "disavow"},
    "backlinkbot verify --chec|": {"--checks", "--check-targets"},
    "backlinkbot discover --follow |": {"same-domain", "same-host", "all"},
    "backlinkbot discover t.example --render a|": {"auto", "always"},
    "backlinkbot export --view t|": {"tlds"},
    "backlinkbot verify t.example --candidates exp|": {"export.csv"},
    "backlinkbot changes --history back|": {"backlinks.db"},
    "backlinkbot show exp|": {"export.csv"},
    "backlinkbot help rec|": {"recheck"},
    "backlinkbot config rep|": {"report", "replay"},
    "backlinkbot todo re|": {"reopen"},
    "backlinkbot completion |": set(SHELLS),
}


def test_bash_completes(tmp_path: Path) -> None:
    (tmp_path / "completion.bash").write_text(script(build_parser(), "bash"))
    for name in ("export.csv", "backlinks.db"):
        (tmp_path / name).touch()
    done = subprocess.run(
        [str(BASH), "--norc", "--noprofile", "-c", COMPLETE, "bash", "./completion.bash"],
        input="".join(f"{line}\n" for line in LINES),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [set(line.split()) for line in done.stdout.splitlines()]
    assert dict(zip(LINES, found, strict=True)) == LINES, done.stderr


def test_tab_completes_in_an_interactive_bash(tmp_path: Path) -> None:
    (tmp_path / "completion.bash").write_text(script(build_parser(), "bash"))
    (tmp_path / "export.csv").touch()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.environ |= {"PS1": "$ ", "TERM": "dumb", "HOME": str(tmp_path)}
        os.execv(str(BASH), ["bash", "--norc", "--noprofile", "-i"])
    try:
        os.write(terminal, b'source ./completion.bash; backlinkbot() { echo "<$*>"; }\n')
        os.write(terminal, b"backlinkbot disco\tt.example --cand\texp\t\n")
        shown, until = b"", time.monotonic() + 60
        while b"<discover t.example --candidates export.csv" not in shown and time.monotonic() < until:
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 4096)
        assert b"<discover t.example --candidates export.csv" in shown, shown
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_their_scripts(shell: str, tmp_path: Path) -> None:
    text = script(build_parser(), shell)
    for word in ("discover", "max-pages", "same-domain", "win-back-lost-links"):
        assert word in text
    if program := shutil.which(shell):
        (tmp_path / "script").write_text(text)
        subprocess.run([program, "-n", tmp_path / "script"], check=True)
