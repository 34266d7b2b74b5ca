"""`@guard` round functions that answer in pieces, in this process and against a sidecar."""

import copy
import inspect
import itertools
import queue
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk

from guardrails.client import Blocked, guard
from guardrails.client.chunks import Chunks
from guardrails.core.errors import ContentError
from guardrails.core.stream import Released
from guardrails.core.verdict import Action

REPLY = "I can't help with that."


class Source:
    """An iterator as clients of models give it: it knows whether it was closed."""

    def __init__(self, pieces):
        self._pieces = iter(pieces)
        self.taken = 0
        self.closed = False

    def __iter__(self):
        return self

    def __next__(self):
        piece = next(self._pieces)
        self.taken += 1
        return piece

    def close(self):
        self.closed = True


class AsyncSource(Source):
    """The same for `async for`."""

    __next__ = None

    def __aiter__(self):
        return self

    async def __anext__(self):
        for piece in self._pieces:
            self.taken += 1
            return piece
        raise StopAsyncIteration

    async def close(self):
        self.closed = True


del AsyncSource.__next__


async def all_of(stream):
    if hasattr(stream, "__anext__"):
        return [piece async for piece in stream]
    return list(stream)


def generator(pieces):
    def generate(prompt):
        yield from (piece.format(prompt=prompt) for piece in pieces)

    return generate


def async_generator(pieces):
    async def generate(prompt):
        for piece in pieces:
            yield piece.format(prompt=prompt)

    return generate


def iterator(pieces):
    return lambda prompt: Source(piece.format(prompt=prompt) for piece in pieces)


def awaited_iterator(pieces):
    async def generate(prompt):
        return AsyncSource(piece.format(prompt=prompt) for piece in pieces)

    return generate


def handed_async_generator(pieces):
    def generate(prompt):
        return async_generator(pieces)(prompt)

    return generate


KINDS = [generator, async_generator, iterator, awaited_iterator, handed_async_generator]


async def called(function, prompt):
    stream = function(prompt)
    return await stream if hasattr(stream, "__await__") else stream


@pytest.fixture(params=KINDS, ids=lambda one: one.__name__)
def spoken(request, judge):
    """Guard a function that answers with these pieces, and give all that comes out."""

    async def speak(pieces, prompt="hello", **options):
        function = guard(policy="tiny", **judge, **options)(request.param(pieces))
        return "".join(await all_of(await called(function, prompt)))

    return speak


@pytest.mark.parametrize(
    ("pieces", "out"),
    [
        (["you said ", "{prompt}", "\r\n"], "you said hello\r\n"),
        (["it is zep", "hyr, zephyr", "!"], "it is <CONFIDENTIAL>, <CONFIDENTIAL>!"),
        ([], ""),
        (["", "a", ""], "a"),
        (["the zephyr " * 400], "the <CONFIDENTIAL> " * 400),
    ],
)
async def test_what_may_be_said_is_said(spoken, pieces, out):
    assert await spoken(pieces) == out


async def test_the_generator_gets_the_prompt_redacted(spoken):
    assert await spoken(["{prompt}"], "tell me of zephyr") == "tell me of <CONFIDENTIAL>"


async def test_a_block_in_the_midst_raises_and_what_is_judged_was_said(judge):
    seen = []

    @guard(policy="tiny", **judge)
    def generate(prompt):
        yield from [f"{prompt} "] * 2_000
        yield "forbidden "
        yield from [f"{prompt} "] * 2_000

    with pytest.raises(Blocked, match=r"^policy 'tiny' blocked the output: forbidden$"):
        seen.extend(generate("hello"))

    assert 0 < len("".join(seen)) < len("hello ") * 2_000
    assert "".join(seen) == ("hello " * 2_000)[: len("".join(seen))]


async def test_the_reply_ends_the_answer_when_asked_for(spoken):
    assert await spoken(["a ", "forbidden"], on_block="reply") == REPLY


async def test_the_reply_is_the_answer_to_a_blocked_prompt(spoken):
    assert await spoken(["never"], "forbidden", on_block="reply") == REPLY


async def test_a_blocked_prompt_never_reaches_the_generator(judge):
    begun = []

    @guard(policy="tiny", **judge)
    async def generate(prompt):
        begun.append(prompt)
        yield prompt

    with pytest.raises(Blocked, match=r"^policy 'tiny' blocked the input: forbidden$"):
        await anext(generate("forbidden"))

    assert begun == []


async def test_the_verdict_on_the_answer_is_told_when_it_stands(spoken):
    told = []
    await spoken(["zephyr"], on_verdict=told.append)

    assert [one.action for one in told] == [Action.ALLOW, Action.REDACT]


def test_an_iterator_is_closed_by_whoever_stops_early(judge):
    source = Source(itertools.repeat("word "))  # which nobody could read to its end
    generate = guard(policy="tiny", **judge)(lambda _: source)
    with generate("hello") as stream:
        assert next(stream)

    assert source.closed


def test_an_iterator_that_nobody_reads_is_closed_as_well(judge):
    source = Source(["word "])
    with guard(policy="tiny", **judge)(lambda _: source)("hello"):
        pass

    assert (source.closed, source.taken) == (True, 0)


async def test_an_async_iterator_is_closed_by_whoever_stops_early(judge):
    source = AsyncSource(["word "] * 5_000)

    @guard(policy="tiny", **judge)
    async def generate(_):
        return source

    async with await generate("hello") as stream:
        assert await anext(stream)

    assert source.closed


@pytest.mark.parametrize("how", ["close", "drop"])
def test_a_generator_is_closed_by_whoever_stops_early(judge, how):
    ended = []

    @guard(policy="tiny", **judge)
    def generate(prompt):
        try:
            while True:
                yield f"{prompt} "
        finally:
            ended.append(prompt)

    stream = generate("hello")
    next(stream)
    if how == "close":
        stream.close()
    del stream

    assert ended == ["hello"]


def test_a_block_stops_the_function(judge):
    source = Source(["forbidden "] + ["word "] * 50_000)
    generate = guard(policy="tiny", on_block="reply", **judge)(lambda _: source)

    assert list(generate("hello")) == [REPLY]
    assert source.closed
    assert source.taken < 50_000


async def test_the_generators_own_error_passes_and_the_rest_is_not_said(judge):
    @guard(policy="tiny", **judge)
    async def generate(prompt):
        yield prompt
        raise LookupError("why")

    with pytest.raises(LookupError, match="why"):
        await all_of(generate("hello"))


def test_a_streamer_that_a_thread_fills_is_read(judge):
    class Streamer(queue.Queue):  # as transformers' TextIteratorStreamer
        def __iter__(self):
            return self

        def __next__(self):
            piece = self.get()
            if piece is None:
                raise StopIteration
            return piece

    @guard(policy="tiny", **judge)
    def generate(prompt):
        streamer = Streamer()
        pieces = [f"{prompt} ", "zep", "hyr", None]
        threading.Thread(target=lambda: [streamer.put(one) for one in pieces]).start()
        return streamer

    assert "".join(generate("hello")) == "hello <CONFIDENTIAL>"


async def test_a_sync_iterator_of_an_async_function_stays_one(judge):
    @guard(policy="tiny", **judge)
    async def generate(prompt):
        return iter([prompt, " zep", "hyr"])

    assert "".join(await generate("hello")) == "hello <CONFIDENTIAL>"


async def test_what_was_sealed_in_the_prompt_is_back_in_the_stream(judge):
    seen = []

    @guard(policy="seals", **judge)
    async def generate(prompt):
        seen.append(prompt)
        for piece in ("Dear <PER", "SON_1", ">, hello"):
            yield piece

    assert "".join(await all_of(generate("I am Ada Lovelace"))) == "Dear Ada Lovelace, hello"
    assert seen == ["I am <PERSON_1>"]


@pytest.mark.parametrize(
    ("function", "is_still"),
    [
        (generator([]), inspect.isgeneratorfunction),
        (async_generator([]), inspect.isasyncgenfunction),
    ],
)
def test_a_guarded_generator_is_a_generator(judge, function, is_still):
    assert is_still(guard(policy="tiny", **judge)(function))


ENDS = """
import sys
from pathlib import Path
from guardrails.client import guard
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load

policies = Path(sys.argv[1])
stream = guard(policy="bare", engine=Engine(load(policies, ModelStore())))(
    lambda prompt: iter([f"{prompt} "] * 9_000)
)("hello")
print(next(stream)[:5])
"""


def test_a_program_that_ends_in_the_midst_of_an_answer_ends(tmp_path):
    (tmp_path / "bare.yaml").write_text(
        "policy: bare\ninput: []\noutput: [{check: keywords, with: {words: [x]}, then: block}]\n"
    )
    ran = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", ENDS, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert (ran.stdout, ran.stderr) == ("hello\n", "")


def test_an_engine_that_judges_whole_answers_guards_no_generator():
    class Whole:
        async def evaluate(self, content, *, policy): ...

    with pytest.raises(TypeError) as caught:
        guard(policy="tiny", engine=Whole())(generator([]))

    assert str(caught.value) == "'generate' is a generator, the engine judges whole answers"


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_however_it_is_split_the_same_text_comes_out(judge, data):
    words = st.sampled_from(
        ["zephyr", "zep", "hyr", "a", "é𝕬", " ", ". ", "\r\n", "so it is. " * 40]
    )
    text = "".join(data.draw(st.lists(words, max_size=60)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    generate = guard(policy="tiny", **judge)(lambda _: iter(pieces))

    expected = guard(policy="tiny", **judge)(lambda _: text)("hello")
    assert "".join(generate("hello")) == expected


# chunks of OpenAI's shape


def chunk(delta=None, finish=None, index=0, **more):
    choice = {"index": index, "delta": delta or {}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"} | {
        "choices": [choice],
        **more,
    }


def attributes(value):
    if isinstance(value, dict):
        return SimpleNamespace(**{name: attributes(one) for name, one in value.items()})
    return [attributes(one) for one in value] if isinstance(value, list) else value


SHAPES = {
    "dicts": copy.deepcopy,
    "attributes": attributes,
    "openai": ChatCompletionChunk.model_validate,
}


def vars_of(value):
    if isinstance(value, SimpleNamespace):
        return {name: vars_of(one) for name, one in vars(value).items()}
    return [vars_of(one) for one in value] if isinstance(value, list) else value


PLAIN = {
    "dicts": lambda one: one,
    "attributes": vars_of,
    "openai": lambda one: one.model_dump(),
}


@pytest.fixture(params=SHAPES)
def chunked(request, judge):
    """Guard a function that answers with these chunks, and give all that come out, as dicts."""

    def speak(chunks, **options):
        sent = [SHAPES[request.param](one) for one in chunks]
        generate = guard(policy="tiny", **judge, **options)(lambda _: iter(sent))
        return [PLAIN[request.param](one) for one in generate("hello")]

    return speak


def said(chunks, name="content"):
    deltas = [choice["delta"] for one in chunks for choice in one["choices"]]
    return "".join(delta.get(name) or "" for delta in deltas)


def test_chunks_come_out_as_chunks_with_the_text_that_may_be_said(chunked):
    out = chunked(
        [
            chunk({"role": "assistant", "content": ""}),
            chunk({"content": "it is zep"}),
            chunk({"content": "hyr"}),
            chunk({}, "stop"),
            {
                **chunk(),
                "choices": [],
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            },
        ]
    )

    assert said(out) == "it is <CONFIDENTIAL>"
    assert [one["choices"][0]["delta"].get("role") for one in out[:-1]] == ["assistant", None, None]
    assert [one["choices"][0]["finish_reason"] for one in out[:-1]] == [None, None, "stop"]
    assert out[-1]["usage"]["total_tokens"] == 3
    assert {one["id"] for one in out} == {"c1"}


def test_text_in_the_chunk_that_ends_it_comes_before_the_end(chunked):
    out = chunked([chunk({"role": "assistant", "content": "zephyr"}, "stop")])

    assert [(said([one]), one["choices"][0]["finish_reason"]) for one in out] == [
        ("<CONFIDENTIAL>", None),
        ("", "stop"),
    ]


def tool(arguments, **more):
    function = {"arguments": arguments, **({"name": "look"} if more else {})}
    return chunk({"tool_calls": [{"index": 0, "function": function, **more}]})


def test_the_arguments_of_a_tool_call_are_judged_and_its_name_is_said_once(chunked):
    out = chunked(
        [
            chunk({"role": "assistant", "content": None}),
            tool("", id="t1", type="function"),
            tool('{"q": "zep'),
            tool('hyr"}'),
            chunk({}, "tool_calls"),
        ]
    )
    calls = [call for one in out for call in one["choices"][0]["delta"].get("tool_calls") or []]

    assert "".join(one["function"]["arguments"] or "" for one in calls) == '{"q": "<CONFIDENTIAL>"}'
    assert [one["function"]["name"] for one in calls if one["function"].get("name")] == ["look"]
    assert [one["id"] for one in calls if one.get("id")] == ["t1"]


def test_a_whole_tool_call_in_one_chunk_is_said_once(chunked):
    out = chunked([tool('{"q": "zephyr"}', id="t1", type="function")])
    calls = [one["choices"][0]["delta"]["tool_calls"][0] for one in out]

    assert "".join(one["function"]["arguments"] or "" for one in calls) == '{"q": "<CONFIDENTIAL>"}'
    assert [one["id"] for one in calls if one.get("id")] == ["t1"]


def test_choices_are_judged_apart(chunked):
    out = chunked(
        [
            chunk({"content": "zep"}, index=0),
            chunk({"content": "hello "}, index=1),
            chunk({"content": "hyr"}, index=0),
            chunk({"content": "you"}, index=1),
        ]
    )
    texts = {
        index: said([one for one in out if one["choices"][0]["index"] == index]) for index in (0, 1)
    }

    assert texts == {0: "<CONFIDENTIAL>", 1: "hello you"}


def test_a_block_gives_the_reply_as_the_last_chunk(chunked):
    out = chunked([chunk({"content": "the forbidden"}), chunk({}, "stop")], on_block="reply")

    assert said(out) == REPLY
    assert [one["choices"][0]["finish_reason"] for one in out] == ["content_filter"]


def test_a_block_behind_the_count_of_tokens_gives_a_chunk_all_the_same(chunked):
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    counted = {**chunk({}), "choices": [], "usage": usage}
    out = chunked([chunk({"content": "the forbidden"}), counted], on_block="reply")

    assert said(out) == REPLY
    assert [one["choices"][0]["finish_reason"] for one in out] == ["content_filter"]


def test_a_block_among_tool_calls_leaves_none(chunked):
    out = chunked([tool("forbidden", id="t1", type="function")], on_block="reply")

    assert said(out) == REPLY
    assert not out[-1]["choices"][0]["delta"]["tool_calls"]


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (chunk({"audio": {"data": "x"}}), "a chunk holds 'audio', which guard does not judge"),
        (
            chunk({"content": [{"text": "x"}]}),
            "a chunk holds 'content', which guard does not judge",
        ),
        (
            {**chunk(), "choices": [{"index": 0, "delta": {}, "logprobs": {"content": [1]}}]},
            "a chunk holds 'logprobs', which guard does not judge",
        ),
        (chunk(citations=["x"]), "a chunk holds 'citations', which guard does not judge"),
        (b"x", "the function yields a bytes, guard judges strings and chunks of OpenAI's shape"),
        (None, "the function yields a NoneType, guard judges strings and chunks of OpenAI's shape"),
        ({}, "the function yields a dict, guard judges strings and chunks of OpenAI's shape"),
    ],
)
def test_a_piece_that_cannot_be_judged_is_refused(judge, piece, message):
    generate = guard(policy="tiny", **judge)(lambda _: iter([piece]))
    with pytest.raises(ContentError) as caught:
        list(generate("hello"))

    assert str(caught.value) == message


def test_a_completion_of_plain_text_is_judged(judge):
    pieces = [{"choices": [{"index": 0, "text": one, "logprobs": None}]} for one in ("zep", "hyr")]
    out = list(guard(policy="tiny", **judge)(lambda _: iter(pieces))("hello"))

    assert "".join(one["choices"][0]["text"] for one in out) == "<CONFIDENTIAL>"


def test_a_chunk_is_never_changed_in_place():
    piece = chunk({"role": "assistant", "content": "zephyr"}, "stop")
    before = copy.deepcopy(piece)
    chunks = Chunks()
    chunks.read(piece)
    chunks.written(Released(0, "x"))
    chunks.reply("no")

    assert piece == before
