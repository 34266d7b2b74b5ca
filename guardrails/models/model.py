"""What a check asks of a model: six kinds, one small face each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.core.content import Frame
from guardrails.core.finding import Region
from guardrails.core.view import Span


class Task(StrEnum):
    """What a model does, in the field's words."""

    TEXT_CLASSIFICATION = "text-classification"
    TOKEN_CLASSIFICATION = "token-classification"  # noqa: S105  # a task, not a secret
    IMAGE_CLASSIFICATION = "image-classification"
    OBJECT_DETECTION = "object-detection"
    IMAGE_EMBEDDING = "image-embedding"
    LANGUAGE_MODEL = "language-model"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A stretch of text that a token classifier named."""

    label: str
    score: float
    span: Span


@dataclass(frozen=True, slots=True)
class Located:
    """A thing that a detector found in a picture."""

    label: str
    score: float
    region: Region


Vector: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and where it lies among others of like meaning."""

    span: Span
    embedding: Vector = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Scored:
    """What a text classifier says of one window of a text: P(label) for each label.

    ``marks`` are the stretches of the window that carry what the model marks, and ``sentences``
    its sentences, for those who taught the model a label.
    """

    scores: Mapping[str, float]
    span: Span
    marks: tuple[Tagged, ...] = ()
    sentences: tuple[Sentence, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Surprise:
    """How a language model takes a text, token by token but for the first, in nats.

    ``found`` is how unlikely each token was, ``expected`` how unlikely a token was on average at
    that place (the entropy), ``variance`` how much that varies. Token ``i`` stands for characters
    ``starts[i]`` up to ``ends[i]``.
    """

    found: Vector = field(repr=False)
    expected: Vector = field(repr=False)
    variance: Vector = field(repr=False)
    starts: NDArray[np.int32] = field(repr=False)
    ends: NDArray[np.int32] = field(repr=False)

    def __len__(self) -> int:
        return len(self.found)

    def within(self, start: int, end: int) -> "Surprise":
        """Give tokens ``start`` up to, not including, ``end``."""
        part = slice(start, end)
        return Surprise(
            self.found[part],
            self.expected[part],
            self.variance[part],
            self.starts[part],
            self.ends[part],
        )


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


class Scorer(Protocol):
    """Scores whole texts, window by window."""

    @property
    def name(self) -> str:
        """The name of the model that does it."""

    async def classify(self, text: str, /) -> Sequence[Scored]:
        """Score every window of a text of any length; the windows cover all of it."""


class TextClassifier(Model, Scorer, Protocol):
    """Scores whole texts for its labels, and for others that it is taught."""

    def threshold_for(self, label: str, fpr: float) -> float:
        """Give the score that at most this share of harmless texts reaches.

        Raises:
            ModelError: its calibration table does not say.
        """

    def teach(self, label: str, examples: Sequence[str], counter_examples: Sequence[str]) -> Scorer:
        """Give a scorer for one new label, on the same pass. At load: it runs every example.

        Raises:
            ModelError: the model gives no embeddings.
            ValueError: it cannot tell the examples from the counter-examples.
        """


class TokenClassifier(Model, Protocol):
    """Names stretches of text."""

    async def tag(self, text: str, /) -> Sequence[Tagged]:
        """Name the stretches of a text of any length, in order, not overlapping."""


class ObjectDetector(Model, Protocol):
    """Finds things in pictures."""

    async def detect(self, frame: Frame, /) -> Sequence[Located]:
        """Give everything that it finds, each thing once."""


class ImageClassifier(Model, Protocol):
    """Scores pictures."""

    async def classify(self, frame: Frame, /) -> Mapping[str, float]:
        """Give P(label) for each label."""


class ImageEmbedder(Model, Protocol):
    """Turns pictures into vectors."""

    def embed(self, rgb: NDArray[np.uint8], /) -> Vector:
        """Give the vector of a picture of height x width x 3 bytes, of unit length."""


class LanguageModel(Model, Protocol):
    """Tells how likely texts are, token by token."""

    async def surprise(self, text: str, /) -> Surprise:
        """Read a text of any length; each token is judged by at most one window before it."""

    def probe(self, text: str, /) -> float | None:
        """Give the mean surprise of a short text, at once: at load. None where it is not known."""


class Models(Protocol):
    """Where checks get their models: the store, or stubs in a policy test."""

    def open(self, name: str) -> Model:
        """Give the open model of that name, the same one each time.

        Raises:
            ModelError: there is none, its files were altered, or it will not run.
        """
