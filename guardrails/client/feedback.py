"""Tells a sidecar that a verdict was wrong."""

from typing import Any, TypedDict

from guardrails.core.content import Stage
from guardrails.core.feedback import Reason, Said
from guardrails.core.verdict import Verdict
from guardrails.wire import feedback as wire
from guardrails.wire import feedback_pb2 as pb


class More(TypedDict, total=False):
    """What may be said besides: see ``core.feedback.Said``."""

    rule: str
    category: str
    note: str
    text: str | None
    tenant: str
    policy: str
    stage: Stage | None


def written(decision: Verdict | str, reason: Reason | str, more: More) -> pb.ReportFeedbackRequest:
    """Write what is said of a verdict, or of one of which only the id is left.

    Raises:
        ContentError: it is too long.
        ValueError: the reason is none.
    """
    known: dict[str, Any] = {}
    if isinstance(decision, Verdict):
        tenant = decision.content.caller.tenant
        known = {"policy": decision.policy, "stage": decision.stage, "tenant": tenant}
        decision = decision.id
    return wire.request(Said(decision, Reason(reason), **{**known, **more}))
