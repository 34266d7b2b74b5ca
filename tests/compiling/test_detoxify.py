"""Detoxify's checkpoints, against Detoxify's own `predict`."""

import asyncio

import pytest
import torch
import transformers

from guardrails.compiling.compiler import Compiler
from guardrails.compiling.folder import Order
from guardrails.compiling.opening import open_source
from guardrails.compiling.precision import Precision
from guardrails.core.errors import ModelError
from guardrails.models.manifest import Licence
from guardrails.models.store import ModelStore

LICENCE = Licence(spdx="Apache-2.0", attribution="Detoxify, copyright Unitary")
CLASSES = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
NAMES = ["toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack"]
TEXTS = ["you fool", "have a nice day", "Was soll das denn heißen? 🙂", "a " * 60]


@pytest.fixture
def base(checkpoints):
    """Make the directory that a checkpoint of Detoxify names: configuration and tokenizer."""
    folder = checkpoints("Bert", "SequenceClassification", tuple(f"L{n}" for n in range(8)))
    words = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", model_max_length=128
    )
    words.model_input_names = ["input_ids", "attention_mask"]
    words.save_pretrained(folder)
    return folder


@pytest.fixture
def checkpoint(base, tmp_path):
    """Make a file as Detoxify ships them; the net may have more outputs than classes."""

    def make(**changes):
        net = transformers.BertForSequenceClassification.from_pretrained(base)
        arch = {
            "model_type": str(base),
            "model_name": "BertForSequenceClassification",
            "tokenizer_name": "PreTrainedTokenizerFast",
            "num_classes": 8,
        }
        file = tmp_path / "toxic.ckpt"
        state = {**net.state_dict(), "bert.embeddings.position_ids": torch.arange(128)[None]}
        torch.save(
            {
                "config": {
                    "arch": {"args": arch | changes.pop("arch", {})},
                    "dataset": {"args": {"classes": CLASSES}},
                },
                "state_dict": state,
            }
            | changes,
            file,
        )
        return file

    return make


def test_it_answers_as_its_own_predict_does(checkpoint, tmp_path):
    detoxify = pytest.importorskip("detoxify", reason="pip install --no-deps detoxify")
    file = checkpoint()
    theirs = detoxify.Detoxify(checkpoint=str(file)).predict([each[:100] for each in TEXTS])

    manifest = Compiler(open_source(file), Order(tmp_path / "made", LICENCE)).run()
    assert manifest.labels == tuple(theirs) == tuple(NAMES)
    with ModelStore([tmp_path]) as store:
        model = store.open("made")
        for number, text in enumerate(TEXTS):
            [scored] = asyncio.run(model.classify(text[:100]))
            assert scored.scores == pytest.approx(
                {name: scores[number] for name, scores in theirs.items()}, abs=0.001
            )


@pytest.mark.parametrize("precision", [Precision.INT8, Precision.FP16])
def test_it_compiles_small(precision, checkpoint, tmp_path):
    order = Order(tmp_path / "made", LICENCE, precision)

    assert Compiler(open_source(checkpoint()), order).run().compiled.precision == precision


def test_a_base_elsewhere_is_given_by_hand(checkpoint, base):
    file = checkpoint(arch={"model_type": "bert-base-uncased"})

    with pytest.raises(ModelError, match="builds on 'bert-base-uncased', give its directory with"):
        open_source(file)
    assert open_source(file, base).labels == tuple(NAMES)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"config": {}}, "is no checkpoint of Detoxify: no 'arch'"),
        ({"state_dict": {}}, "lacks 41 weights, such as"),
        ({"arch": {"model_name": "Trainer"}}, "names 'Trainer', which is no text classifier"),
        ({"arch": {"num_classes": 5}}, "do not fit"),
        ({"extra": print}, "torch cannot read '.*' as data alone"),  # code in it is not run
    ],
)
def test_what_is_no_checkpoint_of_it_is_said(changes, message, checkpoint):
    with pytest.raises(ModelError, match=message):
        open_source(checkpoint(**changes))


def test_a_file_that_is_no_torch_file(tmp_path):
    (tmp_path / "x.ckpt").write_text("hello")

    with pytest.raises(ModelError, match="torch cannot read"):
        open_source(tmp_path / "x.ckpt")
