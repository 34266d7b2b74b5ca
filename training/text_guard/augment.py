"""Evasions and surroundings: how the same text may look when somebody does not want it found."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from text_guard.data import Example
from text_guard.heads import HEADS

LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"})
SHORTEST = 4  # letters of a word that is worth disguising
SURE = 0.5
MOST_AROUND = 250  # characters on each side, so that one window sees the whole
KNOWN_BOTH = 0.2  # two halves at most this positive make a whole that is not


def disguised(example: Example, rng: np.random.Generator) -> Example:
    """Disguise some words; marks are lost, since letters move."""
    change = WAYS[rng.integers(len(WAYS))]
    words = example.text.split(" ")
    chosen = rng.random(len(words)) < max(0.3, 1 / len(words))
    text = " ".join(
        change(word, rng) if pick and len(word) >= SHORTEST and word.isalpha() else word
        for word, pick in zip(words, chosen, strict=True)
    )
    return replace(example, text=text, marks=None)


def spliced(example: Example, around: Example, rng: np.random.Generator) -> Example:
    """Put a text into another one, at the start of a random line or sentence."""
    sentences = around.text.replace("\n", "\n\0").replace(". ", ". \0").split("\0")
    place, room = rng.integers(len(sentences) + 1), int(rng.integers(1, MOST_AROUND))
    before, after = "".join(sentences[:place])[-room:], "".join(sentences[place:])[:room]
    text = _joined(before, _joined(example.text, after))
    return Example(text, _union(example.labels, around.labels), example.source)


def _joined(before: str, after: str) -> str:
    if not before or not after:
        return before + after
    return before.rstrip(" ") + (" " if before[-1] != "\n" else "") + after


def _union(first: dict, second: dict) -> dict[str, float]:
    """A whole is as bad as its worst part, if that part is known to be bad or all are known."""
    labels = {}
    for head in HEADS:
        worst = max(first.get(head, 0.0), second.get(head, 0.0))
        both = head in first and head in second
        if worst >= SURE or (both and worst <= KNOWN_BOTH):
            labels[head] = worst
    return labels


def _spaced(word: str, rng: np.random.Generator) -> str:
    return " .-_"[rng.integers(4)].join(word)


def _leet(word: str, _: np.random.Generator) -> str:
    return word.lower().translate(LEET)


def _swapped(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _dropped(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(1, len(word) - 1)
    return word[:place] + word[place + 1 :]


def _stretched(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(1, len(word))
    return word[:place] + word[place] * rng.integers(1, 4) + word[place:]


def _starred(word: str, rng: np.random.Generator) -> str:
    place = rng.integers(1, len(word) - 1)
    return word[:place] + "*" + word[place + 1 :]


WAYS: Sequence[Callable[[str, np.random.Generator], str]] = (
    _spaced,
    _leet,
    _swapped,
    _dropped,
    _stretched,
    _starred,
)
