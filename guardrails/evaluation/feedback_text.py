"""Proposals for thresholds as lines for a person, and as JSON. Pure."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from guardrails.evaluation.feedback import FEW, Proposal
from guardrails.evaluation.intervals import Estimate


def render(proposals: Sequence[Proposal]) -> str:
    """Give lines: old and new threshold, what changes, and how sure that is."""
    return "".join(_lines(one) for one in proposals)


def policy_lines(proposals: Sequence[Proposal]) -> str:
    """Give what an author may write into a policy; guesses are left out."""
    rules: dict[str, dict[str, float]] = {}
    for one in proposals:
        if one.new != one.old and not one.few:
            rules.setdefault(one.rule, {})[one.category] = one.new
    return "".join(
        f"  # rule {rule}\n  thresholds: {{{_pairs(changed)}}}\n" for rule, changed in rules.items()
    )


def plain(one: Proposal) -> dict[str, Any]:
    """Give one as JSON has it."""
    return {**asdict(one), "few": one.few}


def _pairs(thresholds: dict[str, float]) -> str:
    return ", ".join(f"{category}: {value:g}" for category, value in thresholds.items())


def _lines(one: Proposal) -> str:
    name = f"{one.rule}.{one.category}"
    change = "stays" if one.new == one.old else f"-> {one.new:g}"
    lines = [f"{name:32} {one.old:g} {change}\n"]
    lines.append(f"  false positives gone: {_counted(one.harmless_cleared, one.harmless)}\n")
    lines.append(f"  false negatives found: {_counted(one.harmful_found, one.harmful)}\n")
    if one.unsaid:
        lines.append(
            f"  of {one.unsaid:,} that nobody spoke of, {one.unsaid_lost:,} would fire no more"
            f" and {one.unsaid_new:,} anew\n"
        )
    if one.few:
        said = one.harmless + one.harmful
        lines.append(f"  too few: {said} of the {FEW} reports that it takes, this is a guess\n")
    return "".join(lines)


def _counted(estimate: Estimate | None, of: int) -> str:
    if estimate is None:
        return "none was told"
    low, high = estimate.interval.low, estimate.interval.high
    hits = round(estimate.value * of)
    return f"{hits:,} of {of:,} ({estimate.value:.0%}, {low:.0%} to {high:.0%})"
