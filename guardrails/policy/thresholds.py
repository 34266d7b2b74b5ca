"""From which score findings count, category by category."""

from collections.abc import Mapping
from types import MappingProxyType

from guardrails.core.check import Calibrated
from guardrails.core.errors import ModelError
from guardrails.policy.building import Built
from guardrails.policy.document import WrittenRule
from guardrails.policy.problems import Problems, did_you_mean


def thresholds_of(written: WrittenRule, built: Built, problems: Problems) -> Mapping[str, float]:
    """What the rule writes for a category, else what its ``target_fpr`` comes to, if it has one."""
    calibrated = _calibrated(written, built, problems) if written.rule.target_fpr else {}
    known = built.check.categories
    for category in written.rule.thresholds:
        if category not in known:
            message = f"check '{written.rule.check}' reports no '{category}'"
            way_out = did_you_mean(category, set(known))
            problems.add(written.place_of("thresholds"), f"{message}, {way_out}")
    return MappingProxyType({**calibrated, **written.rule.thresholds})


def _calibrated(written: WrittenRule, built: Built, problems: Problems) -> Mapping[str, float]:
    """The scores that at most the rule's ``target_fpr`` of harmless content reaches."""
    check, rule, place = built.check, written.rule, written.place_of("target_fpr")
    if not isinstance(check, Calibrated):
        problems.add(place, f"check '{rule.check}' is not calibrated, write 'threshold'")
        return {}
    thresholds = {}
    for category in check.categories:
        try:
            thresholds[category] = check.threshold_for(category, rule.target_fpr)
        except ModelError as error:
            problems.add(place, str(error))
    return thresholds
