"""Events, however their bytes are cut."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.server.openai import sse
from guardrails.server.openai.sse import Malformed, Parser


def read(*pieces, most=sse.EVENT_BYTES):
    parser = Parser(most)
    found = [event for piece in pieces for event in parser.feed(piece)]
    found += parser.finish()
    return [(event.name, event.data) for event in found]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [("", "a")]),
        (b"data:a\n\ndata:  b\n\n", [("", "a"), ("", " b")]),
        (b"event: x\ndata: a\ndata: b\n\n", [("x", "a\nb")]),
        (b"\xef\xbb\xbfdata: a\r\n\r\ndata: b\r\n\r\n", [("", "a"), ("", "b")]),
        (b"data: a\rdata: b\r\rdata: c\r\r", [("", "a\nb"), ("", "c")]),
        (b": alive\n\ndata: a\n\n", [("", ""), ("", "a")]),
        (b"id: 1\nretry: 2\nother\ndata: a\n\n", [("", "a")]),
        (b"data: a", [("", "a")]),
        (b"data: a\n", [("", "a")]),
        (b"\n\n\ndata: [DONE]\n\n", [("", "[DONE]")]),
        ("data: grüße 🙂\n\n".encode(), [("", "grüße 🙂")]),
        (b"event: two words\ndata: a\n\n", [("", "a")]),
        (b"", []),
    ],
)
def test_every_way_to_cut_them_gives_the_same_events(stream, events):
    assert read(stream) == events
    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == events
    for at in range(len(stream)):
        assert read(stream[:at], stream[at:]) == events


@given(
    st.lists(st.tuples(st.sampled_from(["", "a.b"]), st.text("ab\n é🙂", min_size=1)), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_what_is_written_is_read_again(events, end, cuts):
    written = b"".join(sse.write(data, name) for name, data in events)
    stream = written.decode().replace("\n", end).encode()
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in itertools.pairwise(places)]

    assert read(*pieces) == events


def test_plain_events_keep_their_bytes():
    stream = b"event: x\r\ndata: a\r\n\r\n"
    (event,) = [*Parser().feed(stream + b"d")]

    assert event.written == stream


@pytest.mark.parametrize("stream", [b"data: \xff\n\n", b"\xff"])
def test_what_is_not_utf_8_is_refused(stream):
    with pytest.raises(Malformed, match="not UTF-8"):
        read(stream)


@pytest.mark.parametrize("line", [b"data: aaaaaaaaaa", b"data: aaaaaaaa\n", b": a\n"])
def test_an_event_without_an_end_is_refused(line):
    with pytest.raises(Malformed, match="longer than"):
        read(*[line * 10] * 100, most=1000)


def test_nothing_of_an_event_is_shown_when_it_is_printed():
    assert "secret" not in repr(sse.Event("x", "secret"))
