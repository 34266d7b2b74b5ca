"""The store of works that a setting names: opened when the policy is loaded, never made."""

from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

from pydantic import AfterValidator, ValidationInfo

from guardrails.works.store import Store, WorksError
from guardrails.works.stores.opening import open_store


@runtime_checkable
class OnWorks(Protocol):
    """A check that compares with the works of a store: what it finds is credited there."""

    @property
    def store(self) -> Store:
        """The store that it was opened with."""


def _beside_policy(store: str, info: ValidationInfo) -> str:
    """A folder starts at the policy's; a check never makes one, it would find nothing for ever."""
    if "://" in store:
        return store
    folder: Path = (info.context or {}).get("directory", Path()) / store
    if not folder.is_dir():
        raise ValueError(
            f"no store of works at '{folder}', make one with 'guardrails works import'"
        )
    return str(folder)


StoreAt = Annotated[str, AfterValidator(_beside_policy)]
"""A folder beside the policy, or the address of a server; a field of it is kept out of ``repr``."""


def opened(where: str, collection: str) -> Store:
    """Open a store, and hold it to the collection, which a slip of the pen would leave empty.

    Raises:
        ValueError: it cannot be opened, or has no such collection.
    """
    try:
        store = open_store(where)
        there = store.collections()
    except WorksError as error:
        raise ValueError(str(error)) from None
    if collection not in there:
        known = ", ".join(f"'{name}'" for name in sorted(there)) or "none"
        store.close()
        raise ValueError(f"no collection '{collection}' in the store, there is: {known}")
    return store
