"""The command `guardrails marks` and its subcommands."""

import argparse
from pathlib import Path

from guardrails.cli.asking import add_client_to
from guardrails.cli.marks import certificate, embedding, manifests, recovering


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("marks", help="put marks into files, and find them again")
    subcommands = parser.add_subparsers(required=True, metavar="COMMAND")
    embed = subcommands.add_parser("embed", help="put a mark into a text or a picture")
    _add_mark(embed)
    embed.add_argument("--payload", metavar="HEX", default="", help="what is written, if it can be")
    embed.add_argument("source", type=Path, metavar="IN")
    embed.add_argument("target", type=Path, metavar="OUT")
    add_client_to(embed)
    embed.set_defaults(run=embedding.embed)
    detect = subcommands.add_parser("detect", help="tell whether a text or a picture is marked")
    _add_mark(detect)
    detect.add_argument(
        "--tokenizer", type=Path, metavar="DIR", help="of the model that made the text"
    )
    detect.add_argument(
        "--false-positive-rate", type=float, metavar="P", help="asks a sidecar for this one"
    )
    detect.add_argument("--json", action="store_true", help="print one JSON object")
    detect.add_argument("source", metavar="FILE", help="a file; - is standard input")
    add_client_to(detect)
    detect.set_defaults(run=embedding.detect)
    listed = subcommands.add_parser("list", help="list the marks")
    listed.set_defaults(run=embedding.listed)
    made = subcommands.add_parser(
        "dev-certificate", help="make a certificate to try provenance with; nobody trusts it"
    )
    made.add_argument("--certificate", type=Path, required=True, metavar="OUT")
    made.add_argument("--key", type=Path, required=True, metavar="OUT")
    made.set_defaults(run=certificate.make)
    manifests.add_to(subcommands)
    recovering.add_to(subcommands)


def _add_mark(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mark", metavar="NAME", help="as 'guardrails marks list' has it")
    parser.add_argument("--key-file", type=Path, metavar="F", help="k1:BASE64, one on each line")
    parser.add_argument(
        "--manifest", type=Path, metavar="FILE", help="what stands beside the text, for 'manifest'"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the mark, as in a policy",
    )
