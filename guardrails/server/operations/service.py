"""The RPCs of `Operations`: each asks what keeps the policies in step with their files."""

import grpc

from guardrails.server.reload.reloading import Loaded, Reloading
from guardrails.wire import operations_pb2 as pb
from guardrails.wire.operations_pb2_grpc import (
    OperationsServicer,
    add_OperationsServicer_to_server,
)

SERVICE = "guardrails.v1.Operations"


class Service(OperationsServicer):
    """Reloads, and tells what is loaded."""

    name = SERVICE

    def __init__(self, reloading: Reloading) -> None:
        self._reloading = reloading

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer on a server."""
        add_OperationsServicer_to_server(self, server)  # type: ignore[no-untyped-call]  # generated

    async def Reload(  # noqa: N802  # the name in the proto
        self, _request: pb.ReloadRequest, _: grpc.aio.ServicerContext
    ) -> pb.ReloadResponse:
        """Load all anew."""
        reloaded = await self._reloading.reload()
        return pb.ReloadResponse(reloaded=reloaded, status=self._status())

    async def Status(  # noqa: N802  # the name in the proto
        self, _request: pb.StatusRequest, _: grpc.aio.ServicerContext
    ) -> pb.StatusResponse:
        """Tell what is loaded."""
        return self._status()

    def _status(self) -> pb.StatusResponse:
        return status(self._reloading.loaded, self._reloading.seconds)


def status(loaded: Loaded, watch_seconds: float) -> pb.StatusResponse:
    """Write what is loaded as a message."""
    return pb.StatusResponse(
        policies=[
            pb.LoadedPolicy(
                name=name,
                hash=plan.hash,
                models=plan.models,
                shadow_hash=plan.candidate.plan.hash if plan.candidate else "",
                canary_share=plan.candidate.share if plan.candidate else 0.0,
            )
            for name, plan in sorted(loaded.plans.items())
        ],
        loaded_at=loaded.loaded_at,
        tried_at=loaded.tried_at,
        reloaded=loaded.reloaded,
        refused=loaded.refused,
        problems=[
            pb.LoadProblem(
                file=problem.place.file,
                line=problem.place.line,
                column=problem.place.column,
                message=problem.message,
            )
            for problem in loaded.problems
        ],
        watch_seconds=watch_seconds,
    )
