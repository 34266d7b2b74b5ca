"""The standard health service: NOT_SERVING until all is warm, and again while draining."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio

from guardrails.telemetry.model_load import Loads, ModelLoad

SERVICE = "guardrails.v1.Guardrails"
POLICIES = f"{SERVICE}/policies"
"""Stands for whether the policies that serve are those that are written: not so when a reload was
refused. The server is healthy all the same."""
MODELS = f"{SERVICE}/models"
"""Stands for whether all models are well, and with a name behind it for one. The server is healthy
all the same: the steps of one that is being replaced fail, the others judge."""


class _Servicer(aio.HealthServicer):  # type: ignore[misc]  # it ships no types
    """Looks at the models when it is asked for them."""

    def __init__(self, loads: Callable[[], Mapping[str, ModelLoad]]) -> None:
        super().__init__()
        self._loads = loads

    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802  # the name in the proto
        """Tell how one service is."""
        loads = self._loads()
        asked = {f"{MODELS}/{name}": [load] for name, load in loads.items()}
        asked[MODELS] = [*loads.values()]
        if request.service not in asked:
            return await super().Check(request, context)
        well = all(load.is_well for load in asked[request.service])
        status = health_pb2.HealthCheckResponse
        return status(status=status.SERVING if well else status.NOT_SERVING)


class Health:
    """Health of the server as a whole and of its one service."""

    def __init__(self, service: str = SERVICE, models: object = None) -> None:
        self._service = service
        self._servicer = _Servicer(models.loads if isinstance(models, Loads) else dict)

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer health checks on a server."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def say(self, *, serving: bool) -> None:
        """Tell those who ask and those who watch."""
        status = health_pb2.HealthCheckResponse
        for service in ("", self._service):
            await self._servicer.set(service, status.SERVING if serving else status.NOT_SERVING)

    async def say_of_policies(self, *, as_written: bool) -> None:
        """Tell whether what serves is what is written."""
        status = health_pb2.HealthCheckResponse
        await self._servicer.set(POLICIES, status.SERVING if as_written else status.NOT_SERVING)
