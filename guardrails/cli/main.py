"""The command `guardrails`: arguments in, exit code out."""

import argparse
import logging
import sys
from collections.abc import Sequence

from guardrails import __version__
from guardrails.cli import check, demo, models, policy, serve, test
from guardrails.cli.exits import BadArguments, Exit
from guardrails.core.errors import (
    ContentError,
    GuardrailsError,
    PolicyError,
    UnknownPolicyError,
)

COMMANDS = (serve, check, test, policy, models, demo)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every error becomes a message on stderr and a code."""
    parsed = _parser().parse_args(arguments)
    level = logging.DEBUG if parsed.verbose else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("presidio-analyzer").setLevel(logging.WARNING)  # a line for each recogniser
    try:
        return int(parsed.run(parsed))
    except PolicyError as error:
        return _say(str(error), Exit.BAD_POLICY)
    except (BadArguments, ContentError, UnknownPolicyError) as error:
        return _say(f"guardrails: {error}", Exit.BAD_ARGUMENTS)
    except (GuardrailsError, OSError) as error:
        return _say(f"guardrails: {error}", Exit.RUNTIME_FAILURE)
    except BrokenPipeError:
        return Exit.RUNTIME_FAILURE
    except KeyboardInterrupt:
        return Exit.RUNTIME_FAILURE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="guardrails", description="Guardrails for generative models, by policy."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="log more, to stderr")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser


def _say(message: str, code: Exit) -> Exit:
    sys.stderr.write(f"{message}\n")
    return code
