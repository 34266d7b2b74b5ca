"""The command `guardrails`: arguments in, exit code out."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from guardrails import __version__
from guardrails.cli import (
    bench,
    calibrate,
    chat,
    check,
    demo,
    evaluate,
    forget,
    health,
    memorise,
    models,
    policy,
    proxy,
    serve,
    streams,
    test,
)
from guardrails.cli.access import command as access
from guardrails.cli.decisions import command as decisions
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.extras import group
from guardrails.cli.feedback import command as feedback
from guardrails.cli.marks import command as marks
from guardrails.cli.observing import add_log_format_to
from guardrails.core.errors import (
    ContentError,
    GuardrailsError,
    PolicyError,
    UnknownPolicyError,
)
from guardrails.telemetry import logs

COMMANDS = (
    *(serve, proxy, health, check, chat, test, policy, models, demo, evaluate, calibrate),
    *(memorise, forget, bench, group("works"), marks, access, decisions, feedback),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every error becomes a message on stderr and a code."""
    streams.prepare()
    parsed = _parser().parse_args(arguments)
    logs.set_up(logs.Format(parsed.log_format), verbose=parsed.verbose)
    try:
        return _run(parsed)
    finally:
        streams.settle()


def _run(parsed: argparse.Namespace) -> int:
    try:
        code = int(parsed.run(parsed))
        sys.stdout.flush()  # now, while a failure can still become a code
    except PolicyError as error:
        return _say(str(error), Exit.BAD_POLICY)
    except (BadArguments, ContentError, UnknownPolicyError) as error:
        return _say(f"guardrails: {error}", Exit.BAD_ARGUMENTS)
    except (BrokenPipeError, KeyboardInterrupt):  # nobody reads on, or waits
        return Exit.RUNTIME_FAILURE
    except (GuardrailsError, OSError) as error:
        return _say(f"guardrails: {error}", Exit.RUNTIME_FAILURE)
    except BaseException as error:  # noqa: BLE001  # a panic in Rust is no Exception, and 1 means blocked
        return _say(_unforeseen(error, verbose=parsed.verbose), Exit.RUNTIME_FAILURE)
    return code


def _unforeseen(error: BaseException, *, verbose: bool) -> str:
    """Name the kind of error and its place, never its message, which may hold content."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}"
    trace = "".join(frames.format()) if verbose else ""
    return f"{trace}guardrails: internal error, {type(error).__name__} at {place}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="guardrails", description="Guardrails for generative models, by policy."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="log more, to stderr")
    add_log_format_to(parser, default=logs.Format.TEXT.value)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser


def _say(message: str, code: Exit) -> Exit:
    with suppress(OSError):  # nobody may be reading
        sys.stderr.write(f"{message}\n")
    return code
