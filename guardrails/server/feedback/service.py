"""The RPC of `Feedback`: takes in what is said, beside what the log has of the decision."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import grpc

from guardrails.core.errors import DecisionsError, UnknownDecisionError
from guardrails.server.access.identity import asking
from guardrails.server.feedback.rate import Rate
from guardrails.telemetry.decisions.record import moment
from guardrails.telemetry.decisions.store import Query, Record, Store
from guardrails.telemetry.feedback.store import Feedback
from guardrails.wire import feedback as wire
from guardrails.wire import feedback_pb2 as pb
from guardrails.wire.feedback_pb2_grpc import FeedbackServicer, add_FeedbackServicer_to_server

SERVICE = "guardrails.v1.Feedback"
WAITS = (0.0, 0.2, 1.0)
"""Seconds for a decision to reach the log: it is written a moment after its verdict."""
RECENT = 60.0
"""Seconds that are looked through again."""
_KINDS = frozenset({"verdict"})
_KEPT = ("id", "policy", "policy_hash", "stage", "action", "rules")
"""What of a record tells which thresholds were wrong; not whose it was."""


class Service(FeedbackServicer):
    """Keeps feedback. ``opened`` opens the log of decisions, where there is one to be read."""

    name = SERVICE

    def __init__(
        self, feedback: Feedback, rate: Rate, opened: Callable[[], Store] | None = None
    ) -> None:
        self._feedback, self._rate, self._opened = feedback, rate, opened
        self._looking = asyncio.Lock()  # one at a time goes through a long log

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer on a server."""
        add_FeedbackServicer_to_server(self, server)  # type: ignore[no-untyped-call]  # generated

    async def Report(  # noqa: N802  # the name in the proto
        self, request: pb.ReportFeedbackRequest, _: grpc.aio.ServicerContext
    ) -> pb.ReportFeedbackResponse:
        """Keep what is said."""
        said = wire.said(request, asking().on_behalf(request.tenant))
        self._rate.take(said.tenant)
        record = await self._record(said.decision, said.tenant)
        entry = await asyncio.to_thread(self._feedback.add, said, record)
        return pb.ReportFeedbackResponse(id=entry.id, verified=entry.verified)

    async def _record(self, decision: str, tenant: str) -> Record | None:
        """Give what the log has; None where there is no log, or it cannot be read now.

        Raises:
            UnknownDecisionError: it can be read, and has no such decision of this tenant.
        """
        if self._opened is None:
            return None
        asked, since = Query(id=decision, tenant=tenant, kinds=_KINDS), ""
        for seconds in WAITS:
            await asyncio.sleep(seconds)
            try:
                async with self._looking:
                    record = await asyncio.to_thread(
                        _found, self._opened, replace(asked, since=since)
                    )
            except DecisionsError:
                return None
            if record is not None:
                return {name: record[name] for name in _KEPT}
            since = moment(time.time() - RECENT)
        raise UnknownDecisionError("no decision of that id is in the log")


def _found(opened: Callable[[], Store], asked: Query) -> Record | None:
    with closing(opened()) as store:
        return next(iter(store.search(asked)), None)
