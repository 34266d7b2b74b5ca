"""A causal language model of transformers, compiled and served."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from guardrails.compiling import corpus
from guardrails.compiling.compiler import Compiler
from guardrails.compiling.folder import Order
from guardrails.compiling.opening import open_source
from guardrails.compiling.parity import ParityError
from guardrails.compiling.source import Said
from guardrails.models.manifest import Licence
from guardrails.models.model import Task
from guardrails.models.store import ModelStore

LICENCE = Licence(spdx="CC0-1.0", attribution="nobody")
TEXT = (
    "The ship left the harbour in the morning, and nobody on the quay knew where it was going. " * 3
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("causal") / "tiny"
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet, show_progress=False)
    words.train_from_iterator(corpus.texts(), trainer)
    config = transformers.LlamaConfig(
        vocab_size=words.get_vocab_size(),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        tie_word_embeddings=True,
    )
    torch.manual_seed(3)
    net = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        net.model.embed_tokens.weight.mul_(20)  # fresh weights hesitate between all words alike
    net.save_pretrained(folder)
    words.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def served(checkpoint, tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    Compiler(open_source(checkpoint), Order(root / "tiny", LICENCE)).run()
    with ModelStore([root]) as store:
        yield store.open("tiny")


def reference(checkpoint, text):
    """Ask transformers for the likelihood of each token, in one window of all of them."""
    net = transformers.AutoModelForCausalLM.from_pretrained(checkpoint).eval()
    words = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    ids = torch.tensor([words.encode(text).ids])
    with torch.no_grad():
        likely = net(ids).logits[0, :-1].double().log_softmax(-1)
    return -likely.gather(1, ids[0, 1:, None])[:, 0].numpy(), likely.exp().numpy()


def test_it_is_opened_as_what_it_is(served):
    assert served.task is Task.LANGUAGE_MODEL
    assert served.labels == ("found", "expected", "variance")


def test_it_is_surprised_as_transformers_is(served, checkpoint):
    text = TEXT[:90]
    read = asyncio.run(served.surprise(text))
    found, chances = reference(checkpoint, text)
    entropy = -(chances * np.log(chances)).sum(1)
    assert len(set(np.round(found))) > 3  # it does tell tokens apart
    assert read.found == pytest.approx(found, abs=0.01)
    assert read.expected == pytest.approx(entropy, abs=0.01)
    variance = (chances * np.log(chances) ** 2).sum(1) - entropy**2
    assert read.variance == pytest.approx(variance, abs=0.01)
    assert served.probe(text) == pytest.approx(found.mean(), abs=0.01)


def test_a_text_of_several_windows_is_judged_to_its_end(served):
    read = asyncio.run(served.surprise(TEXT * 2))
    assert read.ends[-1] == len((TEXT * 2).rstrip()) or read.ends[-1] == len(TEXT * 2)
    assert (np.diff(read.starts) > 0).all()


def test_what_differs_from_its_source_is_not_written(checkpoint, tmp_path):
    source = open_source(checkpoint)
    honest = source.says

    def lies(ids):
        said = honest(ids)
        return Said({name: row + 0.02 for name, row in said.scores.items()})

    object.__setattr__(source, "says", lies)
    with pytest.raises(ParityError, match=r"judges .* texts otherwise than its source"):
        Compiler(source, Order(tmp_path / "tiny", LICENCE)).run()
    assert not (tmp_path / "tiny").exists()
