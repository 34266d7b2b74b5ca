"""`guardrails decisions forget` and `retain`: what goes, so that the log says so."""

import argparse
import sys
from datetime import UTC, datetime, timedelta

from guardrails.cli.decisions.where import add_where_to, keys_of, print_json, reading
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.values import whole
from guardrails.telemetry.decisions.erasing import erase, retain
from guardrails.telemetry.decisions.keys import LogKeys
from guardrails.telemetry.decisions.store import Record


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    parser = verbs.add_parser("forget", help="erase what is recorded of a person or a tenant")
    add_where_to(parser, keys=True)
    parser.add_argument("--person", metavar="PERSON", help="as the requests named them")
    parser.add_argument("--tenant", metavar="NAME", help="the person's; alone, all of it")
    parser.set_defaults(run=run_forget)
    parser = verbs.add_parser("retain", help="let go of what is older")
    add_where_to(parser, keys=True)
    parser.add_argument("--days", type=whole(0), required=True, metavar="N")
    parser.set_defaults(run=run_retain)


def run_forget(arguments: argparse.Namespace) -> int:
    """Erase, and say how many records it was."""
    if not arguments.person and arguments.tenant is None:
        raise BadArguments("of whom? name a --person, a --tenant or both")
    keys = keys_of(arguments)
    if arguments.person:
        wanted, note = _person(arguments.person, arguments.tenant or "", keys)
    else:
        wanted, note = _tenant(arguments.tenant)
    signer = None if keys.current is None else keys.current.signer
    with reading(arguments) as store:
        erased = erase(store, lambda record: _is(record, wanted), note, signer)
    return _say(arguments, "erased", erased)


def run_retain(arguments: argparse.Namespace) -> int:
    """Let go of what is older, and say how many records it was."""
    key = keys_of(arguments).current
    before = datetime.now(UTC) - timedelta(days=arguments.days)
    with reading(arguments) as store:
        gone = retain(store, before, None if key is None else key.signer)
    return _say(arguments, "dropped", gone)


def _person(person: str, tenant: str, keys: LogKeys) -> tuple[tuple[str, frozenset[str]], Record]:
    """Tell by what the log knows a person; the note does not name them."""
    if keys.current is None:
        raise BadArguments("--person goes with --key-file: persons are known by a keyed hash alone")
    return ("person", keys.persons(tenant, person)), {"of": "a person"}


def _tenant(tenant: str) -> tuple[tuple[str, frozenset[str]], Record]:
    return ("tenant", frozenset({tenant})), {"of": "a tenant"}


def _is(record: Record, wanted: tuple[str, frozenset[str]]) -> bool:
    field, values = wanted
    return record.get(field) in values


def _say(arguments: argparse.Namespace, word: str, records: int) -> int:
    if arguments.json:
        print_json({word: records})
    else:
        sys.stdout.write(f"{word}: {records:,} {'record' if records == 1 else 'records'}\n")
    return Exit.FINE
