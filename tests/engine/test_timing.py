"""A step's time is what its work costs, however busy the models are."""

import asyncio
import time

import pytest

from guardrails.core.errors import OverloadedError
from guardrails.engine import timing
from guardrails.engine.timing import in_time
from guardrails.models.batcher import Batcher, Limits
from guardrails.models.sharing import sharing


@pytest.fixture
def slow():
    """A model that takes 50 ms for each item, one after the other."""
    batcher = Batcher(
        "slow",
        lambda items: [time.sleep(0.05) or item for item in items],
        length=lambda _: 1,
        limits=Limits(budget=1),
    )
    yield batcher
    batcher.close()


async def look(batcher: Batcher) -> list:
    with sharing():
        return await in_time(batcher.submit(["item"]), 0.2)


async def test_many_at_once_take_longer_than_their_time_and_are_all_answered(slow):
    answers = await asyncio.gather(*(look(slow) for _ in range(12)))

    assert answers == [("item",)] * 12


async def test_work_that_is_itself_too_long_gets_no_answer(slow):
    with sharing():
        assert await in_time(slow.submit(["item"] * 12), 0.2) is None


async def test_to_wait_too_long_is_refused(slow, monkeypatch):
    monkeypatch.setattr(timing, "PATIENCE", 0.1)

    answers = await asyncio.gather(*(look(slow) for _ in range(12)), return_exceptions=True)

    assert answers[0] == ("item",)
    assert {str(one) for one in answers if isinstance(one, OverloadedError)} == {
        "the models are busy, try again later"
    }
