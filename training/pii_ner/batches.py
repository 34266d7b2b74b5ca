"""From texts to rows of tokens with the labels that each token may have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from pii_ner.data import Example
from pii_ner.labels import LABELS, NEWS_KINDS, OUTSIDE

MAX_TOKENS = 128
BUDGET = 2048  # tokens in a batch, padding included
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens, and for each the labels that are not wrong [tokens, labels]."""

    ids: list[int]
    allowed: Bools


def rows(examples: Sequence[Example], tokenizer: Tokenizer) -> Iterator[Row]:
    """Tokenise; a long text gives several rows."""
    encodings = tokenizer.encode_batch([example.text for example in examples])
    for example, encoding in zip(examples, encodings, strict=True):
        allowed = _allowed(example, encoding)
        inner, room = len(encoding.ids) - 2, MAX_TOKENS - 2
        for start in range(0, max(inner, 1), room):
            part = slice(1 + start, 1 + min(start + room, inner))
            ids = [encoding.ids[0], *encoding.ids[part], encoding.ids[-1]]
            yield Row(ids, np.concatenate([allowed[:1], allowed[part], allowed[-1:]]))


def arrange(all_rows: list[Row], rng: np.random.Generator) -> list[list[Row]]:
    """Sort rows into batches of like length, in random order."""
    rng.shuffle(all_rows)
    all_rows.sort(key=lambda row: len(row.ids) // 4)
    batches: list[list[Row]] = [[]]
    for row in all_rows:
        longest = max(len(other.ids) for other in [*batches[-1], row])
        if batches[-1] and longest * (len(batches[-1]) + 1) > BUDGET:
            batches.append([])
        batches[-1].append(row)
    rng.shuffle(batches)
    return batches


def collate(batch: Sequence[Row]) -> tuple[Tensor, Tensor, Tensor]:
    """Pad the rows: ids and mask [rows, tokens], allowed [rows, tokens, labels]."""
    longest = max(len(row.ids) for row in batch)
    ids = np.zeros((len(batch), longest), np.int64)
    mask = np.zeros_like(ids)
    allowed = np.ones((len(batch), longest, len(LABELS)), np.bool_)  # of padding nothing is learnt
    for number, row in enumerate(batch):
        ids[number, : len(row.ids)] = row.ids
        mask[number, : len(row.ids)] = 1
        allowed[number, : len(row.ids)] = row.allowed
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(allowed)


def _allowed(example: Example, encoding: Encoding) -> Bools:
    """Tell which labels each token may have; markers count as outside."""
    allowed = np.zeros((len(encoding.ids), len(LABELS)), np.bool_)
    allowed[:, _outside(example)] = True
    starts, ends = np.array(encoding.offsets).T
    for start, end, kind in example.spans:
        inside = np.flatnonzero((starts < end) & (ends > start))
        for place, token in enumerate(inside):
            allowed[token] = False
            allowed[token, _labels("B" if place == 0 else "I", kind, news=example.news)] = True
    return allowed


def _outside(example: Example) -> list[int]:
    if not example.news:
        return [OUTSIDE]
    return [OUTSIDE, *(n for place in "BI" for n in _labels(place, "", news=True))]


def _labels(place: str, kind: str, *, news: bool) -> list[int]:
    kinds = NEWS_KINDS[kind] if news else (kind,)
    return [LABELS.index(f"{place}-{one}") for one in kinds]
