"""Stubs are the real models but for what they say."""

import asyncio

import pytest

from guardrails.core.content import Frame
from guardrails.core.errors import ModelError
from guardrails.core.view import Span
from guardrails.models.model import Tagged

BLACK = Frame(1, 1, bytes(3))


@pytest.mark.parametrize("name", ["opennsfw", "rampart", "text_guard"])
def test_a_stub_is_the_real_model_but_for_what_it_says(stubs, models, name):
    stub, real = stubs.open(name), models.open(name)

    assert (stub.name, stub.task, stub.labels) == (real.name, real.task, real.labels)
    assert stub.sha256 == real.sha256


def test_a_stub_is_the_same_each_time(stubs):
    assert stubs.open("opennsfw") is stubs.open("opennsfw")


def test_an_unknown_model_is_refused_as_by_the_store(stubs):
    with pytest.raises(ModelError, match=r"unknown model 'opennsf', did you mean 'opennsfw'\?"):
        stubs.open("opennsf")


async def test_without_a_word_it_finds_nothing(stubs):
    assert await stubs.open("opennsfw").classify(BLACK) == {"sfw": 0.0, "nsfw": 0.0}
    assert await stubs.open("rampart").tag("Ada Lovelace") == []


async def test_it_says_what_it_is_told_and_only_inside(stubs):
    model = stubs.open("opennsfw")

    with stubs.saying({"opennsfw": {"nsfw": 0.7}}):
        assert await model.classify(BLACK) == {"sfw": 0.0, "nsfw": 0.7}
    assert await model.classify(BLACK) == {"sfw": 0.0, "nsfw": 0.0}


async def test_cases_at_the_same_time_do_not_hear_each_other(stubs):
    async def ask(score):
        with stubs.saying({"opennsfw": {"nsfw": score}}):
            await asyncio.sleep(0)
            return (await stubs.open("opennsfw").classify(BLACK))["nsfw"]

    assert await asyncio.gather(ask(0.1), ask(0.2), ask(0.3)) == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Ada met Ada Lovelace, said Ada.", [(0, 3), (8, 20), (27, 30)]),  # everywhere, longest
        ("Adam and Canada", []),  # whole words only
        ("", []),
    ],
)
async def test_words_are_tagged_wherever_they_are(stubs, text, spans):
    with stubs.saying({"rampart": {"Ada": "GIVEN_NAME", "Ada Lovelace": "GIVEN_NAME"}}):
        tags = await stubs.open("rampart").tag(text)

    assert tags == [Tagged("GIVEN_NAME", 1.0, Span(*span)) for span in spans]
