"""Marks sign what is passed on, and nothing else; one that fails follows its `on_error`."""

from dataclasses import dataclass, field, replace

import pytest

from guardrails.core.content import Content, Image, Stage, Text, answer, prompt
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


@dataclass
class Writes(Signs):
    """Writes a payload: always the same, or one that it makes of what is told."""

    payload: str = ""


@dataclass
class Numbers(Signs):
    """Carries the first letters of the decision."""

    def payload_for(self, told):
        return told["decision_id"][:6]


@dataclass
class Listens(Signs):
    """Keeps what it was told."""

    told: list = field(default_factory=list)

    def embed_for(self, subject, told):
        self.told.append(dict(told))
        return self.embed(subject)


@dataclass
class Stands(Signs):
    """Stands beside a text, and says what that was."""

    def embed(self, subject):
        return subject

    def attachment_for(self, subject, told):
        if self.error:
            raise self.error
        return f"{subject.text} by {told['decision_id']}"

    def detect_with(self, subject, attachment):
        raise NotImplementedError


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


async def test_the_verdict_says_what_each_mark_carries_and_the_next_are_told(signing):
    listens = Listens("c")
    engine = signing(
        (Writes("a", payload="C0FFEE"), Action.BLOCK),
        (Numbers("b"), Action.BLOCK),
        (listens, Action.BLOCK),
    )
    verdict = await engine.evaluate(answer("fine"), policy="test")
    carried = verdict.id[:6]
    assert [one.payload for one in verdict.marks] == ["c0ffee", carried, ""]
    assert listens.told == [
        {
            "policy": "test",
            "policy_hash": "0" * 64,
            "decision_id": verdict.id,
            "payload.m0": "c0ffee",  # as it is read again
            "payload.m1": carried,
        }
    ]


async def test_what_could_not_be_put_into_a_part_is_not_told_of_it(signing):
    @dataclass
    class Some(Writes):
        def embed(self, subject):
            if subject.text == "no":
                raise MarkError("it will not have it")
            return super().embed(subject)

    listens = Listens("b")
    engine = signing((Some("a", payload="ff"), Action.FLAG), (listens, Action.FLAG))
    content = Content((Text("yes"), Text("no")), Stage.OUTPUT)
    verdict = await engine.evaluate(content, policy="test")
    assert [told.get("payload.m0") for told in listens.told] == ["ff", None]
    assert [(one.mark, one.part) for one in verdict.marks] == [("m0", 0), ("m1", 0), ("m1", 1)]


async def test_what_stands_beside_a_text_is_made_of_what_marks_before_left(signing):
    engine = signing((Signs("a"), Action.BLOCK), (Stands("b"), Action.BLOCK))
    verdict = await engine.evaluate(answer("a name"), policy="test")
    assert verdict.content.text == "a <WORD>a"
    assert [one.attachment for one in verdict.marks] == ["", f"a <WORD>a by {verdict.id}"]


async def test_what_cannot_be_handed_out_follows_its_on_error(signing):
    engine = signing((Stands("b", MarkError("no key")), Action.BLOCK))
    verdict = await engine.evaluate(answer("fine"), policy="test")
    assert (verdict.action, verdict.marks) == (Action.BLOCK, ())


async def test_a_payload_that_cannot_be_told_costs_the_mark_alone(signing):
    @dataclass
    class Broken(Signs):
        def payload_for(self, told):
            raise RuntimeError(told["decision_id"])

    engine = signing((Broken("a"), Action.FLAG), (Signs("b"), Action.BLOCK))
    verdict = await engine.evaluate(answer("fine"), policy="test")
    assert verdict.content.text == "fineb"
    assert verdict.reports[-1].reason == "raised RuntimeError"
