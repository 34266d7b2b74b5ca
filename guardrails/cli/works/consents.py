"""`guardrails works takedown|optout|allow|protect|remove`: what owners say holds at once."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.works.showing import many, print_json
from guardrails.cli.works.where import add_where_to, reading, writing
from guardrails.policy.problems import quoted
from guardrails.works.library import Library, Original
from guardrails.works.store import Store
from guardrails.works.work import Consent, Kind, Work


@dataclass(frozen=True, slots=True)
class _Verb:
    name: str
    help: str
    done: str
    consent: Consent


VERBS = (
    _Verb("takedown", "works that must not be copied any more", "taken down", Consent.TAKEN_DOWN),
    _Verb("optout", "works whose owners have opted out", "opted out", Consent.OPTED_OUT),
    _Verb("allow", "works that may be copied under their terms", "allowed", Consent.ALLOWED),
    _Verb("protect", "works of which nothing is said any more", "protected", Consent.UNKNOWN),
)


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    for verb in VERBS:
        parser = verbs.add_parser(verb.name, help=verb.help)
        _add_which_to(parser)
        parser.add_argument("--term", metavar="NAME", help="a name that prompts may not use")
        parser.add_argument(
            "--alias", action="append", default=[], metavar="NAME", help="what else it is called"
        )
        parser.set_defaults(run=lambda arguments, verb=verb: run(arguments, verb))
    parser = verbs.add_parser("remove", help="drop works, and all that is kept of them")
    _add_which_to(parser)
    parser.set_defaults(run=run_remove, term=None)


def _add_which_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID")
    add_where_to(parser)
    parser.add_argument("--owner", default="", metavar="NAME", help="all works of an owner")
    parser.add_argument("--reason", default="", metavar="TEXT", help="for the journal")


def run(arguments: argparse.Namespace, verb: _Verb) -> int:
    """Note what an owner has said."""
    if arguments.term is not None:
        return _run_term(arguments, verb)
    if arguments.alias:
        raise BadArguments("'--alias' goes with '--term'")
    return _run_works(
        arguments,
        verb.done,
        lambda library, ids, owner: library.consent(
            verb.consent, ids, owner=owner, reason=arguments.reason
        ),
    )


def run_remove(arguments: argparse.Namespace) -> int:
    """Drop works."""
    return _run_works(
        arguments,
        "removed",
        lambda library, ids, owner: library.remove(ids, owner=owner, reason=arguments.reason),
    )


def _run_works(
    arguments: argparse.Namespace, done: str, change: Callable[[Library, list[str], str], int]
) -> int:
    """Change those works that are there, and tell which are not."""
    if bool(arguments.ids) == bool(arguments.owner):
        raise BadArguments("name works by their ids, or all of an owner by '--owner'")
    with reading(arguments) as store:
        there = store.numbers(arguments.collection, arguments.ids)
        ids = [one for one in dict.fromkeys(arguments.ids) if one in there]
        count = change(Library(store, arguments.collection), ids, arguments.owner)
    missing = [one for one in arguments.ids if one not in there]
    _tell(arguments, done, count, missing)
    if missing:
        raise BadArguments(f"no work {quoted(missing)} in '{arguments.collection}'")
    if not count:
        raise BadArguments(f"no work of '{arguments.owner}' in '{arguments.collection}'")
    return Exit.FINE


def _run_term(arguments: argparse.Namespace, verb: _Verb) -> int:
    """Keep a name, with what else it is called, and what is said of it."""
    name = " ".join(arguments.term.split())
    if not name or arguments.ids or arguments.owner:
        raise BadArguments("'--term' names one name, without ids and '--owner'")
    identity = f"name/{name.casefold()}"
    with writing(arguments) as store:
        aliases = {*_aliases(store, arguments.collection, identity), *arguments.alias}
        work = Work(identity, Kind.NAME, name, consent=verb.consent, aliases=tuple(sorted(aliases)))
        library = Library(store, arguments.collection)
        library.add([Original(work, "")], reason=arguments.reason)
        library.consent(verb.consent, [identity], reason=arguments.reason)
    _tell(arguments, verb.done, 1, [])
    return Exit.FINE


def _aliases(store: Store, collection: str, identity: str) -> tuple[str, ...]:
    known = store.get(collection, identity)
    return known.aliases if known else ()


def _tell(arguments: argparse.Namespace, done: str, count: int, missing: list[str]) -> None:
    if arguments.json:
        print_json(
            {
                "collection": arguments.collection,
                "done": done,
                "works": count,
                "missing": missing,
            }
        )
    else:
        sys.stdout.write(f"{arguments.collection}: {many(count, 'work')} {done}\n")
