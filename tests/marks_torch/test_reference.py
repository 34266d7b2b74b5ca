"""transformers' own marks: with its scheme and key each finds what the other put in."""

import numpy as np
import pytest
import torch
from transformers import (
    BayesianDetectorConfig,
    BayesianDetectorModel,
    LlamaConfig,
    SynthIDTextWatermarkDetector,
    SynthIDTextWatermarkingConfig,
    WatermarkDetector,
    WatermarkingConfig,
)

from guardrails.core.mark import Decision
from guardrails.keyring import Key, Keyring
from guardrails.marks.sampling.detecting import Detector
from guardrails.marks.sampling.kgw import Hashing
from guardrails.marks.sampling.reference.kgw import ReferenceKgw
from guardrails.marks.sampling.reference.synthid import reference_synthid
from guardrails.marks.sampling.sampler import Sampler

VOCABULARY = 600
KEYS = [654, 400, 836, 123, 340, 443, 597, 160, 57, 29, 590, 639, 13, 715, 468, 990, 966, 226, 324]
NO_KEY = Keyring((Key("theirs", bytes(32)),))
TABLE = torch.randn(VOCABULARY, VOCABULARY, generator=torch.Generator().manual_seed(5)) * 2.6


def written(processor, texts=8, tokens=160, seed=0):
    """Sample from a generator whose next token hangs on the last one."""
    chance = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, VOCABULARY, (texts, 5), generator=chance)
    for _ in range(tokens):
        scores = TABLE[ids[:, -1]]
        scores = processor(ids, scores) if processor else scores
        drawn = torch.multinomial(scores.softmax(1), 1, generator=chance)
        ids = torch.cat([ids, drawn], 1)
    return ids[:, 5:]


def ours(scheme):
    return Sampler(scheme, (0, 0, 0, 0))


def decisions(scheme, texts):
    # their hash is linear: in a small vocabulary its values are not quite independent
    detector = Detector(scheme, NO_KEY, false_positive_rate=1e-5)
    return [detector.detect(ids.numpy().astype(np.int32)).decision for ids in texts]


def green(hashing, width):
    config = WatermarkingConfig(
        bias=3.0, seeding_scheme=f"{hashing}hash", context_width=width, hashing_key=15485863
    )
    scheme = ReferenceKgw(VOCABULARY, delta=3.0, hashing=hashing, context_width=width)
    return config, scheme


KINDS = [(Hashing.LEFT, 1), (Hashing.LEFT, 3), (Hashing.SELF, 1), (Hashing.SELF, 3)]


@pytest.mark.parametrize(("hashing", "width"), KINDS)
def test_green_lists_are_those_of_transformers(hashing, width):
    config, scheme = green(hashing, width)
    theirs = config.construct_processor(VOCABULARY, "cpu")
    ids = written(None, texts=4, tokens=20)
    logits = TABLE[ids[:, -1]]
    assert torch.equal(ours(scheme)(ids, logits), theirs(ids, logits))


@pytest.mark.parametrize(("hashing", "width"), KINDS)
def test_kgw_is_found_both_ways(hashing, width):
    config, scheme = green(hashing, width)
    model = LlamaConfig(vocab_size=VOCABULARY, bos_token_id=VOCABULARY + 1)
    detector = WatermarkDetector(model, "cpu", config, ignore_repeated_ngrams=True)
    by_us = written(ours(scheme))
    by_them = written(config.construct_processor(VOCABULARY, "cpu"), seed=1)
    plain = written(None, seed=2)
    assert detector(by_us, z_threshold=4.0).all()
    assert not detector(plain, z_threshold=4.0).any()
    assert set(decisions(scheme, by_them)) == {Decision.MARKED}
    assert Decision.MARKED not in decisions(scheme, plain)


def test_green_tokens_are_counted_alike():
    config, scheme = green(Hashing.LEFT, 1)
    model = LlamaConfig(vocab_size=VOCABULARY, bos_token_id=VOCABULARY + 1)
    detector = WatermarkDetector(model, "cpu", config, ignore_repeated_ngrams=True)
    texts = written(ours(scheme))
    seen = detector(texts, return_dict=True)
    for ids, count, hits in zip(texts, seen.num_tokens_scored, seen.num_green_tokens, strict=True):
        evidence = Detector(scheme, NO_KEY).evidence(ids.numpy(), "theirs")
        assert (evidence.counts[-1], evidence.totals[-1]) == (count, hits)


@pytest.fixture(scope="module")
def tournament():
    config = SynthIDTextWatermarkingConfig(keys=KEYS, ngram_len=5)
    return config.construct_processor(VOCABULARY, "cpu"), reference_synthid(KEYS)


def test_values_are_those_of_transformers(tournament):
    processor, scheme = tournament
    ids = written(None, texts=3, tokens=40)
    expected = processor.compute_g_values(ids)
    context, tokens = [ids[:, i : i + 36].reshape(-1) for i in range(4)], ids[:, 4:].reshape(-1)
    bits = scheme.values.of((0, 0, 0, 0), scheme.values.starts((0, 0, 0, 0), context), tokens)
    layers = torch.stack([(bits >> layer) & 1 for layer in range(len(KEYS))], 1)
    assert torch.equal(layers.reshape(expected.shape), expected)


def test_logits_are_those_of_transformers(tournament):
    processor, scheme = tournament
    ids = written(None, texts=3, tokens=40)
    logits = TABLE[ids[:, -1]] / 2
    chosen = logits.softmax(1) > 1e-4
    expected = processor.update_scores(
        logits, processor.sample_g_values(processor._compute_keys(ids[:, -4:], all_tokens(3))[0])
    ).softmax(1)
    marked = ours(scheme)(ids, logits).softmax(1)
    # theirs lets every token play, ours those that are likely at all
    assert torch.allclose(marked[chosen], expected[chosen], atol=0.02)


def all_tokens(batch):
    return torch.arange(VOCABULARY)[None].expand(batch, -1)


def test_synthid_is_found_both_ways(tournament):
    _, scheme = tournament
    config = SynthIDTextWatermarkingConfig(keys=KEYS, ngram_len=5)
    processor = config.construct_processor(VOCABULARY, "cpu")
    torch.manual_seed(0)
    judge = BayesianDetectorModel(BayesianDetectorConfig(watermarking_depth=len(KEYS)))
    detector = SynthIDTextWatermarkDetector(judge.eval(), processor, _Ends())
    plain = written(None, seed=4)
    with torch.no_grad():
        [by_us] = detector(written(ours(scheme), seed=3))
        [unmarked] = detector(plain)
    assert (by_us > 0.999).all()
    assert (unmarked < 0.99).all()
    by_them = written(config.construct_processor(VOCABULARY, "cpu"), seed=5)
    assert set(decisions(scheme, by_them)) == {Decision.MARKED}
    assert Decision.MARKED not in decisions(scheme, plain)


class _Ends:
    """All that their detector asks of a tokenizer."""

    eos_token_id = VOCABULARY + 1
