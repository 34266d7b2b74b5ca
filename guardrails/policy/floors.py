"""What a policy may not do to the floor rules of its base. Pure."""

from collections.abc import Iterator

from guardrails.core.verdict import Action
from guardrails.policy.problems import quoted
from guardrails.policy.schema import Rule


def weakened(floor: Rule, rule: Rule) -> Iterator[tuple[str, str]]:
    """Every key of a rule that binds less than in the floor that it overrides, and how."""
    yield from _changed(floor, rule)
    yield from _rarer(floor, rule)
    for key in ("then", "on_error", "on_unjudged"):
        was, now = getattr(floor, key), getattr(rule, key)
        if action(now) < action(was):
            yield key, f"cannot sink from {was} to {now}"
    if missing := set(floor.surfaces) - set(rule.surfaces):
        yield "surfaces", f"cannot leave out {quoted(sorted(missing))}"
    for key in ("floor", "always"):
        if getattr(floor, key) and not getattr(rule, key):
            yield key, "cannot be lifted"


def _rarer(floor: Rule, rule: Rule) -> Iterator[tuple[str, str]]:
    """What makes findings count less often; a threshold and a rate do not compare."""
    if bool(floor.target_fpr) != bool(rule.target_fpr):
        key, other = ("target_fpr", "threshold") if rule.target_fpr else ("threshold", "target_fpr")
        yield key, f"cannot take the place of '{other}'"
    elif rule.target_fpr < floor.target_fpr:
        yield "target_fpr", f"cannot sink from {floor.target_fpr:g} to {rule.target_fpr:g}"
    elif rule.threshold > floor.threshold:
        yield "threshold", f"cannot rise from {floor.threshold:g} to {rule.threshold:g}"
    for category in sorted({*floor.thresholds, *rule.thresholds}):
        was = floor.thresholds.get(category, floor.threshold)
        now = rule.thresholds.get(category, rule.threshold)
        if now > was or (floor.target_fpr and category not in floor.thresholds):
            yield "thresholds", f"cannot rise from {was:g} to {now:g} for '{category}'"


def _changed(floor: Rule, rule: Rule) -> Iterator[tuple[str, str]]:
    """What says how the floor looks: whether another way sees as much is not known here."""
    if rule.check != floor.check:
        yield "check", "cannot change"
    if rule.with_ != floor.with_:
        yield "with", "cannot change"
    if rule.timeout and not floor.timeout:  # which default the floor has is up to its check
        yield "timeout", "cannot change"
    if rule.timeout < floor.timeout:
        yield "timeout", "cannot shrink"


def action(word: str) -> Action:
    """The action that a policy names."""
    return Action[word.upper()]
