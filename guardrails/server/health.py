"""The standard health service: NOT_SERVING until all is warm, and again while draining."""

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio

SERVICE = "guardrails.v1.Guardrails"


class Health:
    """Health of the server as a whole and of its one service."""

    def __init__(self, service: str = SERVICE) -> None:
        self._service = service
        self._servicer = aio.HealthServicer()

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer health checks on a server."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    async def say(self, *, serving: bool) -> None:
        """Tell those who ask and those who watch."""
        status = health_pb2.HealthCheckResponse
        for service in ("", self._service):
            await self._servicer.set(service, status.SERVING if serving else status.NOT_SERVING)
