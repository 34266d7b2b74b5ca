"""Reads texts of any length with a net, window by window."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from guardrails.models.batcher import Batcher
from guardrails.models.manifest import TextInput
from guardrails.models.tokenizer import Ints, Tokenizer, Tokens
from guardrails.models.windows import Window, cut

ResultT = TypeVar("ResultT")

_LONG = 4096


@dataclass(frozen=True, slots=True)
class Reading(Generic[ResultT]):
    """What a net made of a text: one result a window."""

    tokens: Tokens
    windows: tuple[Window, ...]
    results: Sequence[ResultT]


class Reader(Generic[ResultT]):
    """Cuts a text into tokens and windows, and has them run.

    A long text queues one batch at a time: others get their turn between, and when nobody waits
    for it any more the rest never runs.
    """

    def __init__(
        self, tokenizer: Tokenizer, batcher: Batcher[Ints, ResultT], shape: TextInput
    ) -> None:
        self._tokenizer = tokenizer
        self._batcher = batcher
        self._shape = shape
        self._at_once = max(1, batcher.budget // len(self.longest_row()))

    async def read(self, text: str) -> Reading[ResultT]:
        """Read all of a text."""
        tokens = await self.tokens(text)
        read = [each async for each in self.windows(tokens)]
        windows, results = zip(*read, strict=True) if read else ((), ())
        return Reading(tokens, windows, results)

    async def windows(self, tokens: Tokens) -> AsyncIterator[tuple[Window, ResultT]]:
        """Read window by window."""
        windows = cut(len(tokens), window=self._shape.window, overlap=self._shape.overlap)
        for start in range(0, len(windows), self._at_once):
            some = windows[start : start + self._at_once]
            results = await self._batcher.submit([self._row(tokens, each) for each in some])
            for window, result in zip(some, results, strict=True):
                yield window, result

    def first_row(self, text: str) -> Ints:
        """Give the first window of a text, at once: for short texts, outside of a request."""
        return self._between_markers(self._tokenizer.read(text).ids[: self._shape.window])

    def longest_row(self) -> Ints:
        """Give a full window of padding, to warm the net with."""
        return self._between_markers(np.zeros(self._shape.window, np.int32))

    async def tokens(self, text: str) -> Tokens:
        """Cut a text into tokens."""
        if len(text) < _LONG:
            return self._tokenizer.read(text)
        return await asyncio.to_thread(self._tokenizer.read, text)

    def _row(self, tokens: Tokens, window: Window) -> Ints:
        return self._between_markers(tokens.ids[window.start : window.end])

    def _between_markers(self, ids: Ints) -> Ints:
        before, after = self._tokenizer.before, self._tokenizer.after
        markers = (np.array(marks, np.int32) for marks in (before, after))
        first, last = markers
        return np.concatenate([first, ids, last])
