"""Pictures in answers: judged where an answer is whole, refused where it is a stream."""

import json

import PIL.Image
import pytest

from guardrails.client import ContentError, guard
from guardrails.core.content import Content, Image, Stage, Surface, Text
from tests.doors.shapes import CHAT, IMAGES, MESSAGES, RESPONSES, message, response, whole
from tests.doors.table import DATA, PICTURE, URL
from tests.doors.test_doors import outline
from tests.server.openai.conftest import as_bytes, block_events, chunk, response_events

SEEN = {"type": "image_url", "image_url": {"url": URL}}
BLOCK = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}
MADE = {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": DATA}
SHOWN = {"role": "assistant", "content": [{"type": "text", "text": "See."}, SEEN]}
CHOICE = {"index": 0, "message": SHOWN, "finish_reason": "stop"}
PART = Image(PICTURE, Surface.ASSISTANT)
SEE = Text("See.", Surface.ASSISTANT)

WHOLE = {
    CHAT.path: ({**whole(CHAT.path, {}), "choices": [CHOICE]}, (SEE, PART)),
    RESPONSES.path: (response([MADE]), (PART,)),
    MESSAGES.path: (message([{"type": "text", "text": "See."}, BLOCK]), (SEE, PART)),
    IMAGES.path: ({"created": 1, "data": [{"b64_json": DATA}]}, (PART,)),
}
PARTIAL = {"type": "response.image_generation_call.partial_image", "partial_image_b64": DATA}
STREAMED = {
    CHAT.path: as_bytes([chunk({"role": "assistant", "content": [SEEN]}), chunk({}, "stop")]),
    RESPONSES.path: as_bytes([*list(response_events(["See."]))[:3], PARTIAL], named=True),
    MESSAGES.path: as_bytes(
        [
            *list(block_events(()))[:2],
            {"type": "content_block_start", "index": 0, "content_block": BLOCK},
        ],
        named=True,
    ),
    IMAGES.path: as_bytes(
        [{"type": "image_generation.partial_image", "b64_json": DATA}], named=True
    ),
}
BEHIND_HTTP = ("proxy", "shipped", "buffered")


def sent(doors, client, path, raw, **more):
    doors.heard.verdicts.clear()
    doors.model.raw = raw
    body = {"model": "m", "messages": [{"role": "user", "content": "Draw."}], "max_tokens": 9}
    if path == RESPONSES.path:
        body = {"model": "m", "input": "Draw."}
    if path == IMAGES.path:
        body = {"model": "m", "prompt": "Draw."}
    headers = {"x-policy": "windows"}
    return doors.loop.run(doors.clients[client].post(path, json={**body, **more}, headers=headers))


@pytest.mark.parametrize("client", BEHIND_HTTP)
@pytest.mark.parametrize("path", WHOLE)
def test_a_picture_that_no_rule_looks_at_is_unjudged(doors, client, path):
    said, parts = WHOLE[path]
    content = Content(parts, Stage.OUTPUT, (Text("Draw."),))
    expected = doors.loop.run(doors.engine.evaluate(content, policy="windows"))

    answer = sent(doors, client, path, (b"application/json", json.dumps(said).encode()))

    told = doors.of(Stage.OUTPUT)
    assert outline(told) == outline(expected)
    assert told.blocked
    assert told.unjudged
    assert DATA not in answer.text


@pytest.mark.parametrize("client", BEHIND_HTTP)
@pytest.mark.parametrize("path", STREAMED)
def test_a_picture_in_a_stream_is_refused(doors, client, path):
    answer = sent(doors, client, path, (b"text/event-stream", STREAMED[path]), stream=True)

    assert DATA not in answer.text
    assert "answer_unjudged" in answer.text or "upstream_failed" in answer.text


def test_a_picture_among_the_pieces_of_a_function_is_refused(doors):
    @guard(policy="windows", engine=doors.engine)
    def function(prompt):
        yield prompt
        yield PIL.Image.new("RGB", (8, 8))

    with pytest.raises(ContentError, match="the function yields"):
        list(function("Draw."))
