"""Reads a checkpoint of Detoxify: one torch file, with names of its own.

The file says which classes it has and which model of transformers it is; the model's own
configuration and tokenizer are in a directory that the file only names. Follows
https://github.com/unitaryai/detoxify (Apache-2.0), ``detoxify.py``, version 0.5.4.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import PreTrainedModel

from guardrails.compiling import reading
from guardrails.compiling.hugging_face import Logits, must_be_whole, positions
from guardrails.compiling.source import Said, Source
from guardrails.core.errors import ModelError
from guardrails.models.manifest import Activation
from guardrails.models.model import Task

_RENAMED: Mapping[str, str] = {
    "toxic": "toxicity",
    "identity_hate": "identity_attack",
    "severe_toxic": "severe_toxicity",
}
"""The names of its first models, and what all its models have answered with since."""
_SUFFIX = "ForSequenceClassification"


def open_file(file: Path, base: Path | None = None) -> Source:
    """Open a checkpoint; ``base`` has the ``config.json`` and ``tokenizer.json`` of its encoder.

    Raises:
        ModelError: it is none, its base is not on this machine, or they do not fit.
    """
    checkpoint = _read(file)
    try:
        arch = checkpoint["config"]["arch"]["args"]
        classes = [str(name) for name in checkpoint["config"]["dataset"]["args"]["classes"]]
        state = dict(checkpoint["state_dict"])
        folder = base or Path(arch["model_type"])
        model = _built(file, arch, state, folder)
    except (KeyError, TypeError) as error:
        raise ModelError(f"'{file}' is no checkpoint of Detoxify: no {error}") from error
    labels = tuple(_RENAMED.get(name, name) for name in classes)
    return Source(
        kind=f"Detoxify {arch['model_name']}",
        net=Logits(model, len(labels)).eval(),
        outputs=("logits",),
        says=partial(_says, model, classes),
        task=Task.TEXT_CLASSIFICATION,
        labels=labels,
        activation=Activation.SIGMOID,
        tokenizer=reading.tokenizer(folder),
        positions=positions(model.config),
        digest=reading.digest([file]),
        licence=reading.licence(file.parent, "Detoxify, copyright Unitary"),
        papers=reading.papers(file.parent),
    )


def _read(file: Path) -> Mapping[str, Any]:
    try:
        read = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # an unpickler fails in as many ways as files do
        raise ModelError(
            f"torch cannot read '{file}' as data alone: {reading.gist(error)}"
        ) from error
    if not isinstance(read, dict):
        raise ModelError(f"'{file}' is no checkpoint of Detoxify: it holds no dictionary")
    return read


def _built(
    file: Path, arch: Mapping[str, Any], state: Mapping[str, torch.Tensor], folder: Path
) -> PreTrainedModel:
    """Build the model that a file names, of transformers' classifiers alone, with its weights."""
    name = str(arch["model_name"])
    builder = getattr(transformers, name, None) if name.endswith(_SUFFIX) else None
    if builder is None:
        raise ModelError(f"'{file}' names '{name}', which is no text classifier of transformers")
    if not (folder / reading.CONFIG).is_file():
        raise ModelError(f"'{file}' builds on '{folder}', give its directory with --base")
    config = builder.config_class.from_pretrained(
        folder, num_labels=int(arch["num_classes"]), local_files_only=True
    )
    model = builder(config)
    try:
        missing, _ = model.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise ModelError(
            f"the weights in '{file}' do not fit '{folder}': {reading.gist(error)}"
        ) from error
    must_be_whole(file, missing)
    return model.float().eval()


def _says(model: PreTrainedModel, classes: Sequence[str], ids: Sequence[int]) -> Said:
    """Answer as its ``predict`` does: a sigmoid each, class by class, under the newer names."""
    [logits] = reading.one_row(lambda row, mask: (model(row, attention_mask=mask).logits,), ids)
    chances = reading.sigmoid(logits)
    return Said({_RENAMED.get(name, name): chances[place] for place, name in enumerate(classes)})
