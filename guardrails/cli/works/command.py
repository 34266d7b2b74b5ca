"""`guardrails works`: one verb for each thing that is done to works."""

import argparse

from guardrails.cli.works import (
    adding,
    consents,
    duplicates,
    hashing,
    importing,
    listing,
    lookup,
    records,
)

VERBS = (importing, adding, listing, lookup, consents, duplicates, hashing, records)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("works", help="keep the works that must not be copied")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb in VERBS:
        verb.add_to(verbs)
