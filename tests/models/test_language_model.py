import asyncio

import numpy as np
import pytest

from guardrails.core.errors import ModelError
from guardrails.models.language_model import OnnxLanguageModel
from guardrails.models.sharing import sharing

LABELS = ("found", "expected", "variance")
FEW = "a bb ccc dddd"
MANY = " ".join("x" * (1 + place % 9) for place in range(30))


def from_lengths(feed):
    """What a token is like is its length; what is expected is how many tokens are before it."""
    ids = feed["input_ids"].astype(np.float32)
    before = np.broadcast_to(np.arange(ids.shape[1], dtype=np.float32), ids.shape)
    return np.stack([ids, before, np.ones_like(ids)], axis=2)


class Bare:
    """A tokenizer without markers, as causal models have them."""

    before = after = ()

    def __init__(self, words):
        self.read = words.read


@pytest.fixture
def build(manifest, net, words):
    models = []

    def make(*, markers=False, **changes):
        tiny = manifest(**{"task": "language-model", "labels": LABELS, **changes})
        session = net(from_lengths, ("input_ids", "attention_mask"), ("statistics",))
        tokenizer = words if markers else Bare(words)
        models.append(OnnxLanguageModel(tiny, tiny.text, session, tokenizer))
        return models[-1], session

    yield make
    for model in models:
        model.close()


async def test_the_first_token_is_not_judged_nothing_is_before_it(build):
    model, _ = build()
    read = await model.surprise(FEW)
    assert read.found.tolist() == [2, 3, 4]
    assert [FEW[a:b] for a, b in zip(read.starts, read.ends, strict=True)] == ["bb", "ccc", "dddd"]


async def test_behind_a_marker_the_first_token_is_judged_and_markers_never_are(build):
    model, _ = build(markers=True)
    assert (await model.surprise(FEW)).found.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("markers", [False, True])
async def test_a_long_text_is_judged_whole_each_token_once_and_in_context(build, markers):
    model, _ = build(markers=markers)
    read = await model.surprise(MANY)
    lengths = [len(word) for word in MANY.split()]
    assert read.found.tolist() == lengths[0 if markers else 1 :]
    later = read.expected[8:] - markers
    assert later.min() >= 4  # the overlap, which is only context


async def test_of_nothing_and_of_one_token_there_is_nothing_to_say(build):
    model, _ = build()
    assert len(await model.surprise(" \n")) == 0
    assert len(await model.surprise("alone")) == 0


async def test_texts_that_run_together_are_read_as_if_alone(build):
    model, _ = build()
    alone = await model.surprise(FEW)
    _, together = await asyncio.gather(model.surprise(MANY), model.surprise(FEW))
    assert np.array_equal(alone.found, together.found)
    assert np.array_equal(alone.expected, together.expected)


async def test_the_rules_of_one_request_share_a_pass(build):
    model, session = build()
    with sharing():
        await asyncio.gather(model.surprise(FEW), model.surprise(FEW))
    assert len(session.fed) == 1


def test_a_probe_is_the_mean_of_what_is_judged(build):
    model, _ = build()
    assert model.probe(FEW) == 3


def test_a_part_of_what_was_read_keeps_its_places(build):
    model, _ = build()
    part = asyncio.run(model.surprise(FEW)).within(1, 3)
    assert len(part) == 2
    assert (part.found.tolist(), part.starts.tolist()) == ([3, 4], [5, 9])


def test_other_statistics_are_refused(build):
    with pytest.raises(ModelError, match="the labels of a language model: found, expected, var"):
        build(labels=("logits",))
