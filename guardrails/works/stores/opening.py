"""From what an operator writes to the store that is meant."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from guardrails.works.store import Store, WorksError
from guardrails.works.stores.embedded import EmbeddedStore
from guardrails.works.stores.memory import MemoryStore

SERVERS: Mapping[str, tuple[str, str]] = {
    "postgresql": ("guardrails.works.stores.postgres:PostgresStore", "guardrails[postgres]"),
    "postgres": ("guardrails.works.stores.postgres:PostgresStore", "guardrails[postgres]"),
    "postgresql+qdrant": (
        "guardrails.works.stores.qdrant_cluster:open_beside_postgres",
        "guardrails[postgres,qdrant]",
    ),
}
"""The store for each scheme of an address, and what has to be installed for it."""


def open_store(where: str) -> Store:
    """Open a store, made when missing: ``memory:``, the path of a folder, or ``postgresql://...``.

    Raises:
        WorksError: there is no such store, or it cannot be opened.
    """
    if where == "memory:":
        return MemoryStore()
    scheme, separator, _ = where.partition("://")
    if separator:
        return _server(scheme)(where)
    return EmbeddedStore(Path(where))


def _server(scheme: str) -> Callable[[str], Store]:
    if scheme not in SERVERS:
        known = ", ".join(f"'{name}://'" for name in SERVERS)
        raise WorksError(f"works: no store at '{scheme}://', give a folder or one of {known}")
    place, extra = SERVERS[scheme]
    module, _, name = place.partition(":")
    try:
        opened: Callable[[str], Store] = getattr(import_module(module), name)
    except ModuleNotFoundError as missing:
        raise WorksError(
            f"works: '{scheme}://' needs the package '{missing.name}', install '{extra}'"
        ) from None
    return opened
