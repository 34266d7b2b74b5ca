"""From documents that build on each other to policies that stand alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from guardrails.core.content import Stage
from guardrails.core.problem import Place
from guardrails.core.verdict import Action
from guardrails.policy.document import Document, WrittenMark, WrittenRule
from guardrails.policy.floors import action, weakened
from guardrails.policy.problems import Problems, did_you_mean
from guardrails.policy.schema import HidingSection, Rule
from guardrails.policy.terms import Limits, Mode, Release, Saturation, StreamTerms


@dataclass(frozen=True, slots=True)
class Policy:
    """What is written in a document and in all that it extends, merged."""

    name: str = ""
    file: str = ""
    mode: Mode = Mode.ENFORCE
    on_unjudged: Action = Action.BLOCK
    limits: Limits = field(default_factory=Limits)
    replies: Mapping[Action, str] = field(default_factory=dict)
    hiding: HidingSection = field(default_factory=HidingSection)
    hiding_place: Place | None = None
    read_text: bool = False
    pictures_place: Place | None = None
    rules: Mapping[Stage, tuple[WrittenRule, ...]] = field(default_factory=dict)
    marks: tuple[WrittenMark, ...] = ()
    stream: StreamTerms = field(default_factory=StreamTerms)
    stream_place: Place | None = None
    when_saturated: Saturation = Saturation.REFUSE
    floors: frozenset[str] = frozenset()
    """Which of it and of what it builds on write floors."""


def lineage(name: str, documents: Mapping[str, Document]) -> tuple[str, ...]:
    """A policy and what it extends, nearest first; a circle ends with the name that closes it."""
    names: list[str] = []
    while name in documents and name not in names:
        names.append(name)
        name = documents[name].policy.extends
    return (*names, name) if name in names else tuple(names)


class Family:
    """Merges the policies of one directory, each once, and notes what does not fit together."""

    def __init__(self, documents: Mapping[str, Document], problems: Problems) -> None:
        self._documents = documents
        self._problems = problems
        self._merged: dict[str, Policy] = {}

    def policy(self, name: str) -> Policy:
        """The policy of that name, merged with what it extends."""
        if name not in self._merged:
            document = self._documents[name]
            self._merged[name] = _Merger(document, self._base(document), self._problems).policy()
        return self._merged[name]

    def _base(self, document: Document) -> Policy | None:
        """What a document extends; None when that is not to be had."""
        name, base = document.policy.policy, document.policy.extends
        if not base:
            return Policy()
        if base not in self._documents:
            others = set(self._documents) - {name}
            message = f"unknown policy '{base}', {did_you_mean(base, others)}"
            self._problems.add(document.place_of("extends"), message)
            return None
        chain = lineage(name, self._documents)
        if chain[-1] != name:
            return self.policy(base)
        self._note_circle(chain[:-1])
        return None

    def _note_circle(self, names: tuple[str, ...]) -> None:
        """Every policy in the circle comes here; all note the same problem."""
        start = names.index(min(names))
        circle = (*names[start:], *names[: start + 1])
        message = "'extends' goes in a circle: " + " > ".join(f"'{name}'" for name in circle)
        if len(names) == 1:
            message = f"policy '{names[0]}' extends itself"
        self._problems.add(self._documents[circle[0]].place_of("extends"), message)


@dataclass(frozen=True, slots=True)
class _Merger:
    """Lays one document over its base; without a base, as far as that goes."""

    document: Document
    base: Policy | None
    problems: Problems

    def policy(self) -> Policy:
        """The two as one."""
        base, written = self.base or Policy(), self.document.policy
        own = written.model_fields_set
        replies = {action(key): text for key, text in written.replies if text}
        policy = Policy(
            name=written.policy,
            file=self.document.file,
            mode=written.mode if "mode" in own else base.mode,
            on_unjudged=action(written.on_unjudged) if "on_unjudged" in own else base.on_unjudged,
            limits=replace(base.limits, **written.limits.model_dump(exclude_unset=True)),
            replies={**base.replies, **replies},
            hiding=_overlaid(base.hiding, written.hiding),
            hiding_place=self.document.place_of("hiding") if "hiding" in own else base.hiding_place,
            read_text=written.pictures.read_text if "pictures" in own else base.read_text,
            pictures_place=self.document.place_of("pictures")
            if "pictures" in own
            else base.pictures_place,
            rules={stage: self._rules(stage, base.rules.get(stage, ())) for stage in Stage},
            marks=self._marks(base.marks),
            stream=replace(base.stream, **written.stream.model_dump(exclude_unset=True)),
            stream_place=self.document.place_of("stream") if "stream" in own else base.stream_place,
            when_saturated=written.when_saturated
            if "when_saturated" in own
            else base.when_saturated,
            floors=base.floors | ({written.policy} if self._writes_floors() else frozenset()),
        )
        self._note_freed(base, policy)
        return policy

    def _note_freed(self, base: Policy, policy: Policy) -> None:
        """Floors also hold the keys of the policy that would take the force out of them."""
        written = (each.rule for rules in base.rules.values() for each in rules)
        floors = [rule.name for rule in written if rule.floor]
        if floors and policy.mode is Mode.OBSERVE and base.mode is Mode.ENFORCE:
            place = self.document.place_of("mode")
            self._note_floor(floors[0], place, "mode", "cannot sink from enforce to observe")
        if floors and policy.on_unjudged < base.on_unjudged:
            how = f"cannot sink from {base.on_unjudged.word} to {policy.on_unjudged.word}"
            self._note_floor(floors[0], self.document.place_of("on_unjudged"), "on_unjudged", how)
        if floors and policy.when_saturated is not base.when_saturated is Saturation.REFUSE:
            place = self.document.place_of("when_saturated")
            how = "cannot sink from refuse to light"
            self._note_floor(floors[0], place, "when_saturated", how)
        eager = policy.stream.release is Release.EAGER
        if floors and eager and base.stream.release is Release.HOLD:
            place = self.document.place_of("stream")
            self._note_floor(floors[0], place, "stream", "cannot sink from hold to eager")

    def _writes_floors(self) -> bool:
        return any(written.rule.floor for stage in Stage for written in self.document.rules(stage))

    def _rules(self, stage: Stage, inherited: tuple[WrittenRule, ...]) -> tuple[WrittenRule, ...]:
        """The base's rules, overridden where names meet, then the document's own."""
        rules = {written.rule.name: written for written in inherited}
        own: dict[str, WrittenRule] = {}
        for written in self.document.rules(stage):
            name = written.rule.name
            if name in own:
                self._note_twice(written, own[name])
            elif merged := self._merged(written, rules):
                own[name] = rules[name] = merged
        return tuple(rules.values())

    def _marks(self, inherited: tuple[WrittenMark, ...]) -> tuple[WrittenMark, ...]:
        """The base's marks, each replaced where it is written again, then the document's own."""
        marks = {written.rule.mark: written for written in inherited}
        own: dict[str, WrittenMark] = {}
        for written in self.document.marks():
            name = written.rule.mark
            if name in own:
                line = own[name].place.line
                message = f"mark '{name}' is already on line {line}, put it in once"
                self.problems.add(written.place_of("mark"), message)
            own[name] = marks[name] = written
        return tuple(marks.values())

    def _merged(
        self, written: WrittenRule, inherited: Mapping[str, WrittenRule]
    ) -> WrittenRule | None:
        name = written.rule.name
        if name in inherited:
            merged = _overridden(inherited[name], written)
            self._note_weakened(inherited[name], merged)
        elif written.rule.check:
            merged = written
        else:
            self._note_missing_check(written, inherited)
            return None
        if {"threshold", "target_fpr"} <= written.nodes.keys():
            message = "'target_fpr' stands in the place of 'threshold', remove one of them"
            self.problems.add(written.nodes["target_fpr"].key, message)
        if "redact" in written.nodes and merged.rule.then != "redact":
            message = "'redact' does nothing here, remove it or write 'then: redact'"
            self.problems.add(written.nodes["redact"].key, message)
        return merged

    def _note_twice(self, written: WrittenRule, first: WrittenRule) -> None:
        self.problems.add(
            written.place_of("rule", "check"),
            f"rule '{written.rule.name}' is already on line {first.place.line}, "
            "give this one another name with 'rule'",
        )

    def _note_weakened(self, floor: WrittenRule, merged: WrittenRule) -> None:
        if not floor.rule.floor:
            return
        for key, how in weakened(floor.rule, merged.rule):
            self._note_floor(floor.rule.name, merged.place_of(key), key, how)

    def _note_floor(self, rule: str, place: Place, key: str, how: str) -> None:
        base = self.document.policy.extends
        self.problems.add(place, f"rule '{rule}' is a floor of '{base}': '{key}' {how}")

    def _note_missing_check(
        self, written: WrittenRule, inherited: Mapping[str, WrittenRule]
    ) -> None:
        name = written.rule.name
        if not name or not self.document.policy.extends:
            self.problems.add(written.place, "missing key 'check'")
        elif self.base:
            way_out = did_you_mean(name, inherited)
            message = f"no rule '{name}' in '{self.base.name}' to override, {way_out}"
            self.problems.add(written.place_of("rule"), message)


def _overlaid(base: HidingSection, own: HidingSection) -> HidingSection:
    return base.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})


def _overridden(inherited: WrittenRule, written: WrittenRule) -> WrittenRule:
    """The inherited rule with the keys that are written again; settings go with their check."""
    rule, nodes = inherited.rule, dict(inherited.nodes)
    if written.rule.check not in {"", rule.check}:
        rule = rule.model_copy(update={"with_": {}})
        nodes.pop("with", None)
    for key, other in (("threshold", "target_fpr"), ("target_fpr", "threshold")):
        if key in written.nodes:
            rule = rule.model_copy(update={other: Rule.model_fields[other].default})
            nodes.pop(other, None)
    again = {key: getattr(written.rule, key) for key in written.rule.model_fields_set}
    return WrittenRule(rule.model_copy(update=again), written.place, {**nodes, **written.nodes})
