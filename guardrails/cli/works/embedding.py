"""Fingerprints of pictures with the vector of a copy-detection model that an operator names."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from guardrails.core.errors import ModelError
from guardrails.models.image_embedder import OnnxImageEmbedder
from guardrails.models.store import ModelStore
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.library import FINGERPRINTS, Fingerprints, Piece
from guardrails.works.pictures.embedder import Embedder
from guardrails.works.pictures.fingerprints import fingerprint
from guardrails.works.work import Kind


@dataclass(frozen=True, slots=True)
class Embedded:
    """Makes fingerprints that have a vector of a model, which is opened once in each process."""

    models: tuple[Path, ...]
    name: str

    def __call__(self, piece: Piece) -> Fingerprint:
        """Make one."""
        if piece.kind is Kind.IMAGE and isinstance(piece.content, bytes):
            return fingerprint(piece.content, embedder(self.models, self.name))
        return Fingerprints(FINGERPRINTS)(piece)


def opened(models: Sequence[Path], name: str) -> Embedded:
    """Say what makes fingerprints; the model is opened once, to see that it is one.

    Raises:
        ModelError: there is no such model, or it embeds no pictures.
    """
    embedder(tuple(models), name)
    return Embedded(tuple(models), name)


@cache
def embedder(models: tuple[Path, ...], name: str) -> Embedder:
    """Open a copy-detection model."""
    opened = ModelStore(models).open(name)
    if not isinstance(opened, OnnxImageEmbedder):
        raise ModelError(f"model '{name}' embeds no pictures")
    return opened
