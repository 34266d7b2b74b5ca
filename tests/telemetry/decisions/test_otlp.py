"""The log as OTLP reaches a collector, a real gRPC server that speaks its protocol."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from guardrails.core.errors import DecisionsError
from guardrails.telemetry.decisions import log as logs
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.verifying import verified

pytest.importorskip("opentelemetry.proto")

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import (
    LogsServiceServicer,
    add_LogsServiceServicer_to_server,
)

from guardrails.telemetry.decisions.otlp import Collector


class Receiver(LogsServiceServicer):
    def __init__(self):
        self.records, self.headers, self.resources = [], {}, []

    def Export(self, request, context):  # noqa: N802  # the name in the proto
        self.headers = dict(context.invocation_metadata())
        for group in request.resource_logs:
            self.resources.append(
                {one.key: one.value.string_value for one in group.resource.attributes}
            )
            self.records += group.scope_logs[0].log_records
        return ExportLogsServiceResponse()

    @property
    def lines(self):
        return [one.body.string_value.encode() for one in self.records]


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def serve(receiver):
    servers = []

    def start(port=0):
        server = grpc.server(ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)])
        add_LogsServiceServicer_to_server(receiver, server)
        port = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        servers.append(server)
        return port

    yield start
    for server in servers:
        server.stop(0).wait()


def test_a_collector_gets_the_chain(receiver, serve, verdict, key, keys):
    store = Collector(
        f"http://127.0.0.1:{serve()}",
        {"OTEL_EXPORTER_OTLP_HEADERS": "x-api=a%20b", "OTEL_SERVICE_NAME": "gate"},
    )
    log = DecisionLog(store, Terms(3, key))
    log.record(verdict(1))
    log.refuse("NOT_FOUND")
    log.close()

    assert [json.loads(one)["kind"] for one in receiver.lines] == [
        *("opened", "verdict", "refused", "closed")
    ]
    assert verified(3, receiver.lines, verifiers=keys.verifiers).broken is None
    assert receiver.headers["x-api"] == "a b"
    assert receiver.resources[0]["service.name"] == "gate"
    told = {one.key: one.value.string_value for one in receiver.records[1].attributes}
    assert told["guardrails.action"] == "block"
    assert receiver.records[1].time_unix_nano > 0


def test_a_collector_that_comes_late_gets_all(receiver, serve, verdict, monkeypatch, until):
    monkeypatch.setattr(logs, "RETRY", (0.05, 0.2))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    log = DecisionLog(Collector(f"http://127.0.0.1:{port}", {}), Terms())
    log.record(verdict(1))
    time.sleep(0.3)
    serve(port)
    until(lambda: len(receiver.records) >= 2, 30)
    log.close()

    assert verified(0, receiver.lines).broken is None


def test_a_collector_that_is_not_there_is_an_error_without_secrets():
    store = Collector("http://user:secret@127.0.0.1:9", {})

    with pytest.raises(DecisionsError, match=r"^decisions: otlp:http://127.0.0.1:9: ") as raised:
        store.append(0, lambda end: ([b"{}"], end))
    store.close()
    assert "secret" not in str(raised.value)


def test_an_address_that_is_none_is_said():
    with pytest.raises(DecisionsError, match="this is no collector, write otlp:http://HOST:4317"):
        Collector("nonsense", {})


def test_it_is_not_read_from():
    store = Collector("http://127.0.0.1:9", {})

    with pytest.raises(DecisionsError, match="read and kept there"):
        store.workers()
    store.close()
