"""Models for a policy that is about to be calibrated: a table that is missing is no mistake."""

from typing import Any

from guardrails.core.errors import ModelError
from guardrails.models.model import Model, Models, Task

STAND_IN = 0.5
"""The threshold where a table has none; what is measured are scores, which it does not change."""


class Uncalibrated:
    """Opens the models of a store, so that ``target_fpr`` compiles before there is a table."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def open(self, name: str) -> Model:
        """Give the open model of that name; see ``Models`` for what it raises."""
        model: Any = self._models.open(name)
        return _Lenient(model) if model.task is Task.TEXT_CLASSIFICATION else model


class _Lenient:
    """A text classifier that always has a threshold."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def threshold_for(self, label: str, fpr: float) -> float:
        try:
            return float(self._model.threshold_for(label, fpr))
        except ModelError:
            return STAND_IN
