"""The RPCs of `FeedbackReview`: for those who look through what was said."""

import asyncio

import grpc

from guardrails.core.errors import ForbiddenError
from guardrails.server.access.identity import FORBIDDEN, asking
from guardrails.telemetry.feedback.store import Entry, Feedback
from guardrails.wire import feedback as wire
from guardrails.wire import feedback_pb2 as pb
from guardrails.wire.feedback_pb2_grpc import (
    FeedbackReviewServicer,
    add_FeedbackReviewServicer_to_server,
)

USUAL, MOST = 100, 1000
"""Entries of one answer."""


class Review(FeedbackReviewServicer):
    """Lists and withdraws; those of one tenant see what is of that tenant."""

    name = "guardrails.v1.FeedbackReview"

    def __init__(self, feedback: Feedback) -> None:
        self._feedback = feedback

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer on a server."""
        add_FeedbackReviewServicer_to_server(self, server)  # type: ignore[no-untyped-call]  # generated

    async def List(  # noqa: N802  # the name in the proto
        self, request: pb.ListFeedbackRequest, _: grpc.aio.ServicerContext
    ) -> pb.ListFeedbackResponse:
        """Give what was said, without the words."""
        who = asking()
        named = request.tenant if request.HasField("tenant") else None
        tenant = named if who.any_tenant else who.on_behalf(named or "")
        found = await asyncio.to_thread(
            lambda: self._feedback.entries(tenant=tenant, policy=request.policy)
        )
        most = min(request.limit or USUAL, MOST)
        return pb.ListFeedbackResponse(entries=map(_written, found[:most]))

    async def Withdraw(  # noqa: N802  # the name in the proto
        self, request: pb.WithdrawFeedbackRequest, _: grpc.aio.ServicerContext
    ) -> pb.WithdrawFeedbackResponse:
        """Take one back."""
        entry = await asyncio.to_thread(self._feedback.get, request.id)
        who = asking()
        if not who.any_tenant and entry.said.tenant != who.tenant:
            raise ForbiddenError(FORBIDDEN)
        await asyncio.to_thread(self._feedback.withdraw, request.id)
        return pb.WithdrawFeedbackResponse()


def _written(entry: Entry) -> pb.FeedbackEntry:
    said = entry.said
    return pb.FeedbackEntry(
        id=entry.id,
        at=entry.at,
        tenant=said.tenant,
        decision_id=said.decision,
        reason=wire.reason_number(said.reason),
        rule=said.rule,
        category=said.category,
        verified=entry.verified,
        policy=said.policy,
        has_note=entry.has_note,
        has_text=entry.has_text,
    )
