"""Models that say what a case says, with the names, tasks and labels of the real ones."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

import numpy as np

from guardrails.core.content import Frame
from guardrails.core.errors import ModelError
from guardrails.core.finding import Region
from guardrails.core.view import Span
from guardrails.models.manifest import Manifest
from guardrails.models.model import Located, Model, Scored, Scorer, Surprise, Tagged, Task
from guardrails.models.tags import Scheme
from guardrails.policy.problems import did_you_mean
from guardrails.testing.fakes import tagged
from guardrails.testing.suite import Answers

_WORD = re.compile(r"\S+")
_NOTHING: Answers = MappingProxyType({})


class StubModels:
    """A store of stubs, one for each manifest; what they say is set around each case.

    A policy is compiled with them once. They never read weights, and carry the hashes of the real
    models, so the plan has the hash that it has in service.
    """

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self._said: ContextVar[Answers] = ContextVar("said", default=_NOTHING)
        self._stubs = {one.name: _STUBS[one.task](one, self._said) for one in manifests}

    def open(self, name: str) -> Model:
        """Give the stub of that name.

        Raises:
            ModelError: there is no such model.
        """
        if name not in self._stubs:
            raise ModelError(f"unknown model '{name}', {did_you_mean(name, self._stubs)}")
        return self._stubs[name]

    @contextmanager
    def saying(self, answers: Answers) -> Iterator[None]:
        """Answer so to all that is asked inside; a model that is not named finds nothing."""
        token = self._said.set(answers)
        try:
            yield
        finally:
            self._said.reset(token)


class _Stub:
    def __init__(self, manifest: Manifest, said: ContextVar[Answers]) -> None:
        self.name = manifest.name
        self.task = manifest.task
        self.labels = self._labels(manifest)
        self.sha256 = manifest.digest
        self._said = said
        self._manifest = manifest

    @staticmethod
    def _labels(manifest: Manifest) -> tuple[str, ...]:
        return manifest.labels

    def _answers(self) -> Mapping[str, float | str]:
        return self._said.get().get(self.name, {})

    def _scores(self) -> Mapping[str, float]:
        answers = self._answers()
        return {label: float(answers.get(label, 0.0)) for label in self.labels}


class _TextStub(_Stub):
    """The same scores for every text."""

    async def classify(self, text: str, /) -> Sequence[Scored]:
        return [Scored(self._scores(), Span(0, len(text)))] if text.strip() else []

    def threshold_for(self, label: str, fpr: float) -> float:
        return self._manifest.threshold_for(label, fpr)

    def teach(self, label: str, _: Sequence[str], __: Sequence[str]) -> Scorer:
        return _TaughtStub(self._manifest, self._said, label)


class _TaughtStub(_TextStub):
    """What a stub learned: a case names the new label beside the others."""

    def __init__(self, manifest: Manifest, said: ContextVar[Answers], label: str) -> None:
        super().__init__(manifest, said)
        self.labels = (label,)


class _TokenStub(_Stub):
    """Names the words that the case names, wherever they are."""

    @staticmethod
    def _labels(manifest: Manifest) -> tuple[str, ...]:
        return Scheme(manifest.labels).kinds

    async def tag(self, text: str, /) -> Sequence[Tagged]:
        return tagged(text, {words: str(label) for words, label in self._answers().items()})


class _LanguageStub(_Stub):
    """As surprised by every word as the case says, and without a word to read where it does not."""

    async def surprise(self, text: str, /) -> Surprise:
        words = [found.span() for found in _WORD.finditer(text)] if self._answers() else []
        starts, ends = np.array(words, np.int32).reshape(-1, 2).T
        found, expected, variance = (
            np.full(len(words), score, np.float32) for score in self._scores().values()
        )
        return Surprise(found, expected, variance, starts, ends)

    def probe(self, _: str, /) -> float | None:
        return None


class _ImageStub(_Stub):
    """The same scores for every picture."""

    async def classify(self, _: Frame, /) -> Mapping[str, float]:
        return self._scores()


class _DetectorStub(_Stub):
    """What the case scores above nothing, in the middle of every picture."""

    async def detect(self, _: Frame, /) -> Sequence[Located]:
        middle = Region(0.25, 0.25, 0.75, 0.75)
        return [Located(label, score, middle) for label, score in self._scores().items() if score]


_STUBS: Mapping[Task, type[_TextStub | _TokenStub | _ImageStub | _DetectorStub | _LanguageStub]] = (
    MappingProxyType(
        {
            Task.TEXT_CLASSIFICATION: _TextStub,
            Task.TOKEN_CLASSIFICATION: _TokenStub,
            Task.IMAGE_CLASSIFICATION: _ImageStub,
            Task.OBJECT_DETECTION: _DetectorStub,
            Task.LANGUAGE_MODEL: _LanguageStub,
        }
    )
)
