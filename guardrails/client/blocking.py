"""Lets callers that are not async use what is: an event loop in a thread of its own."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Blocking:
    """Runs coroutines to their end, from any thread, all on one loop, which starts on first use.

    A process that was forked starts a loop of its own: the thread of its parent's is not there.
    """

    def __init__(self) -> None:
        self._loops: dict[int, _LoopThread] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the result. A caller that is interrupted takes the work down with it."""
        process = os.getpid()
        here = self._loops.get(process)
        if here is None:  # no lock, for a fork may find it held: `setdefault` lets one win
            here = self._loops.setdefault(process, _LoopThread())
        future = asyncio.run_coroutine_threadsafe(work, here.running())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel what still runs, stop the loop and its thread; where there is none, do nothing."""
        here = self._loops.pop(os.getpid(), None)
        if here is not None:
            here.stop()


class _LoopThread:
    """An event loop, and the thread that runs it."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="guardrails-blocking", daemon=True
                )
                self._thread.start()
            return self._loop

    def stop(self) -> None:
        with self._starting:
            loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(_cancel_the_others(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _cancel_the_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
