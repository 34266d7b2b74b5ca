"""Where decisions are recorded, and what is said of them."""

from dataclasses import dataclass, field
from pathlib import Path

from guardrails.telemetry.decisions.appending import Rotation, Sync
from guardrails.telemetry.decisions.spool import MOST


@dataclass(frozen=True, slots=True)
class DecisionsConfig:
    """The log of decisions.

    ``target`` is a folder, ``sqlite:PATH``, ``postgresql://...`` or ``otlp:[URL]``. ``key_file``
    holds the keyring that names persons, fingerprints contents and signs. ``spool`` is the folder
    for what waits; a folder or a SQLite file has one beside it without being told.
    """

    target: str = field(repr=False)  # its address may hold a password
    key_file: Path | None = None
    policy: Sync = Sync.INTERVAL
    rotation: Rotation = field(default_factory=Rotation)
    spool: Path | None = None
    spool_bytes: int = MOST
    checkpoint_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class FeedbackConfig:
    """The file of what callers say of verdicts; ``key_file`` holds the keyring that seals texts."""

    path: Path
    key_file: Path | None = None
    per_minute: int = 60
    """Of one tenant; more are refused."""
