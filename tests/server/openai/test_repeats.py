"""Events that repeat all but their text are read by their bytes, and mean what they would."""

import json

import pytest

from guardrails.server.openai import bodies
from guardrails.server.openai.chunks import Choices
from guardrails.server.openai.repeats import Run, Shape
from guardrails.server.openai.sse import Event
from guardrails.server.openai.typed import Blocks


def event(body, name="", **how):
    data = json.dumps(body, **how)
    return Event(name, data, f"data: {data}\n\n".encode())


def chunk(delta, finish=None, **more):
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "id": "c", **more}


def learnt(first, dialect=None):
    dialect = dialect or Choices()
    body = bodies.read(first.data)
    shape = Shape()
    shape.learn(first, body, list(dialect.steps(body, first.raw)))
    return shape


@pytest.mark.parametrize(
    ("first", "other", "text"),
    [
        (chunk({"content": "one"}), chunk({"content": "two"}), "two"),
        (chunk({"content": "one"}), chunk({"content": 'a "quote" \\ \n 🙂'}), 'a "quote" \\ \n 🙂'),
        (chunk({"content": "c"}), chunk({"content": "d"}), ""),  # its id is the same string
        (chunk({"content": "one"}), chunk({"content": ""}), ""),
        (chunk({"content": "one"}), chunk({"content": "two"}, "stop"), ""),
        (chunk({"content": "one"}), chunk({"content": "two", "x": "y"}), ""),
        (chunk({"content": "one"}), chunk({"reasoning": "two"}), ""),
        (chunk({"content": "one"}), chunk({"content": ["two"]}), ""),
        (chunk({"content": "one"}), chunk({"content": None}), ""),
        (chunk({"content": "one"}, "stop"), chunk({"content": "two"}, "stop"), ""),
        (chunk({"content": "one", "x": "y"}), chunk({"content": "two", "x": "y"}), ""),
        (chunk({"one": None, "content": "one"}), chunk({"one": None, "content": "two"}), ""),
    ],
)
def test_a_text_is_read_from_an_event_of_the_same_shape_alone(first, other, text):
    assert learnt(event(first)).text(event(other)) == text


@pytest.mark.parametrize("escaped", [True, False])
def test_however_a_text_is_written_it_is_read(escaped):
    shape = learnt(event(chunk({"content": "one"})))

    assert shape.text(event(chunk({"content": "é🙂"}), ensure_ascii=escaped)) == "é🙂"


def test_what_only_looks_like_the_shape_is_not_of_it():
    data = event(chunk({"content": "one"})).data
    sly = data.replace('"one"', '"two", "refusal": "three"')

    assert learnt(event(chunk({"content": "one"}))).text(Event("", sly, b"x")) == ""


def test_an_event_under_another_name_is_not_of_the_shape():
    body = {"type": "content_block_delta", "index": 0}
    one, two = ({**body, "delta": {"type": "text_delta", "text": text}} for text in ("a", "b"))
    shape = learnt(event(one, "content_block_delta"), Blocks())

    assert shape.text(event(two, "content_block_delta")) == "b"
    assert shape.text(event(two, "ping")) == ""


def test_a_run_gives_all_texts_as_one_and_keeps_their_bytes():
    [first] = Choices().steps(chunk({"content": "one"}), b"1")
    [other] = Choices().steps(chunk({"reasoning": "three"}), b"3")
    run = Run()

    assert run.take() is None
    assert [run.add(first, "one", b"1"), run.add(first, " two", b"2")] == [True, True]
    assert not run.add(other, "three", b"3")
    step = run.take()
    assert (step.slots[0].text, step.raw) == ("one two", b"12")
    assert run.take() is None


def test_a_run_of_which_something_must_be_written_anew_is_so_as_a_whole():
    [first] = Choices().steps(chunk({"content": "one"}), b"1")
    run = Run()
    run.add(first, "one", b"1")
    run.add(first, " two", b"")
    step = run.take()

    assert step.raw == b""
    assert step.body["choices"][0]["delta"] == {"content": "one two"}
