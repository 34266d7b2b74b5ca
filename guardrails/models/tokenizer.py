"""The door to tokenizers: a text of any length becomes tokens, once, with the way back."""

import re
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import tokenizers
from numpy.typing import NDArray

from guardrails.core.errors import ModelError

Ints: TypeAlias = NDArray[np.int32]

_BLOCK = 1 << 16
_LAST_SPACE = re.compile(r"\s\S*\Z")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, without the markers that a net wants around them.

    Token ``i`` stands for the characters ``starts[i]`` up to ``ends[i]``, in code points, and
    belongs to word ``words[i]``; words are numbered in order.
    """

    ids: Ints
    starts: Ints
    ends: Ints
    words: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def within(self, start: int, end: int) -> "Tokens":
        """Give tokens ``start`` up to, not including, ``end``."""
        part = slice(start, end)
        return Tokens(self.ids[part], self.starts[part], self.ends[part], self.words[part])


class Tokenizer(Protocol):
    """Cuts texts into tokens. Safe to call from many threads."""

    @property
    def before(self) -> tuple[int, ...]:
        """The markers that go before a window."""

    @property
    def after(self) -> tuple[int, ...]:
        """The markers that go after a window."""

    def read(self, text: str, /) -> Tokens:
        """Cut a text of any length, in linear time."""


class FileTokenizer:
    """A tokenizer as a ``tokenizer.json`` describes it.

    A text is cut block by block, at white space: the library keeps some 200 bytes a character
    while it works, which a megabyte at once would make felt.

    Raises:
        ModelError: the file is none, or puts no markers around one piece of text.
    """

    def __init__(self, name: str, file: bytes) -> None:
        try:
            self._tokenizer = tokenizers.Tokenizer.from_buffer(file)
        except Exception as error:  # the library raises nothing narrower
            raise ModelError(f"model '{name}': tokenizer.json: {error}") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.before, self.after = self._markers()

    def read(self, text: str, /) -> Tokens:
        """Cut a text of any length, in linear time; other Python threads run meanwhile."""
        blocks = []
        start = first_word = 0
        while start < len(text):
            end = _block_end(text, start)
            block = self._block(text[start:end], start, first_word)
            blocks.append(block)
            start = end
            first_word = int(block.words[-1]) + 1 if len(block) else first_word
        return _joined(blocks)

    def _block(self, text: str, start: int, first_word: int) -> Tokens:
        # `encode` holds the interpreter's lock, `encode_batch` does not
        [encoding] = self._tokenizer.encode_batch([text], add_special_tokens=False)
        offsets = np.array(encoding.offsets, np.int32).reshape(-1, 2) + start
        words = np.array(encoding.word_ids, np.int32) + first_word
        return Tokens(np.array(encoding.ids, np.int32), offsets[:, 0], offsets[:, 1], words)

    def _markers(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        encoding = self._tokenizer.encode("a")
        marks = encoding.special_tokens_mask
        first, last = marks.index(0), len(marks) - marks[::-1].index(0)
        return tuple(encoding.ids[:first]), tuple(encoding.ids[last:])


def _block_end(text: str, start: int) -> int:
    end = start + _BLOCK
    if end >= len(text):
        return len(text)
    space = _LAST_SPACE.search(text, end - _BLOCK // 16, end)
    return space.start() if space else end


def _joined(blocks: list[Tokens]) -> Tokens:
    if len(blocks) == 1:
        return blocks[0]
    none = [np.zeros(0, np.int32)]
    return Tokens(
        np.concatenate([block.ids for block in blocks] or none),
        np.concatenate([block.starts for block in blocks] or none),
        np.concatenate([block.ends for block in blocks] or none),
        np.concatenate([block.words for block in blocks] or none),
    )
