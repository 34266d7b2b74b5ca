"""Marks sign what is passed on, and nothing else; one that fails follows its `on_error`."""

from dataclasses import dataclass, replace

import pytest

from guardrails.core.content import Image, Text, answer, prompt
from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision, Detection
from guardrails.core.verdict import Action, Marked, Outcome
from guardrails.engine.engine import Engine
from guardrails.policy.plan import MarkStep


@dataclass
class Signs:
    """Puts a letter behind every text, or does what it must not."""

    letter: str
    error: Exception | None = None
    key_id: str = "k1"
    inspects: type = Text

    def embed(self, subject):
        if self.error:
            raise self.error
        return replace(subject, text=subject.text + self.letter)

    def detect(self, subject):
        marked = self.letter in subject.text
        return Detection(Decision.MARKED if marked else Decision.UNMARKED)


@pytest.fixture
def signing(plan, step, finds):
    """An engine that blocks "bad", redacts "name" and signs."""

    def build(*marks):
        rules = (
            step("bad", finds("bad")),
            step("name", finds("name"), Action.REDACT),
        )
        steps = tuple(MarkStep(f"m{at}", mark, action) for at, (mark, action) in enumerate(marks))
        return Engine({"test": replace(plan(*rules), marks=steps)})

    return build


async def test_marks_sign_in_order_what_is_left_after_redaction(signing):
    engine = signing((Signs("a"), Action.BLOCK), (Signs("b", key_id="k2"), Action.BLOCK))
    verdict = await engine.evaluate(answer("a name"), policy="test")
    assert verdict.content.text == "a <WORD>ab"
    assert verdict.marks == (Marked("m0", "k1", 0), Marked("m1", "k2", 0))
    assert verdict.action is Action.REDACT


@pytest.mark.parametrize("content", [answer("bad"), prompt("fine")])
async def test_what_is_blocked_and_what_goes_in_is_not_signed(signing, content):
    verdict = await signing((Signs("a"), Action.BLOCK)).evaluate(content, policy="test")
    assert verdict.marks == ()
    assert "a" not in verdict.content.text.replace("bad", "")


@pytest.mark.parametrize(
    ("on_error", "text"), [(Action.BLOCK, ""), (Action.FLAG, "fine"), (Action.ALLOW, "fine")]
)
async def test_a_mark_that_fails_follows_its_on_error(signing, on_error, text):
    engine = signing((Signs("a", MarkError("too short")), on_error))
    verdict = await engine.evaluate(answer("fine"), policy="test")
    assert (verdict.action, verdict.content.text) == (on_error, text)
    (report,) = [one for one in verdict.reports if one.check == "marks"]
    assert (report.rule, report.outcome, report.reason) == ("m0", Outcome.FAILED, "too short")
    assert verdict.marks == ()


async def test_what_a_broken_mark_says_is_not_told(signing):
    engine = signing((Signs("a", RuntimeError("the answer is fine")), Action.FLAG))
    verdict = await engine.evaluate(answer("fine"), policy="test")
    assert verdict.reports[-1].reason == "raised RuntimeError"


async def test_a_mark_that_fails_does_not_keep_others_from_signing(signing):
    engine = signing((Signs("a", MarkError("no")), Action.FLAG), (Signs("b"), Action.BLOCK))
    verdict = await engine.evaluate(answer("fine"), policy="test")
    assert verdict.content.text == "fineb"
    assert [one.mark for one in verdict.marks] == ["m1"]


async def test_a_mark_for_pictures_leaves_texts_alone(signing):
    engine = signing((Signs("a", inspects=Image), Action.BLOCK))
    verdict = await engine.evaluate(answer("fine"), policy="test")
    assert (verdict.content.text, verdict.marks) == ("fine", ())
