"""From what an operator writes to a log: its place, its keys, its spool."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from guardrails.core.errors import DecisionsError, KeyringError
from guardrails.keyring import Keyring
from guardrails.server.decisions.config import DecisionsConfig
from guardrails.telemetry import fingerprint
from guardrails.telemetry.decisions.appending import Rotation, Sync
from guardrails.telemetry.decisions.counting import Counts
from guardrails.telemetry.decisions.files import Files
from guardrails.telemetry.decisions.keys import PERSONS, SIGNATURES, LogKey, LogKeys
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.signing import Signer
from guardrails.telemetry.decisions.sqlite import Sqlite
from guardrails.telemetry.decisions.store import Store

SQLITE, OTLP = "sqlite:", "otlp:"
POSTGRES = ("postgresql://", "postgres://")
SPOOL = "spool"


def open_log(config: DecisionsConfig, worker: int, keys: LogKeys, counts: Counts) -> DecisionLog:
    """Open a log to be written.

    Raises:
        DecisionsError: its place or its spool cannot be.
    """
    store = open_store(config.target, rotation=config.rotation, policy=config.policy)
    terms = Terms(
        worker,
        keys.current,
        config.spool or _spool(config.target),
        config.spool_bytes,
        checkpoint_seconds=config.checkpoint_seconds,
    )
    return DecisionLog(store, terms, counts)


def open_store(
    target: str,
    *,
    rotation: Rotation | None = None,
    policy: Sync = Sync.INTERVAL,
    made: bool = True,
) -> Store:
    """Open the place of a log; with ``made`` a file or folder that is missing is made.

    Raises:
        DecisionsError: it cannot be.
    """
    if target.startswith(POSTGRES):
        return _extra("guardrails.server.decisions.postgres", "postgres")(target)
    if target.startswith(OTLP):
        otlp = _extra("guardrails.telemetry.decisions.otlp", "otel")
        return otlp(target.removeprefix(OTLP))
    if target.startswith(SQLITE):
        return Sqlite(Path(target.removeprefix(SQLITE)), policy=policy, made=made)
    return Files(Path(target), rotation=rotation, policy=policy, made=made)


def keys_from(file: Path | None) -> LogKeys:
    """Read the keyring of a log; without a file there are no keys.

    Raises:
        KeyringError: it cannot be read, or is malformed.
    """
    if file is None:
        return LogKeys()
    return LogKeys(
        tuple(
            LogKey(
                key.id,
                key.derive(PERSONS),
                key.derive(fingerprint.PURPOSE),
                Signer(key.derive(SIGNATURES)),
            )
            for key in ring_from(file)
        )
    )


def ring_from(file: Path) -> Keyring:
    """Read a keyring.

    Raises:
        KeyringError: it cannot be read, or is malformed.
    """
    try:
        return Keyring.parse(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise KeyringError(f"the key file '{file}' cannot be read: {why}") from None


def _spool(target: str) -> Path | None:
    if target.startswith(SQLITE):
        return Path(f"{target.removeprefix(SQLITE)}.{SPOOL}")
    if target.startswith((*POSTGRES, OTLP)):
        return None
    return Path(target) / SPOOL


def _extra(module: str, extra: str) -> Callable[[str], Store]:
    """Give what opens a place whose package is an extra."""
    try:
        opened: Callable[[str], Store] = import_module(module).opened
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("guardrails"):
            raise
        raise DecisionsError(
            f"decisions: this log needs '{error.name}', which is missing: "
            f"install 'guardrails[{extra}]'"
        ) from None
    return opened
