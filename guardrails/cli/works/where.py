"""Which store and collection a command works on; what only reads never makes one."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.policy.problems import did_you_mean
from guardrails.works.store import Store
from guardrails.works.stores.opening import open_store

_TABLES = "works.sqlite"


def add_where_to(parser: argparse.ArgumentParser, *, collection: bool = True) -> None:
    """Add the options that name a store and a collection, and ask for JSON."""
    parser.add_argument(
        "--store", required=True, metavar="PATH", help="a folder, or postgresql://..."
    )
    parser.add_argument(
        "--collection", required=collection, default="", metavar="NAME", help="of one tenant or use"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


@contextmanager
def writing(arguments: argparse.Namespace) -> Iterator[Store]:
    """Open a store, made when missing."""
    store = open_store(arguments.store)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def reading(arguments: argparse.Namespace) -> Iterator[Store]:
    """Open a store that is there, and hold it to the collection when one is named.

    Raises:
        BadArguments: there is no such store, or no such collection in it.
    """
    where = arguments.store
    if "://" not in where and not (Path(where) / _TABLES).is_file():
        raise BadArguments(
            f"no store of works at '{where}', make one with 'guardrails works import'"
        )
    with writing(arguments) as store:
        _hold(store, arguments.collection)
        yield store


def _hold(store: Store, collection: str) -> None:
    there = sorted(store.collections())
    if not collection or collection in there:
        return
    if not there:
        raise BadArguments(f"no collection '{collection}', the store is empty")
    raise BadArguments(f"no collection '{collection}', {did_you_mean(collection, there)}")
