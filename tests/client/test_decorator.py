"""`@guard` round functions: the same tests in this process and against a sidecar."""

import pytest
from PIL import Image as Pillow

from guardrails.client import Blocked, guard
from guardrails.client.prompts import ROLES
from guardrails.core.content import Stage
from guardrails.core.errors import ContentError, UnknownPolicyError
from guardrails.core.verdict import Action

SYNC = pytest.mark.parametrize("kind", ["sync", "async"])


@pytest.fixture
def guarded(judge, kind):
    """Guard a function of one prompt, sync or async, and give how to call it."""

    def decorate(function, policy="tiny", **options):
        decorated = guard(policy=policy, **judge, **options)
        if kind == "sync":
            return _awaitable(decorated(function))

        async def generate(prompt):
            return function(prompt)

        return decorated(generate)

    return decorate


def _awaitable(function):
    async def call(prompt):
        return function(prompt)

    return call


@SYNC
async def test_a_clean_prompt_and_answer_pass_unchanged(guarded):
    assert await guarded(lambda prompt: f"you said {prompt}")("hello\r\n") == "you said hello\r\n"


@SYNC
async def test_the_function_gets_the_prompt_redacted(guarded):
    seen = []
    await guarded(lambda prompt: seen.append(prompt) or "fine")("tell me of zephyr please")

    assert seen == ["tell me of <CONFIDENTIAL> please"]


@SYNC
async def test_the_caller_gets_the_answer_redacted(guarded):
    answer = await guarded(lambda _: "that would be zephyr")("what is it called?")

    assert answer == "that would be <CONFIDENTIAL>"


@SYNC
async def test_a_blocked_prompt_never_reaches_the_function(guarded):
    seen = []
    with pytest.raises(Blocked, match=r"^policy 'tiny' blocked the input: forbidden$") as caught:
        await guarded(seen.append)("do the forbidden thing")

    assert seen == []
    assert caught.value.verdict.stage is Stage.INPUT


@SYNC
async def test_a_blocked_answer_never_reaches_the_caller(guarded):
    with pytest.raises(Blocked, match=r"^policy 'tiny' blocked the output: forbidden$"):
        await guarded(lambda _: "the forbidden thing")("hello")


@SYNC
@pytest.mark.parametrize(("prompt", "answer"), [("forbidden", "x"), ("x", "forbidden")])
async def test_the_reply_stands_in_when_asked_for(guarded, prompt, answer):
    assert await guarded(lambda _: answer, on_block="reply")(prompt) == "I can't help with that."


@SYNC
async def test_both_verdicts_are_told(guarded):
    told = []
    await guarded(lambda _: "zephyr", on_verdict=told.append)("hello")

    assert [(one.stage, one.action) for one in told] == [
        (Stage.INPUT, Action.ALLOW),
        (Stage.OUTPUT, Action.REDACT),
    ]


@SYNC
async def test_chat_messages_are_judged_by_role_and_keep_their_shape(guarded):
    seen = []
    messages = [
        {"role": "system", "content": "be kind", "name": "x"},
        {"role": "user", "content": "what is zephyr?"},
    ]
    await guarded(lambda prompt: seen.append(prompt) or "fine")(messages)

    assert seen == [
        [
            {"role": "system", "content": "be kind", "name": "x"},
            {"role": "user", "content": "what is <CONFIDENTIAL>?"},
        ]
    ]
    assert messages[1]["content"] == "what is zephyr?"


@SYNC
async def test_a_picture_passes_as_the_very_object(guarded):
    picture = Pillow.new("RGB", (16, 16), "white")

    assert await guarded(lambda _prompt: picture)("paint it white") is picture


@SYNC
async def test_a_redacted_picture_is_a_picture_again(guarded):
    picture = Pillow.new("RGB", (70, 8), "white")

    covered = await guarded(lambda _prompt: picture, policy="covers")("paint it white")

    assert covered.size == (70, 8)
    assert covered.convert("RGB").getpixel((3, 3)) != (255, 255, 255)


@SYNC
@pytest.mark.parametrize(
    ("prompt", "answer", "message"),
    [
        (42, "x", "the prompt is a int, guard judges a string or a list of chat messages"),
        ("x", None, "the function returned a NoneType, guard judges a string or a PIL image"),
        (
            [{"role": "user", "content": [{"type": "image_url"}]}],
            "x",
            "message 0: its content is a list, guard judges text",
        ),
        (
            [{"role": "wizard", "content": "x"}],
            "x",
            f"message 0: unknown role, use one of: {', '.join(ROLES)}",
        ),
    ],
)
async def test_what_cannot_be_judged_is_refused(guarded, prompt, answer, message):
    with pytest.raises(ContentError) as caught:
        await guarded(lambda _: answer)(prompt)

    assert str(caught.value) == message


async def test_an_unknown_policy_is_an_error_and_the_function_is_not_called(judge):
    seen = []
    generate = guard(policy="other", **judge)(seen.append)

    with pytest.raises(
        UnknownPolicyError, match="no policy 'other' is loaded, there is: covers, tiny"
    ):
        generate("hello")

    assert seen == []


def test_a_method_is_guarded_by_its_named_parameter(judge):
    class Model:
        @guard(policy="tiny", prompt="question", **judge)
        def generate(self, temperature: float, *, question: str = "zephyr?") -> str:
            return f"{temperature} {question}"

    assert Model().generate(0.5) == "0.5 <CONFIDENTIAL>?"


def test_the_functions_own_error_passes(judge):
    @guard(policy="tiny", **judge)
    def generate(prompt: str) -> str:
        raise LookupError(prompt)

    with pytest.raises(LookupError, match="hello"):
        generate("hello")


@pytest.mark.parametrize(
    ("options", "function", "message"),
    [
        ({}, lambda prompt: prompt, "guard needs an engine or an address, and not both"),
        (
            {"engine": object(), "address": "x"},
            lambda prompt: prompt,
            "guard needs an engine or an address, and not both",
        ),
        (
            {"address": "x"},
            lambda: "x",
            "'<lambda>' has no parameters, guard needs one that holds the prompt",
        ),
        (
            {"address": "x", "prompt": "question"},
            lambda prompt: prompt,
            "'<lambda>' has no parameter 'question', guard needs one that holds the prompt",
        ),
        (
            {"address": "x"},
            lambda prompt: (yield prompt),
            "'<lambda>' is a generator, guard judges whole answers",
        ),
    ],
)
def test_a_misuse_is_told_when_the_function_is_defined(options, function, message):
    with pytest.raises(TypeError) as caught:
        guard(policy="tiny", **options)(function)

    assert str(caught.value) == message
