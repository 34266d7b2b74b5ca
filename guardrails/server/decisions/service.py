"""The RPCs of `Decisions`: read the log on behalf of whoever may."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from typing import TypeVar

import grpc

from guardrails.core.errors import UnknownDecisionError
from guardrails.server.access.identity import asking
from guardrails.server.decisions.times import moment_in
from guardrails.telemetry.decisions.line import canonical
from guardrails.telemetry.decisions.store import Query as Asked
from guardrails.telemetry.decisions.store import Record, Store
from guardrails.wire import decisions_pb2 as pb
from guardrails.wire.decisions_pb2_grpc import (
    DecisionsServicer,
    add_DecisionsServicer_to_server,
)

T = TypeVar("T")
USUAL, MOST = 100, 1000
"""Records of one answer."""


class Service(DecisionsServicer):
    """Reads a log that this process, or another, writes."""

    name = "guardrails.v1.Decisions"

    def __init__(self, opened: Callable[[], Store]) -> None:
        self._opened = opened

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer on a server."""
        add_DecisionsServicer_to_server(self, server)  # type: ignore[no-untyped-call]  # generated

    async def Get(  # noqa: N802  # the name in the proto
        self, request: pb.GetDecisionRequest, _: grpc.aio.ServicerContext
    ) -> pb.GetDecisionResponse:
        """Give one decision."""
        asked = Asked(id=request.id, tenant=_tenant(None))
        found = await self._search(asked, MOST) if request.id else []
        if not found:
            raise UnknownDecisionError("no decision of that id is in the log")
        return pb.GetDecisionResponse(records=map(_written, found))

    async def Query(  # noqa: N802  # the name in the proto
        self, request: pb.QueryDecisionsRequest, _: grpc.aio.ServicerContext
    ) -> pb.QueryDecisionsResponse:
        """Give what fits."""
        asked = Asked(
            since=moment_in("since", request.since),
            until=moment_in("until", request.until),
            tenant=_tenant(request.tenant if request.HasField("tenant") else None),
            policy=request.policy,
            action=request.action,
            rule=request.rule,
        )
        most = min(request.limit or USUAL, MOST)
        found = await self._search(asked, most + 1)
        return pb.QueryDecisionsResponse(
            records=map(_written, found[:most]), more=len(found) > most
        )

    async def _search(self, asked: Asked, most: int) -> list[Record]:
        return await asyncio.to_thread(self._found, asked, most)

    def _found(self, asked: Asked, most: int) -> list[Record]:
        with closing(self._opened()) as store:
            return list(islice(store.search(asked), most))


def _tenant(named: str | None) -> str | None:
    """Whose records may be read: all of them, or those of the caller's tenant."""
    who = asking()
    return named if who.any_tenant else who.on_behalf(named or "")


def _written(record: Record) -> pb.DecisionRecord:
    return pb.DecisionRecord(
        id=record.get("id", ""),
        at=record.get("at", ""),
        kind=record["kind"],
        tenant=record.get("tenant", ""),
        policy=record.get("policy", ""),
        action=record.get("action", ""),
        json=canonical(record).decode(),
    )
