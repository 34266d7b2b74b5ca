"""From examples to batches: rows of tokens, alike in length, pairs side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from text_guard.data import Example
from text_guard.heads import HEADS

MAX_TOKENS = 128  # of a row, with the two markers around it
BUDGET = 2048  # tokens in a batch, padding included
UNKNOWN = -1.0
FROM_START = 0.6  # how often the window of a long text is its beginning
CHUNK = 4096  # texts tokenised at a time


@dataclass(frozen=True, slots=True)
class Row:
    """A window of an example as numbers; labels and marks are UNKNOWN where nobody said."""

    ids: list[int]
    labels: NDArray[np.float32]
    marks: NDArray[np.float32]
    pair: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows padded to one length; `pairs` numbers the pairs, -1 is none."""

    ids: Tensor
    mask: Tensor
    labels: Tensor
    marks: Tensor
    pairs: Tensor


def rows(
    examples: Sequence[Example], tokenizer: Tokenizer, rng: np.random.Generator
) -> Iterator[Row]:
    """Tokenise, and take one window of each text that is too long."""
    for start in range(0, len(examples), CHUNK):
        chunk = examples[start : start + CHUNK]
        encodings = tokenizer.encode_batch([example.text for example in chunk])
        for example, encoding in zip(chunk, encodings, strict=True):
            longest = 0 if rng.random() < FROM_START or example.marks else len(encoding.ids)
            last = max(longest - MAX_TOKENS, 0)
            yield window_row(example, encoding, int(rng.integers(last + 1)))


def window_row(example: Example, encoding: Encoding, start: int) -> Row:
    """Cut the window that starts at a token, and put the markers around it."""
    inner = slice(1 + start, min(start + MAX_TOKENS - 1, len(encoding.ids) - 1))
    ids = [encoding.ids[0], *encoding.ids[inner], encoding.ids[-1]]
    labels = np.array([example.labels.get(head, UNKNOWN) for head in HEADS], np.float32)
    return Row(ids, labels, _marks(example, encoding.offsets[inner]), example.pair)


def arrange(all_rows: Sequence[Row], rng: np.random.Generator) -> list[list[Row]]:
    """Sort rows into batches of like length, in random order; a pair stays together."""
    loose = [[row] for row in all_rows if row.pair is None]
    paired = sorted((row for row in all_rows if row.pair is not None), key=lambda row: row.pair)
    units = loose + [list(group) for _, group in groupby(paired, key=lambda row: row.pair)]
    rng.shuffle(units)
    units.sort(key=lambda unit: max(len(row.ids) for row in unit) // 4)
    batches: list[list[Row]] = [[]]
    for unit in units:
        longest = max(len(row.ids) for row in batches[-1] + unit)
        if batches[-1] and longest * (len(batches[-1]) + len(unit)) > BUDGET:
            batches.append([])
        batches[-1].extend(unit)
    rng.shuffle(batches)
    return batches


def collate(batch: Sequence[Row]) -> Batch:
    """Pad the rows of a batch."""
    lengths = np.array([len(row.ids) for row in batch])
    shape = (len(batch), int(lengths.max()))
    ids, marks = np.zeros(shape, np.int64), np.full(shape, UNKNOWN, np.float32)
    for number, row in enumerate(batch):
        ids[number, : len(row.ids)] = row.ids
        marks[number, : len(row.ids)] = row.marks
    mask = (np.arange(shape[1]) < lengths[:, None]).astype(np.int64)
    names = {name: number for number, name in enumerate({row.pair for row in batch if row.pair})}
    pairs = np.array([names.get(row.pair, -1) for row in batch])
    labels = np.stack([row.labels for row in batch])
    return Batch(*map(torch.from_numpy, (ids, mask, labels, marks, pairs)))


def _marks(example: Example, offsets: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    marks = np.full(len(offsets) + 2, UNKNOWN, np.float32)
    if example.marks is None or not offsets:
        return marks
    starts, ends = np.array(offsets).T
    marks[1:-1] = 0
    for start, end in example.marks:
        marks[1:-1][(starts < end) & (ends > start)] = 1
    return marks
