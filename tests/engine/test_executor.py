"""How steps run: in their time, at their own cost, and whatever their order."""

import asyncio
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrails.core.check import Cost
from guardrails.core.content import Content, Text, prompt
from guardrails.core.errors import OverloadedError
from guardrails.core.finding import Finding
from guardrails.core.verdict import SATURATED, Action, Outcome
from guardrails.engine.engine import Engine
from guardrails.engine.saturation import saturated
from guardrails.policy.terms import Limits


@pytest.mark.parametrize("cost", list(Cost))
@pytest.mark.parametrize(
    ("how", "outcome", "reason"),
    [
        ("raises", Outcome.FAILED, "raised RuntimeError"),
        ("raises TimeoutError", Outcome.FAILED, "raised TimeoutError"),
        ("returns nothing", Outcome.FAILED, "raised TypeError"),
        ("points outside", Outcome.FAILED, "reported a span outside the text for 'word'"),
        ("points at nothing", Outcome.FAILED, "reported a span outside the text for 'word'"),
        ("scores too high", Outcome.FAILED, "reported a score outside 0..1 for 'word'"),
        ("scores nan", Outcome.FAILED, "reported a score outside 0..1 for 'word'"),
        ("hangs", Outcome.UNJUDGED, "timed out after 20 ms"),
        ("declines", Outcome.UNJUDGED, "too long for this check"),
        ("names no category", Outcome.FAILED, "reported a finding without a category"),
        ("draws no rectangle", Outcome.FAILED, "reported a region outside the picture for 'word'"),
        ("cancels", Outcome.FAILED, "raised CancelledError"),
    ],
)
async def test_a_check_that_misbehaves_costs_only_itself(
    engine, step, finds, misbehaves, cost, how, outcome, reason
):
    judged = engine(
        step(
            "bad",
            misbehaves(how, cost),
            timeout=0.02,
            on_error=Action.FLAG,
            on_unjudged=Action.FLAG,
        ),
        step("good", finds("key", cost), Action.FLAG),
    )

    verdict = await judged.evaluate(prompt("a key"), policy="test")

    reports = {report.rule: report for report in verdict.reports}
    assert (reports["bad"].outcome, reports["bad"].reason) == (outcome, reason)
    assert reports["good"].outcome is Outcome.FOUND
    assert verdict.action is Action.FLAG


async def test_when_models_are_overloaded_there_is_no_verdict_and_the_rest_stops(
    engine, step, misbehaves
):
    stopped = asyncio.Event()

    class Waits:
        inspects = Text
        cost = Cost.MODEL
        categories = ()

        async def inspect(self, _subject, /):
            try:
                await asyncio.sleep(3600)
            finally:
                stopped.set()

    judged = engine(
        step("waits", Waits(), timeout=3600), step("busy", misbehaves("is overloaded", Cost.MODEL))
    )

    with pytest.raises(OverloadedError, match="the queue is full"):
        await judged.evaluate(prompt("x"), policy="test")

    await asyncio.wait_for(stopped.wait(), 1)


async def test_a_step_that_gives_way_is_unjudged_where_its_model_is_overloaded(
    engine, step, finds, misbehaves
):
    judged = engine(
        step("sees", finds("bad", Cost.MODEL)),
        step(
            "busy",
            misbehaves("is overloaded", Cost.MODEL),
            gives_way=True,
            on_unjudged=Action.ALLOW,
        ),
    )

    clean = await judged.evaluate(prompt("x"), policy="test")
    bad = await judged.evaluate(prompt("bad"), policy="test")

    assert [(one.rule, one.reason) for one in clean.unjudged] == [("busy", SATURATED)]
    assert clean.action is Action.ALLOW
    assert bad.blocked


async def test_where_models_are_saturated_none_is_asked_and_light_steps_look(engine, step, finds):
    light, dear = finds("bad"), finds("worse", Cost.MODEL)
    judged = engine(
        step("light", light, Action.FLAG),
        step("dear", dear, on_unjudged=Action.ALLOW, gives_way=True),
    )

    with saturated():
        verdict = await judged.evaluate(prompt("bad, worse"), policy="test")
    later = await judged.evaluate(prompt("bad, worse"), policy="test")

    assert verdict.action is Action.FLAG
    assert [(one.rule, one.reason) for one in verdict.unjudged] == [("dear", SATURATED)]
    assert (light.looks, dear.looks) == (2, 1)
    assert later.blocked


@pytest.mark.parametrize("number", [10, 400])
async def test_the_time_of_a_light_step_is_for_all_parts_together(engine, step, number):
    class Slow:
        inspects = Text
        cost = Cost.LIGHT
        categories = ()
        looks = 0

        async def inspect(self, _subject, /):
            self.looks += 1
            time.sleep(0.01)  # noqa: ASYNC251  # a light check works, it does not wait
            return []

    slow = Slow()
    judged = engine(step("slow", slow, timeout=0.035))

    verdict = await judged.evaluate(Content((Text("x"),) * number), policy="test")
    await asyncio.sleep(0.05)

    assert slow.looks <= 5
    assert verdict.unjudged[0].reason == "timed out after 35 ms"
    assert len(verdict.unjudged[0].parts) >= number - 5


@pytest.mark.parametrize("how", ["raises", "hangs"])
async def test_failing_and_late_checks_block_by_default(engine, step, misbehaves, how):
    judged = engine(step("bad", misbehaves(how), timeout=0.02))

    assert (await judged.evaluate(prompt("x"), policy="test")).blocked


async def test_a_check_that_blocks_its_thread_is_late_when_the_text_is_heavy(
    engine, step, misbehaves
):
    judged = engine(step("bad", misbehaves("blocks"), timeout=0.05))

    verdict = await judged.evaluate(prompt("x" * 30_000), policy="test")

    assert verdict.reports[0].reason == "timed out after 50 ms"


async def test_heavy_light_work_leaves_the_event_loop_free(engine, step, misbehaves):
    judged = engine(step("slow", misbehaves("blocks"), timeout=5))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.005)
            turns += 1

    counting = asyncio.create_task(count())
    await judged.evaluate(prompt("x" * 30_000), policy="test")
    counting.cancel()

    assert turns > 10


async def test_one_part_that_fails_does_not_hide_what_another_holds(engine, step):
    class Picky:
        inspects = Text
        cost = Cost.LIGHT
        categories = ("word",)

        async def inspect(self, subject, /):
            if subject.text == "bad":
                raise RuntimeError
            return [Finding("word", 1.0)]

    judged = engine(step("picky", Picky(), Action.FLAG, on_error=Action.ALLOW))

    verdict = await judged.evaluate(Content((Text("bad"), Text("good"))), policy="test")

    assert [(one.outcome, one.parts) for one in verdict.reports] == [
        (Outcome.FOUND, (1,)),
        (Outcome.FAILED, (0,)),
    ]
    assert verdict.action is Action.FLAG


async def test_a_block_in_the_light_wave_spares_the_models_but_not_the_reports_asked_for(
    engine, step, finds
):
    spared, flagged, asked = (finds("key", Cost.MODEL) for _ in range(3))
    judged = engine(
        step("light", finds("key")),
        step("spared", spared),
        step("flagged", flagged, Action.FLAG),
        step("asked", asked, Action.REDACT, always=True),
    )

    verdict = await judged.evaluate(prompt("a key"), policy="test")

    assert (spared.looks, flagged.looks, asked.looks) == (0, 1, 1)
    reports = {one.rule: one for one in verdict.reports}
    assert reports["spared"].reason == "not needed, 'light' has blocked"
    assert reports["spared"].outcome is Outcome.UNJUDGED
    assert reports["flagged"].outcome is Outcome.FOUND


async def test_model_steps_run_together(engine, step):
    together = asyncio.Barrier(3)

    class Meets:
        inspects = Text
        cost = Cost.MODEL
        categories = ()

        async def inspect(self, _subject, /):
            await together.wait()
            return []

    judged = engine(*(step(f"rule {number}", Meets()) for number in range(3)))

    verdict = await judged.evaluate(prompt("x"), policy="test")

    assert verdict.action is Action.ALLOW


async def test_a_caller_who_leaves_stops_the_work(engine, step, misbehaves):
    judged = engine(step("slow", misbehaves("hangs", Cost.MODEL), timeout=3600))
    work = asyncio.create_task(judged.evaluate(prompt("x"), policy="test"))
    await asyncio.sleep(0.01)

    work.cancel()

    with pytest.raises(asyncio.CancelledError):
        await work


@given(
    words=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "ab", "ba", "absent"]),
            st.sampled_from([Action.FLAG, Action.REDACT, Action.BLOCK]),
            st.sampled_from(list(Cost)),
        ),
        max_size=6,
    ),
    text=st.text("ab \u200b", max_size=20),
    data=st.data(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # they only build
def test_the_verdict_does_not_depend_on_the_order_of_rules(plan, step, finds, words, text, data):
    steps = [
        step(f"rule {number}", finds(word, cost, category=word), then)
        for number, (word, then, cost) in enumerate(words)
    ]
    shuffled = data.draw(st.permutations(steps))

    first, second = (
        asyncio.run(Engine({"test": plan(*some)}).evaluate(prompt(text), policy="test"))
        for some in (steps, shuffled)
    )

    assert first.action is second.action
    assert first.content == second.content
    assert _outcomes(first) == _outcomes(second)


def _outcomes(verdict):
    return sorted((one.rule, one.outcome, one.action) for one in verdict.reports)


def test_limits_are_those_of_the_documentation():
    assert Limits() == Limits(characters=200_000, parts=1_000, pixels=40_000_000, frames=16)
