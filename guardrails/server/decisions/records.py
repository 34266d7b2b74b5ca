"""What a process keeps of its decisions, and of what is said of them, from its start to its end."""

import logging
from collections.abc import Callable, Sequence

import grpc
from prometheus_client import CollectorRegistry

from guardrails.server.config import ServingConfig
from guardrails.server.decisions.config import DecisionsConfig, FeedbackConfig
from guardrails.server.decisions.opening import OTLP, keys_from, open_log, open_store, ring_from
from guardrails.server.decisions.service import Service
from guardrails.server.feedback.rate import Rate
from guardrails.server.feedback.review import Review
from guardrails.server.feedback.service import Service as FeedbackService
from guardrails.server.operations.door import Managed
from guardrails.telemetry import fingerprint
from guardrails.telemetry.decisions.counting import Counts
from guardrails.telemetry.decisions.log import DecisionLog
from guardrails.telemetry.decisions.store import Store
from guardrails.telemetry.feedback import sealing
from guardrails.telemetry.feedback.sealing import Sealing
from guardrails.telemetry.feedback.store import Feedback
from guardrails.telemetry.fingerprint import Fingerprints
from guardrails.telemetry.recorder import Recorder

_log = logging.getLogger("guardrails.server")


class Records:
    """The log of decisions and the file of feedback, those that are kept.

    ``asked`` are the services for whoever asks for verdicts, ``services`` those for operators.

    Raises:
        DecisionsError, KeyringError: one cannot be kept.
    """

    def __init__(self, config: ServingConfig, registry: CollectorRegistry) -> None:
        self.log: DecisionLog | None = None
        self.fingerprint: Fingerprints | None = None
        self.services: Sequence[Managed] = ()
        self.asked: Sequence[Managed] = ()
        self._feedback: Feedback | None = None
        if config.feedback is not None:
            self._take_feedback(config.feedback, _reading(config.decisions))
        if config.decisions is not None:
            self._record(config.decisions, config.worker, registry)

    @property
    def recorders(self) -> Sequence[Recorder]:
        """Who is told of verdicts and refusals."""
        return () if self.log is None else (self.log,)

    def add_to(self, server: grpc.aio.Server) -> Sequence[str]:
        """Answer callers on a server; give the names of the services."""
        for service in self.asked:
            service.add_to(server)
        return [service.name for service in self.asked]

    def close(self) -> None:
        """Write what waits to be written."""
        if self.log is not None:
            self.log.close()
        if self._feedback is not None:
            self._feedback.close()

    def _record(self, decisions: DecisionsConfig, worker: int, registry: CollectorRegistry) -> None:
        keys = keys_from(decisions.key_file)
        if keys.current is not None:
            self.fingerprint = fingerprint.keyed(keys.current.fingerprint)
        else:
            _log.warning(
                "decisions are recorded without a key: not signed, no persons, no fingerprints; "
                "give one with --decisions-key-file"
            )
        self.log = open_log(decisions, worker, keys, Counts(registry))
        opened = _reading(decisions)
        if opened is not None:
            self.services = (*self.services, Service(opened))

    def _take_feedback(self, config: FeedbackConfig, opened: Callable[[], Store] | None) -> None:
        ring = () if config.key_file is None else ring_from(config.key_file)
        seal = Sealing({key.id: key.derive(sealing.PURPOSE) for key in ring})
        if not seal.keys:
            _log.warning("feedback is kept as it is written, seal it with --feedback-key-file")
        self._feedback = Feedback(config.path, seal)
        self.asked = (FeedbackService(self._feedback, Rate(config.per_minute), opened),)
        self.services = (*self.services, Review(self._feedback))


def _reading(decisions: DecisionsConfig | None) -> Callable[[], Store] | None:
    """Give what opens the log to be read, where it can be."""
    if decisions is None or decisions.target.startswith(OTLP):
        return None
    return lambda: open_store(decisions.target, made=False)
