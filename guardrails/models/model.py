"""What a check asks of a model: three kinds, one small face each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from guardrails.core.content import Frame
from guardrails.core.view import Span


class Task(StrEnum):
    """What a model does, in the field's words."""

    TEXT_CLASSIFICATION = "text-classification"
    TOKEN_CLASSIFICATION = "token-classification"  # noqa: S105  # a task, not a secret
    IMAGE_CLASSIFICATION = "image-classification"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A stretch of text that a token classifier named."""

    label: str
    score: float
    span: Span


@dataclass(frozen=True, slots=True)
class Scored:
    """What a text classifier says of one window of a text: P(label) for each label."""

    scores: Mapping[str, float]
    span: Span


class Model(Protocol):
    """An open model: verified, loaded, warm; shared by name between checks and requests."""

    @property
    def name(self) -> str:
        """Its name in policies, and of its folder."""

    @property
    def task(self) -> Task:
        """What it does."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that it can give."""

    @property
    def sha256(self) -> str:
        """The hash of its manifest, which holds the hash of its weights and of every other file."""


class TextClassifier(Model, Protocol):
    """Scores whole texts, window by window."""

    async def classify(self, text: str, /) -> Sequence[Scored]:
        """Score every window of a text of any length; the windows cover all of it."""


class TokenClassifier(Model, Protocol):
    """Names stretches of text."""

    async def tag(self, text: str, /) -> Sequence[Tagged]:
        """Name the stretches of a text of any length, in order, not overlapping."""


class ImageClassifier(Model, Protocol):
    """Scores pictures."""

    async def classify(self, frame: Frame, /) -> Mapping[str, float]:
        """Give P(label) for each label."""


class Models(Protocol):
    """Where checks get their models: the store, or stubs in a policy test."""

    def open(self, name: str) -> Model:
        """Give the open model of that name, the same one each time.

        Raises:
            ModelError: there is none, its files were altered, or it will not run.
        """
