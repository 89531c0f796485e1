"""Hands a command over to ``tests.preloaded``, and ends as it ends: ``preloaded_call.py SOCKET NAME WORDS...``."""

import marshal
import os
import signal
import socket
import sys
from contextlib import suppress


def hand_on(number: int, _: object) -> None:
    """SIGKILL cannot be handed on; SIGUSR1 stands for it."""
    with suppress(ProcessLookupError):  # it has ended, and its status is on the way
        os.kill(pid, signal.SIGKILL if number == signal.SIGUSR1 else number)


with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    call = marshal.dumps((sys.argv[2:], os.getcwd(), dict(os.environ)))  # noqa: PTH109 - pathlib takes its time
    socket.send_fds(server, [len(call).to_bytes(8)], [0, 1, 2])
    server.sendall(call)
    pid = int.from_bytes(server.recv(8, socket.MSG_WAITALL))

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, hand_on)
    answer = server.recv(8, socket.MSG_WAITALL)
if not answer:
    sys.exit("tests/preloaded.py is gone")
status = int.from_bytes(answer, signed=True)
if status < 0:
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
sys.exit(status)
