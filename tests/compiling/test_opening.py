"""What can be opened, and what is said of the rest."""

import json

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from guardrails.compiling import corpus
from guardrails.compiling.opening import open_source
from guardrails.core.errors import ModelError
from guardrails.models.manifest import Activation, Licence
from guardrails.models.model import Task


@pytest.mark.parametrize(
    ("settings", "activation"),
    [
        ({}, Activation.SOFTMAX),
        ({"problem_type": "single_label_classification"}, Activation.SOFTMAX),
        ({"problem_type": "multi_label_classification"}, Activation.SIGMOID),
        ({"labels": ("toxic",)}, Activation.SIGMOID),  # alone, it has nothing to share with
    ],
)
def test_the_activation_is_the_one_of_transformers_pipelines(settings, activation, checkpoints):
    source = open_source(checkpoints(**settings))

    assert source.activation is activation
    said = source.says([2, 7, 8, 9, 3])
    total = sum(float(chance) for chance in said.scores.values())
    assert (total == pytest.approx(1, abs=1e-5)) is (activation is Activation.SOFTMAX)


def test_labels_are_read_by_their_numbers(checkpoints, copied):
    folder = copied()
    file = folder / "config.json"
    config = json.loads(file.read_text())
    config["id2label"] = {"2": "cruel", "0": "calm", "1": "rude"}
    file.write_text(json.dumps(config))

    assert open_source(folder).labels == open_source(checkpoints()).labels


@pytest.mark.parametrize(
    ("architecture", "positions"),
    [("Bert", 128), ("Roberta", 128), ("DebertaV2", 128), ("DistilBert", 128)],
)
def test_positions_are_what_the_net_can_really_take(architecture, positions, checkpoints):
    """RoBERTa's table of 130 has two rows that no text ever gets."""
    source = open_source(checkpoints(architecture))

    assert source.positions == positions
    source.says([5] * positions)
    if architecture in {"Bert", "Roberta"}:
        with pytest.raises((IndexError, RuntimeError)):
            source.says([5] * (positions + 1))


def test_a_classifier_of_tokens_says_one_thing_for_each(checkpoints):
    source = open_source(checkpoints("Bert", "TokenClassification", ("O", "B-X", "I-X")))

    assert source.task is Task.TOKEN_CLASSIFICATION
    assert source.says([2, 7, 8, 3]).scores["B-X"].shape == (4,)


def test_torch_files_are_read_too(copied):
    folder = copied()
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    before = open_source(folder).says([2, 7, 8, 3])
    (folder / "model.safetensors").unlink()

    assert open_source(folder).says([2, 7, 8, 3]).scores == before.scores


def test_code_in_a_torch_file_is_not_run(copied, capsys):
    folder = copied()
    (folder / "model.safetensors").unlink()

    class Loud:
        def __reduce__(self):
            return (print, ("it ran",))

    torch.save({"classifier.bias": Loud()}, folder / "pytorch_model.bin")

    with pytest.raises(ModelError):
        open_source(folder)
    assert "it ran" not in capsys.readouterr().out


def test_missing_weights_are_not_made_up(copied):
    folder = copied()
    weights = load_file(folder / "model.safetensors")
    weights.pop("classifier.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ModelError, match=r"lacks 1 weights, such as classifier\.weight"):
        open_source(folder)


def test_quantities_are_no_probabilities(checkpoints):
    with pytest.raises(ModelError, match="predicts quantities, which are no probabilities"):
        open_source(checkpoints(problem_type="regression"))


def test_a_model_that_classifies_nothing(tmp_path):
    transformers.BertConfig(architectures=["BertModel"]).save_pretrained(tmp_path)

    with pytest.raises(ModelError, match="holds BertModel, which classifies neither"):
        open_source(tmp_path)


def test_a_tokenizer_of_another_kind(copied):
    folder = copied()
    (folder / "tokenizer.json").unlink()

    with pytest.raises(ModelError, match=r"has no tokenizer\.json, let transformers write it"):
        open_source(folder)


def test_no_checkpoint_at_all(tmp_path):
    with pytest.raises(ModelError, match=r"is no checkpoint: config\.json"):
        open_source(tmp_path)
    with pytest.raises(ModelError, match="there is no checkpoint"):
        open_source(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("card", "spdx"),
    [
        ("---\nlanguage: en\nlicense: apache-2.0\n---\n# A model", "Apache-2.0"),
        ("---\nlicense: mit\n---\n", "MIT"),
        ("---\nlicense: other\n---\n", None),
        ("# A model\nlicense: mit\n", None),  # said in passing
    ],
)
def test_the_licence_stands_in_the_model_card(card, spdx, copied):
    folder = copied()
    (folder / "README.md").write_text(card)

    licence = open_source(folder).licence
    assert licence == (Licence(spdx=spdx, attribution=folder.name) if spdx else None)


def test_licence_files_go_along(copied):
    folder = copied()
    (folder / "LICENSE").write_text("do as you like")
    (folder / "NOTICE.txt").write_text("thanks")

    assert set(open_source(folder).papers) == {"LICENSE", "NOTICE.txt"}


def test_the_corpus_is_of_many_kinds():
    texts = corpus.texts()

    assert len(texts) > 64  # the greatest batch
    assert len(set(texts)) == len(texts)
    assert min(map(len, texts)) == 1
    assert max(map(len, texts)) > 3000
    kinds = ("ж", "今", "ส", "ك", "🔥", "def ", "SELECT", "https:", "\t")
    assert all(any(sign in text for text in texts) for sign in kinds)
