"""`guardrails works hash`: an owner's do-not-copy list, from which no text can be read."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import named
from guardrails.cli.works.showing import many, print_json
from guardrails.works.errors import WorksError
from guardrails.works.hashed import new_salt
from guardrails.works.library import Original
from guardrails.works.sources.lists import ENDING, head, line, salt_of
from guardrails.works.sources.opening import open_source
from guardrails.works.sources.source import SourceError, Terms
from guardrails.works.work import Kind


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = verbs.add_parser("hash", help="write salted hashes of texts, to be imported elsewhere")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="also folders, .jsonl")
    parser.add_argument("--to", type=Path, required=True, metavar=f"LIST{ENDING}")
    parser.add_argument(
        "--salt-of", type=Path, metavar="LIST", help="of another list, looked up as fast as one"
    )
    parser.add_argument("--owner", default="", metavar="NAME")
    parser.add_argument("--licence", default="", metavar="SPDX")
    parser.add_argument("--contact", default="", metavar="ADDRESS")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the list; it is there whole, or not at all."""
    if arguments.to.suffix != ENDING:
        raise BadArguments(f"'{arguments.to}': a list is imported by its name, call it *{ENDING}")
    written = arguments.to.with_name(f".{arguments.to.name}.part")
    try:
        salt = salt_of(arguments.salt_of) if arguments.salt_of else new_salt()
        with named(), written.open("w", encoding="utf-8") as file:
            file.write(head(salt))
            count = sum(bool(file.write(line(one, salt))) for one in _texts(arguments))
        written.replace(arguments.to)
    except WorksError as error:
        raise BadArguments(str(error)) from None
    finally:
        written.unlink(missing_ok=True)
    if arguments.json:
        print_json({"list": str(arguments.to), "works": count})
    else:
        sys.stderr.write(f"{arguments.to}: {many(count, 'work')}\n")
    return Exit.FINE


def _texts(arguments: argparse.Namespace) -> Iterator[Original]:
    """Give every text; all must be such."""
    terms = Terms(Kind.TEXT, arguments.owner, arguments.licence, contact=arguments.contact)
    for path in arguments.files:
        for item in open_source(path, terms).read():
            if not isinstance(item, Original):
                raise SourceError(str(item))
            yield item
