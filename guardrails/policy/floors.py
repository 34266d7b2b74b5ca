"""What a policy may not do to the floor rules of its base. Pure."""

from collections.abc import Iterator

from guardrails.core.verdict import Action
from guardrails.policy.problems import quoted
from guardrails.policy.schema import Rule


def weakened(floor: Rule, rule: Rule) -> Iterator[tuple[str, str]]:
    """Every key of a rule that binds less than in the floor that it overrides, and how."""
    for key in ("check", "with_"):
        if getattr(rule, key) != getattr(floor, key):
            yield key.rstrip("_"), "cannot change"
    if rule.threshold > floor.threshold:
        yield "threshold", f"cannot rise from {floor.threshold:g} to {rule.threshold:g}"
    for key in ("then", "on_error", "on_unjudged"):
        was, now = getattr(floor, key), getattr(rule, key)
        if action(now) < action(was):
            yield key, f"cannot sink from {was} to {now}"
    if _judges_less_time(floor, rule):
        yield "timeout", "cannot shrink"
    if missing := set(floor.surfaces) - set(rule.surfaces):
        yield "surfaces", f"cannot leave out {quoted(sorted(missing))}"
    for key in ("floor", "always"):
        if getattr(floor, key) and not getattr(rule, key):
            yield key, "cannot be lifted"


def action(word: str) -> Action:
    """The action that a policy names."""
    return Action[word.upper()]


def _judges_less_time(floor: Rule, rule: Rule) -> bool:
    """Without a time of its own the floor has the default of its cost, which is not known here."""
    return rule.timeout < (floor.timeout or float("inf")) and rule.timeout != floor.timeout
