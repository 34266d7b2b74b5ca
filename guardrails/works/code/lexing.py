"""From source to symbols: names and literals by what they are, comments and layout dropped."""

import zlib
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.works.code.dialects import (
    BY_NAME,
    DROPPED,
    GRAMMARS,
    IDENTIFIER,
    NUMBER,
    OTHER,
    STRING,
    SYMBOLS,
    Dialect,
    guess,
)

Numbers: TypeAlias = NDArray[np.int64]
_LITERAL = 31
"""Bits of a code that tell two names or literals apart; its symbol stands above them."""
_QUOTES = "\"'`"
_PREFIXES = "bBrRuUfFL"
"""What may stand before a string."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Tokens of a source, (n,) each: the symbol, a hash of how it is written, and where it stands.

    ``lines`` counts from one. Comments, blanks, docstrings and annotations are no tokens.
    """

    symbols: Numbers
    names: Numbers
    starts: Numbers
    ends: Numbers
    lines: Numbers

    def __len__(self) -> int:
        return len(self.symbols)


def dialect_of(name: str) -> Dialect | None:
    """Tell the dialect by a file's name or by the language of a fence, if it is a known one."""
    words = name.lower().replace("\\", "/").rpartition("/")[2].split(".")
    return BY_NAME.get(words[-1])


def tokenise(source: str, dialect: Dialect | None = None) -> Tokens:
    """Cut a source into tokens; without a dialect, by the family that it looks like."""
    dialect = dialect or guess(source)
    written = GRAMMARS[dialect].pattern.findall(source)
    codes = np.fromiter(map(_Codes(dialect).__getitem__, written), np.int64, len(written))
    ends = np.fromiter(accumulate(map(len, written)), np.int64, len(written))
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    symbols = codes >> _LITERAL
    breaks = np.flatnonzero(
        np.frombuffer(source.encode("utf-32-le", "replace"), "<u4") == ord("\n")
    )
    lines = np.searchsorted(breaks, starts) + 1
    kept = symbols != DROPPED
    tokens = _only(Tokens(symbols, codes & ((1 << _LITERAL) - 1), starts, ends, lines), kept)
    if dialect is Dialect.PYTHON and len(tokens):
        tokens = _only(tokens, _meant(tokens, np.searchsorted(breaks, tokens.ends - 1) + 1))
    return _only(tokens, ~_trailing(tokens.symbols))


class _Codes(dict[str, int]):
    """Codes of tokens as written, each worked out once: symbol, and hash of the writing."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._alphabet = GRAMMARS[dialect].alphabet
        self._comments = _COMMENTS[dialect]

    def __missing__(self, token: str) -> int:
        code = self[token] = self._symbol(token) << _LITERAL
        if (code >> _LITERAL) <= OTHER:
            plain = token.lstrip(_PREFIXES).strip(_QUOTES) if code >> _LITERAL == STRING else token
            self[token] = code = code | zlib.crc32(plain.encode("utf-8", "replace")) >> 1
        return code

    def _symbol(self, token: str) -> int:
        known = self._alphabet.get(token)
        first = token[0]
        if known is not None:
            return known
        if first.isspace() or first == ";" or token.startswith(self._comments):
            return DROPPED
        if first.isalpha() or first == "_":
            return STRING if token[-1] in _QUOTES else IDENTIFIER
        if first in _QUOTES:
            return STRING if len(token) > 1 else DROPPED
        return NUMBER if first.isdigit() or len(token) > 1 else OTHER


_COMMENTS = {
    Dialect.PYTHON: ("#",),
    Dialect.BRACE: ("//", "/*"),
    Dialect.HASH: ("#",),
    Dialect.DASH: ("--", "/*", "{-"),
}
_COMMA, _OPEN, _CLOSE = SYMBOLS[","], SYMBOLS["("], SYMBOLS[")"]
_COLON, _EQUALS, _ARROW, _DOT = SYMBOLS[":"], SYMBOLS["="], SYMBOLS["->"], SYMBOLS["."]
_LONG = 1000
"""Tokens of the longest signature, and of the longest type, that is looked through."""
_OPENING = frozenset(SYMBOLS[sign] for sign in "([{")
_CLOSING = frozenset(SYMBOLS[sign] for sign in ")]}")
_UNFINISHED = np.array([SYMBOLS[sign] for sign in ("(", "[", "{", ",", "=", "+", "%", "return")])


def _only(tokens: Tokens, kept: NDArray[np.bool_]) -> Tokens:
    return Tokens(
        tokens.symbols[kept],
        tokens.names[kept],
        tokens.starts[kept],
        tokens.ends[kept],
        tokens.lines[kept],
    )


def _trailing(symbols: Numbers) -> NDArray[np.bool_]:
    """Tell which commas a formatter puts before a closing bracket."""
    dropped = np.zeros(len(symbols), np.bool_)
    dropped[:-1] = (symbols[:-1] == _COMMA) & np.isin(symbols[1:], list(_CLOSING))
    return dropped


def _meant(tokens: Tokens, last_lines: Numbers) -> NDArray[np.bool_]:
    """Tell which tokens of Python are neither docstrings nor annotations."""
    symbols = tokens.symbols
    first = np.concatenate([[True], tokens.lines[1:] != last_lines[:-1]])
    last = np.concatenate([first[1:], [True]])
    before = np.concatenate([[_COLON], symbols[:-1]])
    alone = first & last & (symbols == STRING) & ~np.isin(before, _UNFINISHED) & (before != STRING)
    kept: NDArray[np.bool_] = ~alone
    listed = symbols.tolist()
    done = 0
    for place in np.flatnonzero(symbols == SYMBOLS["func"]).tolist():
        if place >= done:
            done = _signature(listed, place, kept)
    for place in np.flatnonzero(first & (symbols == IDENTIFIER)).tolist():
        _variable(listed, place, kept, tokens.lines)
    return kept


def _signature(symbols: list[int], place: int, kept: NDArray[np.bool_]) -> int:
    """Drop what follows the colons of parameters, and what is returned; give the place behind."""
    if symbols[place + 2 : place + 3] != [_OPEN]:
        return place
    last = min(len(symbols), place + _LONG)
    place, depth = place + 3, 1
    while place < last and depth:
        if depth == 1 and symbols[place] == _COLON:
            end = _type_ends(symbols, place + 1)
            kept[place:end] = False
            place = end
            continue
        depth += (symbols[place] in _OPENING) - (symbols[place] in _CLOSING)
        place += 1
    if symbols[place : place + 1] == [_ARROW]:
        kept[place : _type_ends(symbols, place + 1)] = False
    return place


def _variable(symbols: list[int], place: int, kept: NDArray[np.bool_], lines: Numbers) -> None:
    """Drop the annotation of a variable or a field that is set where it is annotated."""
    end = place + 1
    while symbols[end : end + 1] == [_DOT]:
        end += 2
    if symbols[end : end + 1] != [_COLON]:
        return
    behind = _type_ends(symbols, end + 1)
    if symbols[behind : behind + 1] == [_EQUALS] and lines[behind] == lines[place]:
        kept[end:behind] = False


def _type_ends(symbols: list[int], place: int) -> int:
    """Give the place behind a type: where a comma, a value, a body or the end of a list begins."""
    depth = 0
    last = min(len(symbols), place + _LONG)
    while place < last:
        if not depth and symbols[place] in {_COMMA, _EQUALS, _CLOSE, _COLON}:
            break
        depth += (symbols[place] in _OPENING) - (symbols[place] in _CLOSING)
        place += 1
    return place
