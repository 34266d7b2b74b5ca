"""Callers that are not let in: all are counted, some are logged, none by what they showed."""

import logging
import time
from collections.abc import Callable

from guardrails.core.errors import AccessError, UnknownCallerError
from guardrails.server.access.counted import Counted
from guardrails.server.access.identity import ANYBODY, asking

_log = logging.getLogger("guardrails.server")

EVERY_SECONDS = 10.0
"""Between two lines of the log: who guesses cannot fill it."""


class Attempts:
    """Those of one process."""

    def __init__(self, counted: Counted, clock: Callable[[], float] = time.monotonic) -> None:
        self._counted = counted
        self._clock = clock
        self._next = 0.0
        self._unsaid = 0

    def note(self, error: AccessError, what: str, peer: str) -> None:
        """Take note of one, and who it was where that is known."""
        reason = "unknown" if isinstance(error, UnknownCallerError) else "forbidden"
        self._counted.refused(reason)
        now = self._clock()
        if now < self._next:
            self._unsaid += 1
            return
        more = f", and {self._unsaid:,} others before" if self._unsaid else ""
        who = "a caller" if asking() is ANYBODY else f"caller '{asking().name}'"
        _log.warning("%s is not let in: %s, '%s' from %s%s", who, reason, what, peer, more)
        self._next, self._unsaid = now + EVERY_SECONDS, 0
