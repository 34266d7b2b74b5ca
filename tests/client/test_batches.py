"""`@guard` round functions from a list of prompts to a list of answers."""

import pytest
from PIL import Image as Pillow

from guardrails.client import Blocked, guard
from guardrails.core.errors import ContentError

REPLY = "I can't help with that."


@pytest.fixture
def batched(judge, kind):
    """Guard a function of many prompts, sync or async, and give how to call it."""

    def decorate(function, policy="tiny", **options):
        decorate = guard(policy=policy, **judge, **options)

        async def generate(prompt):
            return function(prompt)

        guarded = decorate(generate if kind == "async" else function)

        async def call(prompts):
            answer = guarded(prompts)
            return await answer if kind == "async" else answer

        return call

    return decorate


def echoed(prompts):
    return [f"you said {one}" for one in prompts]


async def test_each_prompt_and_answer_is_judged_for_itself(batched):
    answers = await batched(echoed)(["hello", "zephyr", "bye"])

    assert answers == ["you said hello", "you said <CONFIDENTIAL>", "you said bye"]


async def test_fifty_at_once_come_back_in_their_order(batched):
    answers = await batched(echoed)([f"{n} zephyr" for n in range(50)])

    assert answers == [f"you said {n} <CONFIDENTIAL>" for n in range(50)]


async def test_one_that_is_blocked_stops_no_other_where_replies_stand_in(batched):
    seen = []

    def generate(prompts):
        seen.extend(prompts)
        return ["fine", "the forbidden"]

    answers = await batched(generate, on_block="reply")(["forbidden", "a", "b"])

    assert answers == [REPLY, "fine", REPLY]
    assert seen == ["a", "b"]


async def test_where_all_are_blocked_the_function_is_not_called(batched):
    answers = await batched(lambda _: 1 / 0, on_block="reply")(["forbidden", "forbidden"])

    assert answers == [REPLY, REPLY]


async def test_the_first_that_is_blocked_is_raised_when_all_were_told(batched):
    told = []
    with pytest.raises(Blocked, match=r"^policy 'tiny' blocked the input: forbidden$"):
        await batched(echoed, on_verdict=told.append)(["a", "forbidden", "b"])

    assert [one.blocked for one in told] == [False, True, False]


async def test_lists_of_messages_are_a_batch_too(batched):
    def last(prompts):
        return [one[-1]["content"] for one in prompts]

    answers = await batched(last)(
        [[{"role": "user", "content": "zephyr"}], [{"role": "user", "content": "hello"}]]
    )

    assert answers == ["<CONFIDENTIAL>", "hello"]


async def test_pictures_come_back_as_pictures(batched):
    pictures = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    answers = await batched(lambda _: pictures)(["a red one", "a blue one"])

    assert [one is picture for one, picture in zip(answers, pictures, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (
            "x",
            (
                "the function returned a str for a list of prompts, "
                "guard judges a list of as many answers"
            ),
        ),
        (["x"], "the function returned 1 answers to 2 prompts, guard judges one to each"),
        ([1, 2], "the function returned a int, guard judges a string or a PIL image"),
    ],
)
async def test_an_answer_that_is_none_to_each_is_refused(batched, result, message):
    with pytest.raises(ContentError) as caught:
        await batched(lambda _: result)(["a", "b"])

    assert str(caught.value) == message


async def test_what_was_sealed_in_each_prompt_is_back_in_its_own_answer(batched):
    def echo(prompts):
        return [f"Dear {one.split()[-1]}" for one in prompts]

    answers = await batched(echo, policy="seals")(["I am Ada Lovelace", "I am Bob"])

    assert answers == ["Dear Ada Lovelace", "Dear Bob"]
