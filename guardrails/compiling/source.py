"""A checkpoint, opened: what to export, what it says itself, and what a manifest needs of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from torch import nn

from guardrails.models.manifest import Activation, Calibration, Licence
from guardrails.models.model import Task
from guardrails.models.session import Floats


@dataclass(frozen=True, slots=True)
class Said:
    """What a checkpoint says of one row of tokens, markers included.

    ``scores`` is P(label) by name: a number where texts are classified, one for each token where
    tokens are. ``marks`` is P(marked) of each token, where there is a head for it.
    """

    scores: Mapping[str, Floats]
    marks: Floats | None = None


Says: TypeAlias = Callable[[Sequence[int]], Said]


@dataclass(frozen=True, slots=True)
class Source:
    """One checkpoint.

    ``net`` takes ``input_ids`` and ``attention_mask`` and gives what ``outputs`` names, logits
    first. ``says`` is the checkpoint's own judgement, which the compiled model is held to: it uses
    neither the order of ``labels`` nor ``activation``. ``positions`` is the most tokens that the
    net can take, markers included; ``window`` and ``overlap`` are what it was trained with, where
    that is known. ``marks`` is the label whose tokens it marks. ``papers`` are the licence files
    that go with it.
    """

    kind: str
    net: nn.Module
    outputs: tuple[str, ...]
    says: Says
    task: Task
    labels: tuple[str, ...]
    activation: Activation
    tokenizer: bytes
    positions: int
    digest: str
    window: int | None = None
    overlap: int | None = None
    marks: str | None = None
    calibration: Mapping[str, Calibration] = field(default_factory=dict)
    licence: Licence | None = None
    papers: Mapping[str, bytes] = field(default_factory=dict)
