"""What surrounds a run of a net: padding before it, probabilities after it, one shape for all."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np

from guardrails.models.batcher import Batcher
from guardrails.models.lines import Limits
from guardrails.models.manifest import Activation, BatchDefaults, Manifest
from guardrails.models.recovery import Care
from guardrails.models.session import Floats, Session, Tensor
from guardrails.models.tokenizer import Ints
from guardrails.models.watch import Watch
from guardrails.telemetry.model_load import ModelLoad

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class OpenModel(Generic[ItemT, ResultT]):
    """What the three kinds of model share: who they are, and their queue."""

    def __init__(
        self, manifest: Manifest, labels: Sequence[str], batcher: Batcher[ItemT, ResultT]
    ) -> None:
        self.name = manifest.name
        self.task = manifest.task
        self.labels = tuple(labels)
        self.sha256 = manifest.digest
        self._batcher = batcher

    @property
    def load(self) -> ModelLoad:
        """What it has to do."""
        return self._batcher.load

    def keep_well(self, care: Care, watch: Watch) -> None:
        """Have its net replaced when it hangs or fails."""
        self._batcher.keep_well(care)
        watch.add(self._batcher)

    def close(self) -> None:
        """Fail what waits, and stop."""
        self._batcher.close()


def limits(batch: BatchDefaults) -> Limits:
    """What the batcher needs of the manifest's table."""
    return Limits(batch.budget, batch.queue, batch.gather / 1000)


def run_rows(session: Session, rows: Sequence[Ints]) -> Mapping[str, Floats]:
    """Run rows of tokens together; the shorter ones are padded and masked.

    Gives each output by its name, in the order of the net.
    """
    longest = max(map(len, rows))
    ids = np.zeros((len(rows), longest), np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    feed: Mapping[str, Tensor] = {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": np.zeros_like(ids),
    }
    outputs = session.run({name: feed[name] for name in session.inputs})
    return dict(zip(session.outputs, outputs, strict=True))


def first(outputs: Iterable[Floats]) -> Floats:
    """Give the output that the labels are read from."""
    return next(iter(outputs))


def probabilities(logits: Floats, activation: Activation) -> Floats:
    """Turn the last axis into probabilities."""
    match activation:
        case Activation.NONE:
            return logits
        case Activation.SIGMOID:
            return (0.5 * (1 + np.tanh(logits / 2))).astype(np.float32)  # exp would overflow
        case Activation.SOFTMAX:
            powers: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
            shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
            return shares


def score(probability: float) -> float:
    """Round as far as a score may be trusted not to depend on the batch that it came from."""
    return round(float(probability), 4)
