"""Finds personal data: names and places by a model, numbers and addresses by their patterns."""

import re
from collections.abc import Iterator, Sequence

from guardrails.checks.findings import surest
from guardrails.checks.pii import custom, surroundings
from guardrails.checks.pii.candidates import Candidate, Source, matched, settled
from guardrails.checks.pii.entities import ENTITIES, PATTERNED, RIVALS, WIDER
from guardrails.checks.pii.naming import named
from guardrails.checks.pii.recognisers import Recognisers
from guardrails.checks.pii.settings import PiiSettings
from guardrails.checks.pii.surroundings import Places
from guardrails.checks.pii.told import Told
from guardrails.checks.regex import Patterns
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
    Source.LIKELY_PATTERN: "its pattern",
    Source.FAINT_PATTERN: "a faint pattern",
}


class Pii:
    """Finds personal data in a text, in its normalised reading, and in what it hides.

    Patterns look at every reading; the model at the first two, since what decodes by chance is
    full of names that are none.
    """

    Settings = PiiSettings
    inspects: type[Subject] = Text
    reach = 128

    def __init__(self, settings: PiiSettings) -> None:
        others = custom.read(settings.recognisers) if settings.recognisers else ()
        theirs = (each.supported_entities[0] for each in others)
        self.categories = tuple(dict.fromkeys([*settings.entities, *theirs]))
        self.cost = Cost.LIGHT if settings.model is None else Cost.MODEL
        self._settings = settings
        self._model = settings.model
        self._allowed = frozenset(map(str.casefold, settings.allow))
        self._allowed_forms = Patterns([rf"\A(?:{form})\z" for form in settings.allow_patterns])
        if FROM_PROMPT in settings.allow:
            self.inspects = Exchange
        self._recognisers = Recognisers(_sought(settings), others)

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
            for candidate in self._judged(view.text, candidates)
            if candidate.entity in self.categories and not self._passes(view, candidate.span)
        ]

    def _judged(self, text: str, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
        """Settle what overlaps, and see what stands around it."""
        kept = settled(len(text), surroundings.with_births(text, candidates, self.categories))
        if self._settings.places is Places.PERSONAL:
            return surroundings.personal(text, kept)
        return iter(kept)

    async def _matched(self, text: str) -> list[Candidate]:
        return list(matched(await self._recognisers.find(text), self.categories))

    async def _named(self, view: View) -> list[Candidate]:
        if self._model is None or view.how not in ("", "normalised"):
            return []
        return list(named(view.text, await self._model.tag(view.text), self.categories))

    def _passes(self, view: View, span: Span) -> bool:
        text = view.text[span.start : span.end].strip()
        return (
            text.casefold() in self._allowed
            or any(self._allowed_forms.search(text))
            or self._stands_in(view.text, span)
        )

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


def _sought(settings: PiiSettings) -> list[str]:
    """What patterns are run for: what is asked for, what is narrower, what a model mistakes."""
    rivals = RIVALS if settings.model else frozenset[str]()
    asked = {*settings.entities}
    narrower = {entity for entity, wider in WIDER.items() if wider in asked}
    dates = {"DATE_TIME"} if surroundings.BIRTH in asked else set[str]()
    streets = {"STREET_ADDRESS", "ZIP_CODE"} if settings.places is Places.PERSONAL else set[str]()
    return sorted(PATTERNED & {*asked, *narrower, *rivals, *dates, *streets})


def _value(text: Text, finding: Finding) -> str:
    where = finding.where
    return text.text[where.start : where.end] if isinstance(where, Span) else text.text
