"""Processes to measure against: the sidecar, and a bare echo on the same server settings."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import uvloop

from benchmarks.processes import Process
from guardrails.server.config import Limits
from guardrails.server.listening import options
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import (
    GuardrailsServicer,
    add_GuardrailsServicer_to_server,
)


class Echo(GuardrailsServicer):
    """Gives back what it was sent and does nothing else."""

    async def Evaluate(  # noqa: N802  # the name in the proto
        self, request: pb.EvaluateRequest, _: grpc.aio.ServicerContext
    ) -> pb.EvaluateResponse:
        """Answer with the parts."""
        return pb.EvaluateResponse(verdict=pb.Verdict(content=request.parts))


async def echo(listen: str) -> None:
    """Serve the echo until killed."""
    server = grpc.aio.server(options=options(Limits()))
    add_GuardrailsServicer_to_server(Echo(), server)
    server.add_insecure_port(listen)
    await server.start()
    sys.stdout.write(f"serving on {listen}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


@contextmanager
def running(*command: str) -> Iterator[Process]:
    """Run a server of ours from the moment it says that it serves."""
    server = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("serving on")
        yield Process(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    """Give a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    uvloop.run(echo(sys.argv[1]))
