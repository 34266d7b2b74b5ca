"""Marks and what was found of them, there and back; what is no message of ours is refused."""

from pathlib import Path

import pytest

from guardrails.core.content import Image, Text
from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.core.mark import Decision, Detection
from guardrails.core.view import Span
from guardrails.wire import marks as convert
from guardrails.wire import marks_pb2 as pb

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    "detection",
    [
        Detection(Decision.UNMARKED),
        Detection(Decision.UNDECIDABLE, 0.5, 0.25, 2, reason="too short"),
        Detection(Decision.MARKED, 0.0, -1.5, 187, "k1", "c0ffee", Span(0, 12)),
        Detection(Decision.MARKED, 1e-300, 25.0, 9, "k1", where=Region(0.0, 0.25, 0.5, 1.0)),
    ],
)
def test_what_was_found_is_the_same_there_and_back(detection):
    message = convert.detection_message("writer", detection)
    read = convert.detection(pb.Detection.FromString(message.SerializeToString()))

    assert read == ("writer", detection)


@pytest.mark.parametrize("inspects", [Text, Image])
def test_a_mark_that_is_known_is_the_same_there_and_back(inspects):
    known = convert.KnownMark("writer", "kgw", inspects, "k1", embeds=False)

    assert convert.known(convert.known_message(known)) == known


@pytest.mark.parametrize("subject", ["text", "", b"picture", b""])
def test_a_subject_is_the_same_there_and_back(subject):
    for message in (
        convert.detect_request(subject, ["writer"], 0.01),
        convert.embed_request(subject, "writer"),
    ):
        read = convert.subject(message)
        assert (read.text if isinstance(read, Text) else read.data) == subject
        assert isinstance(read, Text) is isinstance(subject, str)


@pytest.mark.parametrize("message", [pb.DetectRequest(), pb.EmbedRequest(mark="writer")])
def test_nothing_is_no_subject(message):
    with pytest.raises(ContentError, match="nothing to look at, set its text or its picture"):
        convert.subject(message)


@pytest.mark.parametrize(
    ("sent", "rate"), [(0.0, None), (1e-12, 1e-12), (0.001, 0.001), (0.5, 0.5)]
)
def test_a_rate_may_be_left_out(sent, rate):
    assert convert.rate(pb.DetectRequest(false_positive_rate=sent)) == rate


@pytest.mark.parametrize("sent", [-0.1, 1e-13, 0.6, float("inf"), float("nan")])
def test_other_rates_are_refused(sent):
    with pytest.raises(ContentError, match="ask for one from 1e-12 to"):
        convert.rate(pb.DetectRequest(false_positive_rate=sent))


def test_words_of_a_newer_sidecar_are_not_taken_for_others():
    assert convert.detection(pb.Detection(decision=9))[1].decision is Decision.UNDECIDABLE
    assert convert.known(pb.KnownMark(name="song", subject=9)).inspects is None
