"""Where the sentences of a stretch of text begin and end, in tokens. Pure."""

import re
from itertools import pairwise

import numpy as np

from guardrails.models.tokenizer import Tokens
from guardrails.models.windows import Window

_END = re.compile(r"[.!?:;]+\s+|\s*\n\s*|[\u3002\uff01\uff1f]")
_LEAST = 4
"""Tokens; what is shorter goes with the next sentence: a heading, a number, an exclamation."""


def sentences(text: str, tokens: Tokens) -> tuple[Window, ...]:
    """Cut tokens where a sentence of their text ends; together, the pieces are all of them."""
    if not len(tokens):
        return ()
    ends = [found.end() for found in _END.finditer(text, tokens.starts[0], tokens.ends[-1])]
    edges = np.unique([0, *np.searchsorted(tokens.starts, ends), len(tokens)])
    pieces: list[Window] = []
    for start, end in pairwise(edges.tolist()):
        if pieces and pieces[-1].end - pieces[-1].start < _LEAST:
            pieces[-1] = Window(pieces[-1].start, end)
        else:
            pieces.append(Window(start, end))
    return tuple(pieces)
