"""Coroutines for callers that are not async."""

import asyncio
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from guardrails.client.blocking import Blocking


@pytest.fixture
def blocking():
    made = Blocking()
    yield made
    made.close()


def test_all_threads_share_one_loop(blocking):
    async def loop():
        return asyncio.get_running_loop()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: blocking.run(loop()), range(40)))) == 1


def test_what_the_work_raises_is_raised(blocking):
    async def fail():
        raise LookupError("why")

    with pytest.raises(LookupError, match="why"):
        blocking.run(fail())


def test_a_caller_that_waits_is_let_go_when_it_is_closed(blocking):
    started = asyncio.Event()

    async def wait():
        started.set()
        await asyncio.sleep(3600)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lambda: blocking.run(wait()))
        blocking.run(started.wait())
        blocking.close()

        with pytest.raises(CancelledError):
            waiting.result()


def test_closing_it_unused_or_twice_does_nothing(blocking):
    blocking.close()
    blocking.close()
