"""A share of requests is judged by the policy beside another: always the same ones."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from guardrails.core.content import Caller, Content, Image, Stage, Text, prompt
from guardrails.core.verdict import Action
from guardrails.engine.canary import judging
from guardrails.engine.engine import Engine
from guardrails.engine.shadow import Shadow
from guardrails.hiding.terms import Terms
from guardrails.keyring import Keyring
from guardrails.policy.plan import Candidate, Chain
from guardrails.policy.terms import RedactAs
from guardrails.telemetry.shadows import Shadows

RING = Keyring.parse("k1:" + "QUFB" * 11)
OTHER = Keyring.parse("k2:" + "QkJC" * 11)


@pytest.fixture
def beside(plan):
    def build(share, digest="f" * 64):
        return replace(plan(), candidate=Candidate(replace(plan(), hash=digest), share))

    return build


def hits(plan, contents):
    return [judging(plan, content) is not plan for content in contents]


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_the_share_is_kept(beside, share):
    found = sum(hits(beside(share), [prompt(f"text {number}") for number in range(10_000)]))

    assert abs(found / 10_000 - share) < 0.02


def test_a_retry_meets_the_same_policy(beside):
    contents = [prompt(f"text {number}") for number in range(100)]

    assert hits(beside(0.5), contents) == hits(beside(0.5), contents)


def test_another_candidate_is_tried_by_others(beside):
    contents = [prompt(f"text {number}") for number in range(100)]

    assert hits(beside(0.5), contents) != hits(beside(0.5, "e" * 64), contents)


def test_a_larger_share_keeps_those_of_the_smaller(beside):
    contents = [prompt(f"text {number}") for number in range(1_000)]
    few, more = hits(beside(0.05), contents), hits(beside(0.2), contents)

    assert all(later for before, later in zip(few, more, strict=True) if before)


@pytest.mark.parametrize("caller", [Caller("acme", "jane"), Caller("acme"), Caller("", "jane")])
def test_who_is_known_goes_one_way_whatever_is_asked(beside, caller):
    contents = [
        *(Content((Text(f"text {number}"),), caller=caller) for number in range(50)),
        *(Content((Text("said"),), Stage.OUTPUT, (Text("x"),), caller) for _ in range(50)),
        Content((), Stage.OUTPUT, caller=caller),
    ]

    assert len(set(hits(beside(0.5), contents))) == 1


def test_tenants_and_persons_are_not_mixed_up(beside):
    callers = [Caller("a" * split, "a" * (20 - split)) for split in range(21)]
    found = hits(beside(0.5), [Content((Text("x"),), caller=caller) for caller in callers])

    assert set(found) == {True, False}


def test_an_answer_goes_where_its_prompt_went(beside):
    asked = [Content((Text(f"text {number}"), Image(b"p"))) for number in range(100)]
    said = [Content((Text("yes"),), Stage.OUTPUT, one.parts) for one in asked]

    assert hits(beside(0.5), asked) == hits(beside(0.5), said)


@pytest.fixture
async def rolling(plan, step, finds):
    """An engine whose two policies hide a word in their own ways, with keys of their own."""
    hiding = step("word", finds("secret"), Action.REDACT, redact_as=RedactAs.SEALED)
    one = plan(hiding)
    chains = {**one.chains, Stage.OUTPUT: Chain(Stage.OUTPUT, ())}
    old = replace(one, chains=chains, terms=Terms(RING))
    new = replace(old, terms=Terms(OTHER), hash="f" * 64, is_candidate=True)
    shadow = Shadow(Shadows(CollectorRegistry()))
    yield Engine({"test": replace(old, candidate=Candidate(new, 0.5))}, shadow=shadow)
    await shadow.close()


async def test_what_was_sealed_is_opened_by_the_policy_that_sealed_it(rolling):
    hashes = set()
    for number in range(40):
        asked = await rolling.evaluate(prompt(f"a secret, {number}"), policy="test")
        shown = asked.content.text
        answer = Content((Text(shown),), Stage.OUTPUT, asked.content.parts, sealed=asked.sealed)
        said = await rolling.evaluate(answer, policy="test")
        hashes.add(asked.policy_hash)
        assert said.policy_hash == asked.policy_hash
        assert said.content.text == f"a secret, {number}"

    assert len(hashes) == 2


async def test_one_exchange_meets_one_policy_whatever_is_reloaded(rolling):
    for number in range(40):
        exchange = rolling.pinned()
        asked = await exchange.evaluate(prompt(f"text {number}"), policy="test")
        rolling.replace({"test": replace(rolling.plans["test"], hash=f"{number:064}")})
        stream = exchange.stream(Content((), Stage.OUTPUT), policy="test")
        await stream.feed("fine")
        await stream.finish()
        assert stream.verdict.policy_hash == asked.policy_hash
