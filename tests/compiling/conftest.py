"""Checkpoints with random weights, small enough to be compiled in seconds."""

import shutil
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

MISSING = [name for name in ("torch", "transformers", "onnx", "onnxscript") if not find_spec(name)]

if not MISSING:
    import torch
    import transformers

    from guardrails.compiling import corpus


def pytest_pycollect_makemodule():
    """Skip everything here, with the reason, where there is nothing to compile with."""
    if MISSING:
        pytest.skip(
            f"{', '.join(MISSING)} not installed, see `make test-compile`", allow_module_level=True
        )


LABELS = ("calm", "rude", "cruel")
SIZES = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "max_position_embeddings": 128,
}


def word_pieces() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=600, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(corpus.texts(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def byte_pairs() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus.texts(), trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return tokenizer


def unigrams() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    trainer = trainers.UnigramTrainer(
        vocab_size=900, special_tokens=special, unk_token="[UNK]", show_progress=False
    )
    tokenizer.train_from_iterator(corpus.texts(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return tokenizer


DISTILBERT = {
    "dim": 64,
    "n_layers": 2,
    "n_heads": 4,
    "hidden_dim": 128,
    "max_position_embeddings": 128,
    "seq_classif_dropout": 0.0,
}
DEBERTA = SIZES | {
    "relative_attention": True,
    "pos_att_type": ["p2c", "c2p"],
    "position_biased_input": False,
    "position_buckets": 16,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "type_vocab_size": 0,
}
ARCHITECTURES: Mapping[str, tuple[Callable[[], Tokenizer], Mapping[str, Any]]] = {
    "Bert": (word_pieces, SIZES),
    "Roberta": (byte_pairs, SIZES | {"max_position_embeddings": 130}),
    "DebertaV2": (unigrams, DEBERTA),
    "DistilBert": (word_pieces, DISTILBERT),
}


def outspoken(model):
    """Make a random net that tells texts apart: fresh weights say nearly the same to all."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.dim() > 1:
                last = name.startswith("classifier")
                scale = 1 if "embeddings" in name else weights.shape[1] ** -0.5
                weights.normal_(std=scale * (4 if last else 1))
    return model.eval()


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory) -> Callable[..., Path]:
    """Make a checkpoint as transformers writes one; the same one when asked twice."""
    made: dict[tuple[Any, ...], Path] = {}
    root = tmp_path_factory.mktemp("checkpoints")

    def make(
        architecture: str = "Bert",
        family: str = "SequenceClassification",
        labels: tuple[str, ...] = LABELS,
        **settings: Any,
    ) -> Path:
        key = (architecture, family, labels, *sorted(settings.items()))
        if key not in made:
            made[key] = root / f"{architecture}-{len(made)}"
            tokenizer, sizes = ARCHITECTURES[architecture]
            torch.manual_seed(len(made))
            words = tokenizer()
            config = getattr(transformers, f"{architecture}Config")(
                **{**sizes, "vocab_size": words.get_vocab_size()},
                id2label=dict(enumerate(labels)),
                label2id={label: place for place, label in enumerate(labels)},
                **settings,
            )
            net = outspoken(getattr(transformers, f"{architecture}For{family}")(config))
            net.save_pretrained(made[key])
            words.save(str(made[key] / "tokenizer.json"))
        return made[key]

    return make


@pytest.fixture
def copied(checkpoints, tmp_path) -> Callable[..., Path]:
    """Make a copy of a checkpoint, to spoil."""

    def copy(*wanted: Any, **settings: Any) -> Path:
        return Path(shutil.copytree(checkpoints(*wanted, **settings), tmp_path / "copied"))

    return copy
