"""Streamed responses without a network: every route, every split, several answers at once."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.core.errors import ContentError
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.server.admission import Admission
from guardrails.server.config import Limits
from guardrails.server.openai import routes
from guardrails.server.openai.judging import Judge, Terms

POLICY = """\
policy: {name}
output:
  - {{check: keywords, with: {{words: [forbidden], category: bad}}, then: block}}
  - {{check: keywords, rule: n, with: {{words: [zephyr], category: name}}, then: {then}}}
stream: {{release: {name}, window: 40, overlap: 16}}
replies: {{block: "No."}}
"""
ASKED = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "hi"}]},
    "/v1/completions": {"prompt": "hi"},
    "/v1/responses": {"input": "hi"},
    "/v1/messages": {"messages": [{"role": "user", "content": "hi"}]},
}
STREAMED = sorted(ASKED)


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    for name, then in (("hold", "redact"), ("eager", "flag")):
        (folder / f"{name}.yaml").write_text(POLICY.format(name=name, then=then))
    with ModelStore([]) as models:
        yield Judge(Engine(load(folder, models)), Admission(Limits()))


async def rewritten(judge, path, pieces, policy="hold", **more):
    body = {"model": "m", "stream": True, **ASKED[path], **more}
    rewriter = judge.stream(await judge.prompt(routes.ROUTES[path], body, Terms(policy)))
    out = []
    for piece in pieces:
        out.append(await rewriter.feed(piece))
        if rewriter.over:
            break
    out.append(await rewriter.finish())
    return b"".join(out)


def bodies(stream):
    lines = [line for line in stream.split(b"\n") if line.startswith(b"data: {")]
    return [json.loads(line.removeprefix(b"data: ")) for line in lines]


def said(stream, index=0):
    """Put together what a client would show of one answer, and of its tool's arguments."""
    text = arguments = ""
    for body in bodies(stream):
        match body:
            case {"choices": [*choices]}:
                for choice in choices:
                    if choice["index"] == index:
                        delta = choice.get("delta", choice)
                        text += delta.get("content") or delta.get("text") or ""
                        for call in delta.get("tool_calls", ()):
                            arguments += call["function"]["arguments"]
            case {"type": "response.output_text.delta", "delta": delta}:
                text += delta
            case {"type": "response.function_call_arguments.delta", "delta": delta}:
                arguments += delta
            case {"type": "content_block_delta", "delta": {"text": delta}}:
                text += delta
            case {"type": "content_block_delta", "delta": {"partial_json": delta}}:
                arguments += delta
    return text, arguments


def script(path, say, arguments=()):
    return {"say": say} | ({"arguments": arguments} if path != "/v1/completions" else {})


@pytest.mark.parametrize("path", STREAMED)
async def test_wherever_the_bytes_are_cut_the_same_comes_out(judge, shapes, path):
    say = ["Well, ", "a zep", "hyr blows. ", "And ", "more of it comes, é🙂."]
    stream = shapes.streamed(path, script(path, say, ['{"a": "ze', 'phyr"}']))
    outs = set()
    for size in (1, 2, 3, 50, len(stream)):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        out = await rewritten(judge, path, pieces)
        outs.add(said(out))
        assert b"zephyr" not in out.replace(b"zephyr-free", b"")

    arguments = "" if path == "/v1/completions" else '{"a": "<NAME>"}'
    assert outs == {("Well, a <NAME> blows. And more of it comes, é🙂.", arguments)}


@pytest.mark.parametrize("path", STREAMED)
@settings(max_examples=15, deadline=None)
@given(
    say=st.lists(st.text("ab .\n é🙂", min_size=1, max_size=30), min_size=1, max_size=8),
    cuts=st.lists(st.integers(1, 4000), max_size=5),
)
async def test_clean_text_arrives_as_it_was_said(judge, shapes, path, say, cuts):
    stream = shapes.streamed(path, script(path, say, ["{", "}"]))
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in itertools.pairwise(places)]
    out = await rewritten(judge, path, pieces)

    assert said(out) == said(stream)
    assert [one.get("type") for one in bodies(out)][-1] == bodies(stream)[-1].get("type")


@pytest.mark.parametrize("path", STREAMED)
async def test_where_text_is_shown_as_it_comes_clean_events_keep_their_bytes(judge, shapes, path):
    stream = shapes.streamed(path, {"say": ["Hello ", "there, ", "you."]})
    out = await rewritten(judge, path, [stream], "eager")
    told = [part for part in out.split(b"\n\n") if not part.startswith(b":")]
    sent = [part for part in stream.split(b"\n\n") if b"ping" not in part]

    assert [part for part in told if b"ping" not in part] == sent


@pytest.mark.parametrize("path", STREAMED)
async def test_a_block_withholds_the_rest_and_says_why(judge, shapes, path):
    say = ["Something harmless comes first, and a lot of it. "] * 6 + ["forbidden ", "x"] * 4
    stream = shapes.streamed(path, script(path, say, ['{"a": 1}']))
    out = await rewritten(judge, path, [stream])
    text, arguments = said(out)

    assert text.endswith("\n\nNo.")
    assert text.startswith("Something harmless")
    assert (arguments, b"forbidden" in out) == ("", False)
    assert any(word in out for word in (b"content_filter", b'"refusal"'))


@pytest.mark.parametrize("path", STREAMED)
async def test_what_is_said_before_a_block_does_not_depend_on_what_is_read_at_once(
    judge, shapes, path
):
    say = ["All is well here. "] * 12 + ["forbidden ", "x"] * 4
    stream = shapes.streamed(path, script(path, say))
    texts = set()
    for size in (7, 400, len(stream)):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        texts.add(said(await rewritten(judge, path, pieces))[0])

    [text] = texts
    assert text.startswith("All is well here. All is well")


async def test_an_event_that_is_none_is_not_reached_behind_a_block(judge, shapes):
    event = shapes.as_bytes([shapes.chunk({"content": "forbidden words, many of them. "})] * 4)
    out = await rewritten(judge, "/v1/chat/completions", [event + b"data: {none\n\n"])

    assert said(out) == ("No.", "")


@pytest.mark.parametrize("path", STREAMED)
async def test_events_that_came_at_once_are_released_together(judge, shapes, path):
    stream = shapes.streamed(path, script(path, ["All is well here. "] * 40))
    before, after = len(bodies(stream)), len(bodies(await rewritten(judge, path, [stream])))

    assert said(await rewritten(judge, path, [stream])) == said(stream)
    assert after < before - 35


@pytest.mark.parametrize("path", STREAMED)
async def test_a_block_of_which_nothing_was_shown_says_the_reply_alone(judge, shapes, path):
    stream = shapes.streamed(path, script(path, ["forbidden"], ['{"a": 1}']))
    out = await rewritten(judge, path, [stream])

    assert said(out) == ("No.", "")


async def test_each_choice_is_an_answer_of_its_own(judge, shapes):
    words = {0: ["It is ", "forbidden."], 1: ["All ", "is fine."], 2: ["a ze", "phyr"]}
    events = [shapes.chunk({"role": "assistant"}, index=number) for number in words]
    for at in range(2):
        events += [shapes.chunk({"content": words[n][at]}, index=n) for n in words]
    both = shapes.chunk({"content": ""}, "stop", index=0)
    both["choices"] += [shapes.chunk({}, "stop", index=n)["choices"][0] for n in (1, 2)]
    usage = {**shapes.chunk({}), "choices": [], "usage": {"total_tokens": 1}}
    stream = shapes.as_bytes([*events, both, usage])
    out = await rewritten(judge, "/v1/chat/completions", [stream], n=3)

    texts = [said(out, index)[0] for index in range(3)]
    assert texts == ["No.", "All is fine.", "a <NAME>"]
    ends = {
        choice["index"]: choice["finish_reason"]
        for body in bodies(out)
        for choice in body["choices"]
        if choice["finish_reason"]
    }
    assert ends == {0: "content_filter", 1: "stop", 2: "stop"}
    assert bodies(out)[-1]["usage"] == {"total_tokens": 1}
    assert out.endswith(b"data: [DONE]\n\n")


async def test_what_tells_the_text_once_more_does_not_go_out(judge, shapes):
    event = shapes.chunk({"content": "a zephyr"})
    event["choices"][0]["logprobs"] = {"content": [{"token": "zephyr"}]}
    event["choices"][0]["token_ids"] = [1, 2]
    out = await rewritten(judge, "/v1/chat/completions", [shapes.as_bytes([event])])

    assert b"zephyr" not in out
    assert b"[1,2]" not in out


@pytest.mark.parametrize(
    "delta",
    [
        {"annotations": [{"url_citation": {"title": "zephyr"}}]},
        {"function_call": {"name": "f", "arguments": "zephyr"}},
        {"brand_new": "zephyr"},
        {"reasoning_content": "zephyr"},
        {"refusal": "zephyr"},
    ],
)
async def test_every_text_of_a_delta_is_judged(judge, shapes, delta):
    events = [shapes.chunk(delta), shapes.chunk({}, "stop")]
    out = await rewritten(judge, "/v1/chat/completions", [shapes.as_bytes(events)])

    assert b"zephyr" not in out
    assert b"<NAME>" in out


async def test_texts_beside_the_choices_are_judged(judge, shapes):
    event = {**shapes.chunk({"content": "hi"}), "citations": ["zephyr"]}
    out = await rewritten(judge, "/v1/chat/completions", [shapes.as_bytes([event])])

    assert b"zephyr" not in out


async def test_an_error_of_the_model_is_told_and_ends_it(judge, shapes):
    events = [shapes.chunk({"content": "held back"}), {"error": {"message": "out of memory"}}]
    out = await rewritten(judge, "/v1/chat/completions", [shapes.as_bytes(events)])

    assert b"out of memory" in out
    assert b"held back" not in out


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.image_generation_call.partial_image", "partial_image_b64": "eA=="},
        {"type": "response.audio.delta", "delta": "eA=="},
    ],
)
async def test_what_cannot_be_judged_in_a_stream_is_refused(judge, shapes, event):
    with pytest.raises(ContentError, match=r"cannot be judged|guard judges text"):
        await rewritten(judge, "/v1/responses", [shapes.as_bytes([event], named=True)])
