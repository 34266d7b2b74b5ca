"""Keeps so many workers running on one port, and ends them together."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence

from guardrails.server.workers.held import Held
from guardrails.server.workers.link import LAST_SECONDS
from guardrails.server.workers.page import Totals, show
from guardrails.server.workers.process import Process
from guardrails.server.workers.supervised import Supervised

SETTLED_SECONDS = 10.0
"""After which a worker that ends has not ended early."""
EARLY_ENDS = 5
"""In a row; then, if no other worker serves, all is given up."""
LONGEST_PAUSE = 30.0
FAILURE = 5
"""The exit code of a runtime failure, see docs on the command."""

_log = logging.getLogger("guardrails.server")


class Supervisor:
    """Starts a worker, then the others when that one serves; starts one again that ends.

    Raises:
        OSError: the address is taken, or cannot be.
    """

    def __init__(self, supervised: Supervised) -> None:
        self._held = Held(supervised.listen)
        self._supervised = supervised
        self._command = (*supervised.command, "--listen", str(self._held.address), "--supervised")
        self._processes: dict[int, Process] = {}
        self._all_ready = asyncio.Event()
        self._first_ready = asyncio.Event()
        self._stopping = asyncio.Event()
        self._code = 0
        self._address = ""
        self._totals = Totals(self._pages, asyncio.get_running_loop())

    async def run(self, ready: Callable[[str], None]) -> int:
        """Serve until SIGTERM or SIGINT; ``ready`` is told the address when all are warm.

        Raises:
            OSError: the metrics cannot be served where they should be.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._tell_all, signal.SIGHUP)
        page = show(self._supervised.metrics, self._totals)
        numbers = range(1, self._supervised.workers + 1)
        keepers = [asyncio.create_task(self._keep(number)) for number in numbers]
        announcing = asyncio.create_task(self._announce(ready))
        try:
            await self._stopping.wait()
            await self._end(keepers)
        finally:
            announcing.cancel()
            self._held.close()
            if page is not None:
                await asyncio.to_thread(page.close)
        return self._code

    async def _announce(self, ready: Callable[[str], None]) -> None:
        await self._all_ready.wait()
        ready(self._address)

    async def _keep(self, number: int) -> None:
        """Keep one worker running."""
        if number > 1:  # the first has seen that policies compile, and ends with all if they do not
            await self._either(self._first_ready)
        early = 0
        while not self._stopping.is_set():
            code, settled = await self._live(number)
            if self._stopping.is_set():
                return
            early = 1 if settled else early + 1
            if self._is_hopeless(code, early):
                self._code = code if code > 0 and not self._first_ready.is_set() else FAILURE
                self._stopping.set()
                return
            pause = min(LONGEST_PAUSE, 0.5 * 2 ** (early - 1))
            _log.error(
                "worker %d ended with %s, it is started again in %g s", number, _named(code), pause
            )
            self._totals.restarts += 1
            await self._either(asyncio.Event(), pause)

    async def _live(self, number: int) -> tuple[int, bool]:
        """Run a worker from start to end; give its code, and whether it served for a while."""
        place = f"{number}/{self._supervised.workers}"
        process = self._processes[number] = await Process.started(self._command, place)
        if self._stopping.is_set():
            process.send(signal.SIGTERM)
        since = None
        if address := await process.ready():
            self._address = address
            since = asyncio.get_running_loop().time()
            self._first_ready.set()
            if len(self._serving()) == self._supervised.workers:
                self._all_ready.set()
            _log.info("worker %d serves, process %d", number, process.pid)
        code = await process.ended()
        self._totals.bury(number)
        lived = 0.0 if since is None else asyncio.get_running_loop().time() - since
        return code, lived >= SETTLED_SECONDS

    def _is_hopeless(self, code: int, early: int) -> bool:
        """Whether nothing would be gained by starting it again."""
        if not self._first_ready.is_set() and code > 0:
            return True  # bad arguments, or a policy that does not compile: it has said so
        return early >= EARLY_ENDS and not self._serving()

    async def _end(self, keepers: Sequence[asyncio.Task[None]]) -> None:
        """Let all finish what is in flight, then end what has not ended."""
        self._tell_all(signal.SIGTERM)
        _, late = await asyncio.wait(keepers, timeout=self._supervised.grace + LAST_SECONDS)
        if late:
            _log.error("%d workers did not end in time and are killed", len(late))
            self._tell_all(signal.SIGKILL)
            await asyncio.wait(late)

    async def _either(self, event: asyncio.Event, seconds: float | None = None) -> None:
        """Wait for an event, for the time, or for the end."""
        waits = [asyncio.create_task(one.wait()) for one in (event, self._stopping)]
        _, late = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in late:
            one.cancel()

    def _tell_all(self, number: signal.Signals) -> None:
        for process in self._processes.values():
            process.send(number)

    def _serving(self) -> dict[int, Process]:
        return {number: one for number, one in self._processes.items() if one.is_ready}

    async def _pages(self) -> dict[int, str | None]:
        serving = self._serving()
        pages = await asyncio.gather(*(process.page() for process in serving.values()))
        return dict(zip(serving, pages, strict=True))


def _named(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
