"""The rows that recipes are compared and calibrated on; none of them is trained on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from text_guard.data import Example, read_set, read_written
from text_guard.heads import HEADS
from text_guard.scoring import Scorer
from text_guard.sources import BENIGN, PLAIN, SOURCES

MOST = 800  # rows of a set
BENIGN_PARTS = (*BENIGN, *PLAIN)
CLEAN = 0.1


@dataclass(frozen=True, slots=True)
class Judged:
    """Examples with their logits; `labels` are NaN where nobody said."""

    sources: NDArray[np.str_]
    labels: NDArray[np.float32]
    logits: NDArray[np.float32]

    def known(self, head: str, sources: tuple[str, ...] = ()) -> NDArray[np.bool_]:
        """Tell which rows have a label for a head, of all sources or of some."""
        rows = ~np.isnan(self.labels[:, HEADS.index(head)])
        return rows & np.isin(self.sources, sources) if sources else rows

    def benign(self, head: str) -> NDArray[np.bool_]:
        """Tell which rows are ordinary traffic that is clean for a head."""
        clean = self.labels[:, HEADS.index(head)] <= CLEAN  # false for NaN
        return clean & np.isin(self.sources, BENIGN_PARTS)


def judge(checkpoint: Path, data: Path) -> Judged:
    """Score the development rows; kept beside the checkpoint, so that it is done once."""
    kept = checkpoint / "development.npz"
    if not kept.exists():
        examples = list(development(data))
        labels = [[example.labels.get(head, np.nan) for head in HEADS] for example in examples]
        np.savez(
            kept,
            sources=np.array([example.source for example in examples]),
            labels=np.array(labels, np.float32),
            logits=Scorer.load(checkpoint).logits(examples),
        )
    with np.load(kept) as stored:
        return Judged(**stored)


def development(data: Path) -> Iterator[Example]:
    """Read the development rows of all sets."""
    for name in (*SOURCES, *PLAIN):
        yield from list(read_set(data, name, "dev"))[:MOST]
    yield from read_written("dev")
