"""What travels in a stream arrives as it was sent."""

from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.content import Caller, Content, Stage, Surface, Text
from guardrails.core.stream import Released
from guardrails.core.verdict import Action, Outcome, Report, Verdict
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire import stream as wire

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(0, 2**32 - 1)
surfaces = st.sampled_from(list(Surface))
prompts = st.lists(st.builds(Text, words, surfaces), max_size=3).map(tuple)
callers = st.builds(Caller, words, words)
openings = st.builds(
    lambda prompt, caller, sealed: Content((), Stage.OUTPUT, prompt, caller, sealed),
    prompts,
    callers,
    words,
)
questions = st.builds(
    lambda parts, caller: Content(parts, Stage.INPUT, (), caller), prompts, callers
)


def sent(message):
    return type(message).FromString(message.SerializeToString())


@given(content=openings | questions, policy=words)
def test_an_opening_arrives_as_it_was_sent(content, policy):
    assert wire.opening(sent(wire.opening_request(content, policy))) == (policy, content)


@given(st.builds(wire.Piece, numbers, words, surfaces))
def test_a_piece_arrives_as_it_was_sent(piece):
    assert wire.piece(sent(wire.piece_request(piece))) == piece


def test_a_piece_is_the_assistants_where_it_is_not_said():
    message = pb.EvaluateStreamRequest(piece=pb.Piece(text="x"))

    assert wire.piece(message) == wire.Piece(0, "x", Surface.ASSISTANT)


@given(released=st.builds(Released, numbers, words), opening=openings)
def test_what_was_released_arrives_as_it_was_sent(released, opening):
    assert wire.response(sent(wire.released_response(released)), opening) == released


def test_a_verdict_arrives_as_it_was_sent():
    opening = Content((), Stage.OUTPUT, (Text("who?"),))
    report = Report("words", "keywords", Outcome.FOUND, Action.BLOCK)
    verdict = Verdict("1", Action.BLOCK, opening, (report,), "chat", "ab", Stage.OUTPUT, "no")

    assert wire.response(sent(wire.verdict_response(verdict)), opening) == verdict


def test_what_is_unknown_here_is_neither_text_nor_verdict():
    opening = Content((), Stage.OUTPUT)

    assert wire.response(pb.EvaluateStreamResponse(), opening) is None


def test_a_piece_is_shown_without_its_text():
    piece = wire.Piece(1, "secret", Surface.TOOL)

    assert repr(piece) == "Piece(part=1, characters=6)"
