"""One policy as written in one file, with the place of everything in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from guardrails.core.content import Stage
from guardrails.core.problem import Place
from guardrails.policy import environment as env
from guardrails.policy import source
from guardrails.policy.problems import Problems
from guardrails.policy.schema import MarkRule, PolicyDocument, Rule
from guardrails.policy.source import Node, Trail
from guardrails.policy.wording import problems_in, trail_of


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule beside the place of each of its keys, which may be in several files."""

    rule: Rule
    place: Place
    nodes: Mapping[str, Node]

    def place_of(self, *keys: str) -> Place:
        """The place of the first of these that is written, or of the rule."""
        written = (self.nodes[key].place for key in keys if key in self.nodes)
        return next(written, self.place)

    @property
    def settings(self) -> Node:
        """What stands under ``with``; where nothing does, nothing at the place of the check."""
        place = self.place_of("check")
        return self.nodes.get("with", Node(place, {}, place))


@dataclass(frozen=True, slots=True)
class WrittenMark:
    """A mark beside the place of each of its keys."""

    rule: MarkRule
    place: Place
    nodes: Mapping[str, Node]

    def place_of(self, key: str) -> Place:
        """The place of a key where it is written, or of the mark."""
        return self.nodes[key].place if key in self.nodes else self.place

    @property
    def settings(self) -> Node:
        """What stands under ``with``; where nothing does, nothing at the place of the mark."""
        place = self.place_of("mark")
        return self.nodes.get("with", Node(place, {}, place))


@dataclass(frozen=True, slots=True)
class Document:
    """A policy as written, beside its tree."""

    file: str
    policy: PolicyDocument
    node: Node

    def place_of(self, key: str) -> Place:
        """The place of the value under a key, or of the document."""
        return self.node.members.get(key, self.node).place

    def rules(self, stage: Stage) -> Iterator[WrittenRule]:
        """The rules of one stage as they stand in this file."""
        rules: tuple[Rule, ...] = getattr(self.policy, stage.value)
        if rules:
            for rule, node in zip(rules, self.node.members[stage.value].items, strict=True):
                yield WrittenRule(rule, node.place, node.members)

    def marks(self) -> Iterator[WrittenMark]:
        """The marks as they stand in this file."""
        if self.policy.marks:
            for rule, node in zip(self.policy.marks, self.node.members["marks"].items, strict=True):
                yield WrittenMark(rule, node.place, node.members)


def read(path: Path, environment: Mapping[str, str], problems: Problems) -> Document | None:
    """Read one policy.

    What is wrong is noted and left out, so that the rest is still looked at; None when nothing is
    left.
    """
    node = source.read(path, problems)
    if node is None:
        return None
    node = env.resolve(node, environment, problems)
    wrong = _note_errors(node, problems)
    if () in wrong:
        return None
    sound = node.without(wrong)
    try:
        policy = PolicyDocument.model_validate(sound.plain)
    except ValidationError:
        return None
    return Document(str(path), policy, sound)


def _note_errors(node: Node, problems: Problems) -> frozenset[Trail]:
    try:
        PolicyDocument.model_validate(node.plain)
    except ValidationError as error:
        for problem in problems_in(error, node, PolicyDocument, "key"):
            problems.add(problem.place, problem.message)
        return frozenset(
            _rule_or_value(trail_of(node, details["loc"])) for details in error.errors()
        )
    return frozenset()


def _rule_or_value(trail: Trail) -> Trail:
    """A rule with a wrong name, check or settings goes as a whole, or more would seem wrong."""
    whole = len(trail) == len((Stage.INPUT, 0, "rule")) and trail[-1] in {"rule", "check", "with"}
    return trail[:-1] if whole else trail
