"""Runs a checkpoint over texts the way the product does: every window, the worst counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm

from guardrails.compiling.text_guard import TextGuard
from text_guard.batches import MAX_TOKENS, UNKNOWN, Row, collate, window_row
from text_guard.data import Example
from text_guard.hardware import FAST_BF16
from text_guard.heads import HEADS

OVERLAP = 32  # tokens that neighbouring windows share
MOST_WINDOWS = 8  # of a text, which is enough to compare recipes
TOGETHER = 16  # windows in a batch


@dataclass(frozen=True, slots=True)
class Scorer:
    """A checkpoint that is ready to judge."""

    model: TextGuard
    tokenizer: Tokenizer

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a checkpoint."""
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return cls(TextGuard.load(folder), tokenizer)

    @torch.inference_mode()
    def logits(self, examples: Sequence[Example]) -> NDArray[np.float32]:
        """Tell the highest logit of each head over the windows of each text [texts, heads]."""
        windows = [
            (number, window)
            for number, example in enumerate(examples)
            for window in self._windows(example)
        ]
        windows.sort(key=lambda item: len(item[1].ids))
        worst = np.full((len(examples), len(HEADS)), -np.inf, np.float32)
        for some in tqdm(list(_cut(windows, TOGETHER)), desc="scoring", mininterval=10):
            batch = collate([window for _, window in some])
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=FAST_BF16):
                logits, _ = self.model(batch.ids, batch.mask)
            np.maximum.at(worst, [number for number, _ in some], logits.float().numpy())
        return worst

    @torch.inference_mode()
    def marks(self, examples: Sequence[Example]) -> tuple[NDArray[np.float32], ...]:
        """Tell logit and truth of each token of the first windows whose marks are known."""
        logits, truth = [], []
        for some in _cut(examples, TOGETHER):
            batch = collate([next(self._windows(example)) for example in some])
            known = batch.marks != UNKNOWN
            logits.append(self.model(batch.ids, batch.mask)[1][known].numpy())
            truth.append(batch.marks[known].numpy())
        return np.concatenate(logits), np.concatenate(truth)

    def _windows(self, example: Example) -> Iterator[Row]:
        encoding = self.tokenizer.encode(example.text)
        room, total = MAX_TOKENS - 2, len(encoding.ids) - 2
        starts = range(0, max(total - OVERLAP, 1), room - OVERLAP)
        for start in starts[:MOST_WINDOWS]:
            yield window_row(example, encoding, start)


def _cut(items: Sequence, size: int) -> Iterable[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))
