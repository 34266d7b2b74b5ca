"""The code in an answer: in fences, or all of it; prose is read along, for it equals no code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import islice

import numpy as np

from guardrails.works.code.dialects import Dialect
from guardrails.works.code.lexing import Tokens, dialect_of, tokenise

_FENCE = re.compile(
    r"^[ \t]{0,12}(?P<marks>`{3,}|~{3,})[ \t]*(?P<language>[^\s`{]*)[^\n`]*\n"
    r"(?P<code>.*?)(?:^[ \t]*(?P=marks)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_MANY = 200
"""Fences in an answer that are told from prose."""


@dataclass(frozen=True, slots=True)
class Part:
    """Code points ``start`` to ``end`` of an answer that are written in one way."""

    start: int
    end: int
    dialect: Dialect | None
    fenced: bool


def parts(answer: str) -> Iterator[Part]:
    """Cut an answer at its fences; behind a great many of them, all is read as prose is."""
    end = 0
    for fence in islice(_FENCE.finditer(answer), _MANY):
        yield Part(end, fence.start(), None, fenced=False)
        language = dialect_of(fence["language"].strip(".{}"))
        yield Part(fence.start("code"), fence.end("code"), language, fenced=True)
        end = fence.end()
    yield Part(end, len(answer), None, fenced=False)


def read(answer: str) -> tuple[Tokens, int]:
    """Give the tokens of an answer, and how many of them are code for sure: all, without fences."""
    read_parts = [
        (part, _moved(tokenise(answer[part.start : part.end], part.dialect), part.start))
        for part in parts(answer)
        if part.start < part.end
    ]
    fenced = sum(len(tokens) for part, tokens in read_parts if part.fenced)
    tokens = _joined([tokens for _, tokens in read_parts])
    return tokens, fenced or len(tokens)


def _moved(tokens: Tokens, start: int) -> Tokens:
    return Tokens(
        tokens.symbols, tokens.names, tokens.starts + start, tokens.ends + start, tokens.lines
    )


def _joined(all_tokens: list[Tokens]) -> Tokens:
    columns = (
        np.concatenate([np.zeros(0, np.int64), *(getattr(one, column.name) for one in all_tokens)])
        for column in fields(Tokens)
    )
    return Tokens(*columns)
