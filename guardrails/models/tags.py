"""From the labels of tokens to named stretches of text. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.core.view import Span
from guardrails.models.model import Tagged
from guardrails.models.net import score
from guardrails.models.session import Floats
from guardrails.models.tokenizer import Ints, Tokens

Bools: TypeAlias = NDArray[np.bool_]

_OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Tags:
    """What each token is part of: a kind (0 for nothing), whether it begins there, and P(kind)."""

    kinds: Ints
    begins: Bools
    scores: Floats


@dataclass(frozen=True, slots=True)
class _Word:
    number: int
    kind: int
    begins: bool
    score: float
    span: Span


class Scheme:
    """The kinds behind the labels of a net, which say B(egin) or I(nside) of a kind, or O(utside).

    The scheme is called BIO, or IOB2: Tjong Kim Sang and Veenstra, "Representing Text Chunks",
    EACL 1999.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        kinds = [label.partition("-")[2] for label in labels]
        self.kinds = tuple(dict.fromkeys(kind for kind in kinds if kind))
        numbers = {"": 0} | {kind: number for number, kind in enumerate(self.kinds, 1)}
        self._members = np.zeros((len(labels), len(numbers)), np.float32)
        self._begins = np.zeros_like(self._members)
        for row, (label, kind) in enumerate(zip(labels, kinds, strict=True)):
            self._members[row, numbers[kind]] = 1
            self._begins[row, numbers[kind]] = label.startswith("B-")

    def tags(self, chances: Floats) -> Tags:
        """Name each token's kind: tokens x labels in, B and I of a kind taken together."""
        by_kind = chances @ self._members
        kinds = by_kind.argmax(axis=-1).astype(np.int32)
        best = kinds[:, None]
        scores = np.take_along_axis(by_kind, best, axis=-1)[:, 0]
        begin = np.take_along_axis(chances @ self._begins, best, axis=-1)[:, 0]
        return Tags(kinds, begin * 2 > scores, scores)

    def stretches(self, tokens: Tokens, tags: Tags) -> list[Tagged]:
        """Name the stretches of a text, in whole words, in order.

        A word is of the kind of its surest token, and goes on with the word before unless it
        begins a stretch of its own and does not touch it. The score is the mean over the words.
        """
        runs: list[list[_Word]] = []
        for word in _words(tokens, tags):
            if runs and _goes_on(runs[-1][-1], word):
                runs[-1].append(word)
            else:
                runs.append([word])
        return [self._tagged(run) for run in runs]

    def _tagged(self, run: Sequence[_Word]) -> Tagged:
        mean = sum(word.score for word in run) / len(run)
        span = Span(run[0].span.start, run[-1].span.end)
        return Tagged(self.kinds[run[0].kind - 1], score(mean), span)


def join(parts: Sequence[Tags]) -> Tags:
    """Put the tags of neighbouring stretches one behind the other."""
    return Tags(
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.begins for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def _goes_on(before: _Word, word: _Word) -> bool:
    if word.number != before.number + 1 or word.kind != before.kind:
        return False
    return not word.begins or word.span.start == before.span.end


def _words(tokens: Tokens, tags: Tags) -> Iterator[_Word]:
    named = np.unique(tokens.words[tags.kinds > 0])
    firsts = np.searchsorted(tokens.words, named, side="left")
    lasts = np.searchsorted(tokens.words, named, side="right")
    for number, first, last in zip(named.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
        best = first + int(tags.scores[first:last].argmax())
        if kind := int(tags.kinds[best]):
            span = Span(int(tokens.starts[first]), int(tokens.ends[last - 1]))
            yield _Word(number, kind, bool(tags.begins[first]), float(tags.scores[best]), span)
