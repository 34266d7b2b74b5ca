"""Eight times as much costs about eight times as much, and no small message costs much memory."""

import json
import time
import tracemalloc
from collections.abc import Callable

import pytest

from guardrails.checks.normalise import views
from guardrails.core.errors import ContentError
from guardrails.hiding.restoring import Restorer
from guardrails.marks.provenance.containers import packet_of, with_packet
from guardrails.policy import source
from guardrails.policy.problems import Problems
from guardrails.server.openai import bodies, requests, sse
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from tests.fuzz.targets import MAPPING

SMALL, TIMES = 3_000, 8
LEEWAY = 4
"""How much worse than linear may be measured on a machine that others use too."""
LEAST = 0.002


def restored_by_the_letter(text: str) -> None:
    restorer = Restorer(MAPPING)
    for letter in text:
        restorer.feed(letter)
    restorer.finish()


def read_by_the_byte(text: str) -> None:
    parser = sse.Parser()
    for byte in text.encode():
        list(parser.feed(bytes([byte])))
    list(parser.finish())


def marked(text: str) -> None:
    segments = b"\xff\xe1\x00\x1fhttp://ns.adobe.com/xap/1.0/\0" * (len(text) // 33)
    with_packet(b"\xff\xd8\xff\xe0\x00\x02" + segments + b"\xff\xd9", b"<x/>")
    packet_of(b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00abcd1234" * (len(text) // 12))


def parsed(text: str) -> None:
    source.parse(text, "f", Problems())


WAYS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "normalise": (
        views,
        (
            *("a ", "a-", "a_", "a\u200b", "e\u0301", "\u0301", "%41", "%80", "&amp;", "\\u0041"),
            *("\\ud83d\\ude00", "41 ", "0x41,", "deadbeef", "A" * 64 + "\r\n", "aGVsbG8gd29ybGQg"),
            *(
                "\U000e0041",
                "\ufe01",
                "😀\ufe0f\u200d",
                "аb ",
                "а ",
                "ａ",
                "h3ll0 ",
                "@",
                "gur naq ",
            ),
            *("\u202e", "中！", "㌀", "\u0627\u200c", "a - ", "=", "\x00", "....", "1|1"),
        ),
    ),
    "restore": (
        restored_by_the_letter,
        ("<", "<PERSON_", "person ", "**", "<PERSON_1>", "İ", "email address ", "credit-card\\_"),
    ),
    "events": (
        read_by_the_byte,
        ("a", "\n", "\r", "data: x\n", "data: x\r\n", ":\n\n", "data\r\r"),
    ),
    "yaml": (
        parsed,
        ("a: b\n", "- a\n", "# a\n", "'", '"', " ", "a\n ", "[a,", "{a: ", "|\n", "k", "- - "),
    ),
    "xmp": (marked, ("x",)),
}


def seconds(work: Callable[[str], object], text: str) -> float:
    """Measure the least of two, in processor time."""
    least = float("inf")
    for _ in range(2):
        start = time.process_time()
        work(text)
        least = min(least, time.process_time() - start)
    return least


@pytest.mark.parametrize(
    ("way", "unit"), [(way, unit) for way, (_, units) in WAYS.items() for unit in units]
)
def test_the_cost_grows_as_the_text_does(way, unit):
    work, _ = WAYS[way]
    few = (unit * SMALL)[:SMALL]
    many = (unit * SMALL * TIMES)[: SMALL * TIMES]

    assert seconds(work, many) < TIMES * LEEWAY * max(seconds(work, few), LEAST)


def chat(inner: bytes) -> bytes:
    return b'{"messages":[{"role":"user","content":' + inner + b"}]}"


BOMBS = {
    "deep and wide": chat(b"[" * 900 + b",".join([b'"a"'] * 20_000) + b"]" * 900),
    "wide": chat(b"[" + b",".join([b'"a"'] * 300_000) + b"]"),
    "deep": chat(b"[" * 980 + b'"a"' + b"]" * 980),
    "in an unknown field": b'{"other":' + b"[" * 980 + b'"a"' + b"]" * 980 + b"}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_body_that_would_be_walked_for_long_is_refused_at_once(name):
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(ContentError):
        requests.read(requests.CHAT, requests.CHAT_KNOWN, bodies.parse(BOMBS[name]))
    took = time.process_time() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert took < 5
    assert peak < 100 * len(BOMBS[name]) + 20_000_000


def test_a_body_as_deep_as_tools_are_is_read():
    schema: dict[str, object] = {"type": "string", "description": "innermost"}
    for _ in range(30):
        schema = {"type": "object", "properties": {"inner": schema}}
    body = {"messages": [{"role": "user", "content": "hi"}], "tools": [{"parameters": schema}]}

    read = requests.read(
        requests.CHAT, requests.CHAT_KNOWN, bodies.parse(json.dumps(body).encode())
    )

    assert "innermost" in [part.text for part in read.parts]


def test_a_request_of_more_parts_than_anybody_sends_is_refused_before_they_are_read():
    one = pb.EvaluateRequest(parts=[pb.Part(text="")]).SerializeToString()
    message = pb.EvaluateRequest.FromString(b"\x10\x01" + one * 500_000)

    start = time.process_time()
    with pytest.raises(ContentError, match="more than 20,000 parts, send fewer"):
        convert.content(message)

    assert time.process_time() - start < 1
