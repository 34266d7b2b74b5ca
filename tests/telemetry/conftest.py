"""A collector that keeps what it is sent over OTLP, and a sidecar that sends to it."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.sdk.trace import TracerProvider

from guardrails.client import Client
from guardrails.client.blocking import Blocking
from guardrails.core.content import prompt
from guardrails.server.address import Tcp
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, Observed

PATIENCE = 20
"""Seconds that a busy machine may take to send a span."""


class Collector(TraceServiceServicer):
    """The collector's own service; closed, it lets who sends wait."""

    def __init__(self):
        self.requests = []
        self.open = threading.Event()
        self.open.set()
        self.status = None
        self._server = grpc.server(ThreadPoolExecutor(4))
        add_TraceServiceServicer_to_server(self, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        self.url = f"http://127.0.0.1:{port}"
        self._server.start()

    def Export(self, request, context):  # noqa: N802  # the name in the proto
        self.open.wait(PATIENCE)
        if self.status is not None:
            context.abort(self.status, "no")
        self.requests.append(request)
        return ExportTraceServiceResponse()

    def stop(self):
        self.open.set()
        self._server.stop(0).wait()

    @property
    def spans(self):
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def resource(self):
        return attributes(self.requests[0].resource_spans[0].resource)

    def wait_for(self, *names, least=1):
        """Wait until there are as many spans of each of these names; give all there are."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            there = [span.name for span in self.spans]
            if all(there.count(name) >= least for name in names):
                return self.spans
            time.sleep(0.02)
        raise AssertionError(f"no span of {names} in {sorted(span.name for span in self.spans)}")


def attributes(of) -> dict:
    """Give attributes as plain values."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in of.attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector, and have what starts meanwhile send to it."""
    with pytest.MonkeyPatch.context() as patch:
        collector = Collector()
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
        yield collector
        collector.stop()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def module_collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def traced(policies, models) -> Iterator[Callable[..., Sidecar]]:
    """Start sidecars that send spans, and stop them."""
    blocking = Blocking()
    running: list[Sidecar] = []

    async def start(config):
        sidecar = Sidecar(config, models)
        await sidecar.start()
        return sidecar

    def started(folder=policies, **more):
        config = Config(folder, Tcp("127.0.0.1", 0), observed=Observed(traces=True), **more)
        sidecar = blocking.run(start(config))
        running.append(sidecar)
        return sidecar

    def stop(sidecar):
        running.remove(sidecar)
        blocking.run(sidecar.stop())

    started.stop = stop
    yield started
    for sidecar in running:
        blocking.run(sidecar.stop())
    blocking.close()


@pytest.fixture(scope="session")
def caller() -> trace.Tracer:
    """The tracer of an application that asks a sidecar."""
    return TracerProvider(shutdown_on_exit=False).get_tracer("caller")


@dataclass
class Served:
    """A command that serves: where, where its metrics are, and what it has logged."""

    address: str
    metrics: str
    process: subprocess.Popen
    errors: Path

    def ask(self, text, policy):
        with Client(self.address) as client:
            return client.evaluate(prompt(text), policy=policy)

    def ended(self) -> tuple[str, str]:
        """Have it end; give all that it wrote to stdout and stderr."""
        self.process.terminate()
        written, _ = self.process.communicate(timeout=60)
        return written, self.errors.read_text()


@contextmanager
def commands(folders: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """Start commands of ours that serve, with metrics, and end them."""
    running: list[Served] = []

    def start(command, *arguments, before=()):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        line = [sys.executable, "-m", "guardrails.cli", *before, command, *arguments]
        line += ["--listen", "127.0.0.1:0", "--metrics", f"127.0.0.1:{port}"]
        errors = folders.mktemp("log") / "stderr"
        with errors.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603  # our own
                line, stdout=subprocess.PIPE, stderr=file, text=True
            )
        ready = process.stdout.readline()
        if not ready:
            process.communicate(timeout=60)
            raise AssertionError(errors.read_text())
        served = Served(ready.split()[-1], f"http://127.0.0.1:{port}/metrics", process, errors)
        running.append(served)
        return served

    yield start
    for served in running:
        served.process.terminate()
        served.process.communicate(timeout=60)


@pytest.fixture
def serving(tmp_path_factory) -> Iterator[Callable[..., Served]]:
    with commands(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="module")
def module_serving(tmp_path_factory) -> Iterator[Callable[..., Served]]:
    with commands(tmp_path_factory) as start:
        yield start
