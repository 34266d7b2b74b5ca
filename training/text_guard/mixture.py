"""What one phase of training sees: how much of each set, and what is done to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from text_guard.augment import SURE, disguised, spliced
from text_guard.data import SECOND, Example, read_set, read_written
from text_guard.heads import PROMPT
from text_guard.sources import BENIGN, SOURCES

HIDDEN = 3  # injections are spliced so many times as often
LONG = 300  # characters; longer texts are not spliced into others


@dataclass(frozen=True, slots=True)
class Phase:
    """One run over a mixture.

    `keep` is the part of each set that is seen, beside its own share, `benign` that of benign sets.
    Each written example is seen `written` times, those of the `second` round so many times. `rate`
    is the highest learning rate of the encoder; the heads learn ten times as fast.
    """

    name: str
    seed: int
    keep: float
    written: int
    rate: float
    second: int = 0
    benign: float = 1.0
    disguise: float = 0.12
    splice: float = 0.10


PHASES = (
    Phase("broad", seed=21, keep=0.6, written=3, rate=5e-5),
    Phase("balanced", seed=22, keep=0.3, written=4, second=4, rate=4e-5),
    Phase("settled", seed=23, keep=0.1, written=1, second=4, benign=0.5, rate=3e-5),
)


def mixture(data: Path, phase: Phase, rng: np.random.Generator) -> list[Example]:
    """Draw the examples of a phase and change some of them."""
    drawn = [example for name in SOURCES for example in _drawn(data, name, phase, rng)]
    surroundings = [
        example
        for example in drawn
        if example.source in BENIGN and all(example.labels.get(head) == 0 for head in PROMPT)
    ]
    for example in read_written("train"):
        second = example.source.startswith(SECOND)
        drawn.extend([example] * (phase.second if second else phase.written))
    return [_changed(example, surroundings, phase, rng) for example in drawn]


def joined(name: str, phase: Phase) -> bool:
    """Tell whether a phase sees a set."""
    order = [earlier.name for earlier in PHASES[: PHASES.index(phase) + 1]]
    return SOURCES[name].joins in order


def _drawn(data: Path, name: str, phase: Phase, rng: np.random.Generator) -> Iterator[Example]:
    source = SOURCES[name]
    if not joined(name, phase):
        return
    late = source.joins != PHASES[0].name
    share = source.share * (phase.benign if name in BENIGN else 1.0 if late else phase.keep)
    for example in read_set(data, name, "train"):
        if rng.random() < share:
            yield from [example] * source.copies


def _changed(
    example: Example, surroundings: list[Example], phase: Phase, rng: np.random.Generator
) -> Example:
    chance = rng.random()
    hidden = example.labels.get("prompt_injection", 0) >= SURE  # attacks love a document round them
    if (
        chance < phase.splice * (HIDDEN if hidden else 1)
        and len(example.text) < LONG
        and not example.marks
    ):
        return spliced(example, surroundings[rng.integers(len(surroundings))], rng)
    if chance > 1 - phase.disguise and not example.marks:
        return disguised(example, rng)
    return example
