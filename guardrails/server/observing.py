"""What a process tells of itself: counts for Prometheus, spans for OpenTelemetry, energy."""

from importlib import import_module

from guardrails.core.errors import GuardrailsError
from guardrails.server.config import Observed
from guardrails.telemetry import collecting
from guardrails.telemetry.energy import Meter, Source, sources
from guardrails.telemetry.gpu import gpu
from guardrails.telemetry.metrics import Metrics
from guardrails.telemetry.model_load import Loads
from guardrails.telemetry.spans import UNTRACED, Tracer


class Telling:
    """All of it, from the start of a process to its end.

    Args:
        config: what is told, and how it is worked out.
        models: those that are open, with what they have to do.
    """

    def __init__(self, config: Observed, models: object) -> None:
        self.metrics = Metrics()
        self.tracer = self._traces() if config.traces else UNTRACED
        self._meter = Meter(_sources(config))
        registry = self.metrics.registry
        registry.register(collecting.Energy(self._meter))
        if isinstance(models, Loads):
            registry.register(collecting.Models(models.loads))

    def close(self) -> None:
        """Send what waits to be sent."""
        self._meter.close()
        self.tracer.close()

    def _traces(self) -> Tracer:
        """Open a tracer.

        Raises:
            GuardrailsError: its packages are missing, or what the environment asks for.
        """
        try:
            tracing = import_module("guardrails.telemetry.tracing")
        except ModuleNotFoundError as error:
            raise GuardrailsError(
                f"traces need '{error.name}', which is missing: install 'guardrails[otel]'"
            ) from None
        tracer = tracing.opened()
        self.metrics.registry.register(collecting.Spans(tracer.fates))
        opened: Tracer = tracer
        return opened


def _sources(config: Observed) -> list[Source]:
    found = sources(config.watts_per_core)
    device = gpu() if config.gpu else None
    return [*found, *([] if device is None else [device])]
