"""`guardrails works dedupe`: works that stand in a collection more than once."""

import argparse
import sys
from collections.abc import Sequence

from guardrails.cli.exits import Exit
from guardrails.cli.progress import progress
from guardrails.cli.works.showing import many, print_json, printable, shortened, told
from guardrails.cli.works.where import add_where_to, reading
from guardrails.works.dedupe import LEAST, Group, groups
from guardrails.works.library import Library


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = verbs.add_parser("dedupe", help="find works that are the same document")
    add_where_to(parser)
    parser.add_argument(
        "--share",
        type=_share,
        default=LEAST,
        metavar="X",
        help="of their stretches in common, from which on two are the same",
    )
    parser.add_argument(
        "--remove",
        action="store_true",
        help="keep one of each group; those of other owners stay too",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the groups, and drop what repeats another when that is wanted."""
    with reading(arguments) as store:
        total = sum(store.collections()[arguments.collection].values())
        with progress("comparing", total) as advance:
            found = groups(store, arguments.collection, least=arguments.share, each=advance)
        library = Library(store, arguments.collection)
        removed = _removed(library, found) if arguments.remove else 0
    if arguments.json:
        print_json(
            {
                "collection": arguments.collection,
                "groups": [
                    {"kept": told(one.kept), "others": [told(work) for work in one.others]}
                    for one in found
                ],
                "removed": removed,
            }
        )
    else:
        _print(found, removed, remove=arguments.remove)
    return Exit.FINE


def _removed(library: Library, found: Sequence[Group]) -> int:
    ids = [work.id for group in found for work in group.removable]
    return library.remove(ids, reason="the same document as one that is kept") if ids else 0


def _print(found: Sequence[Group], removed: int, *, remove: bool) -> None:
    for group in found:
        sys.stdout.write(f"{printable(group.kept.id)}  {shortened(group.kept.title)}\n")
        for work in group.others:
            other = "" if work in group.removable else f"  of '{printable(work.owner)}'"
            sys.stdout.write(f"  = {printable(work.id)}  {shortened(work.title)}{other}\n")
    count = many(len(found), "document stands", "documents stand")
    done = f", {many(removed, 'work')} removed" if remove else ""
    sys.stdout.write(f"{count} in it more than once{done}\n")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no share, give one above 0, up to 1")
    return share
