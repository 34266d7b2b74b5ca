"""Who is let in, who waits, and who is turned away."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from guardrails.core.content import Content, Image, Text, answer
from guardrails.core.errors import OverloadedError
from guardrails.server.admission import Admission, Work
from guardrails.server.config import Limits

SHORT, LONG = Work(1, 100), Work(1000, 100)


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (Content((Text(""),)), 1),
        (Content((Text("x" * 1000),)), 1),
        (Content((Text("x" * 1001),)), 2),
        (answer("x" * 1500, to="y" * 1500), 3),
        (Content((Image(b"x"), Text("x"))), 9),
    ],
)
def test_work_is_measured_in_places(content, places):
    assert Work.of(content).places == places


async def arrive(admission: Admission, work: Work, inside: list, name: str) -> None:
    async with admission.entered(work):
        inside.append(name)
        await asyncio.sleep(3600)


async def arriving(admission: Admission, *works: Work) -> tuple[list, list[asyncio.Task]]:
    inside: list = []
    tasks = [
        asyncio.create_task(arrive(admission, work, inside, str(number)))
        for number, work in enumerate(works)
    ]
    await asyncio.sleep(0.01)
    return inside, tasks


async def test_so_many_short_ones_are_in_and_the_others_come_in_order():
    inside, tasks = await arriving(Admission(Limits(in_flight=2)), *[SHORT] * 4)
    assert inside == ["0", "1"]
    for leaves, come in ((1, ["0", "1", "2"]), (0, ["0", "1", "2", "3"])):
        tasks[leaves].cancel()
        await asyncio.sleep(0.01)
        assert inside == come


async def test_long_ones_come_one_at_a_time_and_hold_up_no_short_one():
    inside, tasks = await arriving(Admission(Limits(in_flight=4)), LONG, LONG, SHORT, SHORT)
    assert inside == ["0", "2", "3"]
    tasks[0].cancel()
    await asyncio.sleep(0.01)
    assert inside == ["0", "2", "3", "1"]


async def test_one_that_gives_up_while_it_waits_leaves_no_gap():
    inside, tasks = await arriving(Admission(Limits(in_flight=1)), *[SHORT] * 4)
    tasks[1].cancel()
    tasks[0].cancel()
    await asyncio.sleep(0.01)
    assert inside == ["0", "2"]
    tasks[2].cancel()
    await asyncio.sleep(0.01)
    assert inside == ["0", "2", "3"]


async def test_one_that_gives_up_in_the_moment_of_its_turn_gives_the_place_back():
    admission = Admission(Limits(in_flight=1))
    inside, tasks = await arriving(admission, *[SHORT] * 2)
    tasks[0].cancel()
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.sleep(0.01)

    async with asyncio.timeout(1), admission.entered(SHORT):
        assert "0" in inside


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(in_flight=1, waiting=2), "2 requests wait already, try again later"),
        (Limits(in_flight=1, waiting_bytes=250), "200 bytes wait already, try again later"),
    ],
)
async def test_too_many_or_too_large_ones_are_turned_away_at_once(limits, message):
    admission = Admission(limits)
    await arriving(admission, *[SHORT] * 3)

    async with AsyncExitStack() as stack:
        with pytest.raises(OverloadedError) as refused:
            await stack.enter_async_context(admission.entered(SHORT))
    assert str(refused.value) == message
