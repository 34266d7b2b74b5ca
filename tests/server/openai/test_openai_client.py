"""The official OpenAI client, through a proxy that listens, to a model's server that does too."""

import json

import openai
import pytest

REPLY = "I can't help with that."


def scripted(**script):
    return {"x-script": json.dumps(script)}


@pytest.fixture
def client(url):
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-test", max_retries=0) as client:
        yield client


def ask(client, text="hello", **more):
    return client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": text}], **more
    )


def told(chunks):
    chunks = list(chunks)
    choices = [one.choices[0] for one in chunks if one.choices]
    text = "".join(one.delta.content or "" for one in choices)
    calls = "".join(
        call.function.arguments or "" for one in choices for call in one.delta.tool_calls or ()
    )
    ends = [one.finish_reason for one in choices if one.finish_reason]
    return text, calls, ends


def test_a_clean_answer_passes_and_the_prompt_arrives_byte_for_byte(client, model):
    raw = client.chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": "hello"}]
    )
    answer = raw.parse()

    assert answer.choices[0].message.content == "Hello there."
    assert raw.headers["x-guardrails-action"] == "allow"
    assert len(raw.headers["x-guardrails-decision"].split(", ")) == 2
    assert raw.headers["x-model-server"] == "yes"
    assert model.asked[-1]["headers"]["authorization"] == "Bearer sk-test"
    assert raw.content.startswith(b'{\n "id"')  # the very bytes


def test_a_blocked_prompt_is_an_answer_and_the_model_never_sees_it(client, model):
    raw = client.chat.completions.with_raw_response.create(
        model="m", messages=[{"role": "user", "content": "say forbidden"}]
    )
    choice = raw.parse().choices[0]

    assert (choice.finish_reason, choice.message.content) == ("content_filter", REPLY)
    assert choice.message.refusal == REPLY
    assert raw.headers["x-guardrails-action"] == "block"
    assert raw.headers["x-guardrails-decision"]
    assert model.asked == []


def test_a_blocked_prompt_is_a_stream_where_one_was_asked_for(client, model):
    assert told(ask(client, "say forbidden", stream=True)) == (REPLY, "", ["content_filter"])
    assert model.asked == []


def test_what_is_redacted_in_a_prompt_does_not_reach_the_model(client, model):
    ask(client, "tell zephyr", temperature=0.5)

    assert model.body["messages"] == [{"role": "user", "content": "tell <CONFIDENTIAL>"}]
    assert model.body["temperature"] == 0.5


def test_a_blocked_answer_is_a_refusal(client):
    raw = client.chat.completions.with_raw_response.create(
        model="m",
        messages=[{"role": "user", "content": "hello"}],
        extra_headers=scripted(say=["it is ", "forbidden"], arguments=["{}"]),
    )
    answer = raw.parse()

    assert answer.choices[0].finish_reason == "content_filter"
    assert answer.choices[0].message.content == REPLY
    assert answer.choices[0].message.tool_calls is None
    assert raw.headers["x-guardrails-action"] == "block"
    assert b"forbidden" not in raw.content


def test_a_redacted_answer_keeps_its_shape(client):
    answer = ask(client, extra_headers=scripted(say=["a zephyr"], arguments=['{"a": "zephyr"}']))

    said = answer.choices[0].message
    assert said.content == "a <CONFIDENTIAL>"
    assert said.tool_calls[0].function.arguments == '{"a": "<CONFIDENTIAL>"}'


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_sealed_comes_back_in_the_answer(client, model, stream):
    answer = ask(client, "call quietname", stream=stream, extra_headers=scripted(mode="echo"))

    assert "quietname" not in model.body["messages"][0]["content"]
    text = told(answer)[0] if stream else answer.choices[0].message.content
    assert text == "call quietname"


@pytest.mark.parametrize("size", [7, 1_000_000])
@pytest.mark.parametrize(
    ("say", "arguments", "text", "calls", "end"),
    [
        (["Hel", "lo"], [], "Hello", "", "stop"),
        (["a ze", "phyr", " b"], [], "a <CONFIDENTIAL> b", "", "stop"),
        (["a"], ['{"a": "ze', 'phyr"}'], "a", '{"a": "<CONFIDENTIAL>"}', "tool_calls"),
        (["a"], ['{"a": ', "1}"], "a", '{"a": 1}', "tool_calls"),
        (["it is forb", "idden"], ["{}"], REPLY, "", "content_filter"),
        (["it is fine"], ['{"a": "forbidden"}'], REPLY, "", "content_filter"),
    ],
)
def test_streams(client, size, say, arguments, text, calls, end):
    headers = scripted(say=say, arguments=arguments, size=size)

    assert told(ask(client, stream=True, extra_headers=headers)) == (text, calls, [end])


def test_what_was_said_before_a_block_stays_and_the_rest_does_not_come(client):
    say = ["All is well here. "] * 40 + ["Now forbidden. ", "And more. "] * 3
    text, _, ends = told(ask(client, stream=True, extra_headers=scripted(say=say)))

    assert text.startswith("All is well here. All is well")
    assert text.endswith(f"\n\n{REPLY}")
    assert "forbidden" not in text
    assert "more" not in text
    assert ends == ["content_filter"]


def test_older_completions(client, model):
    def complete(prompt, **more):
        return client.completions.create(model="m", prompt=prompt, **more)

    assert complete("hello").choices[0].text == "Hello there."
    assert complete("forbidden").choices[0].finish_reason == "content_filter"
    chunks = complete("hello", stream=True, extra_headers=scripted(say=["a zeph", "yr"]))
    assert "".join(one.choices[0].text for one in chunks) == "a <CONFIDENTIAL>"
    complete(["hello", "zephyr"])
    assert model.body["prompt"] == ["hello", "<CONFIDENTIAL>"]


def test_numbers_of_tokens_are_refused(client, model):
    with pytest.raises(openai.BadRequestError, match="numbers of tokens cannot be judged"):
        client.completions.create(model="m", prompt=[1, 2, 3])
    assert model.asked == []


def test_responses(client, model):
    def respond(text, **more):
        return client.responses.create(model="m", input=text, **more)

    assert respond("hello").output_text == "Hello there."
    blocked = respond("forbidden")
    assert (blocked.status, blocked.output_text) == ("incomplete", REPLY)
    assert blocked.incomplete_details.reason == "content_filter"
    withheld = respond("hello", extra_headers=scripted(say=["forbidden"]))
    assert (withheld.status, withheld.output_text) == ("incomplete", REPLY)
    redacted = respond("zephyr", instructions="no zephyr", extra_headers=scripted(say=["zephyr"]))
    assert redacted.output_text == "<CONFIDENTIAL>"
    assert model.body["input"] == "<CONFIDENTIAL>"
    assert model.body["instructions"] == "no <CONFIDENTIAL>"


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_responses_as_streams(client, size):
    def stream(**script):
        with client.responses.stream(
            model="m", input="hello", extra_headers=scripted(size=size, **script)
        ) as stream:
            return list(stream)

    clean = stream(say=["Hel", "lo"], arguments=['{"a":', "1}"])
    assert clean[-1].response.output_text == "Hello"
    assert clean[-1].response.output[1].arguments == '{"a":1}'
    redacted = stream(say=["a zeph", "yr"], arguments=['{"a":"zep', 'hyr"}'])
    assert redacted[-1].response.output_text == "a <CONFIDENTIAL>"
    assert redacted[-1].response.output[1].arguments == '{"a":"<CONFIDENTIAL>"}'
    deltas = [one.delta for one in redacted if one.type == "response.output_text.delta"]
    assert "".join(deltas) == "a <CONFIDENTIAL>"
    assert "zephyr" not in "".join(str(one) for one in redacted[1:-1])
    blocked = stream(say=["a"], arguments=['{"a":"forbidden"}'])
    assert blocked[-1].type == "response.incomplete"
    assert blocked[-1].response.output_text == REPLY
    assert "function_call" not in str(blocked)


def test_a_blocked_prompt_as_a_stream_of_responses(client):
    with client.responses.stream(model="m", input="forbidden") as stream:
        events = list(stream)

    text = "".join(one.delta for one in events if one.type == "response.output_text.delta")
    assert text == REPLY
    assert events[-1].response.incomplete_details.reason == "content_filter"


def test_embeddings_have_their_input_judged(client, model):
    found = client.embeddings.create(model="m", input=["hello", "zephyr"], encoding_format="float")

    assert found.data[0].embedding == [0.5, 0.25]
    assert model.body["input"] == ["hello", "<CONFIDENTIAL>"]
    with pytest.raises(openai.BadRequestError, match="can't help"):
        client.embeddings.create(model="m", input="forbidden", encoding_format="float")


def test_models_are_listed_and_nothing_else_goes_by(client, model):
    assert [one.id for one in client.models.list()] == ["m"]
    with pytest.raises(openai.NotFoundError, match="nothing here judges"):
        client.audio.speech.create(model="m", voice="alloy", input="forbidden")
    assert [one["path"] for one in model.asked] == ["/v1/models"]


def test_a_policy_by_model_and_by_header(client, model):
    strict = client.chat.completions.create(
        model="strict-1", messages=[{"role": "user", "content": "hello"}]
    )
    assert strict.choices[0].message.content == "Not here."
    named = ask(client, extra_headers={"x-policy": "strict"})
    assert named.choices[0].message.content == "Not here."
    ask(client, "tell zephyr", extra_headers={"x-policy": "tiny"})
    assert "x-policy" not in model.asked[-1]["headers"]
    with pytest.raises(openai.BadRequestError, match="names a policy that is not here"):
        ask(client, extra_headers={"x-policy": "none"})
