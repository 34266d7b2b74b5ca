"""Groups of commands whose packages are an extra: without them the others work all the same."""

import argparse
from importlib import import_module
from typing import NoReturn, Protocol

from guardrails.cli.exits import BadArguments


class Command(Protocol):
    """What every module of a command has."""

    def add_to(self, commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        """Add the command to the parser."""


class _Missing:
    """Stands for a group that cannot be imported, and says what to install."""

    def __init__(self, name: str, lacks: str) -> None:
        self._name, self._lacks = name, lacks

    def add_to(self, commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        """Take whatever is asked of the group."""
        parser = commands.add_parser(
            self._name, help=f"not installed: 'guardrails[{self._name}]'", add_help=False
        )
        parser.add_argument("rest", nargs=argparse.REMAINDER)
        parser.set_defaults(run=self._refuse)

    def _refuse(self, _: argparse.Namespace) -> NoReturn:
        raise BadArguments(
            f"'{self._name}' needs '{self._lacks}', which is missing: "
            f"install 'guardrails[{self._name}]'"
        )


def group(name: str) -> Command:
    """Give the commands of ``guardrails.cli.NAME``, whose packages are the extra of that name."""
    try:
        made: Command = import_module(f"guardrails.cli.{name}.command")
    except ModuleNotFoundError as error:
        lacks = error.name or ""
        if lacks.startswith("guardrails"):
            raise
        return _Missing(name, lacks)
    return made
