"""Runs what many requests ask of one model together, in batches, on threads of its own."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition
from typing import Generic, TypeVar

from guardrails.core.errors import ModelError, OverloadedError
from guardrails.models.crew import Crew
from guardrails.models.lines import Limits, Lines, Waiting
from guardrails.models.recovery import Care
from guardrails.models.sharing import deadline, turn
from guardrails.models.worker import Worker

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Batcher(Generic[ItemT, ResultT]):
    """Gathers items into batches of like length, the longest waiting first.

    An item whose waiter has gone, or whose deadline has passed, is dropped before it runs. No lock
    is held while a batch runs, and an idle thread sleeps until there is work.

    ``run`` must give one result for each item, and the same one whatever the company. (So a net
    with dynamic int8 quantisation is no guest here: its activations share one scale a batch.)
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[ItemT]], Sequence[ResultT]],
        *,
        length: Callable[[ItemT], int],
        limits: Limits,
        workers: int = 1,
    ) -> None:
        self._name = name
        self._run = run
        self._length = length
        self._limits = limits
        self._lines: Lines[ItemT, ResultT] = Lines(length, limits)
        self._number = 0
        self._closed = False
        self._process = os.getpid()
        self._changed = Condition()
        self._crew: Crew[ItemT, ResultT] = Crew(
            name, workers, self._work, changed=self._changed, ill=self._empty
        )
        self.load = self._crew.load

    async def submit(self, items: Sequence[ItemT]) -> list[ResultT]:
        """Run the items, in whatever batches, and give their results in order.

        Raises:
            OverloadedError: the queue is full, or the request's deadline passed in it.
            ModelError: the batch failed or hung, the model is being replaced, was closed, or was
                opened in a parent process.
        """
        futures = self._enqueue(items)
        return await asyncio.gather(*map(asyncio.wrap_future, futures))

    @property
    def budget(self) -> int:
        """The size of one batch."""
        return self._limits.budget

    def keep_well(self, care: Care) -> None:
        """Replace a net that hangs or fails, from now on; somebody has to call ``look``."""
        self._crew.keep_well(care)

    def look(self, seconds: float) -> bool:
        """See whether it is well, when so many seconds have passed; tell whether to look again."""
        return self._crew.look(seconds)

    def close(self) -> None:
        """Fail what waits, let what runs end unless it hangs, and stop the threads."""
        with self._changed:
            self._closed = True
            self._empty()
        self._crew.close()

    def _enqueue(self, items: Sequence[ItemT]) -> list[Future[ResultT]]:
        if os.getpid() != self._process:
            raise self._error("its threads did not survive a fork, open it in the child")
        until, mine = deadline(), turn()
        with self._changed:
            if (reason := self._reason()) is not None:
                raise reason
            if len(self._lines) + len(items) > self._limits.queue:
                raise OverloadedError(f"model '{self._name}': its queue is full, try again later")
            new: list[Waiting[ItemT, ResultT]] = [
                Waiting(item, self._next_number(), until, mine) for item in items
            ]
            for waiting in new:
                self._lines.add(waiting)
            self.load.enter(len(new))
            mine.queue(len(new))
            self._changed.notify(len(new))
        return [waiting.future for waiting in new]

    def _reason(self) -> ModelError | None:
        """Why nothing can be run, if nothing can."""
        if self._closed:
            return self._error("it was closed")
        if not self._crew.is_well:
            return self._error("it is being replaced, try again shortly")
        return None

    def _empty(self) -> None:
        """Fail all that waits."""
        left = self._lines.clear()
        self.load.drop(len(left))
        reason = self._reason()
        for waiting in left:
            waiting.turn.drop()
            if waiting.future.set_running_or_notify_cancel():
                waiting.future.set_exception(reason)

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _work(self, worker: Worker[ItemT, ResultT]) -> None:
        while not worker.is_given_up and (batch := self._next_batch()):
            alive = [waiting for waiting in batch if self._claim(waiting)]
            if alive:
                for waiting in alive:
                    waiting.turn.together(self._name, len(alive))
                self._run_batch(worker, alive)

    def _next_batch(self) -> list[Waiting[ItemT, ResultT]]:
        """Wait for work; an empty batch means that there will be none."""
        with self._changed:
            while not self._closed:
                if not (line := self._lines.first()):
                    self._changed.wait()
                elif (patience := self._lines.patience(line)) > 0:
                    self._changed.wait(patience)
                else:
                    return self._lines.take(line)
        return []

    def _claim(self, waiting: Waiting[ItemT, ResultT]) -> bool:
        """Whether someone still waits for it, in time."""
        if not waiting.future.set_running_or_notify_cancel():
            self._drop(waiting)
            return False
        now = time.monotonic()
        if now < waiting.until:
            waiting.turn.start()
            self.load.start(now - waiting.since)
            return True
        self._drop(waiting)
        late = OverloadedError(f"model '{self._name}': the deadline passed in its queue")
        waiting.future.set_exception(late)
        return False

    def _drop(self, waiting: Waiting[ItemT, ResultT]) -> None:
        waiting.turn.drop()
        self.load.drop()

    def _run_batch(
        self, worker: Worker[ItemT, ResultT], batch: Sequence[Waiting[ItemT, ResultT]]
    ) -> None:
        size = max(self._length(waiting.item) for waiting in batch) * len(batch)
        started = time.monotonic()
        self._crew.begin(worker, batch, size)
        try:
            results = self._run([waiting.item for waiting in batch])
            answered = list(zip(batch, results, strict=True))
        except Exception as error:  # noqa: BLE001  # whatever went wrong belongs to this batch alone
            if self._ended(worker, batch, size, started, ran=False):
                failed = self._error(f"a batch failed with {type(error).__name__}")
                for waiting in batch:
                    waiting.fail(failed)
                self._crew.examine(worker)
            return
        if self._ended(worker, batch, size, started, ran=True):
            for waiting, result in answered:
                waiting.turn.end()
                waiting.future.set_result(result)

    def _ended(
        self,
        worker: Worker[ItemT, ResultT],
        batch: Sequence[Waiting[ItemT, ResultT]],
        size: int,
        started: float,
        *,
        ran: bool,
    ) -> bool:
        """Count a batch; False if its waiters were told already that it hung."""
        seconds = time.monotonic() - started
        if not self._crew.end(worker, size, seconds, ran=ran):
            return False
        self.load.ran(len(batch), seconds, failed=not ran)
        return True

    def _error(self, reason: str) -> ModelError:
        return ModelError(f"model '{self._name}': {reason}")
