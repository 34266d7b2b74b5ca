"""`guardrails feedback add`: this verdict was wrong."""

import argparse
import asyncio
import sys

from guardrails.cli.asking import add_client_to, client_from
from guardrails.cli.decisions.where import print_json
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.feedback.where import add_where_to, opened
from guardrails.core.content import Stage
from guardrails.core.feedback import Reason, Said


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = verbs.add_parser("add", help="say that a verdict was wrong, to a sidecar or a file")
    parser.add_argument("decision", metavar="ID", help="of the verdict")
    parser.add_argument("--reason", required=True, choices=[one.value for one in Reason])
    parser.add_argument("--rule", default="", metavar="NAME", help="that was wrong")
    parser.add_argument("--category", default="", metavar="NAME")
    parser.add_argument("--note", default="", metavar="WORDS")
    parser.add_argument("--text", metavar="TEXT", help="what was judged; '-' reads stdin")
    parser.add_argument("--tenant", default="", metavar="NAME")
    parser.add_argument("--policy", default="", metavar="NAME", help="as the verdict has it")
    parser.add_argument("--stage", choices=[stage.value for stage in Stage])
    add_client_to(parser)
    add_where_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say it, and print the id under which it is kept."""
    said = _said(arguments)
    if arguments.address is not None:
        if arguments.feedback is not None:
            raise BadArguments("--address and --feedback are two places, name one")
        identity = asyncio.run(_told(arguments, said))
    else:
        with opened(arguments, made=True) as kept:
            identity = kept.add(said, None).id
    if arguments.json:
        print_json({"id": identity})
    else:
        sys.stdout.write(f"kept as {identity}\n")
    return Exit.FINE


async def _told(arguments: argparse.Namespace, said: Said) -> str:
    async with client_from(arguments) as client:
        return await client.feedback(
            said.decision,
            said.reason,
            rule=said.rule,
            category=said.category,
            note=said.note,
            text=said.text,
            tenant=said.tenant,
            policy=said.policy,
            stage=said.stage,
        )


def _said(arguments: argparse.Namespace) -> Said:
    return Said(
        arguments.decision,
        Reason(arguments.reason),
        arguments.rule,
        arguments.category,
        arguments.note,
        sys.stdin.read() if arguments.text == "-" else arguments.text,
        arguments.tenant,
        arguments.policy,
        Stage(arguments.stage) if arguments.stage else None,
    )
