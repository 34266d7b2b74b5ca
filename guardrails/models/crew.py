"""The threads of one net: a thread that hangs is given up, a net that is out of order replaced."""

import logging
from collections.abc import Callable, Sequence
from threading import Condition
from typing import Generic, TypeVar

from guardrails.core.errors import ModelError
from guardrails.models.lines import Waiting
from guardrails.models.recovery import FAILURES, GIVEN_UP, Care, Pace, Recovery
from guardrails.models.worker import Worker
from guardrails.telemetry.model_load import ModelLoad

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_log = logging.getLogger("guardrails.models")


class Crew(Generic[ItemT, ResultT]):
    """So many threads, each of which runs batches with ``work`` until there are no more.

    Args:
        name: of the model.
        places: threads side by side.
        work: what a thread does.
        changed: the lock of whoever has the queue; notified when threads are to look again.
        ill: empties the queue, when the net is found out of order; called under the lock.
    """

    def __init__(
        self,
        name: str,
        places: int,
        work: Callable[[Worker[ItemT, ResultT]], None],
        *,
        changed: Condition,
        ill: Callable[[], None],
    ) -> None:
        self._name, self._places, self._work = name, places, work
        self._changed, self._ill = changed, ill
        self.load = ModelLoad()
        self._care: Care | None = None
        self._recovery = Recovery()
        self._pace = Pace()
        self._failures = 0
        self._closed = False
        self._workers: list[Worker[ItemT, ResultT]] = []
        self._given_up: list[Worker[ItemT, ResultT]] = []
        self._fill()

    @property
    def is_well(self) -> bool:
        """Whether the net can be asked."""
        return self._recovery.is_well

    def keep_well(self, care: Care) -> None:
        """Replace the net from now on when it must be; somebody has to call ``look``."""
        self._care = care

    def begin(
        self, worker: Worker[ItemT, ResultT], batch: Sequence[Waiting[ItemT, ResultT]], size: int
    ) -> None:
        """Have a thread run a batch from now on."""
        if self._care is not None:
            worker.begin(batch, self._pace.limit(size, self._care))

    def end(self, worker: Worker[ItemT, ResultT], size: int, seconds: float, *, ran: bool) -> bool:
        """Take note of how its batch ended; False if the thread had been given up by then."""
        with self._changed:
            if worker.is_given_up:
                return False
            worker.end()
            self._failures = 0 if ran else self._failures + 1
            if ran:
                self._pace.learn(size, seconds)
            return True

    def examine(self, worker: Worker[ItemT, ResultT]) -> None:
        """After too many failures in a row, see whether the net can run anything at all."""
        if self._care is None or self._failures < FAILURES:
            return
        self.begin(worker, (), 0)
        try:
            self._care.probe()
        except Exception as error:  # noqa: BLE001  # onnxruntime's errors share no other base
            with self._changed:
                if not worker.is_given_up:
                    self._let_go(worker, f"fails with {type(error).__name__}")
        else:
            with self._changed:
                worker.end()
                self._failures = 0

    def look(self, seconds: float) -> bool:
        """Give up what hangs, open the net anew when it is time; False once nothing is left."""
        with self._changed:
            hung = [one for one in self._workers if one.hangs(seconds)]
            batches = [waiting for worker in hung for waiting in worker.batch]
            for worker in hung:
                self._given_up.append(worker)
                self._let_go(worker, "hangs")
            self._given_up = [one for one in self._given_up if one.is_alive]
            may_try = not self._closed and len(self._given_up) < GIVEN_UP
            if may_try and self._recovery.due(seconds):
                self._hire(self._renew)
            is_over = self._closed and not self._workers
        error = ModelError(f"model '{self._name}': a batch hung, it is being replaced")
        for waiting in batches:
            waiting.fail(error)
        return not is_over

    def close(self) -> None:
        """Wait until all threads have ended, but for those that hang; nothing may be queued."""
        with self._changed:
            self._closed = True
            workers = tuple(self._workers)
            self._changed.notify_all()
        for worker in workers:
            worker.left.wait()

    def _fill(self) -> None:
        while len(self._workers) < self._places:
            self._hire(self._work)

    def _hire(self, work: Callable[[Worker[ItemT, ResultT]], None]) -> None:
        def live(worker: Worker[ItemT, ResultT]) -> None:
            try:
                work(worker)
            finally:
                with self._changed:
                    if worker in self._workers:
                        self._workers.remove(worker)

        worker = Worker(f"model-{self._name}-{len(self._workers)}", live)
        self._workers.append(worker)
        worker.start()

    def _let_go(self, worker: Worker[ItemT, ResultT], why: str) -> None:
        """Do without a thread, and without the net that it ran."""
        worker.give_up()
        self._workers.remove(worker)
        was_well = self._recovery.is_well
        self._recovery.fall_ill()
        if was_well and not self._closed:
            self.load.fall_ill()
            _log.error("model '%s' %s, it is being replaced", self._name, why)
            self._ill()

    def _renew(self, worker: Worker[ItemT, ResultT]) -> None:
        """Open the net anew, and take its threads up again."""
        assert self._care is not None  # noqa: S101  # without it nothing is ever found ill
        worker.begin((), self._care.longest_opening)
        try:
            self._care.renew()
        except Exception as error:  # noqa: BLE001  # onnxruntime's errors share no other base
            _log.error(
                "model '%s' cannot be opened anew: %s", self._name, _told(error)
            )  # see `_told`
            with self._changed:
                if not worker.is_given_up:
                    self._let_go(worker, "")
            return
        with self._changed:
            if worker.is_given_up:
                return
            worker.end()
            self._failures = 0
            self._recovery.recover()
            self.load.recover()
            self._fill()
        _log.warning("model '%s' was replaced and runs again", self._name)
        self._work(worker)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, ModelError) else type(error).__name__
