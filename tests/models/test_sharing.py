import asyncio
import math

import pytest

from guardrails.models.sharing import deadline, once, sharing


class Work:
    """Counts its runs, each of which ends when told."""

    def __init__(self) -> None:
        self.runs = self.ended = 0
        self.go_on = asyncio.Event()

    async def __call__(self) -> int:
        self.runs += 1
        await self.go_on.wait()
        self.ended += 1
        return self.runs


@pytest.fixture
async def work():
    return Work()


async def test_what_is_asked_at_once_runs_once(work):
    work.go_on.set()
    with sharing():
        assert await asyncio.gather(*(once("key", work) for _ in range(5))) == [1] * 5
    assert work.runs == 1


async def test_what_is_asked_again_later_runs_no_second_time(work):
    work.go_on.set()
    with sharing():
        assert [await once("key", work), await once("key", work)] == [1, 1]


async def test_other_questions_and_other_requests_run_on_their_own(work):
    work.go_on.set()
    with sharing():
        await once("one", work)
        await once("other", work)
    with sharing():
        await once("one", work)
    assert work.runs == 3


async def test_outside_of_a_request_every_question_runs(work):
    work.go_on.set()
    await once("key", work)
    await once("key", work)
    assert work.runs == 2


async def test_one_who_gives_up_does_not_take_the_others_with_him(work):
    with sharing():
        gives_up, stays = (asyncio.create_task(once("key", work)) for _ in range(2))
        await asyncio.sleep(0)
        gives_up.cancel()
        await asyncio.sleep(0)
        work.go_on.set()
        assert await stays == 1
        assert gives_up.cancelled()


async def test_when_all_give_up_the_work_stops_and_may_be_asked_for_again(work):
    with sharing():
        tasks = [asyncio.create_task(once("key", work)) for _ in range(2)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        work.go_on.set()
        assert await once("key", work) == 2
    assert (work.runs, work.ended) == (2, 1)


async def test_a_failure_is_shared_too():
    runs = []

    async def fail() -> None:
        runs.append(1)
        raise LookupError

    with sharing():
        for _ in range(2):
            with pytest.raises(LookupError):
                await once("key", fail)
    assert len(runs) == 1


async def test_a_request_has_a_deadline_and_the_rest_of_the_world_has_none():
    with sharing(deadline=12.5):
        assert deadline() == 12.5
        assert await asyncio.create_task(asyncio.to_thread(deadline)) == 12.5
    assert deadline() == math.inf
