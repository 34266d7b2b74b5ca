"""What a policy compiles to: immutable, ready to run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from guardrails.core.check import Check, Cost
from guardrails.core.content import Image, Part, Stage, Subject, Surface, Text
from guardrails.core.mark import Following, Mark
from guardrails.core.verdict import Action
from guardrails.hiding.terms import Terms
from guardrails.models.picture_text import PictureReader
from guardrails.policy.terms import Limits, Mode, RedactAs, Saturation, StreamTerms

COVERAGE = "coverage"
"""Stands as the rule in reports on what no rule covers; no rule may have the name."""


MARKS = "marks"
"""Stands as the check in reports on marks."""


SLACK = 32
"""Characters by which windows may overlap less than they should, to begin with a word."""

LIGHT_WINDOW, MODEL_WINDOW = 60, 240
"""Characters of new text that are judged at a time, by light rules alone and by models too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule, compiled: its check is built and warm, its mode is resolved into its actions."""

    rule: str
    check_name: str
    check: Check[Any]
    threshold: float
    then: Action
    on_error: Action
    on_unjudged: Action
    timeout: float
    """In seconds."""
    surfaces: frozenset[Surface]
    redact_as: RedactAs
    always: bool
    """Runs even when an earlier wave has blocked: someone reads its report."""
    models: tuple[str, ...] = ()
    """The names of the models that its check runs."""
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """By category, where the rule or its ``target_fpr`` gives one; ``threshold`` is for others."""
    redact_each: Mapping[str, RedactAs] = field(default_factory=lambda: MappingProxyType({}))
    """By category, where that differs from ``redact_as``."""
    credit: bool = False
    """Adds a line to the answer for each work that was found in it."""
    reach: int | None = None
    """Characters that its check must see at once; None is for the whole text."""
    gives_way: bool = False
    """Is unjudged when models have no time for it, where others refuse the request."""

    def threshold_of(self, category: str) -> float:
        """The score from which a finding of a category counts."""
        return self.thresholds.get(category, self.threshold)

    def covers(self, categories: Iterable[str]) -> bool:
        """Whether each of some categories has a threshold of its own."""
        return bool(self.thresholds) and self.thresholds.keys() >= set(categories)

    def style_of(self, category: str) -> RedactAs:
        """How a finding of a category is hidden."""
        return self.redact_each.get(category, self.redact_as)


@dataclass(frozen=True, slots=True)
class Wave:
    """The steps of one cost class."""

    cost: Cost
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Chain:
    """What runs for one stage, the cheap wave first."""

    stage: Stage
    waves: tuple[Wave, ...]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps of all waves."""
        return tuple(step for wave in self.waves for step in wave.steps)

    @cached_property
    def longest(self) -> float:
        """The longest time that a step may take, in seconds."""
        return max((step.timeout for step in self.steps), default=0.0)

    @cached_property
    def kinds(self) -> frozenset[type[Subject]]:
        """The kinds of subject that some step inspects."""
        return frozenset(step.check.inspects for step in self.steps)

    @cached_property
    def covered(self) -> Mapping[type[Part], frozenset[Surface]]:
        """The surfaces that some step looks at, for each kind of part that some step reads."""
        covered: dict[type[Part], frozenset[Surface]] = {}
        for step in self.steps:
            kind: type[Part] = Image if step.check.inspects is Image else Text
            covered[kind] = covered.get(kind, frozenset()) | step.surfaces
        return covered


@dataclass(frozen=True, slots=True)
class MarkStep:
    """One mark, compiled: built and ready to sign."""

    name: str
    mark: Mark[Any]
    on_error: Action


@dataclass(frozen=True, slots=True)
class Candidate:
    """The policy that runs beside another, and acts for a share of its requests alone."""

    plan: "Plan"
    """It has the name of the other, for which it may stand one day, and a hash of its own."""
    share: float = 0.0
    """From 0 to 1."""


@dataclass(frozen=True)
class Plan:
    """One policy, compiled.

    ``hash`` is the SHA-256 of all that decides its verdicts: the policy as resolved, and the hashes
    of its models, which ``models`` holds by name.
    """

    name: str
    file: str
    hash: str
    mode: Mode
    limits: Limits
    chains: Mapping[Stage, Chain]
    on_unjudged: Action
    """For a picture or text that no rule of a stage with rules inspects."""
    replies: Mapping[Action, str]
    models: Mapping[str, str]
    terms: Terms = field(default_factory=Terms)
    reader: PictureReader | None = None
    """Reads the text in pictures, where the policy wants that."""
    marks: tuple[MarkStep, ...] = ()
    """What signs answers that are passed on, in order."""
    stream: StreamTerms = field(default_factory=StreamTerms)
    candidate: "Candidate | None" = None
    is_candidate: bool = False
    when_saturated: Saturation = Saturation.REFUSE

    @cached_property
    def whole(self) -> tuple[str, ...]:
        """The rules and marks for which a streamed answer is held back until it is whole."""
        rules = [
            step.rule
            for step in self.chains[Stage.OUTPUT].steps
            if step.reach is None and step.check.inspects is not Image
        ]
        marks = [
            step.name
            for step in self.marks
            if step.mark.inspects is Text and not isinstance(step.mark, Following)
        ]
        return (*rules, *marks)

    @cached_property
    def window(self) -> int:
        """How many new characters of a streamed answer are judged at a time."""
        runs_models = any(step.check.cost is Cost.MODEL for step in self.chains[Stage.OUTPUT].steps)
        return self.stream.window or (MODEL_WINDOW if runs_models else LIGHT_WINDOW)

    @cached_property
    def overlap(self) -> int:
        """By how many characters windows of a streamed answer overlap."""
        reaches = [step.reach or 0 for step in self.chains[Stage.OUTPUT].steps]
        return max(self.stream.overlap, *reaches, 0) + SLACK

    @property
    def versions(self) -> "tuple[Plan, ...]":
        """The plan, and the one beside it."""
        return (self,) if self.candidate is None else (self, self.candidate.plan)

    @cached_property
    def checks(self) -> tuple[Check[Any], ...]:
        """The checks of all its steps, each once."""
        steps = (step for chain in self.chains.values() for step in chain.steps)
        return tuple({id(step.check): step.check for step in steps}.values())
