"""`guardrails feedback`: one verb for each thing that is done with what people say."""

import argparse

from guardrails.cli.feedback import adding, cases, listing

VERBS = (adding, listing, cases)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("feedback", help="say that verdicts were wrong, and learn from it")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for verb in VERBS:
        verb.add_to(verbs)
