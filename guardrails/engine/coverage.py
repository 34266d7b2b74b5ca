"""What no rule of a policy looks at is said, not passed over. Pure."""

from collections.abc import Iterator

from guardrails.core.content import Content, Exchange, Image, Part, Text
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.policy.plan import Chain, Plan

RULE = "coverage"
"""Stands as the rule in such reports; no rule of a policy may have the name."""


def uncovered(content: Content, plan: Plan) -> tuple[Report, ...]:
    """Report the parts that nothing inspects.

    A kind of part that the stage's rules never mention is up to the policy's ``on_unjudged``. What
    the author left out in writing (no rules for the stage, or surfaces narrowed) passes.
    """
    chain = plan.chains[content.stage]
    if not chain.steps:
        reason = f"policy '{plan.name}' has no {content.stage.value} rules"
        return (_report(tuple(range(len(content.parts))), reason, Action.ALLOW),)
    return tuple(
        report
        for kind, name in ((Text, "text"), (Image, "pictures"))
        for report in _of_kind(kind, name, content, chain, plan)
    )


def _of_kind(
    kind: type[Part], name: str, content: Content, chain: Chain, plan: Plan
) -> Iterator[Report]:
    steps = [step for step in chain.steps if _reads(step.check.inspects, kind)]
    covered = frozenset[object]().union(*(step.surfaces for step in steps))
    parts = tuple(
        number
        for number, part in enumerate(content.parts)
        if isinstance(part, kind) and part.surface not in covered
    )
    if not parts:
        return
    where = f"policy '{plan.name}' at {content.stage.value}"
    if steps:
        yield _report(parts, f"no rule of {where} covers this surface", Action.ALLOW)
    else:
        yield _report(parts, f"no rule of {where} inspects {name}", plan.on_unjudged)


def _reads(inspects: type[object], kind: type[Part]) -> bool:
    return inspects is kind or (inspects is Exchange and kind is Text)


def _report(parts: tuple[int, ...], reason: str, action: Action) -> Report:
    return Report(RULE, RULE, Outcome.UNJUDGED, action, parts=parts, reason=reason)
