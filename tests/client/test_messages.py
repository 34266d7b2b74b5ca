"""Chat messages: what is judged of them, and what the guarded function gets."""

import base64
import copy
import io
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from guardrails.client.prompts import asked
from guardrails.core.content import Image, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.wire.messages import NAMES, ROLES


def packed(colour, kind="PNG"):
    file = io.BytesIO()
    Pillow.new("RGB", (8, 8), colour).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def call(arguments):
    function = {"name": "zephyr", "arguments": arguments}
    return {"id": "zephyr", "type": "function", "function": function}


SHAPES = {
    "a string": ({"role": "user", "content": "zephyr", "name": "zephyr"}, "user"),
    "parts": ({"role": "user", "content": [{"type": "text", "text": "zephyr"}]}, "user"),
    "a tuple of parts": ({"role": "system", "content": ({"text": "zephyr"},)}, "system"),
    "tool calls": (
        {"role": "assistant", "content": None, "tool_calls": [call('{"q": "zephyr"}')]},
        "assistant",
    ),
    "a tool's answer": ({"role": "tool", "tool_call_id": "zephyr", "content": "zephyr"}, "tool"),
    "a document": (
        {
            "role": "user",
            "content": [
                {"type": "document", "source": {"media_type": "text/plain", "data": "zephyr"}}
            ],
        },
        "user",
    ),
    "a refusal": ({"role": "assistant", "content": None, "refusal": "zephyr"}, "assistant"),
    "thoughts": ({"role": "assistant", "content": "", "reasoning": "zephyr"}, "assistant"),
    "a tool's use, with keys of its own": (
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "zephyr", "input": {"name": ["zephyr"]}}],
        },
        "assistant",
    ),
    "a tool's result among the user's words": (
        {
            "role": "user",
            "content": [{"type": "tool_result", "content": [{"type": "text", "text": "zephyr"}]}],
        },
        "tool",
    ),
}


@pytest.mark.parametrize(("message", "surface"), SHAPES.values(), ids=SHAPES)
def test_every_text_is_judged_and_knows_who_speaks(message, surface):
    parts = [part for part in asked([message]).content.parts if "zephyr" in part.text]

    assert [part.surface.value for part in parts] == [surface]


@pytest.mark.parametrize("message", [one for one, _ in SHAPES.values()], ids=SHAPES)
async def test_a_redacted_message_keeps_its_shape(guarded, message):
    seen = []
    messages = [{"role": "user", "content": "hello"}, message]
    before = copy.deepcopy(messages)
    await guarded(lambda prompt: seen.append(prompt) or "fine")(messages)

    assert messages == before
    assert _strings(seen[0][1]) == [
        (key, text if key in {"name", "id", "tool_call_id"} and "input" not in path else redacted)
        for key, text, redacted, path in _expected(message)
    ]


def _walk(value, path=()):
    if isinstance(value, str):
        yield path, value
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list | tuple) else pairs
    for key, one in pairs:
        yield from _walk(one, (*path, key))


def _strings(value):
    return [(path[-1], text) for path, text in _walk(value)]


def _expected(value):
    for path, text in _walk(value):
        yield path[-1], text, text.replace("zephyr", "<CONFIDENTIAL>"), path


async def test_messages_that_are_clean_are_the_very_object(guarded):
    seen = []
    messages = [{"role": "assistant", "content": None, "tool_calls": [call("{}")]}]
    await guarded(lambda prompt: seen.append(prompt) or "fine")(messages)

    assert seen[0] is messages


@pytest.mark.parametrize("shape", [message for message, _ in SHAPES.values()], ids=SHAPES)
async def test_nothing_forbidden_arrives_in_any_shape(guarded, shape):
    seen = []
    message = copy.deepcopy(shape)
    forbidden = asked([message]).passed_on(
        [Text(part.text.replace("zephyr", "forbidden")) for part in asked([message]).content.parts]
    )
    answer = await guarded(seen.append, on_block="reply")(forbidden)

    assert (answer, seen) == ("I can't help with that.", [])


PICTURES = {
    "image_url": (
        lambda url: {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
        lambda part: part["image_url"]["url"],
    ),
    "input_image": (
        lambda url: {"type": "input_image", "image_url": url},
        lambda part: part["image_url"],
    ),
    "inline": (
        lambda url: {"inline_data": {"mime_type": "image/png", "data": url.partition(",")[2]}},
        lambda part: "data:image/png;base64," + part["inline_data"]["data"],
    ),
    "source": (
        lambda url: {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": url.partition(",")[2]},
        },
        lambda part: "data:image/png;base64," + part["source"]["data"],
    ),
}


@pytest.mark.parametrize("shape", PICTURES)
def test_a_picture_as_data_is_judged_as_a_picture(shape):
    part, _ = PICTURES[shape]
    message = {"role": "user", "content": [part("data:image/png;base64," + packed("red"))]}

    assert Image(base64.b64decode(packed("red")), Surface.USER) in asked([message]).content.parts


@pytest.mark.parametrize("shape", PICTURES)
async def test_a_redacted_picture_is_data_of_the_same_type(guarded, shape):
    seen = []
    part, url = PICTURES[shape]
    sent = part("data:image/png;base64," + packed("red"))
    await guarded(lambda prompt: seen.append(prompt) or "fine", policy="sees")(
        [{"role": "user", "content": ["look at zephyr", sent]}]
    )
    text, covered = seen[0][0]["content"]
    head, _, data = url(covered).partition(",")
    picture = Pillow.open(io.BytesIO(base64.b64decode(data)))

    assert (text, head, picture.format) == (
        "look at <CONFIDENTIAL>",
        "data:image/png;base64",
        "PNG",
    )
    assert picture.convert("RGB").getpixel((4, 4)) != (255, 0, 0)
    assert url(sent).endswith(packed("red"))


def test_a_text_that_looks_like_a_picture_is_judged_as_text():
    url = "data:image/png;base64," + packed("red")

    assert asked([{"role": "user", "content": url}]).content.parts == (Text(url),)


JUDGED = "guard judges text, and pictures as data:image/...;base64,..."
ELSEWHERE = "a picture that is elsewhere cannot be judged, send it as data:image/...;base64,..."


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}, ELSEWHERE),
        ({"type": "input_image", "image_url": "http://example.org/x.png"}, ELSEWHERE),
        ({"type": "image_url", "image_url": {"url": "data:text/html;base64,aGk="}}, ELSEWHERE),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,a b"}},
            "its picture is not valid base64",
        ),
        ({"type": "image_url", "image_url": None}, ELSEWHERE),
        ({"type": "input_image", "file_id": "f"}, ELSEWHERE),
        ({"type": "image", "source": {"type": "url", "url": "https://example.org"}}, ELSEWHERE),
        ({"type": "input_audio", "input_audio": {}}, f"it holds sound or film, {JUDGED}"),
        ({"type": "file", "file": {"file_data": "x"}}, f"it holds a file, {JUDGED}"),
        (
            {"type": "document", "source": {"media_type": "application/pdf", "data": "x"}},
            f"it holds a file, {JUDGED}",
        ),
        (
            {"type": "document", "source": {"type": "url", "url": "https://example.org"}},
            f"it holds a file, {JUDGED}",
        ),
        ({"type": "text", "text": b"zephyr"}, f"it holds a bytes, {JUDGED}"),
        (Pillow.new("RGB", (1, 1)), f"it holds a Image, {JUDGED}"),
    ],
)
async def test_what_cannot_be_judged_names_its_message(guarded, part, message):
    messages = [{"role": "user", "content": "hello"}, {"role": "user", "content": [part]}]
    with pytest.raises(ContentError) as caught:
        await guarded(lambda _: "fine")(messages)

    assert str(caught.value) == f"message 1: {message}"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ({"role": "wizard", "content": "x"}, f"unknown role, use one of: {', '.join(ROLES)}"),
        ({"content": "x"}, f"unknown role, use one of: {', '.join(ROLES)}"),
        (SimpleNamespace(role="user"), "it is a SimpleNamespace, guard judges dicts"),
        (None, "it is a NoneType, guard judges dicts"),
    ],
)
def test_what_is_no_message_is_refused(message, told):
    with pytest.raises(ContentError) as caught:
        asked([message])

    assert str(caught.value) == f"message 0: {told}"


async def test_messages_that_say_nothing_are_refused(guarded):
    with pytest.raises(ContentError, match="nothing to judge"):
        await guarded(lambda _: "fine")([{"role": "assistant", "content": None}])


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abxyz"), inner),
    max_leaves=8,
)
messages = st.lists(
    st.builds(
        lambda role, content, rest: {**rest, "role": role, "content": content},
        st.sampled_from(sorted(ROLES)),
        values,
        st.dictionaries(st.sampled_from(["name", "tool_calls", "input", "id", "x"]), values),
    ),
    min_size=1,
)


@given(messages)
def test_whatever_the_shape_no_string_slips_by(messages):
    before = copy.deepcopy(messages)
    prompt = asked(messages)
    written = prompt.passed_on([Text("!" + piece.part.text) for piece in prompt.pieces])

    assert messages == before
    assert [path for path, _ in _walk(written)] == [path for path, _ in _walk(messages)]
    for (path, old), (_, new) in zip(_walk(messages), _walk(written), strict=True):
        judged = path[-1] not in NAMES or "input" in path
        assert new == ("!" + old if judged else old)
    assert prompt.passed_on([piece.part for piece in prompt.pieces]) is messages
