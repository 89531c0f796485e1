"""``backlinkbot web``: shows a history as a local, read-only page."""

from __future__ import annotations

import socket
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Final

from backlinkbot.cli.output import add_history, history_of
from backlinkbot.errors import OutputError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from backlinkbot.cli.parser import Commands

_PORT: Final = 8642
_LOOPBACK: Final = "127.0.0.1"


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "web",
        help="show the history as a page in the browser, on this machine only",
        epilog="exit status: 0 done, 1 not done, 2 usage",
    )
    add_history(parser)
    parser.add_argument(
        "--port", metavar="N", type=int, default=_PORT, help=f"of 127.0.0.1; 0: any that is free; default {_PORT}"
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Serves the page until it is interrupted; returns the exit status.

    Raises:
        UsageError: there is no such history or port, or a package is missing.
        OutputError: the history cannot be read, or the port is taken.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which --help need not wait for

    try:
        import uvicorn  # noqa: PLC0415 - an optional package

        from backlinkbot.web.app import application  # noqa: PLC0415
        from backlinkbot.web.snapshots import Snapshots  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(f'the page needs {error.name}: pip install "backlinkbot[web]"') from error
    if not 0 <= arguments.port < 1 << 16:
        raise UsageError(f"--port {arguments.port}: give a number from 0 to 65535")
    with closing(_listening(arguments.port)) as listener, History.open(history_of(arguments), create=False) as history:
        app = application(Snapshots(history))
        sys.stderr.write(f"backlinkbot: http://{_LOOPBACK}:{listener.getsockname()[1]}/ (Ctrl-C ends it)\n")
        sys.stderr.flush()
        config = uvicorn.Config(
            app, log_level="warning", server_header=False, access_log=False, lifespan="off", proxy_headers=False
        )
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _listening(port: int) -> socket.socket:
    """Returns a socket on the loopback interface, taken before the history is read.

    Raises:
        OutputError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise OutputError(f"port {port} of {_LOOPBACK}: {error.strerror}; choose another with --port") from error
    return listener
