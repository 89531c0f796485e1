"""``backlinkbot`` and ``scrapy`` without the second of imports: a process that has them already forks one for each command.

A command runs as in a process of its own, with its words, folder, variables and standard streams, to the end that an
interpreter comes to: threads are waited for, atexit functions run, streams are flushed. Only the modules are not taken apart,
object by object, which would copy all the memory that the process shares with the one that it is forked from. That one has
imported what commands need and made a few tables, and done nothing else: no reactor, no thread, no file. Signals and how a process dies are for
tests to see on the installed command itself.

    with Preloaded() as preloaded:
        subprocess.run(preloaded.command("backlinkbot", "--version"))
"""

from __future__ import annotations

import atexit
import gc
import importlib
import marshal
import os
import pkgutil
import select
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self, TextIO, cast

CALL = Path(__file__).with_name("preloaded_call.py")
BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent
POSSIBLE = sys.platform == "linux"
"""On macOS the system's own libraries do not survive a fork."""
OPTIONAL = ("uvloop", "queuelib.pqueue", "scrapy.extensions.spiderstate")
NOT_BEFORE = {"backlinkbot.settings", "twisted.internet.reactor"}
"""Read the variables of a command, and choose its reactor, when they are imported."""
OF_THREADS = "backlinkbot.web."
"""Imports Polars, which starts threads, and none outlives a fork."""
NO_THREADS = {"OPENBLAS_NUM_THREADS": "1"}
"""NumPy would start some as it is imported."""
READ_AT_START = ("PYTHON", "LC_", "LANG")
"""Variables that an interpreter reads as it starts: a command must want those of the process that it is forked from."""


class Preloaded:
    """A process that has everything imported from its first command on.

    It is gone afterwards with all that it forked, even where the caller is killed.
    """

    def __init__(self, **variables: str) -> None:
        self._environ = dict(os.environ) | variables | NO_THREADS
        self._folder = Path()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="backlinkbot-", dir="/tmp"))  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(64)  # commands may come at once: they wait for the imports
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.preloaded", str(listener.fileno())],
                cwd=ROOT,
                env=self._environ,
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,  # its end is that of the process
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.communicate(timeout=180)
            self.process = None
            shutil.rmtree(self._folder)

    @property
    def address(self) -> str:
        """Of the socket."""
        return str(self._folder / "socket")

    def command(self, *words: str | Path) -> list[str]:
        """What runs ``backlinkbot …`` or ``scrapy …``."""
        return command(self.address, *words)


def command(address: str, *words: str | Path) -> list[str]:
    """What runs ``backlinkbot …`` or ``scrapy …`` in a fork of the process at an address."""
    # -I and -S: nothing of site-packages, which takes longer to find than the command to be handed over.
    return [sys.executable, "-IS", str(CALL), address, *map(str, words)]


@cache
def shared(**variables: str) -> Preloaded:
    """The one of this process, begun when it is asked for first."""
    preloaded = Preloaded(**variables).__enter__()
    atexit.register(preloaded.__exit__)
    return preloaded


# --- the process ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A command as it is handed over."""

    words: list[str]
    folder: str
    environ: dict[str, str]
    streams: list[int]
    """File descriptors of standard input, output and error."""

    @classmethod
    def received(cls, connection: socket.socket) -> Call | None:
        """None where the caller was gone before it had said all."""
        head, streams, _, _ = socket.recv_fds(connection, 8, 3)
        size = int.from_bytes(head)
        said = connection.recv(size, socket.MSG_WAITALL)
        if not size or len(said) < size:
            for stream in streams:
                os.close(stream)
            return None
        words, folder, environ = marshal.loads(said)
        return cls(words=words, folder=folder, environ=environ, streams=streams)

    def run(self) -> Any:
        """In the process that is the command's: become it."""
        os.chdir(self.folder)
        differs = self._too_late()
        os.environ.clear()
        os.environ.update(self.environ)
        for number, (name, stream) in enumerate(zip(("stdin", "stdout", "stderr"), self.streams, strict=True)):
            os.dup2(stream, number)
            os.close(stream)
            setattr(sys, name, reopened(getattr(sys, name), number))
            setattr(sys, f"__{name}__", getattr(sys, name))
        if differs:
            return f"tests/preloaded.py began with other values of {', '.join(differs)}"
        sys.argv = [str(BIN / self.words[0]), *self.words[1:]]
        sys.path[0] = str(BIN)
        return entry(self.words[0])()

    def _too_late(self) -> list[str]:
        """Variables with another value than the interpreter began with."""
        wanted, ours = (
            {name: value for name, value in environ.items() if name.startswith(READ_AT_START) and name != "PYTHONPATH"}
            for environ in (self.environ, os.environ)
        )
        return sorted({name for name, _ in wanted.items() ^ ours.items()})


def reopened(stream: TextIO, number: int) -> TextIO:
    """As an interpreter opens a standard stream: what the descriptor leads to may be sought in, or a terminal, or not."""
    mode, buffering = ("r" if number == 0 else "w"), (1 if number == 2 else -1)
    new = open(number, mode, buffering, stream.encoding, stream.errors, newline="\n", closefd=False)  # noqa: SIM115
    return cast("TextIO", new)


def entry(name: str) -> Callable[[], Any]:
    """What the installed script of that name calls."""
    if name == "backlinkbot":
        from backlinkbot.cli.main import main

        return main
    from scrapy.cmdline import execute

    return execute


def preload() -> None:
    """Import all of this package, and what Scrapy would look up by name."""
    import backlinkbot

    for module in pkgutil.walk_packages(backlinkbot.__path__, "backlinkbot."):
        if ".versions" not in module.name and module.name not in NOT_BEFORE and not module.name.startswith(OF_THREADS):
            importlib.import_module(module.name)
    from scrapy.settings import default_settings

    for name in sorted({*named_in(vars(default_settings)), *filter(find_spec, OPTIONAL)}):
        importlib.import_module(name)
    make_tables()
    assert NOT_BEFORE.isdisjoint(sys.modules), NOT_BEFORE.intersection(sys.modules)
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a thread does not survive a fork"
    gc.collect()
    gc.freeze()  # memory that nobody writes to is shared


def make_tables() -> None:
    """Make what nearly every crawl of the tests makes first: the tree of public suffixes, and compiled searches."""
    from backlinkbot.prefilter import Prefilter, marks_in, tags_in
    from backlinkbot.targets import Targets

    Prefilter.for_targets(Targets.parse(["target.example"]))
    marks_in(b"")
    tags_in(b"")


def named_in(values: object) -> Iterator[str]:
    """The modules of Scrapy that settings name."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from named_in(key)
            yield from named_in(value)
    elif isinstance(values, str) and values.startswith("scrapy.") and values.rpartition(".")[2][0].isupper():
        yield values.rpartition(".")[0]


class Forker:
    """Forks for each command that comes, and tells its caller how it ended."""

    def __init__(self, listener: socket.socket) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)
        self._listener = listener
        self._running: dict[int, tuple[int, socket.socket]] = {}
        """Descriptor of a process -> its id and its caller."""

    def serve(self) -> Call | None:
        """Until standard input ends; in each new process, returns what it is to become."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    self._stop()
                    return None
                if key.fileobj is self._listener:
                    call = self._begin()
                    if call is not None:
                        return call
                elif key.data is not None:
                    self._kill(key.data)
                else:
                    self._end(key.fd)

    def _begin(self) -> Call | None:
        caller, _ = self._listener.accept()
        call = Call.received(caller)
        if call is None:
            caller.close()
            return None
        pid = os.fork()
        if pid == 0:
            caller.close()
            self._let_go()
            return call
        for stream in call.streams:
            os.close(stream)
        process = os.pidfd_open(pid)
        self._running[process] = pid, caller
        self._selector.register(process, selectors.EVENT_READ)
        self._selector.register(caller, selectors.EVENT_READ, data=process)  # which says nothing more, but may go away
        with suppress(BrokenPipeError):  # it has
            caller.sendall(pid.to_bytes(8))
        return None

    def _end(self, process: int) -> None:
        pid, caller = self._running.pop(process)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self._selector.unregister(process)
        os.close(process)
        with caller, suppress(KeyError, BrokenPipeError):
            self._selector.unregister(caller)
            caller.sendall(status.to_bytes(8, signed=True))

    def _kill(self, process: int) -> None:
        """The caller of a process has gone away."""
        _, caller = self._running[process]
        self._selector.unregister(caller)
        signal.pidfd_send_signal(process, signal.SIGKILL)

    def _stop(self) -> None:
        for process, (pid, _) in self._running.items():
            signal.pidfd_send_signal(process, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _let_go(self) -> None:
        """In a new process: hold nothing that is not its own."""
        for process, (_, caller) in self._running.items():
            os.close(process)
            caller.close()
        self._selector.close()
        self._listener.close()


@dataclass(slots=True)
class Ending:
    """How a command leaves its process."""

    status: int | None = None
    """None where that is left to the interpreter: an exception that nobody has caught, or the process that forks."""

    def leave(self) -> None:
        """The last of the atexit functions."""
        if self.status is None:
            return
        gc.collect()  # what is to complain that it was thrown away unused does so
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # the interpreter tries again, and says so
        os._exit(self.status)


def main(listener: socket.socket) -> Any:
    ending = Ending()
    atexit.register(ending.leave)  # before any other is, for the last one registered runs first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which then end our standard input
    if listener not in select.select([listener, sys.stdin], [], [])[0]:
        return 0  # nobody had a command
    preload()
    call = Forker(listener).serve()
    if call is None:
        return 0
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        status = call.run()
    except SystemExit as exit_:
        status = exit_.code
    if status is None or isinstance(status, int):
        ending.status = (status or 0) & 0xFF
    return status


if __name__ == "__main__":
    sys.exit(main(socket.socket(fileno=int(sys.argv[1]))))
