"""How a sidecar is set up."""

from dataclasses import dataclass, field
from pathlib import Path

from guardrails.server.address import Address, Tcp
from guardrails.server.decisions.config import DecisionsConfig, FeedbackConfig
from guardrails.telemetry.energy import WATTS_PER_CORE


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
    patience_seconds: float = 30.0
    """How long a request waits for places at most, even if its caller would wait longer."""
    fixed: bool = False
    """All places may always be held, instead of as many as work stays fast with."""


@dataclass(frozen=True, slots=True)
class WorksConfig:
    """The store of works, and where it is served besides Evaluate.

    ``manage`` is where operators keep it over gRPC, ``lookup`` where a page shows what was copied
    from it: from the ``collections`` that are named, or from all.
    """

    store: str = field(repr=False)  # its address may hold a password
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
class Observed:
    """What a process tells of itself: spans to OpenTelemetry, and an estimate of its energy.

    ``watts_per_core`` is what a busy core is taken to use; ``gpu`` tells whether one is read.
    """

    traces: bool = False
    watts_per_core: float = WATTS_PER_CORE
    gpu: bool = False


@dataclass(frozen=True, slots=True)
class ServingConfig:
    """What everything that serves has: where policies are, where to listen, and within what.

    ``metrics`` is where Prometheus finds them. ``tenants`` is the file that says what each tenant
    may ask for. ``worker`` is the number, from one, of one of several processes on one port;
    ``channel`` is the descriptor of its socket to the process that looks after them. ``access`` is
    the file of who may ask; without one nobody may manage, unless ``open_management`` lets
    everybody on this machine.
    """

    policies: Path
    listen: Address
    tls: Tls | None = None
    limits: Limits = Limits()  # frozen
    metrics: Tcp | None = None
    tenants: Path | None = None
    observed: Observed = Observed()  # frozen
    access: Path | None = None
    open_management: bool = False
    watch_seconds: float = 0.0
    """Between looks at policies and models, which are reloaded when they change; 0 is for none."""
    operate: Address | None = None
    """Where operators ask what is loaded, and have it reloaded."""
    decisions: DecisionsConfig | None = None
    feedback: FeedbackConfig | None = None
    worker: int = 0
    workers: int = 1
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Config(ServingConfig):
    """A sidecar. ``socket_mode`` is of a Unix socket's file, as the umask gives when it is None."""

    socket_mode: int | None = None
    works: WorksConfig | None = None
    marks: MarksConfig | None = None
    envoy: EnvoyConfig | None = None
