"""Test cases from what people say of verdicts: proposals, for a person to accept. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrails.core.content import Stage
from guardrails.core.feedback import Reason, Said
from guardrails.core.verdict import Action

_HEAD = """\
# Proposals from feedback: each is what somebody says, not what is so. Accept, correct or delete
# them one by one. They hold what users wrote. Real models judge them: `guardrails test --live`.
policy: {policy}

cases:
"""
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of one verdict, with the text; ``record`` is what the log has of it."""

    id: str
    said: Said = field(repr=False)
    record: Mapping[str, Any] | None = field(repr=False)
    text: str = field(repr=False)


def proposal(told: Told) -> str | None:
    """Give the case in YAML; None where what was said tells nothing that a test could."""
    expected = _expected(told)
    if expected is None:
        return None
    said = told.said
    name = f"proposal {told.id[:12]}: {said.reason.value.replace('_', ' ')}"
    of = ".".join(part for part in (said.rule, said.category) if part)
    stage = said.stage or Stage.INPUT
    lines = [
        f"- name: {quoted(f'{name} of {of}' if of else name)}",
        f"  # said of decision {quoted(said.decision)}",
        f"  {stage.value}: {quoted(told.text)}",
        "  only: live",
        *expected,
    ]
    return "\n".join(lines) + "\n"


def suite(policy: str, cases: Sequence[str]) -> str:
    """Give the file of cases."""
    return _HEAD.format(policy=quoted(policy)) + "\n".join(cases)


def quoted(text: str) -> str:
    """Give a text as YAML has it between double quotes, on one line."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  # four digits


def _expected(told: Told) -> list[str] | None:
    """What should have been: the lines of a case that say so."""
    said = told.said
    match said.reason:
        case Reason.FALSE_POSITIVE:
            return _without(told.record, said)
        case Reason.FALSE_NEGATIVE:
            return ["  expect: block  # or what the rule should do"]
        case Reason.WRONG_CATEGORY if said.rule and said.category and told.record is not None:
            find = f"{{rule: {quoted(said.rule)}, category: {quoted(said.category)}}}"
            return [f"  expect: {told.record['action']}", f"  finds: [{find}]"]
        case _:
            return None


def _without(record: Mapping[str, Any] | None, said: Said) -> list[str]:
    """What is left without what was wrong: the case fails as long as that acts."""
    left: dict[str, Action] = {}
    for rule in () if record is None or not said.rule else record["rules"]:
        action = Action[rule["action"].upper()]
        if action is not Action.ALLOW:
            left |= dict.fromkeys(_right(rule, said), action)
    if not left:
        return [f"  expect: {Action.ALLOW.word}"]
    return [
        f"  expect: {max(left.values()).word}",
        f"  by: [{', '.join(map(quoted, left))}]  # and nothing else acts",
    ]


def _right(rule: Mapping[str, Any], said: Said) -> Iterable[str]:
    """What of a rule was not called wrong, as `by` names it: all of it, or other categories."""
    if rule["rule"] != said.rule:
        return [rule["rule"]]
    if not said.category:
        return []
    found = dict.fromkeys(one["category"] for one in rule["findings"])
    return [f"{said.rule}.{category}" for category in found if category != said.category]
