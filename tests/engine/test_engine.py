"""What a caller of the engine sees."""

import asyncio
import io

import pytest
from PIL import Image as Pillow

from guardrails.core.check import Cost
from guardrails.core.content import Content, Image, Surface, Text, answer, prompt
from guardrails.core.errors import ContentError, UnknownPolicyError
from guardrails.core.finding import Finding
from guardrails.core.verdict import Action, Outcome
from guardrails.engine.engine import Engine
from guardrails.policy.terms import Limits, Mode


def picture(width: int = 8, height: int = 8) -> bytes:
    encoded = io.BytesIO()
    Pillow.new("RGB", (width, height), "white").save(encoded, "PNG")
    return encoded.getvalue()


async def test_where_nothing_fires_content_passes_byte_for_byte(engine, step, finds):
    content = Content(
        (Text("  a\r\n\tb\u200b  "), Text("système", Surface.SYSTEM), Image(picture()))
    )
    judged = engine(step("word", finds("absent")), on_unjudged=Action.ALLOW)

    verdict = await judged.evaluate(content, policy="test")

    assert verdict.action is Action.ALLOW
    assert verdict.content == content


async def test_a_block_passes_nothing_on_and_gives_the_reply(engine, step, finds):
    verdict = await engine(step("word", finds("secret"))).evaluate(
        prompt("a secret"), policy="test"
    )

    assert verdict.blocked
    assert verdict.content.parts == ()
    assert verdict.reply == "no"


async def test_every_occurrence_in_every_part_is_redacted_and_the_finding_says_where(
    engine, step, finds
):
    content = Content((Text("key key"), Text("no"), Text("a key", Surface.TOOL)))
    judged = engine(step("word", finds("key"), Action.REDACT))

    verdict = await judged.evaluate(content, policy="test")

    assert [part.text for part in verdict.content.parts] == ["<WORD> <WORD>", "no", "a <WORD>"]
    assert [(one.part, one.where.start) for one in verdict.reports[0].findings] == [
        (0, 0),
        (0, 4),
        (2, 2),
    ]


async def test_a_flag_leaves_content_alone(engine, step, finds):
    verdict = await engine(step("word", finds("key"), Action.FLAG)).evaluate(
        prompt("a key"), policy="test"
    )

    assert verdict.action is Action.FLAG
    assert verdict.content.text == "a key"


async def test_a_category_with_a_threshold_of_its_own_counts_from_there(engine, step, finds):
    judged = engine(
        step("sure", finds("key", score=0.6), thresholds={"word": 0.7}),
        step("other", finds("key", score=0.6, category="key"), thresholds={"word": 0.7}),
    )

    verdict = await judged.evaluate(prompt("a key"), policy="test")

    assert [one.outcome for one in verdict.reports] == [Outcome.CLEAR, Outcome.FOUND]


async def test_below_the_threshold_nothing_fires_but_the_score_is_told(engine, step, finds):
    judged = engine(step("word", finds("key", score=0.4), threshold=0.5))

    verdict = await judged.evaluate(prompt("a key"), policy="test")

    (report,) = verdict.reports
    assert (report.outcome, report.findings, report.scores) == (Outcome.CLEAR, (), {"word": 0.4})


async def test_an_unknown_policy_is_named_with_those_that_there_are(engine):
    with pytest.raises(UnknownPolicyError, match=r"^no policy 'other' is loaded, there is: test$"):
        await engine().evaluate(prompt("x"), policy="other")


def test_a_lone_surrogate_is_refused_with_its_place():
    with pytest.raises(ContentError, match="part 1: lone surrogate at character 2, send text"):
        Content((Text("fine"), Text("ab\ud800")))


@pytest.mark.parametrize(
    ("limits", "content", "reason"),
    [
        (Limits(characters=5), prompt("123456"), "6 characters, the limit is 5"),
        (
            Limits(characters=5),
            answer("123", to="456"),
            "6 characters, the limit is 5",
        ),
        (
            Limits(parts=2),
            Content((Text("a"),) * 10_000),
            "10,000 parts, the limit is 2",
        ),
    ],
)
async def test_beyond_a_limit_nothing_is_looked_at_and_the_rule_decides(
    engine, step, finds, limits, content, reason
):
    check = finds("absent")
    judged = engine(
        step("strict", check), step("lax", check, on_unjudged=Action.FLAG), limits=limits
    )

    verdict = await judged.evaluate(content, policy="test")

    assert check.looks == 0
    assert verdict.blocked
    assert [(one.rule, one.reason, one.action) for one in verdict.unjudged] == [
        ("strict", reason, Action.BLOCK),
        ("lax", reason, Action.FLAG),
    ]


@pytest.mark.parametrize(
    ("then", "action"), [(Action.BLOCK, Action.BLOCK), (Action.ALLOW, Action.ALLOW)]
)
async def test_a_picture_that_no_rule_inspects_is_up_to_the_policy(
    engine, step, finds, then, action
):
    content = Content((Text("look"), Image(picture())))
    judged = engine(step("word", finds("absent")), on_unjudged=then)

    verdict = await judged.evaluate(content, policy="test")

    assert verdict.action is action
    (unjudged,) = verdict.unjudged
    assert (unjudged.rule, unjudged.parts) == ("coverage", (1,))
    assert unjudged.reason == "no rule of policy 'test' at input inspects pictures"


async def test_what_the_author_left_out_in_writing_passes_and_is_said(engine, step, finds):
    narrow = step("word", finds("key"), surfaces=frozenset({Surface.USER}))
    content = Content((Text("a key", Surface.SYSTEM), Text("fine")))

    verdict = await engine(narrow).evaluate(content, policy="test")

    assert verdict.action is Action.ALLOW
    assert [one.reason for one in verdict.unjudged] == [
        "no rule of policy 'test' at input covers this surface"
    ]


async def test_a_stage_without_rules_passes_and_is_said(engine):
    verdict = await engine().evaluate(answer("hello"), policy="test")

    assert verdict.action is Action.ALLOW
    assert [one.reason for one in verdict.unjudged] == ["policy 'test' has no output rules"]


async def test_frames_beyond_the_limit_are_unjudged(engine, step, looks_at_pictures):
    encoded = io.BytesIO()
    frames = [Pillow.new("RGB", (4, 4), (number, 0, 0)) for number in range(5)]
    frames[0].save(encoded, "GIF", save_all=True, append_images=frames[1:])
    check = looks_at_pictures()
    judged = engine(step("picture", check), limits=Limits(frames=2))

    verdict = await judged.evaluate(Content((Image(encoded.getvalue()),)), policy="test")

    assert check.frames == 2
    assert verdict.blocked
    assert verdict.unjudged[0].reason == "5 frames, 2 were judged"


async def test_frames_are_counted_over_all_pictures_of_a_request(engine, step, looks_at_pictures):
    check = looks_at_pictures()
    judged = engine(step("picture", check, on_unjudged=Action.FLAG), limits=Limits(frames=3))

    verdict = await judged.evaluate(Content((Image(picture()),) * 5), policy="test")

    assert check.frames == 3
    assert [(one.parts, one.reason) for one in verdict.unjudged] == [
        ((3, 4), "3 frames were judged, that is the limit")
    ]


async def test_content_without_parts_is_refused(engine, step, finds):
    with pytest.raises(ContentError, match="no parts, there is nothing to judge"):
        await engine(step("word", finds("key"))).evaluate(Content(()), policy="test")


async def test_to_observe_breaks_no_traffic_that_holds_a_broken_picture(
    engine, step, looks_at_pictures
):
    judged = engine(step("picture", looks_at_pictures(), Action.FLAG, on_unjudged=Action.FLAG))
    watched = engine(
        step("picture", looks_at_pictures(), Action.FLAG, on_unjudged=Action.FLAG),
        mode=Mode.OBSERVE,
    )
    content = Content((Image(b"%PDF-1.7"),))

    with pytest.raises(ContentError):
        await judged.evaluate(content, policy="test")
    verdict = await watched.evaluate(content, policy="test")

    assert verdict.action is Action.FLAG
    assert verdict.content == content
    assert "not a PNG" in verdict.unjudged[0].reason


async def test_a_caller_who_leaves_stops_the_decoding_of_pictures(engine, step, looks_at_pictures):
    noise = io.BytesIO()
    Pillow.effect_noise((1500, 1500), 60).save(noise, "PNG")
    check = looks_at_pictures()
    judged = engine(step("picture", check))
    work = asyncio.create_task(
        judged.evaluate(Content((Image(noise.getvalue()),) * 16), policy="test")
    )
    await asyncio.sleep(0.05)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert check.frames == 0


async def test_a_file_that_is_no_picture_is_refused_with_its_part(engine, step, looks_at_pictures):
    content = Content((Text("see"), Image(b"%PDF-1.7")))
    judged = engine(step("picture", looks_at_pictures()))

    with pytest.raises(ContentError, match=r"^part 1: "):
        await judged.evaluate(content, policy="test")


async def test_a_redacted_picture_is_covered_and_stays_a_picture(engine, step):
    class Everything:
        inspects = Image
        cost = Cost.MODEL
        categories = ("word",)

        async def inspect(self, _subject, /):
            return [Finding("word", 1.0)]

    judged = engine(step("picture", Everything(), Action.REDACT))

    verdict = await judged.evaluate(Content((Image(picture(30, 20)),)), policy="test")

    covered = Pillow.open(io.BytesIO(verdict.content.parts[0].data))
    assert covered.size == (30, 20)
    assert covered.convert("RGB").getpixel((5, 5)) != (255, 255, 255)


async def test_requests_side_by_side_keep_their_own_content(engine, step, finds):
    judged = engine(step("word", finds("key"), Action.REDACT))

    verdicts = await asyncio.gather(
        *(judged.evaluate(prompt(f"{number} key"), policy="test") for number in range(200))
    )

    assert [one.content.text for one in verdicts] == [f"{number} <WORD>" for number in range(200)]
    assert len({one.id for one in verdicts}) == 200


async def test_recorders_are_told_of_every_verdict(plan, step, finds):
    told = []

    class Ears:
        def record(self, verdict):
            told.append(verdict)

    judged = Engine({"test": plan(step("word", finds("key")))}, recorders=[Ears()])
    verdict = await judged.evaluate(prompt("a key"), policy="test")

    assert told == [verdict]


async def test_no_repr_of_content_or_verdict_shows_what_was_written(engine, step, finds):
    content = answer("hunter2", to="hunter2")
    verdict = await engine(step("word", finds("hunter"))).evaluate(content, policy="test")

    assert "hunter" not in repr(content)
    assert "hunter" not in repr(verdict)
