"""The recorder that writes the log, in threads of its own: no request waits for a disk."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guardrails.core.errors import DecisionsError
from guardrails.core.verdict import Verdict
from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.counting import Counts
from guardrails.telemetry.decisions.keys import LogKey
from guardrails.telemetry.decisions.line import Writer, chained
from guardrails.telemetry.decisions.queue import Queue
from guardrails.telemetry.decisions.record import Body, Refused, moment, noted
from guardrails.telemetry.decisions.spool import MOST, Spool
from guardrails.telemetry.decisions.store import Store

EVERY = 0.05
"""Seconds for which records gather: they are written together."""
RETRY = (0.5, 30.0)
"""Seconds before a place that failed is tried again: the first time, and at most."""
PARTING = 10.0
"""Seconds that a place has for what waits when the log is closed."""
_TEND = 1.0

_log = logging.getLogger("guardrails.decisions")


@dataclass(frozen=True, slots=True)
class Terms:
    """How a log is written.

    A checkpoint names the end of the chain, signed where there is a key, after so many records or
    seconds; the process log tells it too, so that it is kept where the log's writer cannot change
    it. ``spool`` is the folder for what waits while the place cannot be written.
    """

    worker: int = 0
    key: LogKey | None = None
    spool: Path | None = None
    spool_bytes: int = MOST
    checkpoint_records: int = 1000
    checkpoint_seconds: float = 60.0


class DecisionLog:
    """A recorder. ``close`` writes what waits, and says in the chain that the log was closed.

    Raises:
        DecisionsError: the spool cannot be made. (A store that cannot be written is tried again.)
    """

    def __init__(self, store: Store, terms: Terms, counts: Counts | None = None) -> None:
        self._store, self._terms, self._counts = store, terms, counts or Counts()
        signer = None if terms.key is None else terms.key.signer
        self._writer = Writer(terms.worker, signer)
        spool = _spool(terms)
        self._queue = Queue(spool, terms.key, self._counts)
        self._end = START
        self._since, self._at = 0, time.monotonic()
        self._patience, self._failing = RETRY[0], False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decisions", daemon=True)
        self._thread.start()

    def record(self, verdict: Verdict) -> None:
        """Note a verdict; returns at once."""
        self._queue.put(noted(verdict, time.time()))

    def refuse(self, status: str) -> None:
        """Note a request that got no verdict."""
        self._queue.put(Refused(status, time.time()))

    def shadowed(self, verdict: Verdict, other: Verdict) -> None:
        """Note what a shadow policy would have decided beside the verdict that counted."""
        self._queue.put(noted(other, time.time(), verdict))

    def close(self) -> None:
        """Write what waits, or leave it in the spool; a place that hangs is not waited for."""
        self._closing.set()
        self._queue.wake()
        self._thread.join(PARTING)
        if self._thread.is_alive():
            _log.error("decisions: %s hangs, what waits stays in the spool", self._name)
        self._queue.close()

    def _run(self) -> None:
        self._write([{"kind": "opened", "at": moment(time.time()), "version": 1}])
        tended = time.monotonic()
        while not self._closing.is_set():
            self._queue.wait(_TEND)
            self._closing.wait(EVERY)
            self._step()
            if time.monotonic() - tended > _TEND:
                tended = time.monotonic()
                self._tend()
        self._finish()

    def _step(self) -> bool:
        """Write the oldest records, however often it takes; False when it was told to close."""
        bodies, path = self._taken()
        due = self._due(len(bodies))
        if not bodies and not due:
            self._queue.done(path)
            return True
        if not self._write([*bodies, *due]):
            self._queue.keep([] if path else bodies)
            return False
        self._queue.done(path)
        if due:
            self._checkpointed()
        return True

    def _taken(self) -> tuple[list[Body], Path | None]:
        try:
            return self._queue.take()
        except OSError as error:
            _log.error("decisions: the spool cannot be read: %s", type(error).__name__)
            self._closing.wait(RETRY[1])
            return [], None

    def _write(self, bodies: Sequence[Body]) -> bool:
        """Write records, until it works or the log is closed."""
        lost = 0
        while True:
            lost += self._queue.lost()
            told: Sequence[Body] = [_lost(lost), *bodies] if lost else bodies
            try:
                self._append(told)
            except DecisionsError as error:
                self._counts.failures.inc()
                self._tell(error)
                if self._closing.wait(self._patience):
                    self._queue.leave(lost)
                    return False
                self._patience = min(self._patience * 2, RETRY[1])
            except Exception as error:  # noqa: BLE001  # what cannot be written holds up no other
                _log.error("decisions: records are lost: %s", type(error).__name__)
                self._queue.lose(len(bodies))
                return True
            else:
                self._recovered()
                return True

    def _append(self, bodies: Sequence[Body]) -> None:
        def make(found: Anchor) -> tuple[Sequence[bytes], Anchor]:
            end = found if found.count >= self._end.count else self._end
            return chained(bodies, end, self._writer)

        self._end = self._store.append(self._terms.worker, make)
        self._counts.written.inc(len(bodies))
        self._since += len(bodies)

    def _due(self, more: int) -> list[Body]:
        """The checkpoint, when it is time for one after these records."""
        waited, since = time.monotonic() - self._at, self._since + more
        enough = since >= self._terms.checkpoint_records
        if not enough and not (since and waited >= self._terms.checkpoint_seconds):
            return []
        return [{"kind": "checkpoint", "at": moment(time.time())}]

    def _checkpointed(self) -> None:
        """Tell the process log where the chain ends: it is kept where nobody here can change it."""
        self._since, self._at = 0, time.monotonic()
        end = self._end
        _log.info("decisions: anchor %d:%d:%s", self._terms.worker, end.count, end.hash)

    def _finish(self) -> None:
        """Write all that waits; on the first failure what is left goes to the spool."""
        while len(self._queue):
            if not self._step():
                break
        else:
            self._write([{"kind": "closed", "at": moment(time.time())}])
        lost = self._queue.lost()
        self._queue.keep([_lost(lost)] if lost else [])
        try:
            self._store.close()
        except DecisionsError as error:
            self._tell(error)

    def _tend(self) -> None:
        try:
            self._store.tend()
        except DecisionsError as error:
            self._tell(error)

    def _tell(self, error: DecisionsError) -> None:
        if not self._failing:
            _log.error("%s; records wait until it can be written", error)
        self._failing = True
        self._queue.press(spill=True)

    def _recovered(self) -> None:
        if self._failing:
            _log.warning("decisions: %s can be written again", self._name)
            self._queue.press(spill=False)
        self._failing, self._patience = False, RETRY[0]

    @property
    def _name(self) -> str:
        return f"{self._store.place}, worker {self._terms.worker}"


def _lost(records: int) -> Body:
    return {"kind": "lost", "at": moment(time.time()), "records": records}


def _spool(terms: Terms) -> Spool:
    try:
        return Spool(terms.spool, terms.worker, terms.spool_bytes)
    except OSError as error:
        raise DecisionsError(
            f"decisions: the spool '{terms.spool}' cannot be made: {error.strerror}"
        ) from error
