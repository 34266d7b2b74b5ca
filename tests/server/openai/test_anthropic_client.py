"""The official Anthropic client, through the same proxy."""

import json

import anthropic
import pytest

REPLY = "I can't help with that."


@pytest.fixture
def client(url):
    with anthropic.Anthropic(base_url=url, api_key="key", max_retries=0) as client:
        yield client


def asking(text="hello", **script):
    return {
        "model": "m",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": text}],
        "extra_headers": {"x-script": json.dumps(script)},
    }


def test_messages(client, model):
    create = client.messages.create
    assert create(**asking()).content[0].text == "Hello there."
    assert model.asked[-1]["headers"]["authorization"] == "Bearer key"
    create(**asking("zephyr"), system="no zephyr")
    assert model.body["messages"][0]["content"] == "<CONFIDENTIAL>"
    assert model.body["system"] == "no <CONFIDENTIAL>"
    assert create(**asking(say=["a zephyr"])).content[0].text == "a <CONFIDENTIAL>"
    for blocked in (create(**asking("forbidden")), create(**asking(say=["forbidden"]))):
        assert (blocked.content[0].text, blocked.stop_reason) == (REPLY, "refusal")


@pytest.mark.parametrize("size", [1, 1_000_000])
@pytest.mark.parametrize(
    ("script", "text", "used", "reason"),
    [
        ({"say": ["Hel", "lo"]}, "Hello", None, "end_turn"),
        ({"say": ["a zep", "hyr"]}, "a <CONFIDENTIAL>", None, "end_turn"),
        (
            {"say": ["a"], "arguments": ['{"a":', ' "zep', 'hyr"}']},
            "a",
            {"a": "<CONFIDENTIAL>"},
            "end_turn",
        ),
        ({"say": ["forb", "idden"]}, REPLY, None, "refusal"),
        ({"say": ["a"], "arguments": ['{"a": "forbidden"}']}, REPLY, None, "refusal"),
        ({"say": ["a"], "thoughts": ["a zeph", "yr"]}, "a", None, "end_turn"),
        ({"say": ["a"], "thoughts": ["forbidden"]}, REPLY, None, "refusal"),
    ],
)
def test_streams(client, script, text, used, reason, size):
    with client.messages.stream(**asking(size=size, **script)) as stream:
        said = stream.get_final_message()

    assert "".join(one.text for one in said.content if one.type == "text") == text
    uses = [one.input for one in said.content if one.type == "tool_use"]
    assert uses == ([] if used is None else [used])
    assert said.stop_reason == reason
    assert "zephyr" not in said.model_dump_json()
    assert "forbidden" not in said.model_dump_json()


def test_a_blocked_prompt_as_a_stream(client, model):
    with client.messages.stream(**asking("forbidden")) as stream:
        said = stream.get_final_message()

    assert (said.content[0].text, said.stop_reason) == (REPLY, "refusal")
    assert model.asked == []


def test_errors_are_read_by_the_client(client):
    asked = asking()
    asked["messages"] = [{"role": "wizard", "content": "hello"}]
    with pytest.raises(anthropic.BadRequestError, match="unknown role"):
        client.messages.create(**asked)
    with pytest.raises(anthropic.RateLimitError, match="slow down"):
        client.messages.create(**asking(mode="error"))
