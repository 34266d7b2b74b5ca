"""`guardrails decisions`: one verb for each thing that is done to the log."""

import argparse

from guardrails.cli.decisions import keeping, proving, showing

VERBS = (showing, proving, keeping)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("decisions", help="read, prove and trim the log of decisions")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb in VERBS:
        verb.add_to(verbs)
