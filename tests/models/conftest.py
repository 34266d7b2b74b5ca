"""Models without weights, where a test is about what surrounds them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from guardrails.models.manifest import Manifest
from guardrails.models.tokenizer import Tokens

LICENCE = {"spdx": "CC0-1.0", "attribution": "nobody"}


class Words:
    """A tokenizer: every word is a token, its id is its length."""

    before, after = (101,), (102,)

    def read(self, text: str, /) -> Tokens:
        starts, ends, at = [], [], 0
        for word in text.split():
            starts.append(text.index(word, at))
            at = starts[-1] + len(word)
            ends.append(at)
        first, last = np.array(starts, np.int32), np.array(ends, np.int32)
        return Tokens(last - first, first, last, np.arange(len(starts), dtype=np.int32))


class FakeNet:
    """A session that computes its answer with a function, and keeps what it was fed."""

    def __init__(
        self,
        answer: Callable[[Mapping[str, Any]], Any],
        inputs: tuple[str, ...],
        outputs: tuple[str, ...] = ("logits",),
    ) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.fed: list[Mapping[str, Any]] = []
        self._answer = answer

    def run(self, feed: Mapping[str, Any], /) -> Any:
        self.fed.append(feed)
        answer = self._answer(feed)
        return answer if len(self.outputs) > 1 else [answer]


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def net() -> type[FakeNet]:
    return FakeNet


@pytest.fixture
def manifest() -> Callable[..., Manifest]:
    """Make a manifest of a text classifier, with changes."""

    def make(**changes: Any) -> Manifest:
        table: dict[str, Any] = {
            "folder": Path("tiny"),
            "digest": "0" * 64,
            "name": "tiny",
            "task": "text-classification",
            "summary": "for tests",
            "scores": "made up",
            "labels": ("good", "bad"),
            "text": {"positions": 16, "window": 8, "overlap": 4},
            "batch": {"budget": 64},
            "licence": LICENCE,
            "files": {
                "model.onnx": {"sha256": "0" * 64},
                "tokenizer.json": {"sha256": "0" * 64},
            },
        }
        return Manifest.model_validate(table | changes)

    return make
