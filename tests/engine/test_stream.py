"""Answers that are judged while they are spoken."""

import asyncio
import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrails.core.content import Content, Stage, Text, answer, prompt
from guardrails.core.errors import ContentError, OverloadedError, UnknownPolicyError
from guardrails.core.verdict import Action, Outcome
from guardrails.engine.engine import Engine
from guardrails.hiding.terms import Terms
from guardrails.keyring import Keyring
from guardrails.policy.plan import MarkStep
from guardrails.policy.terms import Limits, RedactAs, Release, StreamTerms

OPENING = Content((), Stage.OUTPUT)
FILLER = "All is well in the garden, and the bees are busy. "
RING = Keyring.parse("k1:" + "QUFB" * 11)


async def said(engine, pieces, opening=OPENING, policy="test"):
    """Feed pieces; give what was shown, piece by piece, and the verdict."""
    stream = engine.stream(opening, policy=policy)
    shown = [_text(await stream.feed(piece)) for piece in pieces]
    return [*shown, _text(await stream.finish())], stream.verdict


def _text(released):
    return "".join(one.text for one in released)


def split(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.fixture
def windowed(finds):
    """A check for a word, which may be judged window by window."""

    def build(word, reach=40, **changes):
        check = finds(word, **changes)
        check.reach = reach
        return check

    return build


@pytest.fixture
def streaming(plan):
    """An engine whose rules judge by small windows."""

    def build(*steps, release=Release.HOLD, **changes):
        terms = StreamTerms(release, window=60, overlap=20)
        return Engine({"test": replace(plan(*steps, **changes), stream=terms)})

    return build


@pytest.fixture
def rule(step, windowed):
    def build(word, then=Action.BLOCK, **changes):
        return step(word, windowed(word), then, reach=40, **changes)

    return build


async def test_text_is_shown_once_it_is_judged_and_not_before(streaming, rule):
    shown, verdict = await said(streaming(rule("secret")), split(FILLER * 10, 5))

    assert "".join(shown) == FILLER * 10
    assert verdict.action is Action.ALLOW
    assert shown[0] == ""
    assert any(shown[20:60])  # it flows: the rest is not held back to the end


async def test_a_block_withholds_what_comes_after(streaming, rule):
    text = FILLER * 6 + "Now the secret plan. " + FILLER * 20

    shown, verdict = await said(streaming(rule("secret")), split(text, 7))

    assert verdict.action is Action.BLOCK
    assert verdict.reply == "no"
    assert "secret" not in "".join(shown)
    assert text.startswith("".join(shown))
    assert "".join(shown)
    assert verdict.content.parts == ()
    [finding] = verdict.reports[0].findings
    assert text[finding.where.start : finding.where.end] == "secret"


async def test_after_a_block_nothing_is_read_any_more(streaming, rule):
    stream = streaming(rule("secret")).stream(OPENING, policy="test")

    await stream.feed("the secret " * 20)
    verdict = stream.verdict

    assert await stream.feed(FILLER * 10) == ()
    assert await stream.finish() == ()
    assert stream.verdict is verdict


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cuts=st.lists(st.integers(0, 400), max_size=30), at=st.integers(0, 300))
def test_however_an_answer_is_cut_the_same_comes_out(streaming, rule, cuts, at):
    text = (FILLER * 8)[:at] + "secret" + FILLER * 2
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(edges)]
    engine = streaming(rule("secret", Action.REDACT))

    shown, verdict = asyncio.run(said(engine, pieces))

    assert "".join(shown) == text.replace("secret", "<WORD>")
    assert [one.where.start for one in verdict.reports[0].findings] == [at]


@given(pieces=st.lists(st.text(max_size=80), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_where_nothing_fires_the_text_passes_letter_by_letter(streaming, rule, pieces):
    try:
        whole = Content((Text("".join(pieces)),))
    except ContentError:  # a lone surrogate
        return
    shown, verdict = asyncio.run(said(streaming(rule("no such word")), pieces))

    assert "".join(shown) == whole.text
    assert verdict.action is Action.ALLOW


@pytest.mark.parametrize("before", [0, 30, 55, 61, 150, 333])
async def test_the_verdict_is_that_on_the_whole(streaming, rule, before):
    text = ("x " * 200)[:before] + "secret, and public, " + FILLER * 3
    rules = rule("secret", Action.REDACT), rule("public", Action.FLAG), rule("absent")
    engine = streaming(*rules)

    shown, spoken = await said(engine, split(text, 11))
    whole = await engine.evaluate(answer(text), policy="test")

    assert "".join(shown) == whole.content.text
    assert spoken.action is whole.action
    told = [(one.rule, one.outcome, one.action, one.findings) for one in spoken.reports]
    assert told == [(one.rule, one.outcome, one.action, one.findings) for one in whole.reports]


async def test_a_value_is_cut_out_wherever_it_comes_again(streaming, step, windowed):
    class Once:
        """Finds the first Ada alone, by what stands before it."""

        inspects, reach, categories = Text, 40, ("PERSON",)
        cost = windowed("").cost

        async def inspect(self, subject, /):
            found = await windowed("am Ada", category="PERSON").inspect(subject)
            return [replace(one, where=type(one.where)(one.where.start + 3, one.where.end))
                    for one in found]  # fmt: skip

    engine = streaming(step("names", Once(), Action.REDACT, reach=40))
    text = f"I am Ada. {FILLER * 4}And Ada said: {FILLER}"

    shown, _ = await said(engine, split(text, 3))

    assert "Ada" not in "".join(shown)


async def test_sealed_values_come_back_across_pieces(plan, step, windowed):
    hiding = step("names", windowed("Ada Lovelace", category="PERSON"), Action.REDACT, reach=40)
    built = replace(
        plan(replace(hiding, redact_as=RedactAs.SEALED)),
        terms=Terms(RING),
        stream=StreamTerms(window=60, overlap=20),
    )
    engine = Engine({"test": built})
    there = await engine.evaluate(prompt("I am Ada Lovelace."), policy="test")

    opening = replace(OPENING, sealed=there.sealed)
    shown, _ = await said(engine, split(f"{FILLER}Dear <PERSON_1>, {FILLER}", 1), opening)

    assert "".join(shown) == f"{FILLER}Dear Ada Lovelace, {FILLER}"


async def test_parts_are_judged_each_for_itself(streaming, rule):
    stream = streaming(rule("secret", Action.REDACT)).stream(OPENING, policy="test")

    shown = {0: "", 3: ""}
    for at in range(0, 300, 10):
        for part, text in ((0, "the sec"), (3, "ret is secret. ")):
            for one in await stream.feed((text * 50)[at : at + 10], part):
                shown[one.part] += one.text
    for one in await stream.finish():
        shown[one.part] += one.text

    assert shown[0] == ("the sec" * 50)[:300]
    assert shown[3] == ("ret is secret. " * 50)[:300].replace("secret", "<WORD>")
    assert {one.part for one in stream.verdict.reports[0].findings} == {3}


async def test_a_block_in_the_last_words_of_one_part_withholds_those_of_all(streaming, rule):
    stream = streaming(rule("secret")).stream(OPENING, policy="test")
    await stream.feed("harmless", 0)
    await stream.feed("the secret", 1)

    assert await stream.finish() == ()
    assert stream.verdict.blocked


async def test_what_needs_the_whole_holds_all_of_it_back(streaming, step, finds):
    engine = streaming(step("whole", finds("secret"), Action.REDACT))

    shown, verdict = await said(engine, split(FILLER * 10 + "secret", 9))

    assert not any(shown[:-1])
    assert shown[-1] == FILLER * 10 + "<WORD>"
    assert verdict.reports[0].outcome is Outcome.FOUND


async def test_eager_shows_what_comes_and_stops_at_a_block(streaming, rule):
    engine = streaming(rule("secret"), release=Release.EAGER)

    shown, verdict = await said(engine, [*split(FILLER, 10), "the secret. ", *split(FILLER * 9, 9)])

    assert shown[0] == FILLER[:10]
    assert verdict.blocked
    assert len("".join(shown)) < len(FILLER) * 5


@pytest.mark.parametrize("whole", [False, True])
async def test_an_answer_beyond_the_limit_is_not_judged_and_so_blocked(
    streaming, rule, step, finds, whole
):
    rules = [step("whole", finds("secret"))] if whole else [rule("secret")]
    engine = streaming(*rules, limits=Limits(characters=200))

    shown, verdict = await said(engine, split(FILLER * 10, 10))

    assert verdict.blocked
    assert len("".join(shown)) <= 200
    assert any(one.outcome is Outcome.UNJUDGED for one in verdict.reports)


@pytest.mark.parametrize("whole", [False, True])
async def test_where_the_policy_passes_what_is_too_long_nothing_is_lost(
    streaming, rule, step, finds, whole
):
    passing = {"on_unjudged": Action.FLAG}
    rules = [step("w", finds("no"), **passing)] if whole else [rule("no", **passing)]
    engine = streaming(*rules, limits=Limits(characters=200))

    shown, verdict = await said(engine, split(FILLER.replace("no", "") * 10, 10))

    assert "".join(shown) == FILLER * 10
    assert verdict.action is Action.FLAG


async def test_a_check_that_fails_decides_as_its_rule_says(streaming, step, misbehaves):
    engine = streaming(step("breaks", misbehaves("raises"), reach=0))

    shown, verdict = await said(engine, split(FILLER * 9, 20))

    assert not any(shown)
    assert verdict.blocked


async def test_nothing_said_is_judged_as_an_empty_answer(streaming, rule):
    shown, verdict = await said(streaming(rule("secret")), [])

    assert shown == [""]
    assert verdict.action is Action.ALLOW


async def test_giving_up_leaves_the_rest_unsaid(streaming, rule):
    stream = streaming(rule("secret")).stream(OPENING, policy="test")
    await stream.feed("harmless")
    await stream.aclose()

    assert await stream.finish() == ()
    assert stream.verdict is None


async def test_a_stream_is_an_answer_under_a_policy_that_is_there(streaming, rule):
    engine = streaming(rule("secret"))

    with pytest.raises(UnknownPolicyError):
        engine.stream(OPENING, policy="other")
    with pytest.raises(ContentError, match="has no parts yet"):
        engine.stream(prompt("hello"), policy="test")


async def test_memory_is_bounded_by_the_window(streaming, rule):
    stream = streaming(rule("secret")).stream(OPENING, policy="test")
    held = 0
    for _ in range(300):
        held += len(FILLER)
        held -= sum(len(one.text) for one in await stream.feed(FILLER))
        assert held < 60 * 1.5 + 20 + 64 + 40 + len(FILLER)


class Signs:
    """Marks a text that comes in pieces by an end of its own, or fails on the way."""

    inspects, key_id, payload = Text, "k1", "ABC"

    def __init__(self, fails=False):
        self._fails = fails

    def embed(self, subject, /):
        return replace(subject, text=subject.text + "[signed]")

    def detect(self, subject, /):
        raise NotImplementedError

    def follow(self):
        return self

    def push(self, piece, /):
        if self._fails and "bees" in piece:
            raise RuntimeError(piece)
        return piece

    def finish(self):
        return "[signed]"


def marked(plan, rule, mark):
    built = replace(
        plan(rule("secret")),
        marks=(MarkStep("signs", mark, Action.ALLOW),),
        stream=StreamTerms(window=60, overlap=20),
    )
    return Engine({"test": built})


async def test_a_mark_goes_along_and_the_verdict_names_it(plan, rule):
    engine = marked(plan, rule, Signs())

    shown, verdict = await said(engine, split(FILLER * 4, 9))

    assert "".join(shown) == FILLER * 4 + "[signed]"
    assert [(one.mark, one.key_id, one.payload) for one in verdict.marks] == [
        ("signs", "k1", "abc")
    ]


async def test_a_mark_that_fails_on_the_way_blocks_the_rest_and_says_nothing_of_it(plan, rule):
    shown, verdict = await said(marked(plan, rule, Signs(fails=True)), split(FILLER * 9, 9))

    assert verdict.blocked
    assert "bees" not in "".join(shown)
    assert [one.reason for one in verdict.reports if one.check == "marks"] == [
        "raised RuntimeError"
    ]


async def test_after_an_error_nothing_is_let_out_any_more(streaming, step, misbehaves):
    engine = streaming(step("busy", misbehaves("is overloaded"), reach=0))
    stream = engine.stream(OPENING, policy="test")

    with pytest.raises(OverloadedError):
        await stream.feed(FILLER * 3)

    assert await stream.feed(FILLER * 3) == ()
    assert await stream.finish() == ()
    assert stream.verdict is None


async def test_a_piece_that_is_only_kept_is_known_beforehand(streaming, rule):
    stream = streaming(rule("secret")).stream(OPENING, policy="test")

    assert not stream.keeps(1)  # nothing is prepared yet
    await stream.feed("x")
    assert stream.keeps(58)
    assert not stream.keeps(59)
    eager = streaming(rule("secret", Action.FLAG), release=Release.EAGER)
    other = eager.stream(OPENING, policy="test")
    await other.feed("x")
    assert not other.keeps(1)  # it is let out at once
