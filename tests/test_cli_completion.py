"""What real shells complete: bash, zsh and fish."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backlinkbot.cli.completion import SHELLS, script
from backlinkbot.cli.main import build_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

pytestmark = pytest.mark.subprocess
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
COMPLETE_FISH = r"""
source "$argv[1]"
while read -l line
    echo (complete -C (string sub --end -1 -- $line) | string split --fields 1 \t)
end
"""
COMPLETE_ZSH = r"""
PROMPT= ; PS2=
autoload -Uz compinit && compinit -u -d ./zcompdump
zstyle ':completion:*' insert-tab false
bindkey '^I' complete-word
eval "$(<"$SCRIPT")"
compadd() {  # keeps what is offered, apart from calls that only ask for matches
    local -a found
    [[ ${@[1,(i)(-|--)]} == *-[OAD]\ * ]] || { builtin compadd -A found "$@"; print -rl -- $found >> found }
    builtin compadd "$@"
}
ended() { print end >> found ; comppostfuncs=(ended) }  # zsh empties this array each time
comppostfuncs=(ended)
print begin >> found
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


def shell(name: str) -> str:
    """Returns the path of a shell; skips the test without it, or fails where CI says that all parts are there."""
    path = shutil.which(name)
    if path is None:
        if os.environ.get("BACKLINKBOT_CI"):
            pytest.fail(f"no {name}; .ci/run installs it")
        pytest.skip(f"no {name}")
    return path


def folder_with(tmp_path: Path, shell_name: str) -> Path:
    """Writes the completion script of a shell, and files that can be completed, into the folder."""
    (tmp_path / "script").write_text(script(build_parser(), shell_name))
    for name in ("export.csv", "backlinks.db"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "options", "program"),
    [("bash", ("--norc", "--noprofile"), COMPLETE), ("fish", ("--no-config",), COMPLETE_FISH)],
    ids=["bash", "fish"],
)
def test_shells_complete(name: str, options: tuple[str, ...], program: str, tmp_path: Path) -> None:
    folder_with(tmp_path, name)
    zeroth = ["bash"] if name == "bash" else []
    done = subprocess.run(
        [shell(name), *options, "-c", program, *zeroth, "./script"],
        input="".join(f"{line}\n" for line in LINES),
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [set(line.split()) for line in done.stdout.splitlines()]
    assert dict(zip(LINES, found, strict=True)) == LINES, done.stderr


@contextmanager
def interactive(*command: str, folder: Path, variables: Mapping[str, str] | None = None) -> Iterator[int]:
    """Starts an interactive shell on a terminal of its own; yields our end of the terminal, and ends the shell."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ |= {"PS1": "$ ", "TERM": "dumb", "HOME": str(folder), **(variables or {})}
        os.execv(command[0], command)
    try:
        yield terminal
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def wait_for(is_there: Callable[[], bool], terminal: int) -> bytes:
    """Reads the terminal until the condition holds, for a minute at most; returns what was read."""
    shown, until = b"", time.monotonic() + 60
    while not is_there() and time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 4096)
    assert is_there(), shown
    return shown


def test_zsh_completes(tmp_path: Path) -> None:
    folder_with(tmp_path, "zsh")
    (tmp_path / ".zshrc").write_text(COMPLETE_ZSH)
    found = tmp_path / "found"

    def words() -> list[str]:
        return found.read_text().split() if found.exists() else []

    offered = {}
    with interactive(shell("zsh"), "-d", "-i", folder=tmp_path, variables={"SCRIPT": "./script"}) as terminal:
        wait_for(lambda: words() == ["begin"], terminal)
        for line in LINES:
            found.write_text("")
            os.write(terminal, f"{line.removesuffix('|')}\t".encode())
            wait_for(lambda: words()[-1:] == ["end"], terminal)
            offered[line] = set(words()) - {"end"}
            os.write(terminal, b"\x15")  # Ctrl-U empties the line
    assert offered == LINES


def test_tab_completes_in_an_interactive_bash(tmp_path: Path) -> None:
    folder_with(tmp_path, "bash")
    with interactive(shell("bash"), "--norc", "--noprofile", "-i", folder=tmp_path) as terminal:
        os.write(terminal, b'source ./script; backlinkbot() { echo "<$*>" > ran; }\n')
        os.write(terminal, b"backlinkbot disco\tt.example --cand\texp\t\n")
        ran = tmp_path / "ran"
        wait_for(lambda: ran.exists() and ran.read_text() != "", terminal)
    assert ran.read_text() == "<discover t.example --candidates export.csv>\n"
