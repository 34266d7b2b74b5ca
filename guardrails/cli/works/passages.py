"""A copied passage as a person reads it: words of the subject, those that were changed marked."""

import textwrap
from collections.abc import Iterator

import numpy as np

from guardrails.core.view import Span
from guardrails.works.fingerprint import Detail
from guardrails.works.passages.aligning import Blocks, aligned
from guardrails.works.text.words import words

COLUMNS = 92
LINES = 24
"""A longer passage is cut."""


def marked(text: str, where: Span, theirs: Detail) -> str:
    """Put what was changed or put in into brackets, and ``[-]`` where words were left out."""
    passage = text[where.start : where.end]
    read = words(passage)
    pieces, done = [], 0
    for start, end in _changes(aligned(read.hashes, theirs), len(read), len(theirs)):
        first = int(read.starts[start]) if start < len(read) else len(passage)
        last = int(read.ends[end - 1]) if end > start else first
        pieces += [passage[done:first], f"[{passage[first:last]}]" if end > start else "[-] "]
        done = last
    return "".join((*pieces, passage[done:]))


def wrapped(passage: str, indent: str) -> str:
    """Lay a passage out in lines."""
    shown = " ".join(passage.split())
    return textwrap.fill(
        shown,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent,
        max_lines=LINES,
        placeholder=" …",
    )


def _changes(blocks: Blocks, mine: int, theirs: int) -> Iterator[tuple[int, int]]:
    """Give the stretches of the one between equal runs, empty where only the other has some."""
    ends = np.vstack([blocks, [[mine, theirs, 0]]])
    at, there = 0, 0
    for start, place, size in ends.tolist():
        if start > at or place > there:
            yield at, start
        at, there = start + size, place + size
