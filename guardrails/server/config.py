"""How a sidecar is set up."""

from dataclasses import dataclass
from pathlib import Path

from guardrails.server.address import Address, Tcp


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of a certificate chain and its key in PEM; ``client_ca`` makes it mutual."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sidecar takes on at a time."""

    message_bytes: int = 32 * 1024 * 1024
    in_flight: int = 64
    """Places: a thousand characters fill one, a picture eight."""
    waiting: int = 1024
    grace_seconds: float = 10.0
    """How long requests may go on after SIGTERM."""
    waiting_bytes: int = 256 * 1024 * 1024
    """Of all requests that wait together."""
    idle_seconds: float = 300.0
    """How long a stream may stand still before it is ended."""


@dataclass(frozen=True, slots=True)
class WorksConfig:
    """The store of works, and where it is served besides Evaluate.

    ``manage`` is where operators keep it over gRPC, ``lookup`` where a page shows what was copied
    from it: from the ``collections`` that are named, or from all.
    """

    store: str
    manage: Address | None = None
    lookup: Tcp | None = None
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MarksConfig:
    """The file that says which marks are looked for and put in, and where that is served."""

    file: Path
    listen: Address


@dataclass(frozen=True, slots=True)
class EnvoyConfig:
    """The routing file for what Envoy passes on; without one there is one policy for all."""

    routes: Path | None = None


@dataclass(frozen=True, slots=True)
class ServingConfig:
    """What everything that serves has: where policies are, where to listen, and within what.

    ``metrics`` is where Prometheus finds them.
    """

    policies: Path
    listen: Address
    tls: Tls | None = None
    limits: Limits = Limits()  # frozen
    metrics: Tcp | None = None


@dataclass(frozen=True, slots=True)
class Config(ServingConfig):
    """A sidecar. ``socket_mode`` is of a Unix socket's file, as the umask gives when it is None."""

    socket_mode: int | None = None
    works: WorksConfig | None = None
    marks: MarksConfig | None = None
    envoy: EnvoyConfig | None = None
