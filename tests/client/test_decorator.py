"""`@guard` round functions: the same tests in this process and against a sidecar."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from guardrails.client import AsyncClient, Blocked, guard
from guardrails.core.content import Caller, Content, Stage, Text
from guardrails.core.errors import ContentError, UnknownPolicyError
from guardrails.core.verdict import Action


async def test_a_clean_prompt_and_answer_pass_unchanged(guarded):
    assert await guarded(lambda prompt: f"you said {prompt}")("hello\r\n") == "you said hello\r\n"


async def test_the_function_gets_the_prompt_redacted(guarded):
    seen = []
    await guarded(lambda prompt: seen.append(prompt) or "fine")("tell me of zephyr please")

    assert seen == ["tell me of <CONFIDENTIAL> please"]


async def test_the_caller_gets_the_answer_redacted(guarded):
    answer = await guarded(lambda _: "that would be zephyr")("what is it called?")

    assert answer == "that would be <CONFIDENTIAL>"


async def test_a_blocked_prompt_never_reaches_the_function(guarded):
    seen = []
    with pytest.raises(Blocked, match=r"^policy 'tiny' blocked the input: forbidden$") as caught:
        await guarded(seen.append)("do the forbidden thing")

    assert seen == []
    assert caught.value.verdict.stage is Stage.INPUT


async def test_a_blocked_answer_never_reaches_the_caller(guarded):
    with pytest.raises(Blocked, match=r"^policy 'tiny' blocked the output: forbidden$"):
        await guarded(lambda _: "the forbidden thing")("hello")


@pytest.mark.parametrize(("prompt", "answer"), [("forbidden", "x"), ("x", "forbidden")])
async def test_the_reply_stands_in_when_asked_for(guarded, prompt, answer):
    assert await guarded(lambda _: answer, on_block="reply")(prompt) == "I can't help with that."


async def test_both_verdicts_are_told(guarded):
    told = []
    await guarded(lambda _: "zephyr", on_verdict=told.append)("hello")

    assert [(one.stage, one.action) for one in told] == [
        (Stage.INPUT, Action.ALLOW),
        (Stage.OUTPUT, Action.REDACT),
    ]


@pytest.mark.parametrize(
    ("prompt", "answer", "message"),
    [
        (42, "x", "the prompt is a int, guard judges a string or a list of chat messages"),
        ("x", None, "the function returned a NoneType, guard judges a string or a PIL image"),
        (b"", "x", "the prompt is a bytes, guard judges a string or a list of chat messages"),
        ([], "x", "the prompt has no messages, there is nothing to judge"),
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
        UnknownPolicyError, match="no policy 'other' is loaded, there is: covers, seals, sees, tiny"
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


@pytest.mark.parametrize("options", [{}, {"engine": object(), "address": "x"}])
def test_exactly_one_may_judge(options):
    with pytest.raises(TypeError, match=r"^guard needs an engine or an address, and not both$"):
        guard(policy="tiny", **options)


async def test_a_policy_without_a_reply_raises_all_the_same(guarded):
    with pytest.raises(Blocked, match=r"^policy 'sees' blocked the input: forbidden$"):
        await guarded(lambda _: "fine", policy="sees", on_block="reply")("forbidden")


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301  # our own pickle
async def test_a_block_travels_between_processes(guarded, copied):
    with pytest.raises(Blocked) as caught:
        await guarded(lambda _: "fine")("forbidden")
    there = copied(caught.value)

    assert str(there) == "policy 'tiny' blocked the input: forbidden"
    assert there.verdict == caught.value.verdict


async def test_an_object_with_an_async_call_is_async(judge):
    class Model:
        async def __call__(self, prompt):
            return f"you said {prompt}"

    assert await guard(policy="tiny", **judge)(Model())("zephyr") == "you said <CONFIDENTIAL>"


def test_one_guard_serves_many_functions_from_many_threads(judge):
    decorate = guard(policy="tiny", **judge)
    functions = [
        decorate(
            lambda prompt, name=name: f"{name} {prompt}",
        )
        for name in "ab"
    ]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: functions[n % 2](f"{n} zephyr"), range(40)))

    assert answers == [f"{'ab'[n % 2]} {n} <CONFIDENTIAL>" for n in range(40)]


async def test_what_was_sealed_in_the_prompt_is_back_in_the_answer(guarded):
    seen = []

    def reply(prompt):
        seen.append(prompt)
        return "Dear **<Person 1>**, hello"

    answer = await guarded(reply, policy="seals", caller=lambda: Caller("acme"))(
        "I am Ada Lovelace"
    )

    assert seen == ["I am <PERSON_1>"]
    assert answer == "Dear **Ada Lovelace**, hello"


@pytest.mark.parametrize("sealed", ["g1.k1.AAAA", "made up", "v1.handle"])
async def test_a_token_that_opens_nothing_is_refused_through_either(judge, sealed):
    told = []
    await_judge = guard(policy="seals", on_verdict=told.append, **judge)

    @await_judge
    async def generate(prompt):
        return prompt

    await generate("I am Ada Lovelace")
    assert told[0].sealed
    client = judge.get("engine") or AsyncClient(judge["address"])
    content = Content((Text("<PERSON_1>"),), Stage.OUTPUT, sealed=sealed)
    with pytest.raises(ContentError, match="sealed"):
        await client.evaluate(content, policy="seals")
