"""`python -m benchmarks soak [--minutes 30]`: a sidecar at twice of what it can do, for long.

Requests come by a clock, not when the last one is answered, so one that is held up does not make
the next ones come later. It ends with 1 when memory, threads or files grew, a request got stuck or
failed, or accepted work took too long.
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

from benchmarks.soak_load import Asked, Callers, Fate, Request, Source
from benchmarks.soak_report import Limits, Report, report
from benchmarks.soak_watch import Held, held

CALLERS = 64
"""At once, while it is found out what the sidecar can do."""
PATIENCE = 30.0
"""Seconds for each of them."""
SHED_SECONDS = 0.25
AGAIN_SECONDS = 2.0


@contextmanager
def sidecar(policies: Path, workers: int) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run one, and give where it serves."""
    command = ["guardrails.cli", "serve", "--policies", str(policies), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [sys.executable, "-m", *command, "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().removeprefix("serving on ").strip()
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()


async def capacity(callers: Callers, source: Source, seconds: float) -> float:
    """Give the requests a second that are judged when so many callers wait for their answers."""
    until, done = perf_counter() + seconds, list[Request]()

    async def caller() -> None:
        while (now := perf_counter()) < until:
            done.append(await callers.ask(source.next(), now, PATIENCE))
            if done[-1].fate is Fate.SHED:
                await asyncio.sleep(SHED_SECONDS)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    ends = [one.at + one.seconds for one in done if one.fate is Fate.JUDGED]
    settled = until - seconds / 2  # before that, its queues were filling
    return sum(settled <= end < until for end in ends) / (seconds / 2)


async def overload(
    callers: Callers, source: Source, rate: float, seconds: float, deadline: float
) -> list[Request]:
    """Ask so often a second, whatever comes back, and wait for the last answers."""
    done: list[Request] = []
    running: set[asyncio.Task[None]] = set()

    async def ask(asked: Asked, due: float) -> None:
        done.append(await callers.ask(asked, due, deadline))

    due = started = perf_counter()
    while due < started + seconds:
        if (early := due - perf_counter()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(ask(source.next(), due))
        running.add(task)
        task.add_done_callback(running.discard)
        due += source.gap(rate)
    await asyncio.gather(*running)
    return done


async def sampled(pid: int, every: float) -> list[Held]:
    """Look at what the process holds until cancelled."""
    samples: list[Held] = []
    with suppress(asyncio.CancelledError):
        while True:
            samples.append(held(pid))
            await asyncio.sleep(every)
    return samples


async def soak(address: str, pid: int, arguments: argparse.Namespace) -> Report:
    """Find out what it can do, ask twice as much, and see that it is well after that."""
    source = Source(arguments.seed)
    callers = Callers(address)
    deadline = arguments.deadline
    seconds = arguments.minutes * 60
    settling = min(60.0, seconds / 4)
    can = await capacity(callers, source, settling)
    print(f"it can do {can:.1f} requests a second, {arguments.times:g} times as many come now")
    sampling = asyncio.create_task(sampled(pid, min(5.0, seconds / 60)))
    requests = await overload(callers, source, arguments.times * can, seconds, deadline)
    await asyncio.sleep(AGAIN_SECONDS)
    after = [await callers.ask(source.next(), perf_counter(), deadline) for _ in range(20)]
    sampling.cancel()
    samples = await sampling
    await callers.close()
    return report(can, arguments.times * can, requests, after, samples)


def main(written: Sequence[str]) -> int:
    """Run it; give 1 when a promise was not kept."""
    arguments = _arguments(written)
    with sidecar(arguments.policies, arguments.workers) as (process, address):
        if not address:
            print("the sidecar did not start")
            return 1
        done = asyncio.run(soak(address, process.pid, arguments))
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    print(done.text())
    broken = [*done.broken(Limits.of(arguments.minutes, arguments.deadline))]
    broken += [] if code == 0 else [f"it ended with {code}"]
    print("not kept: " + "; ".join(broken) if broken else "all promises were kept")
    if arguments.json:
        arguments.json.write_text(json.dumps({**asdict(done), "broken": broken}, indent=1))
    return 1 if broken else 0


def _arguments(written: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--times", type=float, default=2.0, help="of what the sidecar can do")
    parser.add_argument("--deadline", type=float, default=5.0, help="seconds of each request")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policies", type=Path, default=Path("policies"))
    parser.add_argument("--json", type=Path, metavar="OUT")
    return parser.parse_args(written)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
