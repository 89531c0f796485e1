"""Starts the process that crawls for a call, reads its messages, and ends it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.api.messages import Call, Message, Stop
from backlinkbot.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_UNREAD: Final = 100
"""Messages that are read before the caller takes them."""
GRACE: Final = 60.0
"""Seconds that a run which is told to stop has before it is killed; a request under way may take 20, twice."""
_END: Final = 10.0
"""Seconds between the last message and the end of the process."""
_START: Final = (
    "import sys; from multiprocessing.connection import Connection; connection = Connection({}); "
    "sys.path[:] = connection.recv(); from backlinkbot.api.worker import work; work(connection)"
)
"""The program of the worker. multiprocessing.Process would run the caller's main module again, which a script without
``if __name__ == "__main__"`` does not survive, and refuses to start from a daemonic process."""


class Worker:
    """One worker process."""

    def __init__(
        self,
        spider: str,
        arguments: Mapping[str, Any],
        settings: Mapping[str, Any],
        deliver: Callable[[Message | None], None],
    ) -> None:
        """Starts the process.

        Args:
            spider: the name of the spider.
            arguments: its arguments.
            settings: more Scrapy settings.
            deliver: called in a thread with each message, and with None when there are no more.

        Raises:
            RunError: the process cannot be started.
        """
        self._deliver = deliver
        self._unread = threading.Semaphore(MOST_UNREAD)
        self._killer: threading.Timer | None = None
        self.is_over = False
        """True if the process has sent its last message or has died."""
        ours, theirs = Pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, with a program of ours
                [sys.executable, "-P", "-c", _START.format(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # the caller's may be a protocol's
                start_new_session=True,  # an interrupt at the keyboard is the caller's to hand on
            )
        except OSError as error:
            ours.close()
            raise RunError(f"{sys.executable}: the process that crawls cannot be started: {error.strerror}") from error
        finally:
            theirs.close()
        self._connection = ours
        call = Call(spider=spider, arguments=dict(arguments), settings=dict(settings), caller=os.getpid())
        with suppress(OSError):  # it has died; the reader finds that out
            self._connection.send(list(sys.path))
            self._connection.send(call)
        threading.Thread(target=self._read, name="backlinkbot-reader", daemon=True).start()

    def taken(self) -> None:
        """Tells that the caller has taken a message, so that the next can be read."""
        self._unread.release()

    def stop(self) -> None:
        """Tells the run to end in order; kills it if it takes too long. The rest of its messages need not be taken."""
        if self.is_over or self._killer is not None:
            return
        self._killer = threading.Timer(GRACE, self.kill)
        self._killer.daemon = True
        self._killer.start()
        with suppress(OSError):
            self._connection.send(Stop.INTERRUPT)
        self._unread.release()  # the reader may be waiting for it

    def kill(self) -> None:
        """Ends the process at once."""
        with suppress(OSError):
            self._process.kill()

    @property
    def returncode(self) -> int | None:
        """The exit status of the process, negative for a signal; None while it is running."""
        return self._process.returncode

    def _read(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                if self._killer is None:
                    self._unread.acquire()
                self._hand_over(self._connection.recv())
        self._connection.close()
        self._reap()
        self.is_over = True
        self._hand_over(None)

    def _hand_over(self, message: Message | None) -> None:
        try:
            self._deliver(message)
        except RuntimeError:  # the event loop that wanted the messages is closed
            self.stop()

    def _reap(self) -> None:
        try:
            self._process.wait(_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._killer is not None:
            self._killer.cancel()
