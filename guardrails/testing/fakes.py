"""Models and checks that answer from a table, for tests of policies and of code around them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import ClassVar

from pydantic import Field

from guardrails.checks.catalog import Entry
from guardrails.checks.settings import TextModel
from guardrails.core.check import Cost
from guardrails.core.content import Exchange, Frame, Text
from guardrails.core.errors import ModelError
from guardrails.core.finding import Finding
from guardrails.core.view import Span
from guardrails.models.model import Model, Scored, Scorer, Tagged, Task
from guardrails.settings import Settings


@dataclass(frozen=True, slots=True)
class FakeTextClassifier:
    """Gives each text the scores that stand in a table, and any other text zeros."""

    name: str
    labels: tuple[str, ...] = ("bad",)
    answers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    task: ClassVar[Task] = Task.TEXT_CLASSIFICATION

    @property
    def sha256(self) -> str:
        """A hash that is the same for the same name."""
        return _hash(self.name)

    async def classify(self, text: str, /) -> Sequence[Scored]:
        """Score the text as one window."""
        scores = dict.fromkeys(self.labels, 0.0) | dict(self.answers.get(text, {}))
        return [Scored(scores, Span(0, len(text)))] if text.strip() else []

    def threshold_for(self, label: str, fpr: float) -> float:
        """Give the threshold of the table, whatever the rate.

        Raises:
            ModelError: the table has none.
        """
        if label not in self.thresholds:
            raise ModelError(f"model '{self.name}' has no table for '{label}' at {fpr:g}")
        return self.thresholds[label]

    def teach(self, label: str, _: Sequence[str], __: Sequence[str]) -> Scorer:
        """Give a fake with the same answers for one more label."""
        return replace(self, labels=(*self.labels, label))


@dataclass(frozen=True, slots=True)
class FakeTokenClassifier:
    """Tags the words that stand in a table, wherever they are in the text."""

    name: str
    answers: Mapping[str, str] = field(default_factory=dict)
    task: ClassVar[Task] = Task.TOKEN_CLASSIFICATION

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the table."""
        return tuple(sorted(set(self.answers.values())))

    @property
    def sha256(self) -> str:
        """A hash that is the same for the same name."""
        return _hash(self.name)

    async def tag(self, text: str, /) -> Sequence[Tagged]:
        """Tag every place of every word of the table."""
        return tagged(text, self.answers)


@dataclass(frozen=True, slots=True)
class FakeImageClassifier:
    """Gives every picture the same scores."""

    name: str
    scores: Mapping[str, float] = field(default_factory=dict)
    task: ClassVar[Task] = Task.IMAGE_CLASSIFICATION

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the table."""
        return tuple(self.scores)

    @property
    def sha256(self) -> str:
        """A hash that is the same for the same name."""
        return _hash(self.name)

    async def classify(self, _: Frame, /) -> Mapping[str, float]:
        """Score a picture."""
        return self.scores


class FakeModels:
    """A store of fake models; ``altered`` are the names of those whose files do not match."""

    def __init__(self, *models: Model, altered: Sequence[str] = ()) -> None:
        self._models = {model.name: model for model in models}
        self._altered = altered
        self.opened: list[str] = []

    def open(self, name: str) -> Model:
        """Give the model of that name.

        Raises:
            ModelError: there is none, or it counts as altered.
        """
        if name in self._altered:
            raise ModelError(f"model '{name}' was altered: 'model.onnx' is not what it was")
        if name not in self._models:
            raise ModelError(f"there is no model '{name}'")
        self.opened.append(name)
        return self._models[name]


class FakeWords:
    """A light check: finds words of a list."""

    inspects = Text
    cost = Cost.LIGHT

    class Settings(Settings):
        """Settings of a fake check."""

        words: tuple[str, ...]
        category: str = "word"
        score: float = Field(default=1.0, ge=0, le=1)

    def __init__(self, settings: Settings, /) -> None:
        if "" in settings.words:
            raise ValueError("a word is empty, remove it")
        self._settings = settings
        self.categories = (settings.category,)

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find the first place of each word."""
        found = ((subject.text.find(word), word) for word in self._settings.words)
        return [
            Finding(self._settings.category, self._settings.score, Span(start, start + len(word)))
            for start, word in found
            if start >= 0
        ]


class FakeClassifier:
    """A check with a model: one category for each label."""

    inspects = Text
    cost = Cost.MODEL

    class Settings(Settings):
        """Settings of a fake check."""

        model: TextModel = "fake"  # type: ignore[assignment]  # opened by name

    def __init__(self, settings: Settings, /) -> None:
        self._model = settings.model
        self.categories = settings.model.labels

    def threshold_for(self, category: str, fpr: float) -> float:
        """Ask the model."""
        return self._model.threshold_for(category, fpr)

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Report the scores of the first window."""
        first, *_ = await self._model.classify(subject.text)
        return [Finding(label, score) for label, score in first.scores.items()]


class FakeComparison:
    """A light check of an answer beside its prompt: finds an answer that repeats it."""

    inspects = Exchange
    cost = Cost.LIGHT
    categories = ("echo",)

    class Settings(Settings):
        """It has none."""

    def __init__(self, _: Settings, /) -> None: ...

    async def inspect(self, subject: Exchange, /) -> Sequence[Finding]:
        """Compare the two."""
        echoes = (part for part in subject.prompt if isinstance(part, Text))
        return [Finding("echo", float(part.text == subject.answer.text)) for part in echoes]


CATALOG: Mapping[str, Entry] = MappingProxyType(
    {
        "words": Entry(f"{__name__}:FakeWords", "words of a list"),
        "classifier": Entry(f"{__name__}:FakeClassifier", "whatever a model says"),
        "comparison": Entry(f"{__name__}:FakeComparison", "answers that repeat the prompt"),
        "absent": Entry("guardrails_absent.module:Check", "a check whose package is missing"),
    }
)


def tagged(text: str, answers: Mapping[str, str]) -> list[Tagged]:
    """Tag every place of the words of a table, in order; of words that overlap, the longest."""
    words = sorted(filter(None, answers), key=len, reverse=True)
    if not words:
        return []
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"
    return [
        Tagged(answers[found[0]], 1.0, Span(*found.span())) for found in re.finditer(pattern, text)
    ]


def _hash(name: str) -> str:
    return sha256(name.encode()).hexdigest()
