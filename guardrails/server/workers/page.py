"""One page for all workers: what they have counted, those that ended included."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from guardrails.server.address import Tcp
from guardrails.server.scraping import Page
from guardrails.server.workers import merging
from guardrails.server.workers.merging import Counts

LONGEST_SECONDS = 10.0

_log = logging.getLogger("guardrails.server")


class Totals(Collector):
    """Asks every worker when somebody reads.

    Args:
        pages: of those that serve, by number; None for one that does not answer.
        loop: where they are asked.
    """

    def __init__(
        self,
        pages: Callable[[], Awaitable[Mapping[int, str | None]]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._pages, self._loop = pages, loop
        self._last: dict[int, Counts] = {}
        self._buried: Counts = {}
        self.restarts = 0

    def collect(self) -> Iterator[Metric]:
        """Read all, and add them up; from one that does not answer, what it said last."""
        asked = asyncio.run_coroutine_threadsafe(self._collected(), self._loop)
        counts, serving = asked.result(LONGEST_SECONDS)
        yield from merging.metrics(counts)
        yield GaugeMetricFamily("guardrails_workers", "workers that serve", serving)
        yield CounterMetricFamily(
            "guardrails_worker_restarts", "workers that ended and were started again", self.restarts
        )

    def bury(self, number: int) -> None:
        """A worker has ended: a total never falls, so what it had counted still counts."""
        counts = merging.lasting(self._last.pop(number, {}))
        self._buried = merging.merged([self._buried, counts])

    async def _collected(self) -> tuple[Counts, int]:
        pages = await self._pages()
        for number, page in pages.items():
            if page is not None:
                self._last[number] = merging.read(page, number)
        return merging.merged([self._buried, *self._last.values()]), len(pages)


def show(address: Tcp | None, totals: Totals) -> Page | None:
    """Serve the page, if it is wanted.

    Raises:
        OSError: it cannot be served where it should be.
    """
    if address is None:
        return None
    registry = CollectorRegistry()
    registry.register(totals)
    page = Page(address, registry)
    _log.info("metrics on %s", page.address)
    return page
