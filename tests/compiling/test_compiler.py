"""Checkpoints of every kind, compiled whole, and asked in the way that users ask."""

import asyncio

import pytest
import transformers

from guardrails.compiling.compiler import Compiler
from guardrails.compiling.folder import Order
from guardrails.compiling.opening import open_source
from guardrails.compiling.precision import TOLERANCES, Precision
from guardrails.models.manifest import Licence
from guardrails.models.store import ModelStore
from guardrails.models.verifying import verify

LICENCE = Licence(spdx="CC0-1.0", attribution="nobody")
TEXTS = ("hello there", "you are a fool and a liar", "Wo ist der Bahnhof? 🙂", "a " * 40)


@pytest.fixture
def compiled(tmp_path):
    """Compile a checkpoint into a model named `made`."""

    def run(source, precision=Precision.FP32, **wishes):
        order = Order(tmp_path / "models/made", LICENCE, precision, **wishes)
        return Compiler(open_source(source), order).run()

    return run


def asked(manifest, texts=TEXTS):
    """Ask the model as a check does."""

    async def ask(model):
        return [[dict(each.scores) for each in await model.classify(text)] for text in texts]

    with ModelStore([manifest.folder.parent]) as store:
        return asyncio.run(ask(store.open(manifest.name)))


def reference(checkpoint, texts=TEXTS):
    """Ask transformers' own pipeline."""
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(checkpoint / "tokenizer.json"), model_input_names=NAMES
    )
    model = transformers.AutoModelForSequenceClassification.from_pretrained(checkpoint)
    pipeline = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer)
    answers = [pipeline(text, top_k=None) for text in texts]
    return [{each["label"]: each["score"] for each in answer} for answer in answers]


NAMES = ["input_ids", "attention_mask"]


@pytest.mark.parametrize("precision", Precision)
@pytest.mark.parametrize("architecture", ["Bert", "Roberta", "DebertaV2", "DistilBert"])
def test_a_classifier_of_texts_answers_as_transformers_does(
    architecture, precision, checkpoints, compiled
):
    checkpoint = checkpoints(architecture)
    manifest = compiled(checkpoint, precision)

    for [mine], theirs in zip(asked(manifest), reference(checkpoint), strict=True):
        assert mine == pytest.approx(theirs, abs=TOLERANCES[precision].difference)
    assert {one.state.value for one in verify(manifest)} == {"ok"}
    assert manifest.compiled.precision == precision
    assert manifest.compiled.difference <= TOLERANCES[precision].difference


@pytest.mark.parametrize(
    ("architecture", "precision"),
    [
        ("Bert", Precision.INT8),
        ("Roberta", Precision.FP16),
        ("DebertaV2", Precision.FP32),
        ("DistilBert", Precision.FP32),
    ],
)
def test_a_classifier_of_tokens_compiles(architecture, precision, checkpoints, compiled):
    labels = ("O", "B-NAME", "I-NAME")
    manifest = compiled(checkpoints(architecture, "TokenClassification", labels), precision)

    with ModelStore([manifest.folder.parent]) as store:
        model = store.open("made")
        assert model.labels == ("NAME",)
        tagged = asyncio.run(model.tag("Anna met Bert in Lisbon " * 30))
    assert all(each.label == "NAME" for each in tagged)
