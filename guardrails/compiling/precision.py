"""In which numbers a net computes, and how far from its source it may then be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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


TOLERANCES: Mapping[Precision, Tolerance] = {
    Precision.FP32: Tolerance(0.001, 0.0005),
    Precision.FP16: Tolerance(0.02, 0.01),
    Precision.INT8: Tolerance(0.1, 0.05),
}
