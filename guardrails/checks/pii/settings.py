"""What a policy may say about personal data."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from guardrails.checks.pii import custom
from guardrails.checks.pii.entities import COMMON, ENTITIES, HELPED, NAMED
from guardrails.checks.pii.surroundings import Places
from guardrails.checks.regex import Patterns
from guardrails.checks.settings import TokenModel
from guardrails.settings import Settings


def _custom(file: Path | None) -> list[str]:
    return [each.supported_entities[0] for each in custom.read(file)] if file else []


def _known(entity: str, info: ValidationInfo) -> str:
    if "recognisers" not in info.data:  # its file is wrong, which is told already
        return entity
    known = [*ENTITIES, *_custom(info.data["recognisers"])]
    if entity in known:
        return entity
    close = get_close_matches(entity.upper(), known, n=1, cutoff=0.5)
    hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"
    raise ValueError(f"unknown entity '{entity}', {hint}")


Entity = Annotated[
    str,
    AfterValidator(_known),
    WithJsonSchema({"anyOf": [{"type": "string", "enum": list(ENTITIES)}, {"type": "string"}]}),
]


class PiiSettings(Settings):
    """What to look for, with which model, and what to let pass."""

    recognisers: custom.RecogniserFile | None = Field(
        None, description="a file of recognisers in Presidio's YAML format, beside the policy"
    )
    entities: tuple[Entity, ...] = Field(COMMON, min_length=1, description="kinds to report")
    model: TokenModel | None = Field(
        "pii_ner",  # type: ignore[assignment]  # opened by name
        description="what names people and places; not opened when no entity needs it",
    )
    places: Places = Field(
        Places.ANY,
        description="'personal': only towns, regions and countries beside a person, a street, a "
        "postcode, or words such as 'I live in'",
    )
    allow: tuple[str, ...] = Field(
        (),
        description="what is never reported, in any case; 'from_prompt' stands for all that the "
        "prompt says, in an answer",
    )
    allow_patterns: tuple[str, ...] = Field(
        (), description="the same, by expressions (RE2) that a whole value must match"
    )

    @field_validator("allow_patterns")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        Patterns(patterns)
        return patterns

    @model_validator(mode="before")
    @classmethod
    def _open_no_model_in_vain(cls, values: Any) -> Any:
        if isinstance(values, dict) and (NAMED | HELPED).isdisjoint(values.get("entities", COMMON)):
            return {"model": None, **values}
        return values

    @model_validator(mode="after")
    def _must_be_findable(self) -> Self:
        lost = [entity for entity in self.entities if entity in NAMED]
        if self.model is None and lost and lost[0] not in _custom(self.recognisers):
            raise ValueError(f"'{lost[0]}' is found by a model alone, name one")
        return self
