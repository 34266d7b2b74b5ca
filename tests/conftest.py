"""What many tests need: the real models, small policies, and a sidecar that listens."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guardrails.client.blocking import Blocking
from guardrails.engine.engine import Engine
from guardrails.keyring import Keyring
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.server.address import Tcp
from guardrails.server.app import Sidecar
from guardrails.server.backend import Backend
from guardrails.server.config import Config, Limits, ServingConfig
from guardrails.server.reload.reloading import Loaded

TINY = """
policy: tiny
input:
  - check: keywords
    rule: confidential
    with: {words: [zephyr], category: confidential}
    then: redact
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
output:
  - check: keywords
    rule: confidential
    with: {words: [zephyr], category: confidential}
    then: redact
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
  - check: unsafe_image
    threshold: 1.0
    then: block
replies: {block: I can't help with that.}
"""

COVERS = """
policy: covers
input:
  - check: keywords
    with: {words: [forbidden]}
output:
  - check: unsafe_image
    threshold: 0.0
    then: redact
"""


@pytest.fixture(scope="session")
def models() -> Iterator[ModelStore]:
    with ModelStore() as store:
        yield store


@pytest.fixture(scope="session")
def behind() -> Callable[..., Backend]:
    """Give what puts an engine that is there already behind doors."""

    def made(engine: Engine | None, limits: Limits | None = None) -> Backend:
        config = ServingConfig(Path(), Tcp("127.0.0.1", 0), limits=limits or Limits())
        backend = Backend(config, None)
        backend._engine = engine
        backend.reloading.loaded = Loaded(getattr(engine, "plans", {}))
        return backend

    return made


@pytest.fixture(scope="session")
def policies(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    (folder / "tiny.yaml").write_text(TINY)
    (folder / "covers.yaml").write_text(COVERS)
    return folder


@pytest.fixture(scope="session")
def engine(policies, models) -> Engine:
    return Engine(load(policies, models))


@pytest.fixture(scope="session")
def serve(models) -> Iterator[Callable[[Config], str]]:
    """Start sidecars on an event loop of their own; give the address."""
    blocking = Blocking()
    running: list[Sidecar] = []

    async def start(config: Config) -> str:
        sidecar = Sidecar(config, models)
        running.append(sidecar)
        await sidecar.start()
        return sidecar.address

    yield lambda config: blocking.run(start(config))
    for sidecar in running:
        blocking.run(sidecar.stop())
    blocking.close()


@pytest.fixture(scope="session")
def address(serve, policies) -> str:
    """Where a sidecar with the small policies listens."""
    return serve(Config(policies, Tcp("127.0.0.1", 0)))


def _key(number: int) -> str:
    return f"k{number}:{base64.b64encode(bytes([number]) * 32).decode()}"


@pytest.fixture
def keyring() -> Keyring:
    """One key, made up."""
    return Keyring.parse(_key(1))


@pytest.fixture
def rotated() -> Keyring:
    """The same key, and a newer one before it."""
    return Keyring.parse(f"{_key(2)}\n{_key(1)}\n")
