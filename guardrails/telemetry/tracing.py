"""The door to OpenTelemetry: spans go out over OTLP, in batches, and what is lost is counted."""

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import Token
from threading import Lock, Timer
from types import TracebackType
from typing import Self

from opentelemetry import context, propagate, trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from guardrails import __version__
from guardrails.core.errors import GuardrailsError
from guardrails.telemetry.spans import Fact, Onward, Span, Tracer, Untraced, traced

QUEUE = 2048
"""Spans that wait to be sent, unless ``OTEL_BSP_MAX_QUEUE_SIZE`` says otherwise."""
PARTING_SECONDS = 3.0
"""For what waits when the process stops: after them a collector that is gone is given up."""


class Fates:
    """What became of spans: sent, lost on their way, or dropped since too many waited."""

    def __init__(self) -> None:
        self._counting = Lock()
        self._of = {"sent": 0, "lost": 0, "dropped": 0}

    def add(self, fate: str, spans: int) -> None:
        """Count spans."""
        with self._counting:
            self._of[fate] += spans

    def counted(self) -> Mapping[str, int]:
        """Give the counts."""
        with self._counting:
            return dict(self._of)


class _Counted(SpanExporter):
    """Tells what became of the spans that another exporter was given."""

    def __init__(self, inner: SpanExporter, fates: Fates) -> None:
        self._inner, self._fates = inner, fates
        self.left = 0
        """Spans that have left the queue."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.left += len(spans)
        result = SpanExportResult.FAILURE
        try:
            result = self._inner.export(spans)
        finally:
            fate = "sent" if result is SpanExportResult.SUCCESS else "lost"
            self._fates.add(fate, len(spans))
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()


class _Bounded(BatchSpanProcessor):
    """Drops what would not fit, and counts it; whoever ends a span never waits."""

    def __init__(self, exporter: SpanExporter, fates: Fates, most: int) -> None:
        self._counted = _Counted(exporter, fates)
        super().__init__(self._counted, max_queue_size=most, max_export_batch_size=min(512, most))
        self._fates, self._most = fates, most
        self._taken, self._closed = 0, False
        self._taking = Lock()

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is None or not span.context.trace_flags.sampled:
            return
        with self._taking:
            fits = not self._closed and self._taken - self._counted.left < self._most
            self._taken += fits
        if fits:
            super().on_end(span)
        else:
            self._fates.add("dropped", 1)

    def shutdown(self) -> None:
        """Send what waits; what is not sent in time is lost."""
        self._closed = True
        giving_up = Timer(PARTING_SECONDS, self._counted.shutdown)
        giving_up.daemon = True
        giving_up.start()
        super().shutdown()  # type: ignore[no-untyped-call]  # as it comes
        giving_up.cancel()


class _Opened:
    """A span while it is open."""

    __slots__ = ("_headers", "_span", "_token", "_traced")

    def __init__(self, span: trace.Span, headers: Mapping[str, str] | None = None) -> None:
        self._span, self._headers = span, headers
        self._token: Token[context.Context] | None = None
        self._traced: AbstractContextManager[None] | None = None

    @property
    def recording(self) -> bool:
        return self._span.is_recording()

    @property
    def headers(self) -> Mapping[str, str]:
        return self._headers or {}

    def note(self, facts: Mapping[str, Fact]) -> None:
        self._span.set_attributes(facts)

    def fail(self, reason: str) -> None:
        self._span.set_status(trace.StatusCode.ERROR, reason)

    def under(self, tracer: Tracer) -> "_Opened":
        """Have all spans that are opened inside go to this tracer."""
        self._traced = traced(tracer)
        return self

    def __enter__(self) -> Self:
        if self._headers is None:
            self._token = context.attach(trace.set_span_in_context(self._span))
        if self._traced is not None:
            self._traced.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        if self._traced is not None:
            self._traced.__exit__(kind, error, place)
        if self._token is not None:
            context.detach(self._token)
        if kind is not None:  # its name alone: a message may hold what a user wrote
            self._span.set_status(trace.StatusCode.ERROR, kind.__name__)
        self._span.end()


class _Unsampled(Untraced):
    """Opens no spans for a request that is not sampled, but tells other servers that it is not."""

    def onward(self, _name: str, /) -> AbstractContextManager[Onward]:
        """Pass the decision on."""
        return _onward(trace.NonRecordingSpan(trace.get_current_span().get_span_context()))


class OpenTelemetry:
    """A tracer that sends spans on, by the environment variables that OpenTelemetry has for it.

    ``fates`` counts those that were sent, lost on their way, and dropped since too many waited.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        counts = Fates()
        self.fates = counts.counted
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(_Bounded(exporter, counts, _queue()))
        self._tracer = self._provider.get_tracer("guardrails", __version__)

    def span(self, name: str, /) -> AbstractContextManager[Span]:
        """Open a span below the present one, and make it the present one."""
        return _Opened(self._tracer.start_span(name))

    def request(
        self, name: str, headers: Mapping[str, str], facts: Mapping[str, Fact], /
    ) -> AbstractContextManager[Span]:
        """Open the span of a request, below the one that its headers name."""
        opened = self._tracer.start_span(
            name,
            propagate.extract(headers, context.Context()),
            trace.SpanKind.SERVER,
            attributes=facts,
        )
        return _Opened(opened).under(self if opened.is_recording() else _Unsampled())

    def onward(self, name: str, /) -> AbstractContextManager[Onward]:
        """Open a span of a request to another server; it does not become the present one."""
        return _onward(self._tracer.start_span(name, kind=trace.SpanKind.CLIENT))

    def trace_id(self) -> str:
        """Give the id of the present trace; nothing where there is none that is recorded."""
        present = trace.get_current_span().get_span_context()
        return trace.format_trace_id(present.trace_id) if present.trace_flags.sampled else ""

    def flush(self) -> None:
        """Send what waits, now."""
        self._provider.force_flush()

    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        self._provider.shutdown()


def _onward(opened: trace.Span) -> _Opened:
    headers: dict[str, str] = {}
    propagate.inject(headers, trace.set_span_in_context(opened))
    return _Opened(opened, headers)


def opened() -> OpenTelemetry:
    """Give a tracer as the environment says.

    Raises:
        GuardrailsError: it asks for what there is not.
    """
    _must_be("OTEL_TRACES_EXPORTER", "otlp")
    _must_be("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    _must_be("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc")
    return OpenTelemetry(OTLPSpanExporter())


def _must_be(variable: str, only: str) -> None:
    said = os.environ.get(variable, "").strip() or only
    if said != only:
        raise GuardrailsError(
            f"{variable} is '{said}', and traces go by '{only}' alone: set it so, or leave it out"
        )


def _resource() -> Resource:
    """Name the service, unless the environment does."""
    told = Resource.create({SERVICE_VERSION: __version__})
    if str(told.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return told.merge(Resource({SERVICE_NAME: "guardrails"}))
    return told


def _queue() -> int:
    try:
        return max(1, int(os.environ.get("OTEL_BSP_MAX_QUEUE_SIZE", "")))
    except ValueError:
        return QUEUE
