import asyncio
import time
from collections.abc import Sequence
from threading import Event

import pytest

from guardrails.core.errors import ModelError, OverloadedError
from guardrails.models.batcher import Batcher, Limits
from guardrails.models.sharing import sharing


class Line:
    """Runs batches of strings, one at a time and only when let; gives them back in upper case."""

    def __init__(self, **limits) -> None:
        self.batches: list[list[str]] = []
        self.started, self.go_on = Event(), Event()
        self.batcher = Batcher(
            "line", self.run, length=len, limits=Limits(**{"budget": 64} | limits)
        )

    def run(self, items: Sequence[str]) -> list[str]:
        self.batches.append(list(items))
        self.started.set()
        assert self.go_on.wait(10)
        return [item.upper() for item in items]

    async def busy(self) -> asyncio.Task[list[str]]:
        """Have a batch run, so that what comes next must wait."""
        task = asyncio.create_task(self.batcher.submit(["first"]))
        await asyncio.to_thread(self.started.wait, 10)
        return task

    async def waiting(self, *items: str) -> list[asyncio.Task[list[str]]]:
        """Let each item wait for itself, in order."""
        tasks = [asyncio.create_task(self.batcher.submit([item])) for item in items]
        await asyncio.sleep(0)
        return tasks


@pytest.fixture
def line():
    lines = []

    def make(**limits):
        lines.append(Line(**limits))
        return lines[-1]

    yield make
    for each in lines:
        each.go_on.set()
        each.batcher.close()


async def finish(line, *tasks):
    line.go_on.set()
    return await asyncio.gather(*tasks)


async def test_results_come_in_the_order_of_the_items(line):
    one = line()
    one.go_on.set()
    items = ["a", "b" * 40, "c", "d" * 90]
    assert await one.batcher.submit(items) == [item.upper() for item in items]


async def test_nothing_gives_nothing(line):
    assert await line().batcher.submit([]) == []


async def test_what_gathers_while_a_batch_runs_is_the_next_batch(line):
    one = line()
    first = await one.busy()
    waiting = await one.waiting("a", "b", "c")
    await finish(one, first, *waiting)
    assert one.batches == [["first"], ["a", "b", "c"]]


async def test_a_batch_is_no_larger_than_the_budget_padding_included(line):
    one = line(budget=64)
    first = await one.busy()
    waiting = await one.waiting(*["x" * 20] * 5, "x" * 24)
    await finish(one, first, *waiting)
    assert [len(batch) for batch in one.batches] == [1, 3, 2, 1]  # 4 x 20 and 3 x 24 are too much


async def test_an_item_beyond_the_budget_runs_alone(line):
    one = line(budget=8)
    first = await one.busy()
    waiting = await one.waiting("x" * 100, "y" * 100)
    await finish(one, first, *waiting)
    assert one.batches[1:] == [["x" * 100], ["y" * 100]]


async def test_short_and_long_are_not_padded_to_one_another_and_the_oldest_goes_first(line):
    one = line(budget=1000)
    first = await one.busy()
    waiting = await one.waiting("x" * 300, "short", "y" * 290, "brief")
    await finish(one, first, *waiting)
    assert one.batches[1:] == [["x" * 300, "y" * 290], ["short", "brief"]]


async def test_an_item_nobody_waits_for_any_more_never_runs(line):
    one = line()
    first = await one.busy()
    [gone, stays] = await one.waiting("gone", "stays")
    gone.cancel()
    await asyncio.wait([gone])
    await finish(one, first, stays)
    assert one.batches[1:] == [["stays"]]


async def test_an_item_whose_deadline_has_passed_never_runs(line):
    one = line()
    first = await one.busy()
    with sharing(deadline=time.monotonic()):
        [late] = await one.waiting("late")
    one.go_on.set()
    with pytest.raises(OverloadedError, match="model 'line': the deadline passed in its queue"):
        await late
    await first
    assert one.batches == [["first"]]


async def test_a_full_queue_says_so_at_once(line):
    one = line(queue=2)
    first = await one.busy()
    waiting = await one.waiting("a", "b")
    with pytest.raises(OverloadedError) as caught:
        await one.batcher.submit(["c"])
    assert str(caught.value) == "model 'line': its queue is full, try again later"
    await finish(one, first, *waiting)
    assert await one.batcher.submit(["d"]) == ["D"]


async def test_closing_fails_what_waits_and_lets_end_what_runs(line):
    one = line()
    first = await one.busy()
    [waits] = await one.waiting("waits")
    closing = asyncio.create_task(asyncio.to_thread(one.batcher.close))
    with pytest.raises(ModelError, match="model 'line': it was closed"):
        await waits
    assert await finish(one, first) == [["FIRST"]]
    await closing
    with pytest.raises(ModelError, match="model 'line': it was closed"):
        await one.batcher.submit(["late"])


@pytest.mark.parametrize("results", [ZeroDivisionError("secret text"), ["one too", "many"]])
async def test_a_batch_that_fails_takes_nobody_else_with_it_and_tells_no_content(results):
    answers = iter([results, ["fine"]])

    def run(_items):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    batcher = Batcher("odd", run, length=len, limits=Limits(8))
    with pytest.raises(ModelError, match=r"^model 'odd': a batch failed with \w+Error$") as caught:
        await batcher.submit(["secret text"])
    assert "secret" not in str(caught.value)
    assert await batcher.submit(["x"]) == ["fine"]
    batcher.close()


async def test_with_gather_an_item_waits_for_company(line):
    one = line(gather=30.0, budget=3)
    one.go_on.set()
    waiting = await one.waiting("a", "b", "c")  # full, so nobody waits half a minute
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert one.batches == [["a", "b", "c"]]


async def test_with_gather_nobody_waits_for_ever(line):
    one = line(gather=0.01)
    one.go_on.set()
    assert await asyncio.wait_for(one.batcher.submit(["alone"]), 5) == ["ALONE"]


async def test_many_workers_run_batches_side_by_side():
    both_run = Event()
    running = []

    def run(items):
        running.append(items)
        if len(running) == 2:
            both_run.set()
        assert both_run.wait(10)
        return items

    batcher = Batcher("pair", run, length=len, limits=Limits(1), workers=2)
    assert await batcher.submit(["a", "b"]) == ["a", "b"]
    await asyncio.to_thread(batcher.close)


async def test_it_serves_many_event_loops(line):
    one = line()
    one.go_on.set()
    answers = await asyncio.gather(
        *(asyncio.to_thread(asyncio.run, one.batcher.submit([name])) for name in "abcd")
    )
    assert answers == [["A"], ["B"], ["C"], ["D"]]
