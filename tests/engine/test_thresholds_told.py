"""Reports tell what scores were held against, and in whose company they were worked out."""

import asyncio
import threading

import pytest

from guardrails.core.content import prompt
from guardrails.engine.engine import Engine
from guardrails.models.batcher import Batcher, Limits
from guardrails.models.sharing import sharing, turn
from guardrails.policy.loader import load
from guardrails.telemetry.fingerprint import keyed
from guardrails.wire import convert

POLICY = """
policy: told
input:
  - check: toxicity
    threshold: 0.9
    thresholds: {THREAT: 0.7}
  - check: keywords
    with: {words: [zephyr]}
"""


@pytest.fixture
def judging(tmp_path, models):
    (tmp_path / "told.yaml").write_text(POLICY)
    return Engine(load(tmp_path, models), fingerprint=keyed(bytes(32)))


async def test_every_score_has_the_threshold_that_it_was_held_against(judging):
    verdict = await judging.evaluate(prompt("good morning"), policy="told")
    keywords, toxicity = sorted(verdict.reports, key=lambda one: one.check)

    assert toxicity.thresholds.keys() == toxicity.scores.keys()
    assert (toxicity.thresholds["TOXICITY"], toxicity.thresholds["THREAT"]) == (0.9, 0.7)
    assert dict(keywords.thresholds) == {}


async def test_a_batch_is_told_of_rules_that_run_a_model_alone(judging):
    """What ships runs one text at a time on a CPU: its batches are of one."""
    verdict = await judging.evaluate(prompt("good morning"), policy="told")

    assert {one.check: one.batch for one in verdict.reports} == {"toxicity": 1, "keywords": 0}


async def test_items_that_ran_together_are_counted_for_each_request():
    free = threading.Event()

    def run(items):
        free.wait()
        return items

    batcher = Batcher("net", run, length=len, limits=Limits(budget=100))

    async def ask(items):
        with sharing():
            await batcher.submit(items)
            return turn().batch(["net"]), turn().batch(["another"])

    first = asyncio.create_task(ask(["a"]))
    await asyncio.sleep(0.1)
    later = [asyncio.create_task(ask(["b", "c"])) for _ in range(3)]
    await asyncio.sleep(0.1)
    free.set()

    assert await first == (1, 0)
    assert [await one for one in later] == [(6, 0)] * 3
    batcher.close()


async def test_thresholds_travel_and_fingerprints_do_not(judging):
    asked = prompt("good morning")
    verdict = await judging.evaluate(asked, policy="told")
    read = convert.verdict(convert.response(verdict), asked)

    assert [one.thresholds for one in read.reports] == [one.thresholds for one in verdict.reports]
    assert len(verdict.fingerprint) == 64
    assert read.fingerprint == ""
    assert verdict.fingerprint not in repr(verdict)
