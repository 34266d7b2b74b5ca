"""One file of policy tests as values, with the place of everything in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from guardrails.core.content import Content, Part
from guardrails.core.errors import GuardrailsError
from guardrails.core.problem import Place, Problem
from guardrails.core.verdict import Action
from guardrails.policy.source import Node

Answers: TypeAlias = Mapping[str, Mapping[str, float | str]]
"""What stubbed models say, by name: the score of each label, or the label of each run of words."""


class SuiteError(GuardrailsError):
    """A test file is wrong: its author must act. Holds every problem, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Only(StrEnum):
    """With which models a case holds, where it does not hold with both."""

    STUBBED = "stubbed"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Find:
    """A finding that a case expects; what is empty or None may be anything."""

    place: Place
    rule: str
    category: str = ""
    text: str = ""
    start: int | None = None
    end: int | None = None
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """A mark that a case expects in what is passed on; what is empty or None may be anything."""

    place: Place
    mark: str
    key: str = ""
    payload: str = ""
    part: int | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case expects of the verdict; what is None is not looked at."""

    action: Action
    by: tuple[str, ...] | None = None
    passes_on: tuple[Part, ...] | None = None
    reply: str | None = None
    unjudged: tuple[str, ...] = ()
    finds: tuple[Find, ...] = ()
    marks: tuple[Sought, ...] | None = None
    """Empty where no mark is expected at all."""


@dataclass(frozen=True, slots=True)
class Case:
    """One content, and what the policy shall do about it.

    ``places`` holds where each of its keys is written, ``place`` where the case starts.
    """

    name: str
    content: Content
    expected: Expected
    place: Place
    answers: Answers = field(default_factory=lambda: MappingProxyType({}))
    only: Only | None = None
    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))

    def place_of(self, key: str) -> Place:
        """Where the value under a key is written, or the case."""
        return self.places.get(key, self.place)


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one file, and the policy that they try."""

    file: Path
    policy: str
    cases: tuple[Case, ...]
    node: Node

    def case_nodes(self) -> Iterator[tuple[Case, Node]]:
        """Every case beside its tree."""
        return zip(self.cases, self.node.members["cases"].items, strict=True)
