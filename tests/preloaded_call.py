"""Hands a command over to ``tests.preloaded``, and ends as it ends: ``preloaded_call.py SOCKET NAME WORDS...``."""

import marshal
import os
import signal
import socket
import sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    call = marshal.dumps((sys.argv[2:], os.getcwd(), dict(os.environ)))  # noqa: PTH109 - pathlib takes longer to import than all of this
    socket.send_fds(server, [len(call).to_bytes(8)], [0, 1, 2])
    server.sendall(call)
    pid = int.from_bytes(server.recv(8, socket.MSG_WAITALL))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: os.kill(pid, number))
    answer = server.recv(8, socket.MSG_WAITALL)
if not answer:
    sys.exit("tests/preloaded.py is gone")
status = int.from_bytes(answer, signed=True)
if status < 0:
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
sys.exit(status)
