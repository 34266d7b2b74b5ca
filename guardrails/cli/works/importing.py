"""`guardrails works import|add`: works from files, folders, rows, tables and git checkouts."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.progress import progress
from guardrails.cli.works.options import add_building_to, add_terms_to, fingerprint_of, terms_of
from guardrails.cli.works.showing import print_json
from guardrails.cli.works.where import add_where_to, writing
from guardrails.works.errors import WorksError
from guardrails.works.library import Library, Original
from guardrails.works.sources.lists import ENDING
from guardrails.works.sources.opening import open_source
from guardrails.works.sources.source import Broken, Item, PassedOver, SourceError

SHOWN = 5
"""Names that are told of what was passed over."""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    parser = verbs.add_parser("import", help="add works in bulk; goes on where it was stopped")
    parser.add_argument(
        "source",
        type=Path,
        metavar="SOURCE",
        help=f"a folder, a git checkout, .jsonl, .jsonl.gz, .parquet, or a list *{ENDING}",
    )
    add_where_to(parser)
    add_terms_to(parser)
    parser.add_argument("--prefix", default="", metavar="TEXT", help="stands before each id")
    parser.add_argument(
        "--skip-broken", action="store_true", help="go on behind what cannot be read, and count it"
    )
    add_building_to(parser)
    parser.set_defaults(run=run_import)


@dataclass(slots=True)
class Taking:
    """Hands on what a source gives, and keeps count of the rest."""

    skip: bool
    collection: str
    added: int = 0
    unchanged: int = 0
    broken: int = 0
    passed_over: int = 0
    shown: list[str] = field(default_factory=list)
    stopped: str = ""
    ids: set[bytes] = field(default_factory=set)

    def of(self, items: Iterator[Item], advance: Callable[[], None]) -> Iterator[Original]:
        """Give what is whole, up to the first that is broken unless these are skipped."""
        for item in items:
            advance()
            if isinstance(item, PassedOver):
                self._pass(item)
            elif isinstance(item, Broken):
                self.fail(item)
            elif self._again(item.work.id):
                self.fail(Broken(f"'{item.work.id}'", "stands twice in it, give each its own id"))
            else:
                yield item
            if self.stopped:
                return

    def fail(self, what: Broken | WorksError) -> None:
        """Count one that is broken; the first one ends all unless these are skipped."""
        self.broken += 1
        if self.skip:
            sys.stderr.write(f"{what}\n")
        else:
            self.stopped = self.stopped or str(what)

    def _pass(self, item: PassedOver) -> None:
        self.passed_over += 1
        if len(self.shown) < SHOWN:
            self.shown.append(str(item))

    def _again(self, identity: str) -> bool:
        mark = blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        seen = mark in self.ids
        self.ids.add(mark)
        return seen


def run_import(arguments: argparse.Namespace) -> int:
    """Add all works of a source, then say what became of them."""
    taking = Taking(arguments.skip_broken, arguments.collection)
    try:
        source, fingerprint = (
            open_source(arguments.source, terms_of(arguments)),
            fingerprint_of(arguments),
        )
        total = source.count()
        with writing(arguments) as store, progress("importing", total) as advance:
            added = Library(store, arguments.collection, fingerprint).add(
                taking.of(source.read(), advance),
                reason=arguments.reason,
                workers=arguments.workers,
                ray=arguments.ray,
                failed=taking.fail,
            )
    except SourceError as error:
        raise BadArguments(str(error)) from None
    taking.added, taking.unchanged = added.added, added.unchanged
    return _tell(arguments, taking)


def _tell(arguments: argparse.Namespace, taking: Taking) -> int:
    """Say what became of the works of a source; that one was broken is a fault of the source."""
    counts = {
        "added": taking.added,
        "unchanged": taking.unchanged,
        "broken": taking.broken,
        "passed_over": taking.passed_over,
    }
    if arguments.json:
        print_json({"collection": arguments.collection, **counts, "complete": not taking.stopped})
    else:
        sys.stderr.writelines(f"passed over: {one}\n" for one in taking.shown)
        told = ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in counts.items())
        sys.stdout.write(f"{arguments.collection}: {told}\n")
    if taking.stopped:
        raise BadArguments(
            f"{taking.stopped}; what stands before it is in: put it right and run the command "
            "again, or pass '--skip-broken'"
        )
    if not any((taking.added, taking.unchanged, taking.broken)):
        raise BadArguments(f"'{arguments.source}' holds no works of the kind that was asked for")
    return Exit.FINE
