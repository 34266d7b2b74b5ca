"""What no rule of a policy looks at is said, not passed over. Pure."""

from collections.abc import Mapping, Sequence

from guardrails.core.content import Content, Image, Part, Text
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.policy.plan import Chain, Plan

RULE = "coverage"
"""Stands as the rule in such reports; no rule of a policy may have the name."""

KINDS: Mapping[type[Part], str] = {Text: "text", Image: "pictures"}


def uncovered(content: Content, plan: Plan) -> tuple[Report, ...]:
    """Report the parts that nothing inspects.

    A kind of part that the stage's rules never mention is up to the policy's ``on_unjudged``. What
    the author left out in writing (no rules for the stage, or surfaces narrowed) passes.
    """
    chain = plan.chains[content.stage]
    if not chain.steps:
        reason = f"policy '{plan.name}' has no {content.stage.value} rules"
        return (_report(tuple(range(len(content.parts))), reason, Action.ALLOW),)
    missed = [
        (number, part)
        for number, part in enumerate(content.parts)
        if part.surface not in chain.covered.get(type(part), ())
    ]
    return _missed(missed, chain, plan) if missed else ()


def _missed(missed: Sequence[tuple[int, Part]], chain: Chain, plan: Plan) -> tuple[Report, ...]:
    where = f"policy '{plan.name}' at {chain.stage.value}"
    reports = []
    for kind, name in KINDS.items():
        parts = tuple(number for number, part in missed if isinstance(part, kind))
        if parts and kind in chain.covered:
            reason = f"no rule of {where} covers this surface"
            reports.append(_report(parts, reason, Action.ALLOW))
        elif parts:
            reason = f"no rule of {where} inspects {name}"
            reports.append(_report(parts, reason, plan.on_unjudged))
    return tuple(reports)


def _report(parts: tuple[int, ...], reason: str, action: Action) -> Report:
    return Report(RULE, RULE, Outcome.UNJUDGED, action, parts=parts, reason=reason)
