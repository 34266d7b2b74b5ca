"""The door for Envoy on a sidecar's port, which opens when its policies are warm."""

from collections.abc import Callable, Mapping
from pathlib import Path

import grpc

from guardrails.core.errors import ModelError
from guardrails.policy.plan import Plan
from guardrails.server.backend import Backend
from guardrails.server.envoy.judged import House, Judged
from guardrails.server.envoy.naming import named
from guardrails.server.envoy.processor import Processor
from guardrails.server.openai import routing
from guardrails.server.openai.judging import Judge
from guardrails.wire import ext_proc_pb2 as pb


class EnvoyDoor:
    """Judges what gateways pass on, as the routing file says; without one, by the one policy."""

    def __init__(self, routes: Path | None, backend: Backend) -> None:
        self._routes = routes
        self._backend = backend
        self._most = backend.limits.message_bytes
        self._house: House | None = None

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer gateways on a server, before it starts."""
        Processor(self._opened, self._most, self._backend.tracer).add_to(server)

    def open(self) -> None:
        """Judge from now on.

        Raises:
            PolicyError: the routing file is wrong, or names policies that are not loaded.
            ContentError: there are several policies, and none is the default.
        """
        files = [] if self._routes is None else [self._routes]
        self._backend.reloading.follow(self._fit, files)

    def _fit(self, plans: Mapping[str, Plan]) -> Callable[[], None]:
        """See whether the routing file fits these policies, and give what judges by it then."""
        backend, policies = self._backend, tuple(sorted(plans))
        house = House(
            Judge(backend.engine, backend.admission),
            routing.load(self._routes, policies),
            frozenset(policies),
            self._most,
            backend.recorder,
        )

        def take() -> None:
            self._house = house

        return take

    def _opened(self, first: pb.ProcessingRequest, context: grpc.aio.ServicerContext) -> Judged:
        if self._house is None:
            raise ModelError("policies and models are still being loaded, try again shortly")
        return Judged(self._house, named(first, context))
