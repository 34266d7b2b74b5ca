"""Rows become contents, and verdicts what is measured."""

import asyncio
from contextlib import aclosing

import pytest

from guardrails.core.content import Stage, Surface, Text
from guardrails.core.verdict import Action, Verdict
from guardrails.evaluation.judging import judge
from guardrails.evaluation.rows import Labelled, Row

BOTH = """\
- {check: words, with: {words: [stop], category: STOP}, then: block}
- {check: classifier, threshold: 0.5, then: flag}
"""
BLOCKS = "- {check: words, with: {words: [stop], category: STOP}}\n- {check: classifier}\n"


async def test_scores_hold_every_category_whether_it_fired_or_not(setting, judging):
    vile, plain = await judging(setting(BOTH), ["vile", "a plain text"])

    assert vile.scores == {"STOP": 0.0, "INSULT": 0.9, "THREAT": 0.2}
    assert (vile.action, vile.fired) == (Action.FLAG, {"INSULT"})
    assert plain.scores == {"STOP": 0.0, "INSULT": 0.0, "THREAT": 0.0}
    assert (plain.action, plain.fired) == (Action.ALLOW, set())


async def test_a_block_in_the_first_wave_keeps_no_scores_back(setting, judging):
    (patient,) = await judging(setting(BLOCKS), ["stop this vile man"])
    (hasty,) = await judging(setting(BLOCKS, patient=False), ["stop this vile man"])

    assert patient.scores == {"STOP": 1.0, "INSULT": 0.8, "THREAT": 0.7}
    assert hasty.scores == {"STOP": 1.0, "INSULT": None, "THREAT": None}
    assert patient.action is hasty.action is Action.BLOCK


async def test_two_rules_may_give_one_category_and_the_higher_score_counts(setting, judging):
    rules = """\
- {check: words, rule: one, with: {words: [vile], category: X, score: 0.3}}
- {check: words, rule: other, with: {words: [vile], category: X, score: 0.8}}
"""
    (judged,) = await judging(setting(rules), ["vile"])

    assert judged.scores == {"X": 0.8}
    assert judged.by_rule == {"one": {"X": 0.3}, "other": {"X": 0.8}}


async def test_spans_are_those_of_what_fired_each_once_in_order(setting, judging):
    rules = """\
- {check: words, rule: one, with: {words: [vile, stop], category: X}}
- {check: words, rule: same, with: {words: [stop], category: X}}
- {check: words, rule: faint, with: {words: [man], category: Y, score: 0.1}}
"""
    (judged,) = await judging(setting(rules), ["stop this vile man"])

    assert judged.spans == (Labelled(0, 4, "X"), Labelled(10, 14, "X"))


async def test_what_no_rule_could_judge_has_no_score_and_is_named(setting, judging):
    rules = f"{BOTH}limits: {{characters: 5}}\n"

    short, long = await judging(setting(rules), ["vile", "vile and long"])

    assert short.unjudged == ()
    assert long.unjudged == ("words", "classifier")
    assert long.scores == {"STOP": None, "INSULT": None, "THREAT": None}


async def test_rules_that_do_not_look_at_the_surface_have_no_say(setting, judging):
    rules = f"{BOTH}- {{check: words, rule: tool, with: {{words: [a]}}, surfaces: [tool]}}\n"

    assert setting(rules).categories == ("STOP", "INSULT", "THREAT")
    assert setting(rules, surface=Surface.TOOL).categories == ("STOP", "word", "INSULT", "THREAT")
    (judged,) = await judging(setting(rules, surface=Surface.TOOL), ["a"])
    assert judged.fired == {"word"}


async def test_an_answer_is_judged_beside_its_prompt(setting, judging):
    rules = "- {check: comparison}\n"
    rows = [Row("1", "same", {}, prompt="same"), Row("2", "same", {}, prompt="other")]

    echo, other = await judging(setting(rules, stage=Stage.OUTPUT, surface=Surface.ASSISTANT), rows)

    assert (echo.scores, other.scores) == ({"echo": 1.0}, {"echo": 0.0})


class Slow:
    """An evaluator whose first answers take longest; it counts how many it works on at once."""

    def __init__(self, fails=None):
        self.working = self.most = self.cancelled = 0
        self._fails = fails

    async def evaluate(self, content, *, policy):
        self.working += 1
        self.most = max(self.most, self.working)
        (part,) = content.parts
        assert isinstance(part, Text)
        try:
            await asyncio.sleep(0.02 / (1 + int(part.text)))
            if part.text == self._fails:
                raise OSError("gone")
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.working -= 1
        return Verdict("v", Action.ALLOW, content, (), policy, "", content.stage)


@pytest.mark.parametrize(("in_flight", "most"), [(1, 1), (3, 3), (50, 8)])
async def test_rows_come_in_order_and_never_more_than_so_many_at_a_time(in_flight, most, setting):
    slow = Slow()
    rows = (Row(str(number), str(number), {}) for number in range(8))

    judged = [one.row.id async for one in judge(rows, setting(BOTH), slow, in_flight=in_flight)]

    assert judged == [str(number) for number in range(8)]
    assert slow.most == most


async def test_rows_are_taken_as_they_are_needed(setting):
    taken = []

    def rows():
        for number in range(100):
            taken.append(number)
            yield Row(str(number), str(number), {})

    async with aclosing(judge(rows(), setting(BOTH), Slow(), in_flight=4)) as judged:
        await anext(judged)
        assert len(taken) == 4


async def test_a_failure_leaves_nothing_running(setting):
    slow = Slow(fails="0")
    rows = [Row(str(number), str(number), {}) for number in (0, *[0] * 3)]

    with pytest.raises(OSError, match="gone"):
        async for _ in judge(rows, setting(BOTH), slow, in_flight=4):
            pass
    await asyncio.sleep(0.05)

    assert slow.working == 0
