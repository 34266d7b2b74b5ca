"""`guardrails works list|search|stats|export`: what is in a collection."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guardrails.cli.exits import Exit
from guardrails.cli.files import named
from guardrails.cli.values import whole
from guardrails.cli.works.showing import many, print_json, print_table, print_works, told
from guardrails.cli.works.where import add_where_to, reading
from guardrails.works.store import EVERY, Query, Store
from guardrails.works.work import Consent, Kind, Work

_PAGE = 1000


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    for name, run, what in (
        ("list", run_list, "print works, all or those that fit"),
        ("search", run_list, "print works by words of their id, title, owner or source"),
        ("export", run_export, "write what is known of works as JSON lines, without their content"),
    ):
        parser = verbs.add_parser(name, help=what)
        if name == "search":
            parser.add_argument("words", nargs="+", metavar="WORD")
        _add_query_to(parser)
        if name == "export":
            parser.add_argument("--to", type=Path, metavar="FILE.jsonl", help="stdout when absent")
        else:
            parser.add_argument("--limit", type=whole(1), metavar="N", help="all when absent")
        parser.set_defaults(run=run)
    parser = verbs.add_parser("stats", help="count works")
    add_where_to(parser, collection=False)
    parser.set_defaults(run=run_stats)


def _add_query_to(parser: argparse.ArgumentParser) -> None:
    add_where_to(parser)
    parser.add_argument("--kind", choices=[one.value for one in Kind])
    parser.add_argument("--consent", choices=[one.value for one in Consent])
    parser.add_argument("--owner", default="", metavar="NAME")


def run_list(arguments: argparse.Namespace) -> int:
    """Print works by their ids."""
    with reading(arguments) as store:
        found = every(store, arguments.collection, _query(arguments), arguments.limit)
        if arguments.json:
            print_json({"collection": arguments.collection, "works": [told(one) for one in found]})
        else:
            count = print_works(found)
            sys.stderr.write(f"{many(count, 'work')}\n")
    return Exit.FINE


def run_export(arguments: argparse.Namespace) -> int:
    """Write a line for each work, as `import` reads it but for the content."""
    with reading(arguments) as store:
        works = every(store, arguments.collection, _query(arguments))
        if arguments.json:
            print_json({"collection": arguments.collection, "works": [told(one) for one in works]})
        elif arguments.to:
            with named(), arguments.to.open("w", encoding="utf-8") as file:
                file.writelines(_line(one) for one in works)
        else:
            sys.stdout.writelines(_line(one) for one in works)
    return Exit.FINE


def run_stats(arguments: argparse.Namespace) -> int:
    """Count works by collection and kind, of one collection by consent and owner too."""
    with reading(arguments) as store:
        counts = store.collections()
        if not arguments.collection:
            report: dict[str, Any] = {"collections": counts}
            rows: list[tuple[object, ...]] = [
                (name, kind, count)
                for name, kinds in counts.items()
                for kind, count in kinds.items()
            ]
        else:
            report, rows = _one(store, arguments.collection)
    if arguments.json:
        print_json({"store": arguments.store, **report})
    elif rows:
        print_table(rows)
    return Exit.FINE


def _one(store: Store, collection: str) -> tuple[dict[str, Any], list[tuple[object, ...]]]:
    kinds, consents, owners = Counter[str](), Counter[str](), Counter[str]()
    for work in every(store, collection):
        kinds[work.kind.value] += 1
        consents[work.consent.value] += 1
        owners[work.owner] += 1
    counts = {"kinds": kinds, "consents": consents, "owners": len(owners)}
    told_of = {"collection": collection, "works": kinds.total(), **counts}
    rows: list[tuple[object, ...]] = [("works", kinds.total()), ("owners", len(owners))]
    rows += [*sorted(kinds.items()), *sorted(consents.items())]
    return told_of, rows


def every(
    store: Store, collection: str, query: Query = EVERY, limit: int | None = None
) -> Iterator[Work]:
    """Give works by id, a page at a time, ``limit`` at most."""
    after, left = "", sys.maxsize if limit is None else limit
    while left and (page := store.works(collection, query, after=after, limit=min(left, _PAGE))):
        yield from page
        after, left = page[-1].id, left - len(page)


def _query(arguments: argparse.Namespace) -> Query:
    kind, consent = arguments.kind, arguments.consent
    return Query(
        kind and Kind(kind),
        consent and Consent(consent),
        arguments.owner,
        " ".join(getattr(arguments, "words", ())),
    )


def _line(work: Work) -> str:
    return json.dumps(told(work), ensure_ascii=False) + "\n"
