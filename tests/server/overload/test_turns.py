"""Who is let in in time, in which order, and who is told that it would be too late."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from guardrails.core.content import Caller, Content, Text
from guardrails.engine.saturation import is_saturated
from guardrails.server.admission import Admission, Work
from guardrails.server.config import Limits
from guardrails.server.overload.shedding import Reason, Shed
from guardrails.server.overload.tenants import Tenants, Terms
from guardrails.telemetry.load import Load


def work(tenant="", *, places=1, within=None, requests=1):
    return Work(places, 100, tenant, requests, 10, within)


async def busy(admission, one, seconds, inside=None):
    """Be let in, work for a while, and note it."""
    async with admission.entered(one):
        if inside is not None:
            inside.append(one.tenant)
        await asyncio.sleep(seconds)


async def paced(admission, seconds=0.02, works=12):
    """Let it learn how fast work is done."""
    await asyncio.gather(*(busy(admission, work(), seconds) for _ in range(works)))


async def refusal(admission, one):
    """Ask for room; give how that is refused."""
    async with AsyncExitStack() as stack:
        with pytest.raises(Shed) as refused:
            await stack.enter_async_context(admission.entered(one))
    return refused.value


@pytest.fixture
async def tasks():
    async with asyncio.TaskGroup() as group:
        started = []
        yield lambda work: started.append(group.create_task(work))
        for one in started:
            one.cancel()


async def test_what_cannot_be_done_in_time_is_refused_at_once(tasks):
    admission = Admission(Limits(in_flight=1))
    await paced(admission)
    for _ in range(20):
        tasks(busy(admission, work(), 0.02))
    await asyncio.sleep(0)
    began = time.monotonic()
    refused = await refusal(admission, work(within=0.1))

    assert time.monotonic() - began < 0.05
    assert refused.reason is Reason.DEADLINE
    assert str(refused) == "it would not be done within 0.1 seconds, try again later"
    assert 0.2 < refused.retry_after < 1.0
    await busy(admission, work(within=5.0), 0)


async def test_before_anything_is_known_all_may_wait():
    admission = Admission(Limits(in_flight=1))
    first = asyncio.create_task(busy(admission, work(), 0.05))
    await asyncio.sleep(0)

    await asyncio.gather(first, *(busy(admission, work(within=1.0), 0.001) for _ in range(50)))


async def test_what_nobody_waits_before_is_tried_however_slow_work_was(tasks):
    admission = Admission(Limits(in_flight=1))
    await paced(admission, seconds=0.2, works=3)
    tasks(busy(admission, work(), 0.01))
    await asyncio.sleep(0)

    await busy(admission, work(within=0.1), 0)


@pytest.mark.parametrize(("within", "patience"), [(0.05, 30.0), (None, 0.05)])
async def test_what_expires_while_it_waits_leaves_the_line(tasks, within, patience):
    admission = Admission(Limits(in_flight=1, patience_seconds=patience))
    tasks(busy(admission, work(), 3600))
    await asyncio.sleep(0)
    began = time.monotonic()
    refused = await refusal(admission, work(within=within))

    assert 0.04 < time.monotonic() - began < 1.0
    assert refused.reason is Reason.EXPIRED
    assert (admission._short.waiting, admission._waiting, admission._bytes) == (0, 0, 0)


async def test_what_is_late_when_its_turn_comes_makes_room_for_the_next(tasks):
    admission, inside = Admission(Limits(in_flight=1)), []
    await paced(admission, seconds=0.1, works=3)
    first = asyncio.create_task(busy(admission, work(), 0.15))
    await asyncio.sleep(0)
    late = asyncio.create_task(refusal(admission, work("late", within=0.2)))
    await asyncio.sleep(0)
    tasks(busy(admission, work("next", within=30), 3600, inside))
    await first
    await asyncio.sleep(0)

    assert inside == ["next"]
    assert (await late).reason is Reason.EXPIRED


async def test_what_is_over_when_it_comes_is_not_even_begun():
    refused = await refusal(Admission(Limits()), work(within=-0.001))

    assert refused.reason is Reason.LATE


async def test_a_flood_of_one_tenant_does_not_hold_up_another(tasks):
    admission, inside = Admission(Limits(in_flight=1)), []
    for _ in range(100):
        tasks(busy(admission, work("flood"), 0.001, inside))
    await asyncio.sleep(0)
    await busy(admission, work("polite"), 0, inside)

    assert inside.index("polite") <= 3


async def test_weights_are_shares():
    admission, inside = Admission(Limits(in_flight=1)), []
    admission.serve(Tenants({"much": Terms(weight=3)}))
    both = [work(tenant) for _ in range(60) for tenant in ("much", "little")]
    await asyncio.gather(*(busy(admission, one, 0.001, inside) for one in both))

    assert 28 <= inside[:41].count("much") <= 32


async def test_a_tenant_may_have_so_many_wait_and_others_still_may(tasks):
    admission = Admission(Limits(in_flight=1))
    admission.serve(Tenants({"flood": Terms(most_waiting=2)}))
    for _ in range(3):
        tasks(busy(admission, work("flood"), 3600))
    await asyncio.sleep(0)
    refused = await refusal(admission, work("flood"))
    tasks(busy(admission, work("polite"), 0))
    await asyncio.sleep(0)

    assert refused.reason is Reason.TENANT_WAITING
    assert str(refused) == "2 requests of the tenant wait already, try again later"
    assert admission._short.waiting == 3


async def test_whatever_happens_no_place_is_lost():
    admission = Admission(Limits(in_flight=4, waiting=50))
    alive = [
        asyncio.create_task(
            busy(
                admission,
                work(f"t{number % 5}", places=1 + number % 3, within=0.05 + number % 7 / 50),
                0.002,
            )
        )
        for number in range(400)
    ]
    for number, one in enumerate(alive):
        if number % 3 == 0:
            one.cancel()
        if number % 20 == 0:
            await asyncio.sleep(0.001)
    ended = await asyncio.gather(*alive, return_exceptions=True)

    assert {type(one) for one in ended} <= {type(None), Shed, asyncio.CancelledError}
    for line in (admission._short, admission._long, admission._aside):
        assert (line.used, line.waiting) == (0, 0)
    assert (admission._waiting, admission._bytes) == (0, 0)


async def test_work_of_more_places_than_there_are_at_present_still_comes():
    admission = Admission(Limits(in_flight=64))
    admission._short._gradient._limit = 8.0
    async with asyncio.timeout(2):
        await asyncio.gather(*(busy(admission, work(places=30), 0.001) for _ in range(5)))


async def test_work_that_gives_way_is_done_without_models_when_there_is_no_room(tasks):
    admission = Admission(Limits(in_flight=1, waiting=0))
    tasks(busy(admission, work(), 3600))
    await asyncio.sleep(0)
    async with admission.entered(work(), gives_way=True):
        assert is_saturated()
        refused = await refusal(admission, work())  # light work has as many places, and no more
        assert (await refusal(admission, work())).reason is Reason.WAITING

    assert not is_saturated()
    assert refused.reason is Reason.WAITING
    async with admission.entered(work(), gives_way=True):
        assert is_saturated()


async def test_who_asks_for_more_than_it_may_does_not_get_light_work_instead():
    admission = Admission(Limits())
    admission.serve(Tenants({"a": Terms(requests_per_second=1, burst_seconds=1)}))
    await busy(admission, work("a"), 0)
    async with AsyncExitStack() as stack:
        with pytest.raises(Shed) as refused:
            await stack.enter_async_context(admission.entered(work("a"), gives_way=True))

    assert refused.value.reason is Reason.REQUESTS


async def test_it_is_told_what_is_used_what_waits_and_what_is_shed(tasks):
    load = Load()
    admission = Admission(Limits(in_flight=1, waiting=1), load)
    admission.serve(Tenants({"known": Terms()}))
    tasks(busy(admission, work("known"), 3600))
    await asyncio.sleep(0)
    tasks(busy(admission, work("known"), 3600))
    await asyncio.sleep(0)
    for tenant in ("known", "stranger-1", "stranger-2", ""):
        await refusal(admission, work(tenant))

    def value(name, **labels):
        return load.registry.get_sample_value(name, labels)

    assert value("guardrails_places", line="short", what="used") == 1
    assert value("guardrails_places", line="short", what="limit") == 1
    assert value("guardrails_waiting", line="short") == 1
    assert value("guardrails_waited_seconds_count", line="short") == 1
    assert value("guardrails_shed_total", reason="waiting", tenant="known") == 1
    assert value("guardrails_shed_total", reason="waiting", tenant="other") == 3


def test_content_is_charged_to_its_tenant():
    one = Work.of(Content((Text("x" * 1500),), caller=Caller("acme")), within=3.0)

    assert (one.tenant, one.requests, one.characters, one.within) == ("acme", 1, 1500, 3.0)
