"""Timing: warm, interleaved, in medians and tails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; ``limit`` is what the project promises, if it does."""

    benchmark: str
    case: str
    figure: float
    unit: str
    limit: float | None = None

    def kept(self, margin: float = 1.0) -> bool:
        """Whether the promise is kept, as far as a margin for noise goes."""
        return self.limit is None or self.figure <= self.limit * margin


def percentile(times: Sequence[float], share: float) -> float:
    """Give the value below which a share of the times lies."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def rounds(
    runs: Mapping[str, Callable[[], object]], *, times: int, warm: int
) -> dict[str, list[float]]:
    """Time each run in turn, again and again, so that noise meets all alike; in microseconds."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(warm + times):
        for name, run in runs.items():
            started = perf_counter()
            run()
            if number >= warm:
                taken[name].append((perf_counter() - started) * 1e6)
    return taken


async def async_rounds(
    runs: Mapping[str, Callable[[], Awaitable[object]]], *, times: int, warm: int
) -> dict[str, list[float]]:
    """Do the same for what is awaited, on one event loop."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(warm + times):
        for name, run in runs.items():
            started = perf_counter()
            await run()
            if number >= warm:
                taken[name].append((perf_counter() - started) * 1e6)
    return taken


async def loaded(
    call: Callable[[], Awaitable[object]], *, concurrency: int, calls: int
) -> tuple[float, list[float]]:
    """Make calls from so many callers at once; give calls a second, and their times in ms."""
    times: list[float] = []

    async def caller() -> None:
        for _ in range(calls // concurrency):
            started = perf_counter()
            await call()
            times.append((perf_counter() - started) * 1e3)

    started = perf_counter()
    await asyncio.gather(*(caller() for _ in range(concurrency)))
    return len(times) / (perf_counter() - started), times


__all__ = ["Row", "async_rounds", "loaded", "median", "percentile", "rounds"]
