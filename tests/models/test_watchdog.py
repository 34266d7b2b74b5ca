"""A net that hangs or fails is replaced, by a thread of its own, and others are let be."""

import asyncio
import logging
import shutil
import threading
import time

import pytest

from guardrails.core.errors import ModelError
from guardrails.models import recovery
from guardrails.models.recovery import GIVEN_UP
from guardrails.models.session import Hardware
from guardrails.models.store import SHIPPED, ModelStore

HUNG = "model 'rampart': a batch hung, it is being replaced"
REPLACED = "model 'rampart': it is being replaced, try again shortly"
NAMED = ["GIVEN_NAME", "SURNAME"]


class Wedged:
    """A net that never ends, until it is let."""

    def __init__(self, net):
        self.inputs, self.outputs = net.inputs, net.outputs
        self.started, self.let = threading.Event(), threading.Event()
        self._net = net

    def run(self, feed):
        self.started.set()
        assert self.let.wait(60)
        return self._net.run(feed)


class Broken:
    """A net that fails, as often as it is told to."""

    def __init__(self, net, times=10**9):
        self.inputs, self.outputs = net.inputs, net.outputs
        self.runs = 0
        self._net, self._times = net, times

    def run(self, feed):
        self.runs += 1
        if self.runs <= self._times:
            raise RuntimeError("secret text")
        return self._net.run(feed)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Models that hang after little more than half a second, and are replaced at once."""
    monkeypatch.setattr(recovery, "HELD", 0.0)
    monkeypatch.setattr(recovery, "HUNG", 0)  # however busy the machine was when they were warmed
    shutil.copytree(SHIPPED / "rampart", tmp_path / "rampart")
    with ModelStore([tmp_path], Hardware(patience=0.6)) as opened:
        yield opened


@pytest.fixture
def model(store):
    return store.open("rampart")


def put(model, kind, *arguments):
    """Put another net in place of its own."""
    model._session._net = kind(model._session._net, *arguments)
    return model._session._net


async def until(holds, seconds=30.0):
    for _ in range(int(seconds * 50)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to be")


async def well(model):
    await until(lambda: model.load.is_well)
    return [tag.label for tag in await model.tag("my name is Jane Doe")]


BEFORE: set[threading.Thread] = set()
"""Threads of models that other tests have open."""


@pytest.fixture(autouse=True)
def others():
    BEFORE.clear()
    BEFORE.update(threading.enumerate())


def threads():
    running = set(threading.enumerate()) - BEFORE
    return [one for one in running if one.name.startswith("model-")]


async def test_what_runs_and_what_waits_is_told_and_the_net_is_replaced(model, caplog):
    wedged = put(model, Wedged)
    runs = asyncio.create_task(model.tag("first"))
    await asyncio.to_thread(wedged.started.wait, 10)
    waits = asyncio.create_task(model.tag("second"))
    told = await asyncio.gather(runs, waits, return_exceptions=True)

    assert [str(one) for one in told] == [HUNG, REPLACED]
    assert await well(model) == NAMED
    assert model.load.replaced == 1
    said = [(one.levelno, one.getMessage()) for one in caplog.records]
    assert said == [
        (logging.ERROR, "model 'rampart' hangs, it is being replaced"),
        (logging.WARNING, "model 'rampart' was replaced and runs again"),
    ]
    wedged.let.set()


async def test_what_the_old_net_says_in_the_end_is_heard_by_nobody(model):
    wedged = put(model, Wedged)
    with pytest.raises(ModelError, match=HUNG):
        await model.tag("Jane")
    await well(model)
    batches = sum(model.load.sizes.counts)
    wedged.let.set()
    await until(lambda: len(threads()) == 2)  # its own and the one that watches

    assert sum(model.load.sizes.counts) == batches
    assert await well(model) == NAMED


async def test_while_there_is_none_whoever_asks_is_told_at_once(model, tmp_path, caplog):
    weights = tmp_path / "rampart" / "model.onnx"
    weights.rename(tmp_path / "away")
    wedged = put(model, Wedged)
    with pytest.raises(ModelError):
        await model.tag("first")
    started = time.monotonic()
    for _ in range(100):
        with pytest.raises(ModelError, match=REPLACED):
            await model.tag("more")
    took = time.monotonic() - started
    await until(lambda: "cannot be opened anew" in caplog.text)
    (tmp_path / "away").rename(weights)

    assert took < 1
    assert f"model 'rampart': {weights} is missing, put the original back" in caplog.text
    assert await well(model) == NAMED
    wedged.let.set()


async def test_a_net_that_fails_thrice_and_cannot_run_at_all_is_replaced(model, caplog):
    put(model, Broken)
    for _ in range(3):
        with pytest.raises(ModelError, match="a batch failed with RuntimeError"):
            await model.tag("secret text")
    await until(lambda: model.load.replaced)

    assert await well(model) == NAMED
    assert "model 'rampart' fails with RuntimeError, it is being replaced" in caplog.text
    assert "secret" not in caplog.text


async def test_a_net_that_fails_for_what_it_is_given_is_kept(model, caplog):
    broken = put(model, Broken, 3)
    for _ in range(3):
        with pytest.raises(ModelError, match="a batch failed with RuntimeError"):
            await model.tag("secret text")

    assert await well(model) == NAMED
    assert model._session._net is broken
    assert (model.load.replaced, caplog.text) == (0, "")


async def test_two_failures_among_others_change_nothing(model):
    for _ in range(3):
        broken = put(model, Broken, 2)
        for _ in range(2):
            with pytest.raises(ModelError):
                await model.tag("x")
        assert await well(model) == NAMED
        assert broken.runs == 3  # nothing was tried besides what was asked
    assert model.load.replaced == 0


async def test_other_models_do_not_notice(model, store):
    other = store.open("pii_ner")
    wedged = put(model, Wedged)
    hung = asyncio.create_task(model.tag("first"))
    found = []
    while not hung.done():
        found.append([tag.label for tag in await other.tag("Jane Doe lives in Paris")])
    with pytest.raises(ModelError, match=HUNG):
        await hung
    wedged.let.set()

    assert found
    assert all(one == found[0] for one in found)
    assert other.load.replaced == 0


async def test_after_many_replacements_there_are_no_more_threads_than_before(model):
    before = len(threads())
    for number in range(1, 7):
        wedged = put(model, Wedged)
        with pytest.raises(ModelError, match=HUNG):
            await model.tag("x")
        wedged.let.set()
        await well(model)
        assert model.load.replaced == number

    await until(lambda: len(threads()) == before)


async def test_threads_that_never_end_are_few(model):
    wedged = []
    for _ in range(GIVEN_UP):
        await until(lambda: model.load.is_well)
        wedged.append(put(model, Wedged))
        with pytest.raises(ModelError, match=HUNG):
            await model.tag("x")
    await asyncio.sleep(1)
    assert not model.load.is_well
    assert len(threads()) == GIVEN_UP + 1  # the one that watches

    for one in wedged:
        one.let.set()
    assert await well(model) == NAMED


async def test_a_store_closes_though_a_net_hangs(monkeypatch):
    monkeypatch.setattr(recovery, "HUNG", 0)
    store = ModelStore(hardware=Hardware(patience=0.6))
    model = store.open("rampart")
    wedged = put(model, Wedged)
    hung = asyncio.create_task(model.tag("x"))
    await asyncio.to_thread(wedged.started.wait, 10)
    await asyncio.wait_for(asyncio.to_thread(store.close), 30)
    with pytest.raises(ModelError, match=HUNG):
        await hung
    wedged.let.set()
    await until(lambda: not threads())


async def test_a_slow_batch_that_is_usual_is_waited_for(monkeypatch):
    monkeypatch.setattr(recovery, "HUNG", 10**6)
    with ModelStore(hardware=Hardware(patience=0.05)) as store:
        model = store.open("rampart")
        wedged = put(model, Wedged)
        slow = asyncio.create_task(model.tag("my name is Jane Doe"))
        await asyncio.sleep(0.5)
        wedged.let.set()

        assert [tag.label for tag in await slow] == NAMED
        assert model.load.replaced == 0
