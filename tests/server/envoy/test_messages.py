"""Envoy's messages, as they are read and written."""

import pytest

from guardrails.core.errors import ContentError
from guardrails.server.envoy import messages
from guardrails.server.envoy.processor import ways
from guardrails.wire import ext_proc_pb2 as pb


def test_headers_are_read_from_bytes_or_text_and_joined():
    given = pb.HttpHeaders(
        headers=pb.HeaderMap(
            headers=[
                pb.HeaderValue(key="A", raw_value=b"1"),
                pb.HeaderValue(key="b", value="2"),
                pb.HeaderValue(key="a", raw_value=b"\xe9"),
            ]
        )
    )

    assert messages.heads(given) == {"a": "1, é", "b": "2"}


@pytest.mark.parametrize(
    ("length", "last", "sizes"),
    [
        (0, False, []),
        (0, True, [0]),
        (5, True, [5]),
        (1 << 20, True, [1 << 20]),
        ((2 << 20) + 1, False, [1 << 20, 1 << 20, 1]),
    ],
)
def test_a_body_goes_in_pieces_of_which_the_last_says_so(length, last, sizes):
    sent = messages.pieces("response_body", b"x" * length, last=last)

    bodies = [one.response_body.response.body_mutation.streamed_response for one in sent]
    assert [len(one.body) for one in bodies] == sizes
    assert [one.end_of_stream for one in bodies] == [False] * (len(sizes) - 1) + [last] * bool(
        sizes
    )


def test_a_mode_in_which_nothing_is_judged_is_named_with_the_way_out():
    told = pb.ProtocolConfiguration(request_body_mode=pb.BUFFERED_PARTIAL)

    with pytest.raises(ContentError) as refused:
        ways(told)

    assert str(refused.value) == (
        "Envoy's request_body_mode is BUFFERED_PARTIAL, set one of: BUFFERED, FULL_DUPLEX_STREAMED"
    )
