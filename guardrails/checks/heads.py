"""What the checks that ask a text classifier share: one pass a text, a finding for each stretch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import Field

from guardrails.checks.findings import evidence, surest
from guardrails.checks.settings import TextModel
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span, View
from guardrails.models.model import Scored, Scorer
from guardrails.settings import Settings

FAINT = 0.01
"""A lower score is only told where it is the highest of its category."""
_AGREE = 0.1
"""Neighbouring windows whose scores are no farther apart become one finding."""


class HeadSettings(Settings):
    """Which model looks, and what it calls what the check finds."""

    model: TextModel = Field(
        "text_guard",  # type: ignore[assignment]  # opened by name
        description="a text classifier with the labels of this check",
    )
    labels: Mapping[str, str] = Field(
        {}, description="what another model calls them: {prompt_injection: INJECTION}"
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A place in a view, how surely it violates, and what says so."""

    span: Span
    score: float
    by: str


class ScorerCheck:
    """Reports what a scorer says of a text, in each of its readings; checks derive from it.

    A category is its label in capitals. Each window of the text gives one finding a category,
    but neighbours that agree are one. Where ``marked``, what the model marks inside the window
    stands for it. All rules that ask the same model share its pass over a text.
    """

    inspects = Text
    cost = Cost.MODEL
    reach = 128

    def __init__(
        self, scorer: Scorer, labels: Sequence[str], categories: Sequence[str], *, marked: bool
    ) -> None:
        self.labels = tuple(labels)
        self.categories = tuple(categories)
        self._scorer = scorer
        self._marked = marked

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Score every window of every reading; spans are in the original."""
        found: list[Finding] = []
        for view in subject.views:
            found += self._findings(view, await self._scorer.classify(view.text))
        return surest(_told(found))

    def _findings(self, view: View, windows: Sequence[Scored]) -> Iterator[Finding]:
        for category, label in zip(self.categories, self.labels, strict=True):
            for stretch in _joined(self._stretches(label, windows)):
                where = view.original(stretch.span.start, stretch.span.end)
                yield Finding(category, stretch.score, where, evidence(stretch.by, view))

    def _stretches(self, label: str, windows: Iterable[Scored]) -> Iterator[Stretch]:
        judged, marked = (f"{how} by the model {self._scorer.name}" for how in ("judged", "marked"))
        for window in windows:
            if self._marked and window.marks:
                for mark in window.marks:
                    yield Stretch(mark.span, window.scores[label], marked)
            else:
                yield Stretch(window.span, window.scores[label], judged)


class HeadCheck(ScorerCheck):
    """Reports labels that a model ships with, and knows what their scores are worth."""

    def __init__(self, settings: HeadSettings, *labels: str, marked: bool = False) -> None:
        self._model = settings.model
        for label in settings.labels:
            if label not in labels:
                raise ValueError(f"'{label}' is not looked for here, {', '.join(labels)} is")
        named = [settings.labels.get(label, label) for label in labels]
        for name in named:
            if name not in self._model.labels:
                raise ValueError(
                    f"model '{self._model.name}' has no label '{name}', "
                    f"it has {', '.join(self._model.labels)}"
                )
        super().__init__(self._model, named, [label.upper() for label in labels], marked=marked)

    def threshold_for(self, category: str, fpr: float) -> float:
        """Give the score that at most this share of harmless texts reaches.

        Raises:
            ModelError: the model's calibration table does not say.
        """
        return self._model.threshold_for(self.labels[self.categories.index(category)], fpr)


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Make one of neighbours that overlap and agree; the highest score speaks for them."""
    run: Stretch | None = None
    for stretch in stretches:
        if run and run.span.overlaps(stretch.span) and abs(run.score - stretch.score) <= _AGREE:
            span = Span(run.span.start, max(run.span.end, stretch.span.end))
            run = replace(run, span=span, score=max(run.score, stretch.score))
            continue
        if run:
            yield run
        run = stretch
    if run:
        yield run


def _told(found: Sequence[Finding]) -> Iterator[Finding]:
    best: dict[str, Finding] = {}
    for finding in found:
        if finding.category not in best or finding.score > best[finding.category].score:
            best[finding.category] = finding
    return (each for each in found if each.score >= FAINT or each is best[each.category])
