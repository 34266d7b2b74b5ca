"""Finds faces in pictures, and where they are."""

from collections.abc import Sequence
from itertools import chain

from pydantic import Field

from guardrails.checks.settings import DetectionModel, must_give
from guardrails.core.check import Cost
from guardrails.core.content import Image
from guardrails.core.finding import Finding
from guardrails.settings import Settings

CATEGORY = "FACE"
_LABEL = "face"


class FacesSettings(Settings):
    """Which model looks; it must have a label `face`."""

    model: DetectionModel = Field(
        "yunet",  # type: ignore[assignment]  # opened by name
        description="a detector with the label face",
    )


class Faces:
    """Finds every face of every frame. It tells nobody's name: there is no recognition here."""

    Settings = FacesSettings
    inspects = Image
    cost = Cost.MODEL
    categories = (CATEGORY,)

    def __init__(self, settings: FacesSettings) -> None:
        must_give(settings.model, _LABEL)
        self._model = settings.model

    async def inspect(self, subject: Image, /) -> Sequence[Finding]:
        """Give a finding for each face, with its region; the same place in two frames is one."""
        found = [await self._model.detect(frame) for frame in subject.frames]
        faces = [one for one in chain.from_iterable(found) if one.label == _LABEL]
        surest = {one.region: one.score for one in sorted(faces, key=lambda one: one.score)}
        evidence = f"by the model {self._model.name}"
        return [Finding(CATEGORY, score, region, evidence) for region, score in surest.items()]
