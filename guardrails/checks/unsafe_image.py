"""Finds pictures that are not safe for work."""

from collections.abc import Sequence

from pydantic import Field

from guardrails.checks.settings import ImageModel, must_give
from guardrails.core.check import Cost
from guardrails.core.content import Image
from guardrails.core.finding import Finding
from guardrails.settings import Settings

CATEGORY = "NSFW"
_LABEL = "nsfw"


class UnsafeImageSettings(Settings):
    """Which model looks; it must have a label `nsfw`."""

    model: ImageModel = Field(
        "opennsfw",  # type: ignore[assignment]  # opened by name
        description="a classifier with the label nsfw",
    )


class UnsafeImage:
    """Scores every frame of a picture; the worst one speaks for the picture."""

    Settings = UnsafeImageSettings
    inspects = Image
    cost = Cost.MODEL
    categories = (CATEGORY,)

    def __init__(self, settings: UnsafeImageSettings) -> None:
        must_give(settings.model, _LABEL)
        self._model = settings.model

    async def inspect(self, subject: Image, /) -> Sequence[Finding]:
        """Give one finding: P(not safe for work) of the worst frame."""
        scores = [(await self._model.classify(frame))[_LABEL] for frame in subject.frames]
        if not scores:
            return []
        worst = max(scores)
        frame = f"frame {scores.index(worst) + 1} of {len(scores)}"
        return [Finding(CATEGORY, worst, evidence=f"{frame} by the model {self._model.name}")]
