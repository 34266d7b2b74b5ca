"""Between what is said of verdicts and its messages. Pure."""

from guardrails.core.content import Stage
from guardrails.core.errors import ContentError
from guardrails.core.feedback import Reason, Said
from guardrails.wire import feedback_pb2 as pb
from guardrails.wire import guardrails_pb2 as common

_REASONS = {
    pb.FEEDBACK_REASON_FALSE_POSITIVE: Reason.FALSE_POSITIVE,
    pb.FEEDBACK_REASON_FALSE_NEGATIVE: Reason.FALSE_NEGATIVE,
    pb.FEEDBACK_REASON_WRONG_CATEGORY: Reason.WRONG_CATEGORY,
    pb.FEEDBACK_REASON_OTHER: Reason.OTHER,
}
_TO_REASON = {word: number for number, word in _REASONS.items()}
_STAGES = {common.STAGE_INPUT: Stage.INPUT, common.STAGE_OUTPUT: Stage.OUTPUT}
_TO_STAGE = {word: number for number, word in _STAGES.items()}


def request(said: Said) -> pb.ReportFeedbackRequest:
    """Write what is said."""
    return pb.ReportFeedbackRequest(
        decision_id=said.decision,
        reason=_TO_REASON[said.reason],
        rule=said.rule,
        category=said.category,
        note=said.note,
        text=said.text,
        tenant=said.tenant,
        policy=said.policy,
        stage=common.STAGE_UNSPECIFIED if said.stage is None else _TO_STAGE[said.stage],
    )


def said(message: pb.ReportFeedbackRequest, tenant: str) -> Said:
    """Read what is said, on behalf of a tenant.

    Raises:
        ContentError: the reason is not set or unknown, or it is too long.
    """
    reason = _REASONS.get(message.reason)
    if reason is None:
        raise ContentError("feedback: its reason is not set, send a FEEDBACK_REASON_...")
    return Said(
        message.decision_id,
        reason,
        message.rule,
        message.category,
        message.note,
        message.text if message.HasField("text") else None,
        tenant,
        message.policy,
        _STAGES.get(message.stage),
    )


def reason_number(reason: Reason) -> pb.FeedbackReason:
    """Write how it was wrong."""
    return _TO_REASON[reason]
