"""Reads a causal language model of transformers: what is exported tells how likely tokens are."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from guardrails.compiling import reading
from guardrails.compiling.source import Said, Source
from guardrails.models.language_model import STATISTICS
from guardrails.models.manifest import Activation
from guardrails.models.model import Task

WINDOW = 256
"""Tokens: a row of more costs memory, a number for every token and word of the vocabulary."""


class Surprises(nn.Module):  # type: ignore[misc]  # torch is not in the default install
    """A causal language model, plain tensors in, three numbers for each token out.

    They are worked out inside the graph: what leaves it is 50,000 times smaller than logits.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor]:
        """Give [batch, tokens, 3] in nats; of the first token, zeros."""
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False)
        likely = output.logits[:, :-1].log_softmax(-1)
        found = -likely.gather(2, input_ids[:, 1:, None])
        chances = likely.exp()
        expected = -(chances * likely).sum(-1, keepdim=True)
        variance = (chances * (likely + expected) ** 2).sum(-1, keepdim=True)
        statistics = torch.cat([found, expected, variance], 2)
        return (nn.functional.pad(statistics, (0, 0, 1, 0)),)


def source(kind: str, model: PreTrainedModel, folder: Path, digest: str) -> Source:
    """Say what is exported of an open model, and what the model itself says."""
    return Source(
        kind=kind,
        net=Surprises(model).eval(),
        outputs=("statistics",),
        says=partial(_says, model),
        task=Task.LANGUAGE_MODEL,
        labels=STATISTICS,
        activation=Activation.NONE,
        tokenizer=reading.tokenizer(folder),
        positions=int(model.config.max_position_embeddings),
        digest=digest,
        window=min(WINDOW, int(model.config.max_position_embeddings) // 2),
        licence=reading.licence(folder, folder.name),
        papers=reading.papers(folder),
    )


def _says(model: PreTrainedModel, ids: Sequence[int]) -> Said:
    """Ask the model itself, and count in twice the digits."""
    [logits] = reading.one_row(lambda row, mask: (model(row, attention_mask=mask).logits,), ids)
    likely = torch.from_numpy(logits[:-1]).double().log_softmax(-1)
    next_ids = torch.tensor(list(ids[1:]), dtype=torch.int64)
    entropy = -(likely.exp() * likely).sum(-1)
    variance = (likely.exp() * likely**2).sum(-1) - entropy**2
    rows = (-likely.gather(1, next_ids[:, None])[:, 0], entropy, variance)
    nothing = torch.zeros(1, dtype=torch.float64)
    said = (torch.cat([nothing, row]).float().numpy() for row in rows)
    return Said(dict(zip(STATISTICS, said, strict=True)))
