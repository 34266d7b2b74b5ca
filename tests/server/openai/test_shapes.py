"""Requests and answers of each route: what is judged of them, and where it is written back."""

import base64

import pytest

from guardrails.core.content import Image, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.server.openai import routes
from guardrails.wire.messages import Kind

DATA = base64.b64encode(b"picture").decode()
URL = f"data:image/png;base64,{DATA}"


def texts(route, body):
    return [(one.text, one.surface.value) for one in route.read(body).parts]


@pytest.mark.parametrize(
    ("item", "surface"),
    [
        ({"role": "user", "content": "z"}, "user"),
        ({"role": "developer", "content": [{"type": "input_text", "text": "z"}]}, "system"),
        ({"type": "function_call", "name": "f", "call_id": "c", "arguments": "z"}, "assistant"),
        ({"type": "function_call_output", "call_id": "c", "output": "z"}, "tool"),
        ({"type": "custom_tool_call_output", "output": [{"text": "z"}]}, "tool"),
        ({"type": "reasoning", "summary": [{"type": "summary_text", "text": "z"}]}, "assistant"),
        ({"type": "something_new", "words": "z"}, "user"),
    ],
)
def test_items_of_responses_know_who_speaks(item, surface):
    assert texts(routes.RESPONSES, {"input": [item]}) == [("z", surface)]


@pytest.mark.parametrize(
    ("route", "body", "kind"),
    [
        (routes.RESPONSES, {"input": "z", "previous_response_id": "r"}, Kind.STORED),
        (routes.RESPONSES, {"input": "z", "conversation": {"id": "r"}}, Kind.STORED),
        (routes.RESPONSES, {"input": [{"type": "item_reference", "id": "i"}]}, Kind.STORED),
        (routes.CHAT, {"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, Kind.STORED),
        (routes.EMBEDDINGS, {"input": [[1, 2]]}, Kind.TOKENS),
        (
            routes.RESPONSES,
            {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
            Kind.FILE,
        ),
        (
            routes.CHAT,
            {"messages": [{"role": "user", "content": [{"image_url": {"url": "https://x"}}]}]},
            Kind.PICTURE,
        ),
    ],
)
def test_what_cannot_be_judged_is_said_and_may_be_let_by(route, body, kind):
    reading = route.read(body)
    with pytest.raises(ContentError):
        reading.must_be_judged(frozenset(Kind) - {kind})

    reading.must_be_judged(frozenset({kind}))


def test_pictures_of_an_answer_are_judged_and_written_back():
    body = {"data": [{"b64_json": DATA, "revised_prompt": "z"}, {"url": "https://x"}]}
    first, second = routes.IMAGES.answers(body)

    assert first.parts == (Image(b"picture", Surface.ASSISTANT), Text("z", Surface.ASSISTANT))
    other = (Image(b"other", Surface.ASSISTANT), first.parts[1])
    written = routes.passed_on(body, first, other)
    assert base64.b64decode(written["data"][0]["b64_json"]) == b"other"
    assert [one.kind for one in second.unjudged] == [Kind.PICTURE]


def test_a_body_in_which_nothing_changed_is_the_very_object():
    body = {"messages": [{"role": "user", "content": [{"text": "z"}, {"image_url": URL}]}]}
    reading = routes.CHAT.read(body)

    assert reading.written(reading.parts) is body


def test_an_answer_that_changed_does_not_tell_the_old_text_once_more():
    choice = {"index": 0, "message": {"role": "assistant", "content": "zephyr"}}
    body = {"choices": [{**choice, "logprobs": {"content": [{"token": "zephyr"}]}}]}
    (reading,) = routes.CHAT.answers(body)

    assert "zephyr" not in str(routes.passed_on(body, reading, [Text("x", Surface.ASSISTANT)]))


@pytest.mark.parametrize("route", routes.ROUTES.values(), ids=routes.ROUTES)
def test_a_knob_is_not_judged_and_an_unknown_field_is(route):
    reading = route.read({"model": "z", "some_new_field": ["z"]})

    assert reading.parts == (Text("z", Surface.USER),)
    assert reading.unknown == ("some_new_field",)
