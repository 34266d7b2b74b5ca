import asyncio

import numpy as np
import pytest

from guardrails.core.errors import ModelError
from guardrails.core.view import Span
from guardrails.models.sharing import sharing
from guardrails.models.text_classifier import OnnxTextClassifier

INPUTS = ("input_ids", "attention_mask")


def longest_word(feed):
    """Logits by the longest word of a window: the markers are none."""
    ids = np.where(feed["input_ids"] > 100, 0, feed["input_ids"])
    bad = ids.max(axis=1).astype(np.float32)
    return np.stack([np.zeros_like(bad), bad - 5], axis=1)


OUTPUTS = ("logits", "token_logits", "token_embeddings")
GUARD = {"labels": ("bad",), "activation": "sigmoid", "tokens": {"label": "bad"}}


def guard(feed):
    """Marks words of over five letters; a word lies where its length says."""
    ids = np.where(feed["input_ids"] > 100, 0, feed["input_ids"]).astype(np.float32)
    longest = ids.max(axis=1, keepdims=True)
    lengths = np.arange(1, 12, dtype=np.float32)
    return longest - 5, (ids - 5.5) * 4, (ids[..., None] == lengths).astype(np.float32)


@pytest.fixture
def build(manifest, net, words):
    """Make a model for which a word of over five letters is bad."""
    models = []

    def make(answer=longest_word, outputs=("logits",), **changes):
        tiny = manifest(**changes)
        session = net(answer, INPUTS, outputs)
        models.append(OnnxTextClassifier(tiny, tiny.text, session, words))
        return models[-1], session

    yield make
    for model in models:
        model.close()


async def test_a_short_text_is_one_window(build):
    model, _ = build()
    [scored] = await model.classify("  an extraordinary day ")
    assert (scored.span.start, scored.span.end) == (2, 22)
    assert scored.scores == {"good": 0.0003, "bad": 0.9997}  # softmax of 0 and 8, in four digits


async def test_no_words_are_no_window(build):
    model, session = build()
    assert await model.classify(" \n ") == ()
    assert session.fed == []


async def test_sigmoid_scores_each_label_by_itself(build):
    model, _ = build(activation="sigmoid")
    [scored] = await model.classify("tiny words")
    assert scored.scores == {"good": 0.5, "bad": 0.5}


async def test_no_logit_is_too_great(build):
    model, _ = build(lambda _: np.array([[-200, 200]], np.float32), activation="sigmoid")
    [scored] = await model.classify("tiny words")
    assert scored.scores == {"good": 0.0, "bad": 1.0}


async def test_a_long_text_is_scored_whole_and_says_where(build):
    model, _ = build()
    text = "a b c " * 30 + "abominable " + "a b c " * 30
    scored = await model.classify(text)
    bad = [each for each in scored if each.scores["bad"] > 0.9]
    assert bad
    assert all("abominable" in text[each.span.start : each.span.end] for each in bad)
    seen = {place for each in scored for place in range(each.span.start, each.span.end)}
    assert seen >= {place for place, letter in enumerate(text.strip()) if letter != " "}


async def test_checks_of_one_request_share_a_pass(build):
    model, session = build()
    with sharing():
        await asyncio.gather(*(model.classify("some text") for _ in range(3)))
        await model.classify("some text")
    assert len(session.fed) == 1


async def test_marked_words_that_follow_one_another_are_one_stretch(build):
    model, _ = build(guard, OUTPUTS, **GUARD)
    [scored] = await model.classify("these absolutely dreadful words offend me")
    assert [(each.label, each.span) for each in scored.marks] == [
        ("bad", Span(6, 25)),
        ("bad", Span(32, 38)),
    ]
    assert scored.marks[1].score == 0.8808  # sigmoid of 2


async def test_each_window_of_a_long_text_has_the_marks_inside_it(build):
    model, _ = build(guard, OUTPUTS, **GUARD)
    text = "a b c " * 30 + "abominable " + "a b c " * 30
    scored = await model.classify(text)
    marked = [(each.span, mark.span) for each in scored for mark in each.marks]
    assert {text[mark.start : mark.end] for _, mark in marked} == {"abominable"}
    assert all(window.start <= mark.start < mark.end <= window.end for window, mark in marked)


async def test_padding_and_markers_are_never_marked(build):
    model, session = build(guard, OUTPUTS, **GUARD)
    short, long = model._run([np.array([101, 9, 102]), np.array([101, 9, 3, 3, 102])])
    assert session.fed[0]["input_ids"].shape == (2, 5)
    assert (len(short.marks), len(long.marks)) == (1, 3)


async def test_without_the_table_nothing_is_marked(build):
    model, _ = build(guard, OUTPUTS, **GUARD | {"tokens": None})
    [scored] = await model.classify("absolutely dreadful")
    assert scored.marks == ()


def test_a_table_without_the_output_is_an_error_at_load(build):
    with pytest.raises(ModelError, match=r"model 'tiny': \[tokens\], but no output 'token_logits'"):
        build(guard, OUTPUTS[:1], **GUARD)


def test_its_thresholds_are_those_of_the_manifest(build):
    model, _ = build(calibration={"bad": {"fpr": [[0.01, 0.8]], "examples": 500}})
    assert model.threshold_for("bad", 0.01) == 0.8
    with pytest.raises(ModelError, match="no calibration table for 'good'"):
        model.threshold_for("good", 0.01)


SHORT = ["a b c", "is it a b", "go to a", "to be a c", "a if b", "he is a", "so a b c"]
LONG = ["seven letters", "eighteen things", "wonders happen", "another morning", "younger persons"]


async def test_it_learns_a_label_from_examples_and_reads_it_on_the_same_pass(build):
    model, session = build(guard, OUTPUTS, **GUARD)
    taught = model.teach("long_words", LONG, SHORT)
    session.fed.clear()
    with sharing():
        text = "an a or b. nothing shorter stands here"
        [scored], [short, long] = await asyncio.gather(model.classify(text), taught.classify(text))
    assert sum(len(fed["input_ids"]) for fed in session.fed) == 1
    assert taught.name == "tiny"
    assert scored.scores.keys() == {"bad"}
    assert [text[each.span.start : each.span.end] for each in (short, long)] == [
        "an a or b.",
        "nothing shorter stands here",
    ]
    assert short.scores["long_words"] < 0.2
    assert long.scores["long_words"] > 0.8


async def test_sentences_are_kept_for_those_who_taught_it_alone(build):
    model, _ = build(guard, OUTPUTS, **GUARD)
    [before] = await model.classify("a b c d. e f g h.")
    model.teach("long_words", LONG, SHORT)
    [after] = await model.classify("a b c d. e f g h.")
    assert (len(before.sentences), len(after.sentences)) == (0, 2)


def test_what_it_cannot_tell_apart_is_refused_with_the_figures(build):
    model, _ = build(guard, OUTPUTS, **GUARD)
    with pytest.raises(ValueError, match="'mixed' is not told apart") as caught:
        model.teach("mixed", [*LONG[:2], *SHORT[:3]], [*LONG[2:], *SHORT[3:]])
    assert str(caught.value).startswith(
        "'mixed' is not told apart from its counter-examples: cross-validated AUC 0."
    )
    assert str(caught.value).endswith(
        " with 5 examples and 7 counter-examples, 0.8 is needed, give more or clearer ones"
    )


def test_a_net_without_embeddings_cannot_learn(build):
    model, _ = build()
    with pytest.raises(ModelError) as caught:
        model.teach("topic", LONG, SHORT)
    assert (
        str(caught.value)
        == "model 'tiny' cannot learn 'topic': it has no output 'token_embeddings'"
    )
