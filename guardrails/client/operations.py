"""A client of the port on which operators ask what a server has loaded, and have it reloaded."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from guardrails.client.answers import answered
from guardrails.client.connection import Credentials, ProcessChannel
from guardrails.core.problem import Place, Problem
from guardrails.wire import operations_pb2 as pb
from guardrails.wire.operations_pb2_grpc import OperationsStub


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy that is loaded; ``shadow_hash`` is of the one beside it, if there is one."""

    name: str
    hash: str
    models: dict[str, str]
    shadow_hash: str = ""
    canary_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Status:
    """What is loaded; ``problems`` are those of the last reload, none when it went well."""

    policies: tuple[LoadedPolicy, ...]
    loaded_at: datetime
    tried_at: datetime
    reloaded: int
    refused: int
    problems: tuple[Problem, ...]
    watch_seconds: float


class OperationsClient:
    """Asks a server; may be shared between threads.

    Errors of all methods: ``SidecarError``.

    Args:
        address: ``HOST:PORT`` or ``unix:PATH`` of the port for operators.
        credentials: for TLS; without them the connection is plain.
        token: tells the sidecar who asks; over TLS, a Unix socket or loopback alone.
        timeout: seconds for one call: a reload compiles and warms everything.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: Credentials | None = None,
        token: str | None = None,
        timeout: float = 120.0,
    ) -> None:
        self._channel = ProcessChannel(address, credentials, token)
        self._timeout = timeout

    def reload(self) -> tuple[bool, Status]:
        """Have all loaded anew; tell whether it went well, and what is loaded now."""
        answer = self._ask("Reload", pb.ReloadRequest())
        return answer.reloaded, _status(answer.status)

    def status(self) -> Status:
        """Tell what is loaded."""
        return _status(self._ask("Status", pb.StatusRequest()))

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, method: str, message: Any) -> Any:
        stub = OperationsStub(self._channel.here())  # type: ignore[no-untyped-call]  # generated
        return answered(getattr(stub, method), message, self._timeout)


def _status(message: pb.StatusResponse) -> Status:
    return Status(
        policies=tuple(
            LoadedPolicy(one.name, one.hash, dict(one.models), one.shadow_hash, one.canary_share)
            for one in message.policies
        ),
        loaded_at=datetime.fromtimestamp(message.loaded_at, UTC),
        tried_at=datetime.fromtimestamp(message.tried_at, UTC),
        reloaded=message.reloaded,
        refused=message.refused,
        problems=tuple(
            Problem(Place(one.file, one.line, one.column), one.message) for one in message.problems
        ),
        watch_seconds=message.watch_seconds,
    )
