"""A copied passage in pieces: what is equal, what was changed, what was left out. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from guardrails.core.view import Span
from guardrails.works.fingerprint import Detail
from guardrails.works.passages.aligning import aligned
from guardrails.works.text.words import words

AROUND = 110
"""Characters of the subject before and behind a passage that are shown with it."""
LONGEST = 2_400
"""Characters of a passage that are shown; the middle of a longer one is left out."""


class How(StrEnum):
    """What a piece is."""

    AROUND = "around"
    """Of the subject, beside the passage."""
    SAME = "same"
    CHANGED = "changed"
    GAP = "gap"
    """Words of the work that are missing; ``count`` of them, there is no text."""
    CUT = "cut"
    """Not shown."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of what is shown."""

    how: How
    text: str = ""
    count: int = 0


def pieces(text: str, where: Span, theirs: Detail | None) -> tuple[Piece, ...]:
    """Cut a passage into pieces by the words of the work there; without these all is equal."""
    passage = text[where.start : where.end]
    inside = [Piece(How.SAME, passage)] if theirs is None else list(_compared(passage, theirs))
    shown = (*_before(text[: where.start]), *_shortened(inside), *_behind(text[where.end :]))
    return tuple(piece for piece in shown if piece.text or piece.how in {How.GAP, How.CUT})


def _compared(passage: str, theirs: Detail) -> Iterator[Piece]:
    read, done, word, place = words(passage), 0, 0, 0
    end = [len(read), len(theirs), 0]
    for start, there, count in [*aligned(read.hashes, theirs).tolist(), end]:
        if start > word:
            first, last = int(read.starts[word]), int(read.ends[start - 1])
            yield Piece(How.SAME, passage[done:first])
            yield Piece(How.CHANGED, passage[first:last])
            done = last
        elif there > place:
            first = int(read.starts[word]) if word < len(read) else len(passage)
            yield Piece(How.SAME, passage[done:first])
            yield Piece(How.GAP, count=there - place)
            done = first
        if count:
            last = int(read.ends[start + count - 1])
            yield Piece(How.SAME, passage[done:last])
            done = last
        word, place = start + count, there + count
    yield Piece(How.SAME, passage[done:])


def _before(text: str) -> Iterator[Piece]:
    if len(text) > AROUND:
        yield Piece(How.CUT)
        text = text[-AROUND:].partition(" ")[2]
    yield Piece(How.AROUND, text)


def _behind(text: str) -> Iterator[Piece]:
    short = text[:AROUND]
    if len(text) > AROUND:
        yield Piece(How.AROUND, short.rpartition(" ")[0])
        yield Piece(How.CUT)
    else:
        yield Piece(How.AROUND, short)


def _shortened(inside: Sequence[Piece]) -> Iterator[Piece]:
    """Leave out the middle of what is too long to be read, and what is empty."""
    total = sum(len(piece.text) for piece in inside)
    seen, cut = 0, False
    for piece in inside:
        start, seen = seen, seen + len(piece.text)
        if total <= LONGEST or seen <= LONGEST / 2 or start >= total - LONGEST / 2:
            yield piece
        elif len(piece.text) > LONGEST / 2:
            yield from _middle_of(piece)
            cut = True
        elif not cut:
            yield Piece(How.CUT)
            cut = True


def _middle_of(piece: Piece) -> Iterator[Piece]:
    yield Piece(piece.how, piece.text[: LONGEST // 4])
    yield Piece(How.CUT)
    yield Piece(piece.how, piece.text[-LONGEST // 4 :])
