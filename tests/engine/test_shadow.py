"""The policy beside another looks at the same content later, and changes nothing."""

import asyncio
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from guardrails.core.check import Cost
from guardrails.core.content import Content, Stage, answer, prompt
from guardrails.core.verdict import Action
from guardrails.engine import shadow as shadowing
from guardrails.engine.engine import Engine
from guardrails.engine.shadow import Shadow
from guardrails.policy.plan import Candidate
from guardrails.policy.terms import StreamTerms
from guardrails.telemetry.shadows import Shadows

OPENING = Content((), Stage.OUTPUT)


class Told:
    """A recorder that is interested in shadows."""

    def __init__(self):
        self.verdicts, self.both = [], []

    def record(self, verdict):
        self.verdicts.append(verdict)

    def refuse(self, status):
        pass

    def shadowed(self, verdict, other):
        self.both.append((verdict, other))


class House:
    """An engine with a policy beside its own, and what was counted."""

    def __init__(self, old, new, has_room=lambda: True, share=0.0):
        self.registry, self.told = CollectorRegistry(), Told()
        self.shadow = Shadow(Shadows(self.registry), [self.told], has_room)
        beside = replace(new, hash="f" * 64, is_candidate=True)
        plan = replace(old, candidate=Candidate(beside, share))
        self.engine = Engine({"test": plan}, recorders=[self.told], shadow=self.shadow)

    def count(self, name, *labels):
        names = {"verdicts": ("policy", "stage", "old", "new"), "shed": ("policy", "reason")}
        keys = names.get(name, ("policy", "stage", "rule", "old", "new"))
        found = dict(zip(keys, ("test", *labels), strict=True))
        return self.registry.get_sample_value(f"guardrails_shadow_{name}_total", found) or 0

    async def settled(self):
        while self.shadow._working is not None:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.005)


@pytest.fixture
async def house(plan, step, finds):
    """One in which the new policy also blocks 'worse', and no more flags 'odd'."""
    made = []

    def build(**more):
        old = plan(step("bad", finds("bad")), step("odd", finds("odd"), Action.FLAG))
        new = plan(step("bad", finds("bad")), step("worse", finds("worse")))
        made.append(House(old, new, **more))
        return made[-1]

    yield build
    for one in made:
        await one.shadow.close()


async def test_where_verdicts_differ_it_is_counted_by_rule_and_told(house):
    one = house()
    verdicts = [
        await one.engine.evaluate(prompt(text), policy="test")
        for text in ("bad", "worse", "odd", "fine")
    ]
    await one.settled()

    assert [verdict.action.word for verdict in verdicts] == ["block", "allow", "flag", "allow"]
    assert one.count("verdicts", "input", "allow", "block") == 1
    assert one.count("verdicts", "input", "flag", "allow") == 1
    assert one.count("verdicts", "input", "block", "block") == 1
    assert one.count("differences", "input", "worse", "allow", "block") == 1
    assert one.count("differences", "input", "odd", "flag", "allow") == 1
    assert one.count("differences", "input", "bad", "block", "block") == 0
    assert [(old.id, new.policy_hash) for old, new in one.told.both] == [
        (verdict.id, "f" * 64) for verdict in verdicts
    ]
    assert len(one.told.verdicts) == 4  # what the other would have done is no verdict


async def test_no_content_is_told_of_what_the_other_saw(house):
    one = house()
    await one.engine.evaluate(answer("hunter2", to="hunter3"), policy="test")
    await one.settled()

    assert one.told.both[0][1].content.parts == one.told.both[0][1].content.prompt == ()


@pytest.mark.parametrize("needs", ["window", "whole"])
async def test_a_streamed_answer_is_looked_at_as_a_whole(plan, step, finds, needs):
    def seeing(word):
        check = finds(word)
        check.reach = 10 if needs == "window" else None
        return step(word, check, reach=check.reach)

    terms = StreamTerms(window=60)
    one = House(replace(plan(seeing("bad")), stream=terms), plan(step("far", finds("so far so"))))
    stream = one.engine.stream(OPENING, policy="test")
    for piece in ("it is so ", "far ", "so good. ") * 20:
        await stream.feed(piece)
    await stream.finish()
    await one.settled()

    assert stream.verdict.action is Action.ALLOW
    assert one.count("verdicts", "output", "allow", "block") == 1
    await one.shadow.close()


async def test_a_stream_that_is_given_up_is_not_looked_at(plan, step, finds):
    check = finds("bad")
    check.reach = 10
    one = House(plan(step("bad", check, reach=10)), plan(step("worse", finds("worse"))))
    stream = one.engine.stream(OPENING, policy="test")
    await stream.feed("worse")
    await stream.aclose()
    await one.settled()

    assert one.told.both == []
    await one.shadow.close()


async def test_without_room_it_waits_and_lets_go_what_is_too_much(house, monkeypatch):
    monkeypatch.setattr(shadowing, "MOST", 3)
    room = []
    one = house(has_room=lambda: bool(room))
    for number in range(5):
        await one.engine.evaluate(prompt(f"worse {number}"), policy="test")
    await asyncio.sleep(0.1)
    waited = list(one.told.both)
    room.append(1)
    await one.settled()

    assert waited == []
    assert len(one.told.both) == 3
    assert one.count("shed", "full") == 2


@pytest.mark.parametrize(
    ("name", "value", "reason"), [("PATIENCE", 0.01, "late"), ("BYTES", 3, "full")]
)
async def test_what_waits_too_long_or_is_too_large_is_let_go(
    house, monkeypatch, name, value, reason
):
    monkeypatch.setattr(shadowing, name, value)
    one = house(has_room=lambda: False)
    await one.engine.evaluate(prompt("worse"), policy="test")
    await one.settled()

    assert (one.told.both, one.count("shed", reason)) == ([], 1)


async def test_a_shadow_that_hangs_holds_up_nobody(plan, step, finds, misbehaves):
    slow = step("slow", misbehaves("hangs", Cost.MODEL), timeout=60.0)
    one = House(plan(step("bad", finds("bad"))), plan(slow))
    async with asyncio.timeout(2):
        for _ in range(100):
            await one.engine.evaluate(prompt("fine"), policy="test")
        await one.shadow.close()

    assert one.count("shed", "full") > 0
    assert one.count("shed", "closed") > 0


@pytest.mark.parametrize("how", ["raises", "is overloaded"])
async def test_a_shadow_that_fails_reaches_nobody(plan, step, finds, misbehaves, how):
    one = House(plan(step("bad", finds("bad"))), plan(step("ill", misbehaves(how))))
    verdict = await one.engine.evaluate(prompt("fine"), policy="test")
    await one.settled()

    assert verdict.action is Action.ALLOW
    compared = one.count("verdicts", "input", "allow", "block")
    assert compared + one.count("shed", "failed") == 1
    await one.shadow.close()


async def test_without_a_shadow_the_policy_beside_has_no_part(plan, step, finds):
    beside = Candidate(plan(step("worse", finds("worse"))), 1.0)
    engine = Engine({"test": replace(plan(step("bad", finds("bad"))), candidate=beside)})

    verdict = await engine.evaluate(prompt("worse"), policy="test")

    assert verdict.action is Action.ALLOW


async def test_what_is_judged_by_the_canary_is_not_looked_at_again(house):
    one = house(share=1.0)
    verdict = await one.engine.evaluate(prompt("worse"), policy="test")
    await one.settled()

    assert (verdict.action, verdict.policy, verdict.policy_hash) == (
        Action.BLOCK,
        "test",
        "f" * 64,
    )
    assert one.told.both == []
