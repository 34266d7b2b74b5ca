"""Finds personal data: names and places by a model, numbers and addresses by their patterns."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from guardrails.checks.findings import surest
from guardrails.checks.pii.candidates import Candidate, Source, matched, named, settled
from guardrails.checks.pii.entities import (
    COMMON,
    ENTITIES,
    HELPED,
    NAMED,
    PATTERNED,
    RIVALS,
    WIDER,
)
from guardrails.checks.pii.recognisers import Recognisers
from guardrails.checks.pii.told import Told
from guardrails.checks.settings import Settings, TokenModel
from guardrails.core.check import Cost
from guardrails.core.content import Exchange, Subject, Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span, View

_HIDDEN = re.compile(rf"<(?:{'|'.join(ENTITIES)})(?:_[a-z0-9]{{1,16}}_[A-Z2-7]{{16}}|_\d{{1,9}})?>")
_HIDDEN_REACH = 64

FROM_PROMPT = "from_prompt"
_BY = {
    Source.PATTERN: "its pattern",
    Source.MODEL: "a model",
    Source.FAINT_PATTERN: "a faint pattern",
}


def _known(entity: str) -> str:
    if entity in ENTITIES:
        return entity
    close = get_close_matches(entity.upper(), ENTITIES, n=1, cutoff=0.5)
    hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(ENTITIES)}"
    raise ValueError(f"unknown entity '{entity}', {hint}")


Entity = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(ENTITIES)})
]


class PiiSettings(Settings):
    """What to look for, with which model, and what to let pass."""

    entities: tuple[Entity, ...] = Field(COMMON, min_length=1, description="kinds to report")
    model: TokenModel | None = Field(
        "pii_ner",  # type: ignore[assignment]  # opened by name
        description="what names people and places; not opened when no entity needs it",
    )
    allow: tuple[str, ...] = Field(
        (),
        description="what is never reported, in any case; 'from_prompt' stands for all that the "
        "prompt says, in an answer",
    )

    @model_validator(mode="before")
    @classmethod
    def _open_no_model_in_vain(cls, values: Any) -> Any:
        if isinstance(values, dict) and (NAMED | HELPED).isdisjoint(values.get("entities", COMMON)):
            return {"model": None, **values}
        return values

    @model_validator(mode="after")
    def _must_be_findable(self) -> Self:
        lost = [entity for entity in self.entities if entity in NAMED]
        if self.model is None and lost:
            raise ValueError(f"'{lost[0]}' is found by a model alone, name one")
        return self


class Pii:
    """Finds personal data in a text, in its normalised reading, and in what it hides.

    Patterns look at every reading; the model at the first two, since what decodes by chance is
    full of names that are none.
    """

    Settings = PiiSettings
    inspects: type[Subject] = Text

    def __init__(self, settings: PiiSettings) -> None:
        self.categories = settings.entities
        self.cost = Cost.LIGHT if settings.model is None else Cost.MODEL
        self._model = settings.model
        self._allowed = frozenset(map(str.casefold, settings.allow))
        if FROM_PROMPT in settings.allow:
            self.inspects = Exchange
        rivals = RIVALS if settings.model else frozenset[str]()
        narrower = {entity for entity, wider in WIDER.items() if wider in settings.entities}
        sought = PATTERNED & {*settings.entities, *narrower, *rivals}
        self._recognisers = Recognisers(sorted(sought))

    async def inspect(self, subject: Text | Exchange, /) -> Sequence[Finding]:
        """Find personal data in all readings of a text; spans are in the original."""
        if isinstance(subject, Text):
            return await self._found(subject)
        told = Told.by(part.text for part in subject.prompt if isinstance(part, Text))
        return [
            finding
            for finding in await self._found(subject.answer)
            if not told.holds(_value(subject.answer, finding))
        ]

    async def _found(self, text: Text) -> Sequence[Finding]:
        return surest([finding for view in text.views for finding in await self._look(view)])

    async def _look(self, view: View) -> list[Finding]:
        candidates = [*await self._matched(view.text), *await self._named(view)]
        return [
            self._finding(view, candidate)
            for candidate in settled(len(view.text), candidates)
            if candidate.entity in self.categories and not self._passes(view, candidate.span)
        ]

    async def _matched(self, text: str) -> list[Candidate]:
        return list(matched(await self._recognisers.find(text), self.categories))

    async def _named(self, view: View) -> list[Candidate]:
        if self._model is None or view.how not in ("", "normalised"):
            return []
        return list(named(view.text, await self._model.tag(view.text), self.categories))

    def _passes(self, view: View, span: Span) -> bool:
        text = view.text[span.start : span.end]
        return text.strip().casefold() in self._allowed or self._stands_in(view.text, span)

    @staticmethod
    def _stands_in(text: str, span: Span) -> bool:
        """Whether it is a label, a pseudonym or a placeholder that already hides something."""
        around = text[max(span.start - _HIDDEN_REACH, 0) : span.end + _HIDDEN_REACH]
        return any(
            found.start() <= span.start - max(span.start - _HIDDEN_REACH, 0) < found.end()
            for found in _HIDDEN.finditer(around)
        )

    def _finding(self, view: View, candidate: Candidate) -> Finding:
        evidence = f"found by {_BY[candidate.source]}" + (f", {view.how}" if view.how else "")
        where = view.original(candidate.span.start, candidate.span.end)
        return Finding(candidate.entity, candidate.score, where, evidence)


def _value(text: Text, finding: Finding) -> str:
    where = finding.where
    return text.text[where.start : where.end] if isinstance(where, Span) else text.text
