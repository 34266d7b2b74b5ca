import asyncio

import numpy as np
import pytest

from guardrails.models.sharing import sharing
from guardrails.models.text_classifier import OnnxTextClassifier

INPUTS = ("input_ids", "attention_mask")


def longest_word(feed):
    """Logits by the longest word of a window: the markers are none."""
    ids = np.where(feed["input_ids"] > 100, 0, feed["input_ids"])
    bad = ids.max(axis=1).astype(np.float32)
    return np.stack([np.zeros_like(bad), bad - 5], axis=1)


@pytest.fixture
def build(manifest, net, words):
    """Make a model for which a word of over five letters is bad."""
    models = []

    def make(**changes):
        tiny = manifest(**changes)
        session = net(longest_word, INPUTS)
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
