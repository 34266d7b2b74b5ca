"""Reads a directory as transformers writes it: a classifier, or a causal language model."""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PretrainedConfig,
    PreTrainedModel,
)

from guardrails.compiling import language_model, reading
from guardrails.compiling.source import Said, Source
from guardrails.core.errors import ModelError
from guardrails.models.manifest import Activation
from guardrails.models.model import Task

_CLASSES = {
    "ForSequenceClassification": (Task.TEXT_CLASSIFICATION, AutoModelForSequenceClassification),
    "ForTokenClassification": (Task.TOKEN_CLASSIFICATION, AutoModelForTokenClassification),
}
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_COUNTS_FROM_PADDING = ("camembert", "roberta", "xlm-roberta", "xlm-roberta-xl")
"""Their positions begin behind the number of the padding token."""


class Logits(nn.Module):  # type: ignore[misc]  # torch is not in the default install
    """A classifier of transformers, plain tensors in and out; ``labels`` cuts off what is more."""

    def __init__(self, model: PreTrainedModel, labels: int | None = None) -> None:
        super().__init__()
        self.model = model
        self.labels = labels

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor]:
        """Give the logits: [batch, labels], or [batch, tokens, labels]."""
        logits = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return (logits if self.labels is None else logits[..., : self.labels],)


def open_directory(folder: Path) -> Source:
    """Open a directory.

    Raises:
        ModelError: it is neither, or some of its weights are missing.
    """
    config = reading.config(folder)
    [kind, *_] = config.get("architectures") or ["nothing"]
    if kind.endswith("ForCausalLM"):
        digest = reading.digest(_weights(folder))
        return language_model.source(kind, _loaded(AutoModelForCausalLM, folder), folder, digest)
    family = next((name for name in _CLASSES if kind.endswith(name)), None)
    if family is None:
        raise ModelError(
            f"'{folder}' holds {kind}, which classifies neither texts nor tokens"
            " and is no causal language model"
        )
    task, loader = _CLASSES[family]
    model = _loaded(loader, folder)
    return Source(
        kind=kind,
        net=Logits(model).eval(),
        outputs=("logits",),
        says=partial(_says, model),
        task=task,
        labels=tuple(model.config.id2label[place] for place in range(model.config.num_labels)),
        activation=_activation(model.config, folder),
        tokenizer=reading.tokenizer(folder),
        positions=positions(model.config),
        digest=reading.digest(_weights(folder)),
        licence=reading.licence(folder, str(config.get("_name_or_path") or folder.name)),
        papers=reading.papers(folder),
    )


def must_be_whole(name: Path, missing: Collection[str]) -> None:
    """Refuse a checkpoint without some of its weights: transformers would make them up.

    Raises:
        ModelError: there are some.
    """
    if missing:
        some = ", ".join(sorted(missing)[:3])
        raise ModelError(f"'{name}' lacks {len(missing)} weights, such as {some}")


def positions(config: PretrainedConfig) -> int:
    """Give the most tokens that a net can take."""
    most = int(config.max_position_embeddings)
    return most - config.pad_token_id - 1 if config.model_type in _COUNTS_FROM_PADDING else most


def _loaded(loader: Any, folder: Path) -> PreTrainedModel:
    try:
        model, report = loader.from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            dtype="float32",
            output_loading_info=True,
        )
    except Exception as error:  # it fails in as many ways as checkpoints do
        raise ModelError(f"transformers cannot open '{folder}': {reading.gist(error)}") from error
    must_be_whole(folder, report["missing_keys"])
    return model.eval()


def _weights(folder: Path) -> list[Path]:
    return next(found for kind in _WEIGHTS if (found := sorted(folder.glob(kind))))


def _activation(config: PretrainedConfig, folder: Path) -> Activation:
    """Read it as the pipelines of transformers do."""
    if config.problem_type == "regression":
        raise ModelError(f"'{folder}' predicts quantities, which are no probabilities")
    alone = config.num_labels == 1 or config.problem_type == "multi_label_classification"
    return Activation.SIGMOID if alone else Activation.SOFTMAX


def _says(model: PreTrainedModel, ids: Sequence[int]) -> Said:
    """Ask the model itself: label by label, by the names in its own configuration."""
    [logits] = reading.one_row(lambda row, mask: (model(row, attention_mask=mask).logits,), ids)
    several = model.config.problem_type == "multi_label_classification"
    chances = (
        reading.sigmoid(logits)
        if several or len(model.config.id2label) == 1
        else reading.softmax(logits)
    )
    return Said({label: chances[..., place] for place, label in model.config.id2label.items()})
