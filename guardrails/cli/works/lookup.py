"""`guardrails works lookup`: what of a text, some code or a picture is in a collection."""

import argparse
from importlib import import_module

from guardrails.cli.values import folder, whole
from guardrails.cli.works.where import add_where_to

SURE = 0.5
"""From this score on it is a copy."""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = verbs.add_parser("lookup", help="tell what of a text, code or picture is a copy")
    parser.add_argument("subject", metavar="FILE|TEXT|-", help="- is standard input")
    add_where_to(parser)
    parser.add_argument(
        "--score", type=float, default=SURE, metavar="X", help="matches from this score on"
    )
    parser.add_argument("--limit", type=whole(1), default=20, metavar="N", help="the most matches")
    parser.add_argument("--embedding", metavar="MODEL", help="what pictures were imported with")
    parser.add_argument(
        "--models", action="append", default=[], type=folder, metavar="DIR", help="where it is"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look the subject up; what that takes is loaded now, for no other command needs it."""
    return int(import_module("guardrails.cli.works.looking").run(arguments))
