"""The text guard, ready to be measured: texts of so many tokens, its bare net, an engine on it."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.engine import TEXT
from guardrails.engine.engine import Engine
from guardrails.models.manifest import TOKENIZER, WEIGHTS, Manifest, read
from guardrails.models.session import Hardware, OnnxSession, Tensor
from guardrails.models.store import ModelStore, folders
from guardrails.models.tokenizer import FileTokenizer
from guardrails.models.windows import cut
from guardrails.policy.loader import load

NAME = "text_guard"
LENGTHS = (32, 128)
"""Tokens of the texts that are judged, the markers at both ends included."""


def manifest(roots: Sequence[Path]) -> Manifest | None:
    """Find the model; say so when it is not there."""
    if folder := folders(roots).get(NAME):
        return read(folder)
    print(f"skipped: there is no model '{NAME}', give the folder that it is in with --models")
    return None


def text_of(model: Manifest, length: int) -> str:
    """Give English prose of exactly so many tokens, markers included."""
    tokenizer = _tokenizer(model)
    prose = f"{TEXT} {TEXT}"
    words = length - len(tokenizer.before) - len(tokenizer.after)
    text = prose[: tokenizer.read(prose).ends[words - 1]]
    assert len(tokenizer.read(text)) == words
    return text


def bare(model: Manifest, text: str) -> Callable[[], object]:
    """Give a run of its net alone on a text's windows: no tokenizer, no queue, no other thread."""
    session = OnnxSession(model.name, (model.folder / WEIGHTS).read_bytes(), Hardware())
    feeds = [_feed(row) for row in _rows(model, text)]
    return lambda: [session.run(feed) for feed in feeds]


def windows(model: Manifest, text: str) -> int:
    """How many windows a text has."""
    return len(_rows(model, text))


def _rows(model: Manifest, text: str) -> list[Tensor]:
    tokenizer, shape = _tokenizer(model), model.text
    assert shape is not None
    ids = tokenizer.read(text).ids
    return [
        np.array([[*tokenizer.before, *ids[each.start : each.end], *tokenizer.after]], np.int64)
        for each in cut(len(ids), window=shape.window, overlap=shape.overlap)
    ]


def _feed(ids: Tensor) -> Mapping[str, Tensor]:
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def engine(checks: Sequence[str], models: ModelStore) -> Engine:
    """Give an engine with a policy `guard` of one rule for each check."""
    rules = "".join(f"  - {{check: {check}, then: flag}}\n" for check in checks)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "guard.yaml"
        file.write_text(f"policy: guard\ninput:\n{rules}")
        return Engine(load(file, models))


def _tokenizer(model: Manifest) -> FileTokenizer:
    return FileTokenizer(model.name, (model.folder / TOKENIZER).read_bytes())
