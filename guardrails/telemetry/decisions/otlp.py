"""The log as OTLP log records, sent to a collector: written here, read there."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NoReturn
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs, SeverityNumber
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from guardrails import __version__
from guardrails.core.errors import DecisionsError
from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.line import read
from guardrails.telemetry.decisions.store import Change, Make, Old, Query, Record

SECONDS = 10.0
"""A collector has to take a batch."""
_EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
_SHOWN = ("kind", "id", "tenant", "policy", "stage", "action")
"""Fields that are attributes as well, to be searched for."""


class Collector:
    """A collector over gRPC; each process begins a chain, with an instance id of its own.

    ``url`` is ``http://HOST:PORT``, or https; without one the environment's variables of
    OpenTelemetry say it.
    """

    def __init__(self, url: str, environment: Mapping[str, str] = os.environ) -> None:
        url = url or _told(environment, "ENDPOINT") or "http://localhost:4317"
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise DecisionsError("decisions: this is no collector, write otlp:http://HOST:4317")
        self.place = f"otlp:{parts.scheme}://{parts.hostname}:{parts.port or 4317}"
        target = f"{parts.hostname}:{parts.port or 4317}"
        self._channel = (
            grpc.secure_channel(target, grpc.ssl_channel_credentials())
            if parts.scheme == "https"
            else grpc.insecure_channel(target)
        )
        self._export = self._channel.unary_unary(
            _EXPORT,
            request_serializer=ExportLogsServiceRequest.SerializeToString,
            response_deserializer=ExportLogsServiceResponse.FromString,
        )
        self._headers = _headers(_told(environment, "HEADERS"))
        self._resource = _resource(environment)
        self._ends: dict[int, Anchor] = {}

    def append(self, worker: int, make: Make) -> Anchor:
        """Send what follows the end of a chain.

        Raises:
            DecisionsError: the collector cannot be reached, or refuses some of it.
        """
        lines, end = make(self._ends.get(worker, START))
        scope = ScopeLogs(
            scope=InstrumentationScope(name="guardrails.decisions", version=__version__),
            log_records=map(_log_record, lines),
        )
        logs = ResourceLogs(resource=self._resource, scope_logs=[scope])
        request = ExportLogsServiceRequest(resource_logs=[logs])
        try:
            answer = self._export(request, timeout=SECONDS, metadata=self._headers)
        except grpc.RpcError as error:
            raise DecisionsError(f"decisions: {self.place}: {error.code().name}") from None
        if answer.partial_success.rejected_log_records:
            refused = answer.partial_success.rejected_log_records
            raise DecisionsError(f"decisions: {self.place}: {refused} records were refused")
        self._ends[worker] = end
        return end

    def tend(self) -> None:
        """Nothing is due."""

    def workers(self) -> Sequence[int]:
        """Nothing is read here."""
        self._unread()

    def lines(self, worker: int) -> Iterator[bytes]:  # noqa: ARG002  # as the seam has it
        """Nothing is read here."""
        self._unread()

    def search(self, asked: Query) -> Iterator[Record]:  # noqa: ARG002  # as the seam has it
        """Nothing is read here."""
        self._unread()

    def rewrite(self, worker: int, change: Change) -> int:  # noqa: ARG002  # as the seam has it
        """Nothing is changed here."""
        self._unread()

    def old(self, worker: int, before: datetime) -> Old | None:  # noqa: ARG002  # as the seam has it
        """Nothing is read here."""
        self._unread()

    def drop(self, worker: int, old: Old) -> None:  # noqa: ARG002  # as the seam has it
        """Nothing is dropped here."""
        self._unread()

    def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def _unread(self) -> NoReturn:
        raise DecisionsError("decisions: a log that goes to a collector is read and kept there")


def opened(url: str) -> Collector:
    """Open the log at a collector.

    Raises:
        DecisionsError: the address is none.
    """
    return Collector(url)


def _told(environment: Mapping[str, str], what: str) -> str:
    named = environment.get(f"OTEL_EXPORTER_OTLP_LOGS_{what}")
    return named or environment.get(f"OTEL_EXPORTER_OTLP_{what}", "")


def _headers(written: str) -> list[tuple[str, str]]:
    pairs = (one.partition("=") for one in written.split(",") if "=" in one)
    return [(name.strip().lower(), unquote(value.strip())) for name, _, value in pairs]


def _resource(environment: Mapping[str, str]) -> Resource:
    told = _headers(environment.get("OTEL_RESOURCE_ATTRIBUTES", ""))
    facts = {"service.name": "guardrails", **dict(told), "service.instance.id": uuid4().hex}
    name = environment.get("OTEL_SERVICE_NAME")
    if name:
        facts["service.name"] = name
    return Resource(attributes=[_fact(*fact) for fact in facts.items()])


def _log_record(line: bytes) -> LogRecord:
    record = read(line) or {}
    at = datetime.fromisoformat(record["at"]).timestamp() if "at" in record else time.time()
    return LogRecord(
        time_unix_nano=int(at * 1e9),
        observed_time_unix_nano=time.time_ns(),
        severity_number=SeverityNumber.SEVERITY_NUMBER_INFO,
        body=AnyValue(string_value=line.decode()),
        attributes=[
            _fact(f"guardrails.{name}", record[name]) for name in _SHOWN if record.get(name)
        ],
        event_name="guardrails.decision",
    )


def _fact(name: str, value: str) -> KeyValue:
    clean = value.encode(errors="replace").decode()
    return KeyValue(key=name, value=AnyValue(string_value=clean))
