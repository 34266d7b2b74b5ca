"""In which numbers a net computes, and how far from its source it may then be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from guardrails.models.model import Task


class Precision(StrEnum):
    """The numbers that a net computes in."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a compiled model may be from its source, in probability.

    No score may differ by more than ``difference``. No verdict may flip, unless the source's own
    score lies within ``margin`` of the threshold.
    """

    difference: float
    margin: float


OF_TOKENS = Tolerance(0.2, 0.1)
"""Of labels of tokens in eight bits: of thousands of scores a text, the worst one decides."""

OF_NATS = 10
"""What a language model gives is no probability: it goes up to twenty and more."""

TOLERANCES: Mapping[Precision, Tolerance] = {
    Precision.FP32: Tolerance(0.001, 0.0005),
    Precision.FP16: Tolerance(0.02, 0.01),
    Precision.INT8: Tolerance(0.1, 0.05),
}


def tolerance(precision: Precision, task: Task) -> Tolerance:
    """How far a model may be from its source."""
    if precision is Precision.INT8 and task is Task.TOKEN_CLASSIFICATION:
        return OF_TOKENS
    allowed = TOLERANCES[precision]
    if task is Task.LANGUAGE_MODEL:
        return Tolerance(OF_NATS * allowed.difference, OF_NATS * allowed.margin)
    return allowed
