"""How a sidecar is set up."""

from dataclasses import dataclass
from pathlib import Path


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
    waiting: int = 1024
    grace_seconds: float = 10.0
    """How long requests may go on after SIGTERM."""


@dataclass(frozen=True, slots=True)
class Config:
    """Where policies are, where to listen (``HOST:PORT`` or ``unix:PATH``), and within what."""

    policies: Path
    listen: str
    tls: Tls | None = None
    limits: Limits = Limits()
    metrics: str | None = None
