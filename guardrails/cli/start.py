"""Where the command starts: says what to install when the client alone is there."""

import sys
from importlib import import_module

from guardrails.cli.exits import Exit


def start() -> int:
    """Run the command, or tell which package it lacks."""
    try:
        if sys.argv[1:2] == ["health"]:
            return int(import_module("guardrails.cli.health").main(sys.argv[1:]))
        command = import_module("guardrails.cli.main")
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"guardrails: the command needs the engine, and '{error.name}' is missing: "
            "install 'guardrails[cpu]'\n"
        )
        return Exit.RUNTIME_FAILURE
    return int(command.main())
