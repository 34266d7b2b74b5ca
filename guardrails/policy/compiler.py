"""From a merged policy to a plan: checks built, modes resolved, waves in order, a hash."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from guardrails.core.check import Check, Cost, Windowed
from guardrails.core.content import Exchange, Stage
from guardrails.core.errors import ModelError
from guardrails.core.problem import Place
from guardrails.core.verdict import Action
from guardrails.models.picture_text import PictureReader, open_reader
from guardrails.policy.building import Builder, Built, canonical
from guardrails.policy.document import WrittenRule
from guardrails.policy.floors import action
from guardrails.policy.hiding import must_be_hidable, terms_of, warmed
from guardrails.policy.inheritance import Policy
from guardrails.policy.marking import MarkBuilder
from guardrails.policy.plan import Chain, Plan, Step, Wave
from guardrails.policy.problems import Problems
from guardrails.policy.schema import Rule
from guardrails.policy.terms import Mode, Release, Saturation
from guardrails.policy.thresholds import thresholds_of

TIMEOUTS: Mapping[Cost, float] = MappingProxyType({Cost.LIGHT: 1.0, Cost.MODEL: 5.0})
"""In seconds, where a rule says nothing."""
FARTHEST = 4_000
"""Characters by which windows of a streamed answer overlap at most; beyond, it waits whole."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    step: Step
    built: Built


def compile_policy(policy: Policy, builder: Builder, problems: Problems) -> Plan:
    """Compile one policy; a rule that cannot be compiled is noted and missing."""
    compiled = {
        stage: tuple(_compiled(rules, stage, policy, builder, problems))
        for stage, rules in policy.rules.items()
    }
    models = {
        name: sha
        for rules in compiled.values()
        for rule in rules
        for name, sha in rule.built.models.items()
    }
    terms = terms_of(policy, builder.vaults, problems)
    _must_hold(policy, compiled[Stage.OUTPUT], problems)
    return Plan(
        name=policy.name,
        file=policy.file,
        hash=_hash(policy, compiled, models),
        mode=policy.mode,
        limits=policy.limits,
        chains=MappingProxyType({stage: _chain(stage, rules) for stage, rules in compiled.items()}),
        on_unjudged=min(policy.on_unjudged, _strongest(policy.mode)),
        replies=MappingProxyType(dict(policy.replies)),
        models=MappingProxyType(dict(sorted(models.items()))),
        terms=terms,
        reader=_reader(policy, problems),
        marks=tuple(MarkBuilder(terms.keyring, problems).built(policy, _strongest(policy.mode))),
        stream=policy.stream,
        when_saturated=policy.when_saturated,
    )


def _compiled(
    rules: tuple[WrittenRule, ...],
    stage: Stage,
    policy: Policy,
    builder: Builder,
    problems: Problems,
) -> Iterator[_Compiled]:
    for written in rules:
        if built := builder.build(written):
            _must_fit(written, stage, built, problems)
            must_be_hidable(written, stage, built.check.categories, problems)
            warmed(written)
            step = _step(written, built, policy)
            thresholds = thresholds_of(written, built, problems)
            yield _Compiled(replace(step, thresholds=thresholds), built)


def _must_fit(written: WrittenRule, stage: Stage, built: Built, problems: Problems) -> None:
    if built.check.inspects is Exchange and stage is Stage.INPUT:
        name = written.rule.check
        message = f"check '{name}' compares an answer with its prompt, move it to 'output'"
        problems.add(written.place_of("check"), message)


def _must_hold(policy: Policy, rules: tuple[_Compiled, ...], problems: Problems) -> None:
    redacting = [rule.step.rule for rule in rules if rule.step.then is Action.REDACT]
    if redacting and policy.stream.release is Release.EAGER:
        message = (
            f"rule '{redacting[0]}' redacts, but 'release: eager' shows text before it is judged, "
            "write 'release: hold'"
        )
        problems.add(policy.stream_place or Place(policy.file), message)


def _reach(rule: Rule, check: Check[Any]) -> int | None:
    """How much of a streamed answer the check must see at once; None is all of it."""
    if rule.needs == "whole" or not isinstance(check, Windowed):
        return None
    return check.reach if check.reach <= FARTHEST else None


def _step(written: WrittenRule, built: Built, policy: Policy) -> Step:
    rule, strongest = written.rule, _strongest(policy.mode)
    then = min(action(rule.then), strongest)
    return Step(
        rule=rule.name,
        check_name=rule.check,
        check=built.check,
        threshold=rule.threshold,
        then=then,
        on_error=min(action(rule.on_error), strongest),
        on_unjudged=min(action(rule.on_unjudged), strongest),
        timeout=rule.timeout or TIMEOUTS[built.check.cost],
        surfaces=frozenset(rule.surfaces),
        redact_as=rule.redact.as_,
        always=rule.always or then is Action.FLAG,
        models=tuple(sorted(built.models)),
        redact_each=MappingProxyType(dict(rule.redact.categories)),
        credit=rule.credit,
        reach=_reach(rule, built.check),
        gives_way=policy.when_saturated is Saturation.LIGHT,
    )


def _reader(policy: Policy, problems: Problems) -> PictureReader | None:
    if not policy.read_text:
        return None
    try:
        return open_reader()
    except ModelError as error:
        problems.add(policy.pictures_place or Place(policy.file), str(error))
        return None


def _strongest(mode: Mode) -> Action:
    return Action.FLAG if mode is Mode.OBSERVE else Action.BLOCK


def _chain(stage: Stage, rules: tuple[_Compiled, ...]) -> Chain:
    waves = (
        Wave(cost, tuple(rule.step for rule in rules if rule.step.check.cost is cost))
        for cost in Cost
    )
    return Chain(stage, tuple(wave for wave in waves if wave.steps))


def _hash(
    policy: Policy, compiled: Mapping[Stage, tuple[_Compiled, ...]], models: Mapping[str, str]
) -> str:
    """The SHA-256 of all that decides verdicts: no file name, no comment, no order of keys."""
    resolved = {
        "policy": policy.name,
        "mode": policy.mode,
        "on_unjudged": policy.on_unjudged.word,
        "limits": asdict(policy.limits),
        "replies": {key.word: text for key, text in policy.replies.items()},
        "rules": {stage: [_facts(rule) for rule in rules] for stage, rules in compiled.items()},
        "models": models,
        "read_text": policy.read_text,
        "hiding": [policy.hiding.scope, policy.hiding.expires],
        "marks": [[each.rule.mark, each.rule.with_, each.rule.on_error] for each in policy.marks],
        "stream": asdict(policy.stream),
        "when_saturated": policy.when_saturated,
    }
    return sha256(canonical(resolved).encode()).hexdigest()


def _facts(rule: _Compiled) -> Mapping[str, object]:
    """What of a compiled rule decides verdicts."""
    step = rule.step
    return {
        "rule": step.rule,
        "check": step.check_name,
        "settings": rule.built.settings,
        "thresholds": _thresholds(step),
        "actions": [step.then.word, step.on_error.word, step.on_unjudged.word],
        "timeout": step.timeout,
        "surfaces": step.surfaces,
        "redact_as": [step.redact_as, step.redact_each],
        "always": step.always,
        "credit": step.credit,
        "reach": step.reach,
    }


def _thresholds(step: Step) -> object:
    if step.covers(step.check.categories):
        return step.thresholds
    return [step.threshold, step.thresholds] if step.thresholds else step.threshold
