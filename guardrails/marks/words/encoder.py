"""How alike two sentences are, by the hidden states of a net that reads text."""

import hmac
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Protocol, runtime_checkable

import numpy as np
from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from guardrails.core.errors import ModelError
from guardrails.models.manifest import TOKENIZER, WEIGHTS, Manifest, read
from guardrails.models.net import run_rows
from guardrails.models.session import Floats, Hardware, OnnxSession
from guardrails.models.store import SHIPPED
from guardrails.models.text_classifier import EMBEDDINGS
from guardrails.models.tokenizer import FileTokenizer


@runtime_checkable
class Encoder(Protocol):
    """Compares sentences."""

    def likeness(self, one: str, other: str, /) -> float:
        """Give the cosine of the angle between two sentences: 1 where they are the same."""


class OnnxEncoder:
    """Compares the mean of the hidden states of all tokens.

    Raises:
        ModelError: the folder holds no model, an altered one, or one without hidden states.
    """

    def __init__(self, folder: Path) -> None:
        manifest = read(folder)
        if manifest.text is None:
            raise ModelError(f"model '{manifest.name}' reads no text, so it compares no sentences")
        weights = _verified(manifest, WEIGHTS)
        self._session = OnnxSession(manifest.name, weights, Hardware())
        if EMBEDDINGS not in self._session.outputs:
            raise ModelError(f"model '{manifest.name}' has no output '{EMBEDDINGS}'")
        self._tokenizer = FileTokenizer(manifest.name, _verified(manifest, TOKENIZER))
        self._markers = slice(len(self._tokenizer.before), -len(self._tokenizer.after) or None)
        markers = len(self._tokenizer.before) + len(self._tokenizer.after)
        self._window = manifest.text.positions - markers

    def likeness(self, one: str, other: str, /) -> float:
        """Give the cosine of the angle between two sentences: 1 where they are the same."""
        vectors = self._embedded(one), self._embedded(other)
        norms = float(np.prod([np.linalg.norm(vector) for vector in vectors]))
        return float(vectors[0] @ vectors[1]) / norms if norms else 1.0

    def _embedded(self, text: str) -> Floats:
        ids = self._tokenizer.read(text).ids
        total: Floats = np.zeros(1, np.float32)
        for start in range(0, len(ids), self._window):
            part = ids[start : start + self._window]
            row = np.concatenate([self._tokenizer.before, part, self._tokenizer.after])
            hidden = run_rows(self._session, [row.astype(np.int32)])[EMBEDDINGS][0]
            total = total + hidden[self._markers].sum(axis=0, dtype=np.float32)
        return total


def opened(folder: Path) -> OnnxEncoder:
    """Open a model's folder, once for as long as it stays what it is."""
    return _as_it_is(folder, read(folder).digest)


@lru_cache(maxsize=4)
def _as_it_is(folder: Path, _digest: str) -> OnnxEncoder:
    return OnnxEncoder(folder)


def _verified(manifest: Manifest, file: str) -> bytes:
    try:
        content = (manifest.folder / file).read_bytes()
    except OSError as error:
        raise ModelError(f"model '{manifest.name}': cannot read {file}: {error}") from error
    if not hmac.compare_digest(sha256(content).hexdigest(), manifest.files[file].sha256):
        raise ModelError(f"model '{manifest.name}': {file} was altered")
    return content


def _opened(value: Any, info: ValidationInfo) -> Encoder | None:
    if value is None or isinstance(value, Encoder):
        return value
    if not isinstance(value, str):
        raise ValueError("a model is needed here, by its name or its folder")  # noqa: TRY004  # for pydantic
    directory = (info.context or {}).get("directory", Path())
    folder = SHIPPED / value if (SHIPPED / value).is_dir() else directory / value
    try:
        return opened(folder.resolve())
    except ModelError as error:
        raise ValueError(str(error)) from error


EncoderModel = Annotated[
    Encoder | None,
    PlainValidator(_opened),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "name of a model that ships, or the folder of one",
        }
    ),
]
