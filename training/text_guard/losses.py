"""What training pushes down."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from text_guard.batches import UNKNOWN, Batch, Row
from text_guard.heads import CONTENT, HEADS

TYPICAL = 5  # heads known for a row, so that losses of rows are about 1
MOST_WEIGHT = {True: 4.0, False: 1.5}  # of a positive, for content heads and the others
THIN = ("threat", "sexual", "violence", "self_harm", "harassment", "jailbreak", "harmful_request")
THIN_WEIGHT = 1.5
MARKS_WEIGHT = 0.4
PAIRS_WEIGHT = 0.3
MARGIN = 2.0  # between the logits of a pair
APART = 0.5  # labels of a pair that differ by so much must be told apart


def positive_weights(rows: Sequence[Row]) -> Tensor:
    """Weigh positives of rare kinds more: the root of the odds, within bounds."""
    labels = torch.tensor([row.labels.tolist() for row in rows])
    known = labels != UNKNOWN
    positive = (labels * known).sum(0).clamp(min=1)
    odds = (known.sum(0) - positive) / positive
    most = torch.tensor([MOST_WEIGHT[head in CONTENT] for head in HEADS])
    return odds.sqrt().clamp(min=1).minimum(most)


def loss(logits: Tensor, token_logits: Tensor, batch: Batch, positive: Tensor) -> Tensor:
    """Add up the losses of heads, marks and pairs."""
    return (
        _heads(logits, batch.labels, positive)
        + MARKS_WEIGHT * _marks(token_logits, batch.marks)
        + PAIRS_WEIGHT * _pairs(logits, batch.labels, batch.pairs)
    )


def _heads(logits: Tensor, labels: Tensor, positive: Tensor) -> Tensor:
    known = labels != UNKNOWN
    weights = torch.tensor([THIN_WEIGHT if head in THIN else 1.0 for head in HEADS])
    each = functional.binary_cross_entropy_with_logits(
        logits, labels.clamp(min=0), pos_weight=positive, reduction="none"
    )
    return (each * known * weights).sum() / (len(labels) * TYPICAL)


def _marks(token_logits: Tensor, marks: Tensor) -> Tensor:
    known = marks != UNKNOWN
    each = functional.binary_cross_entropy_with_logits(
        token_logits, marks.clamp(min=0), reduction="none"
    )
    return (each * known).sum() / known.sum().clamp(min=1)


def _pairs(logits: Tensor, labels: Tensor, pairs: Tensor) -> Tensor:
    same = (pairs[:, None] == pairs[None, :]) & (pairs[:, None] >= 0)
    known = (labels != UNKNOWN)[:, None] & (labels != UNKNOWN)[None, :]
    apart = (labels[:, None] - labels[None, :] >= APART) & known & same[:, :, None]
    short = functional.softplus(MARGIN - (logits[:, None] - logits[None, :]))
    return (short * apart).sum() / apart.sum().clamp(min=1)
