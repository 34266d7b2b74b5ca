"""`guardrails works add`: a few works by hand, with all that is known of them."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.works.options import add_building_to, add_terms_to, fingerprint_of, terms_of
from guardrails.cli.works.showing import print_json
from guardrails.cli.works.where import add_where_to, writing
from guardrails.works.library import Library, Original
from guardrails.works.sources.files import Place, work_of
from guardrails.works.sources.folders import FolderSource
from guardrails.works.work import Kind, Work

_ONE = ("id", "title", "source", "created")


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = verbs.add_parser("add", help="add single works: files, standard input, or a name")
    parser.add_argument("files", nargs="*", metavar="FILE", help="- is standard input")
    add_where_to(parser)
    parser.add_argument("--id", metavar="ID", help="the file's name when absent")
    parser.add_argument("--title", metavar="TEXT")
    parser.add_argument("--source", metavar="TEXT", help="where it is from")
    parser.add_argument("--created", metavar="DATE")
    parser.add_argument(
        "--alias", action="append", default=[], metavar="NAME", help="what else a name is called"
    )
    add_terms_to(parser)
    add_building_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Add each file; a work of the same id is replaced."""
    originals, fingerprint = list(_originals(arguments)), fingerprint_of(arguments)
    with writing(arguments) as store:
        added = Library(store, arguments.collection, fingerprint).add(
            originals, reason=arguments.reason, workers=arguments.workers, ray=arguments.ray
        )
    if arguments.json:
        counts = {"added": added.added, "unchanged": added.unchanged}
        ids = [one.work.id for one in originals]
        print_json({"collection": arguments.collection, **counts, "ids": ids})
    else:
        sys.stdout.write(
            f"{arguments.collection}: {added.added:,} added, {added.unchanged:,} unchanged\n"
        )
    return Exit.FINE


def _originals(arguments: argparse.Namespace) -> Iterator[Original]:
    told = {name: value for name in _ONE if (value := getattr(arguments, name)) is not None}
    if arguments.kind == Kind.NAME.value:
        yield _name(arguments, told)
        return
    if not arguments.files:
        raise BadArguments("name the files to add, or give a name by '--kind name --title NAME'")
    if told and len(arguments.files) > 1:
        raise BadArguments(f"'--{next(iter(told))}' goes with one file, there are several")
    for file in arguments.files:
        yield _file(file, arguments, told)


def _file(file: str, arguments: argparse.Namespace, told: dict[str, Any]) -> Original:
    terms = terms_of(arguments)
    if file == "-":
        name = told.get("id") or "standard input"
        item = work_of(Place(name, "standard input", ""), sys.stdin.buffer.read(), terms)
    else:
        (item,) = FolderSource(Path(file), terms).read()
    if not isinstance(item, Original):
        raise BadArguments(str(item))
    return Original(replace(item.work, **told), item.content)


def _name(arguments: argparse.Namespace, told: dict[str, Any]) -> Original:
    if arguments.files or not told.get("title"):
        raise BadArguments("a name is given by its '--title', without a file")
    terms = terms_of(arguments)
    work = Work(
        f"name/{told['title'].casefold()}",
        Kind.NAME,
        owner=terms.owner,
        licence=terms.licence,
        consent=terms.consent,
        contact=terms.contact,
        aliases=tuple(arguments.alias),
    )
    return Original(replace(work, **told), "")
