"""A worker's end of the socket to the process that looks after it.

It first sends where it serves, then, for each byte that it gets, what it has counted: a number of
four bytes, and so many bytes of text. When the other end closes, the worker stops.
"""

import logging
import os
import signal
import socket
import struct
import time
from threading import Thread

import prometheus_client

LENGTH = struct.Struct(">I")
LAST_SECONDS = 5.0
"""After the grace, for a worker to end by itself."""

_log = logging.getLogger("guardrails.server")


def tell(channel: int, text: bytes) -> None:
    """Send a text to the process that looks after this one."""
    with socket.socket(fileno=os.dup(channel)) as link:
        link.sendall(LENGTH.pack(len(text)) + text)


class Link:
    """Answers for one worker, on a thread, until the other end is gone.

    Args:
        channel: the descriptor of the socket.
        registry: what is counted.
        grace: the seconds that it may take to stop.
    """

    def __init__(
        self, channel: int, registry: prometheus_client.CollectorRegistry, grace: float
    ) -> None:
        self._channel, self._registry, self._grace = channel, registry, grace
        Thread(target=self._answer, name="worker-link", daemon=True).start()

    def _answer(self) -> None:
        try:
            while os.read(self._channel, 1):
                tell(self._channel, prometheus_client.generate_latest(self._registry))
        except OSError:
            _log.debug("the link to the supervisor broke")
        _log.warning("the supervisor is gone, this worker stops")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self._grace + LAST_SECONDS)
        os._exit(1)  # it hangs
