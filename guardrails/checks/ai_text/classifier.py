"""From features to a probability, with what is known of people's texts of that length."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from guardrails.checks.ai_text.features import NAMES, features
from guardrails.core.errors import ModelError
from guardrails.models.logistic import sigmoid
from guardrails.models.model import LanguageModel, Surprise

SMOLLM2 = Path(__file__).with_name("smollm2.json")

_ALIKE = 0.1
"""Nats by which the same model in other digits may differ."""
_SURE = 30
"""Of people's texts there must be so many above a score for it to have a rate."""

Scores = Annotated[tuple[float, ...], Field(min_length=_SURE)]


class Probe(BaseModel):
    """A text, and how surprised by it the language model was that the classifier is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    surprise: float


class Classifier(BaseModel):
    """A logistic regression for one language model.

    ``people`` holds the scores, rising, of texts by people that it had not learned from, for each
    length in tokens.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    made_with: str
    probe: Probe
    features: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    usual: tuple[float, float] = Field(description="perplexity of 8 of 10 texts by people")
    people: Mapping[int, Scores] = Field(min_length=1)

    @model_validator(mode="after")
    def _must_fit(self) -> "Classifier":
        if self.features != NAMES:
            raise ValueError("its features are not those of this version, fit it again")
        if {len(self.means), len(self.scales), len(self.weights)} != {len(NAMES)}:
            raise ValueError("it needs a mean, a scale and a weight for each feature")
        return self

    def score(self, read: Surprise) -> float:
        """Give P(machine) of a text, where as many are as are not; surer the longer it is."""
        row = (features(read) - np.array(self.means)) / np.array(self.scales)
        value = np.array([row @ np.array(self.weights) + self.bias])
        return round(float(sigmoid(value)[0]), 4)

    def rate(self, score: float, tokens: int) -> float:
        """Give the share of people's texts of this length that score as high, at least one."""
        scores = self.people[self._length(tokens)]
        reached = len(scores) - bisect_left(scores, score)
        return (reached + 1) / (len(scores) + 1)

    def threshold_for(self, fpr: float, least: int) -> float:
        """Give the score that at most this share of people's texts reaches, of whatever length.

        Raises:
            ModelError: there are too few texts to tell so small a share.
        """
        lengths = [length for length in self.people if length >= self._length(least)]
        return max(_quantile(self.people[length], fpr, self.model) for length in lengths)

    def _length(self, tokens: int) -> int:
        """Give the greatest known length that is no longer."""
        lengths = sorted(self.people)
        return lengths[max(0, bisect_right(lengths, tokens) - 1)]


def read(file: Path) -> Classifier:
    """Read a classifier.

    Raises:
        ModelError: there is none, or it is of another version.
    """
    try:
        return Classifier.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ModelError(f"cannot read the classifier '{file}': {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ModelError(f"classifier '{file.name}': {first}") from None


def must_fit(classifier: Classifier, model: LanguageModel) -> None:
    """Hold a classifier to the language model that it was made with: other numbers mislead it.

    Raises:
        ValueError: the model is another.
    """
    surprise = model.probe(classifier.probe.text)
    if surprise is not None and abs(surprise - classifier.probe.surprise) > _ALIKE:
        raise ValueError(
            f"the classifier was made with {classifier.model}, model '{model.name}' is another: "
            "give 'classifier', made by training/ai_text with this model"
        )


def _quantile(scores: Scores, fpr: float, model: str) -> float:
    above = int(fpr * (len(scores) + 1)) - 1
    if above < 0:
        raise ModelError(
            f"the classifier for {model} is not calibrated for a target_fpr below "
            f"{1 / (len(scores) + 1):.2g}, write 'threshold'"
        )
    return min(1.0, scores[-above - 1] + 0.0001)  # to stay above it, scores have four digits
