"""What travels arrives as it was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.content import Content, Image, Stage, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.core.finding import Copied, Finding, Region
from guardrails.core.verdict import Action, Marked, Outcome, Report, Verdict
from guardrails.core.view import Span
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
shares = st.floats(0, 1)
surfaces = st.sampled_from(list(Surface))
parts = st.one_of(
    st.builds(Text, words, surfaces), st.builds(Image, st.binary(max_size=20), surfaces)
)
some_parts = st.lists(parts, max_size=4).map(tuple)
contents = st.builds(Content, some_parts, st.sampled_from(list(Stage)), some_parts)
places = st.one_of(
    st.none(),
    st.builds(Span, st.integers(0, 9), st.integers(10, 2**31)),
    st.builds(Region, shares, shares, shares, shares),
)
counts = st.integers(0, 2**31)
copies = st.builds(
    Copied,
    words,
    words,
    st.sampled_from(["text", "code", "image"]),
    words,
    words,
    words,
    words,
    counts,
    counts,
    st.one_of(st.none(), st.builds(Region, shares, shares, shares, shares)),
    counts,
    counts,
    shares,
    st.booleans(),
)
findings = st.builds(
    Finding, words, shares, places, words, st.integers(0, 99), st.one_of(st.none(), copies)
)
reports = st.builds(
    Report,
    words,
    words,
    st.sampled_from(list(Outcome)),
    st.sampled_from(list(Action)),
    st.lists(findings, max_size=3).map(tuple),
    st.dictionaries(words, shares, max_size=3),
    st.lists(st.integers(0, 99), max_size=3).map(tuple),
    words,
    shares,
)

put_in = st.builds(Marked, words, words, st.integers(0, 99), words, words)


@given(content=contents, policy=words)
def test_content_arrives_as_it_was_sent(content, policy):
    message = pb.EvaluateRequest.FromString(convert.request(content, policy).SerializeToString())

    assert convert.content(message) == content
    assert message.policy == policy


@given(
    content=contents,
    action=st.sampled_from(list(Action)),
    told=st.lists(reports, max_size=3).map(tuple),
    reply=st.none() | words,
    marks=st.lists(put_in, max_size=3).map(tuple),
)
def test_a_verdict_arrives_as_it_was_sent(content, action, told, reply, marks):
    passed_on = Content(
        () if action is Action.BLOCK else content.parts, content.stage, content.prompt
    )
    sent = Verdict(
        id="1",
        action=action,
        content=passed_on,
        reports=told,
        policy="chat",
        policy_hash="ab",
        stage=content.stage,
        reply=reply,
        models={"ner": "cd"},
        milliseconds=1.5,
        marks=marks,
    )
    message = pb.EvaluateResponse.FromString(convert.response(sent).SerializeToString())

    assert convert.verdict(message, content) == sent


def test_an_action_of_a_newer_sidecar_blocks_and_passes_nothing_on():
    message = pb.EvaluateResponse(verdict=pb.Verdict(content=[pb.Part(text="x")]))
    message.verdict.action = 99

    verdict = convert.verdict(message, Content((Text("x"),)))

    assert verdict.blocked
    assert verdict.content.parts == ()


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (pb.EvaluateRequest(), "stage is not set, send STAGE_INPUT or STAGE_OUTPUT"),
        (
            pb.EvaluateRequest(stage=pb.STAGE_INPUT, parts=[pb.Part(text="a"), pb.Part()]),
            "part 1 holds nothing, set its text or its image",
        ),
        (
            pb.EvaluateRequest.FromString(b"\x10\x01\x1a\x05\x08\x09\x12\x01a"),
            "part 0 has the unknown surface 9",
        ),
        (
            pb.EvaluateRequest(stage=pb.STAGE_OUTPUT, prompt=[pb.Part()]),
            "prompt part 0 holds nothing, set its text or its image",
        ),
    ],
)
def test_what_cannot_be_read_is_named(message, error):
    with pytest.raises(ContentError) as caught:
        convert.content(message)

    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("stage", "surface"),
    [(pb.STAGE_INPUT, Surface.USER), (pb.STAGE_OUTPUT, Surface.ASSISTANT)],
)
def test_who_speaks_is_clear_from_the_stage_when_it_is_not_said(stage, surface):
    message = pb.EvaluateRequest(stage=stage, parts=[pb.Part(text="a")])

    assert convert.content(message).parts[0].surface is surface
