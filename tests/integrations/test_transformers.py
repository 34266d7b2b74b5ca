"""A pipeline of transformers with a policy round it, on a real model."""

import threading

import pytest

from guardrails.client import Blocked
from guardrails.client.integrations.transformers import GuardedStreamer, guard_pipeline
from guardrails.core.errors import ContentError

CAPITAL = "The capital of France is"
COUNTING = "Count with words: one, two, three, one, two, three, one,"
SHORT = {"max_new_tokens": 16}


@pytest.fixture(scope="module")
def guarded(pipe, engine):
    return guard_pipeline(pipe, policy="p", engine=engine)


def test_a_prompt_and_its_answer_pass_as_the_pipeline_gives_them(pipe, guarded):
    assert guarded("Two and two is", **SHORT) == pipe("Two and two is", **SHORT)


def test_an_answer_is_blocked(guarded):
    with pytest.raises(Blocked, match="blocked the output: keywords"):
        guarded(CAPITAL, **SHORT)


def test_a_prompt_is_blocked_before_anything_is_generated(guarded):
    with pytest.raises(Blocked, match="blocked the input"):
        guarded("project zephyr is", **SHORT)


def test_an_answer_is_redacted_and_the_prompt_beside_it_stays(guarded):
    [made] = guarded(COUNTING, **SHORT)

    assert made["generated_text"].startswith(COUNTING)
    assert "<KEYWORD>" in made["generated_text"][len(COUNTING) :]
    assert "two" not in made["generated_text"][len(COUNTING) :]


def test_the_model_gets_the_prompt_as_it_is_passed_on(guarded, pipe, monkeypatch):
    heard = []
    called = type(pipe).__call__
    monkeypatch.setattr(type(pipe), "__call__", lambda self, text, **options: heard.append(text)
                        or called(self, text, **options))  # fmt: skip

    guarded("My name is Ada Lovelace and", max_new_tokens=1)

    assert heard == ["My name is <KEYWORD> and"]


def test_a_list_of_prompts_gives_a_list_of_answers(guarded):
    made = guarded(["Two and two is", "A dog is"], return_full_text=False, max_new_tokens=3)

    assert [len(each) for each in made] == [1, 1]
    assert not made[0][0]["generated_text"].startswith("Two")


def test_a_chat_is_answered_in_its_shape(guarded):
    chat = [{"role": "user", "content": "Say hello."}]

    [made] = guarded(chat, max_new_tokens=4)

    assert made["generated_text"][:1] == chat
    assert made["generated_text"][1]["role"] == "assistant"


@pytest.mark.parametrize("option", [{"return_tensors": True}, {"num_return_sequences": 2}])
def test_what_would_not_be_judged_is_refused(guarded, option):
    with pytest.raises(ContentError, match="is not judged"):
        guarded("hello", **option)


def test_a_stream_gives_what_the_pipeline_would(pipe, guarded):
    [whole] = pipe("Two and two is", return_full_text=False, max_new_tokens=40)

    assert "".join(guarded.stream("Two and two is", max_new_tokens=40)) == whole["generated_text"]


def test_a_stream_stops_where_something_is_blocked_and_so_does_the_model(guarded):
    shown = []
    with pytest.raises(Blocked):
        shown.extend(guarded.stream(CAPITAL, max_new_tokens=400))

    assert "Paris" not in "".join(shown)
    assert not [one for one in threading.enumerate() if one.name == "guardrails-generating"]


def test_an_error_of_the_model_is_raised_where_the_pieces_are_read(guarded):
    with pytest.raises(Exception, match="max_new_tokens"):
        list(guarded.stream("hello", max_new_tokens=-5))


def test_generate_with_a_streamer_shows_what_is_judged(pipe, engine):
    shown, heard = [], []
    streamer = GuardedStreamer(
        pipe.tokenizer, policy="p", engine=engine, show=shown.append, on_verdict=heard.append
    )
    inputs = pipe.tokenizer(COUNTING, return_tensors="pt")

    pipe.model.generate(**inputs, streamer=streamer, max_new_tokens=40)

    assert "<KEYWORD>" in "".join(shown)
    assert [one.stage.value for one in heard] == ["input", "output"]


def test_generate_with_a_streamer_ends_at_a_block(pipe, engine):
    shown = []
    streamer = GuardedStreamer(pipe.tokenizer, policy="p", engine=engine, show=shown.append)
    inputs = pipe.tokenizer(CAPITAL, return_tensors="pt")

    with pytest.raises(Blocked):
        pipe.model.generate(**inputs, streamer=streamer, max_new_tokens=200)

    assert "Paris" not in "".join(shown)


def test_a_prompt_that_is_with_the_model_already_cannot_be_redacted(pipe, engine):
    streamer = GuardedStreamer(pipe.tokenizer, policy="p", engine=engine)
    inputs = pipe.tokenizer("I am Ada Lovelace", return_tensors="pt")

    with pytest.raises(ContentError, match="use `guard_pipeline`"):
        pipe.model.generate(**inputs, streamer=streamer, max_new_tokens=2)
