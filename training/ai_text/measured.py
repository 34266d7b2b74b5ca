"""What `ai_text.measure` wrote, read back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from guardrails.models.model import Surprise

LENGTHS = (50, 100, 200)
"""Tokens at which everything is fitted and reported: the beginnings of texts."""
_NEARLY = 0.95


@dataclass(frozen=True, slots=True)
class Read:
    """One text as the language model read it."""

    id: str
    group: str
    machine: bool
    train: bool
    stats: Surprise


def read(file: Path) -> Iterator[Read]:
    """Give every text."""
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        numbers = (
            np.array(row.pop(name), np.float32) for name in ("found", "expected", "variance")
        )
        found, expected, variance = numbers
        nowhere = np.zeros(len(found), np.int32)
        yield Read(**row, stats=Surprise(found, expected, variance, nowhere, nowhere))


def at_length(text: Read, length: int) -> Surprise | None:
    """Give the beginning of a text, or nothing where it is shorter."""
    if len(text.stats) < length * _NEARLY:
        return None
    return text.stats.within(0, length)
